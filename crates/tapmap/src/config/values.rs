//! Values that mean more than their text: an address, a port, a place, an interval, a speed, days,
//! room on the disk.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    str::FromStr,
    time::Duration,
};
use tapmap_core::Coordinates;

/// An address to listen on: numbers, or `localhost`, which needs nobody to be asked what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) IpAddr);

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("localhost") {
            return Ok(Self(Ipv4Addr::LOCALHOST.into()));
        }
        text.parse()
            .map(Self)
            .map_err(|_| "expected an address of this computer, as in 127.0.0.1, 0.0.0.0 or ::1")
    }
}

/// A port to listen on; 0 is any free one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Port(pub(crate) u16);

impl FromStr for Port {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| "expected a port, a number from 0 to 65535")
    }
}

/// The own place as the user writes it: `LAT,LON` in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Location(pub(crate) Coordinates);

impl FromStr for Location {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = || {
            "expected latitude and longitude in degrees, as in 48.2,16.37; \
             latitude is from -90 to 90, longitude from -180 to 180"
                .to_owned()
        };
        let (latitude, longitude) = text.split_once(',').ok_or_else(wanted)?;
        let number = |text: &str| text.trim().parse::<f64>().map_err(|_| wanted());
        Coordinates::new(number(latitude)?, number(longitude)?).map(Self).ok_or_else(wanted)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{},{}", self.0.latitude, self.0.longitude)
    }
}

/// How long between two looks at the sockets: 100 milliseconds to one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval(pub(crate) Duration);

impl FromStr for Interval {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = || "expected a time from 100ms to 60s, as in 1s, 0.5s or 250ms".to_owned();
        let (number, scale) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
            (Some(number), _) => (number, 0.001),
            (None, Some(number)) => (number, 1.0),
            (None, None) => (text, 1.0),
        };
        let seconds = number.trim().parse::<f64>().map_err(|_| wanted())? * scale;
        let interval = Duration::try_from_secs_f64(seconds).map_err(|_| wanted())?;
        let range = Duration::from_millis(100)..=Duration::from_mins(1);
        range.contains(&interval).then_some(Self(interval)).ok_or_else(wanted)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis.is_multiple_of(1000) {
            write!(formatter, "{}s", millis / 1000)
        } else {
            write!(formatter, "{millis}ms")
        }
    }
}

/// A switch as the command line writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OnOff(pub(crate) bool);

impl FromStr for OnOff {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "on" => Ok(Self(true)),
            "off" => Ok(Self(false)),
            _ => Err("expected on or off"),
        }
    }
}

/// How many times faster than it happened a recording is played: more than 0, at most 100,000.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Speed(pub(crate) f64);

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted =
            || "expected how many times faster, as in 1 or 60; more than 0, at most 100000".to_owned();
        let speed = text.trim().parse::<f64>().map_err(|_| wanted())?;
        (speed > 0.0 && speed <= 100_000.0).then_some(Self(speed)).ok_or_else(wanted)
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A moment as a person writes it: a date, a local time, or a time with its offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) jiff::Timestamp);

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(moment) = text.parse() {
            return Ok(Self(moment));
        }
        let local = text.parse::<jiff::civil::DateTime>().ok();
        let local = local.or_else(|| Some(text.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0)));
        let moment = local.and_then(|local| jiff::tz::TimeZone::system().to_timestamp(local).ok());
        moment
            .map(Self)
            .ok_or("expected a date or time, as in 2026-11-25, 2026-11-25T12:00 or 2026-11-25T11:00:00Z")
    }
}

/// For how many days something is kept: 1 to 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Days(pub(crate) u32);

impl FromStr for Days {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let days = text.trim().parse().ok().filter(|days| (1..=400).contains(days));
        days.map(Self).ok_or("expected a number of days from 1 to 400")
    }
}

impl fmt::Display for Days {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// How much room something may take on the disk, in millions of bytes: 10 to 1,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Megabytes(pub(crate) u32);

impl FromStr for Megabytes {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let room = text.trim().parse().ok().filter(|room| (10..=1_000_000).contains(room));
        room.map(Self).ok_or("expected a number of megabytes from 10 to 1000000")
    }
}

impl fmt::Display for Megabytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
