//! The numbers that stand for words in the file. A number that was released is never given another
//! meaning; a new word takes a new number.

use tapmap_core::{
    AddressScope, AppEvidence, Direction, Ending, Evidence, Evidences, Facet, GapReason, MatchQuality,
    NameSource, Ownership, PlaceSource, Precision, Protocol, Role, SocketState, UnknownOwner, WhyAway,
    WhyUnobserved,
};

/// A word with a number.
pub(crate) trait Coded: Sized {
    /// The number.
    fn code(&self) -> i64;
    /// The word of a number; `None` when there is none.
    fn of_code(code: i64) -> Option<Self>;
}

macro_rules! codes {
    ($word:ty { $($code:literal = [$($value:tt)+],)+ }) => {
        impl Coded for $word {
            fn code(&self) -> i64 {
                match self { $($($value)+ => $code,)+ }
            }

            fn of_code(code: i64) -> Option<Self> {
                match code { $($code => Some($($value)+),)+ _ => None }
            }
        }
    };
}

codes!(Protocol { 0 = [Protocol::Tcp], 1 = [Protocol::Udp], });
codes!(Direction { 0 = [Direction::Outbound], 1 = [Direction::Inbound], });
codes!(Ending { 0 = [Ending::Unseen], 1 = [Ending::Seen], 2 = [Ending::Open], });
/// Stands beside the facets where uses are counted: the port at which another computer came in.
pub(crate) const INBOUND: i64 = 6;
codes!(Facet {
    1 = [Facet::App],
    2 = [Facet::Operator],
    3 = [Facet::Country],
    4 = [Facet::Port],
    5 = [Facet::Name],
});
codes!(SocketState {
    0 = [SocketState::Datagram],
    1 = [SocketState::Established],
    2 = [SocketState::SynSent],
    3 = [SocketState::SynReceived],
    4 = [SocketState::FinWait1],
    5 = [SocketState::FinWait2],
    6 = [SocketState::TimeWait],
    7 = [SocketState::Closed],
    8 = [SocketState::CloseWait],
    9 = [SocketState::LastAck],
    10 = [SocketState::Listen],
    11 = [SocketState::Closing],
});
codes!(Ownership {
    0 = [Ownership::Owned(MatchQuality::Descriptor)],
    1 = [Ownership::Owned(MatchQuality::Event)],
    2 = [Ownership::Owned(MatchQuality::Remembered)],
    3 = [Ownership::Ambiguous],
    4 = [Ownership::Unknown(UnknownOwner::NotPermitted)],
    5 = [Ownership::Unknown(UnknownOwner::Exited)],
    6 = [Ownership::Unknown(UnknownOwner::Kernel)],
    7 = [Ownership::Unknown(UnknownOwner::NotFound)],
    8 = [Ownership::Unknown(UnknownOwner::Pending)],
    9 = [Ownership::Unknown(UnknownOwner::NotSupported)],
});
codes!(AppEvidence {
    1 = [AppEvidence::Container],
    2 = [AppEvidence::Package],
    3 = [AppEvidence::DesktopEntry],
    4 = [AppEvidence::AppImage],
    5 = [AppEvidence::Script],
    6 = [AppEvidence::Unit],
    7 = [AppEvidence::FileName],
    8 = [AppEvidence::ProcessName],
});
codes!(AddressScope {
    1 = [AddressScope::Public],
    2 = [AddressScope::Lan],
    3 = [AddressScope::LinkLocal],
    4 = [AddressScope::Local],
    5 = [AddressScope::Multicast],
    6 = [AddressScope::Broadcast],
    7 = [AddressScope::Cgnat],
    8 = [AddressScope::Unspecified],
    9 = [AddressScope::Documentation],
    10 = [AddressScope::Benchmarking],
    11 = [AddressScope::Reserved],
});
codes!(Precision {
    1 = [Precision::City],
    2 = [Precision::Near],
    3 = [Precision::Region],
    4 = [Precision::Country],
});
codes!(PlaceSource {
    1 = [PlaceSource::CloudRegion],
    2 = [PlaceSource::UserDatabase],
    3 = [PlaceSource::Embedded],
});
codes!(NameSource {
    1 = [NameSource::TlsServerName],
    2 = [NameSource::QuicServerName],
    3 = [NameSource::DnsOfApp],
    4 = [NameSource::Dns],
    5 = [NameSource::HostsFile],
    6 = [NameSource::ReverseDns],
});
codes!(Role {
    1 = [Role::Cdn],
    2 = [Role::Cloud],
    3 = [Role::Hosting],
    4 = [Role::Platform],
    5 = [Role::Dns],
    6 = [Role::Time],
    7 = [Role::Vpn],
    8 = [Role::SecurityFilter],
    9 = [Role::Access],
    10 = [Role::Research],
    11 = [Role::Mail],
    12 = [Role::RemoteAccess],
    13 = [Role::PeerToPeer],
    14 = [Role::Push],
});
codes!(WhyAway { 1 = [WhyAway::Locked], 2 = [WhyAway::Idle], });

codes!(WhyUnobserved {
    1 = [WhyUnobserved::Recorder(GapReason::SourceFailed)],
    2 = [WhyUnobserved::Recorder(GapReason::Overrun)],
    3 = [WhyUnobserved::Recorder(GapReason::Asleep)],
    4 = [WhyUnobserved::NotRunning],
    5 = [WhyUnobserved::NotKept],
    6 = [WhyUnobserved::ClockSet],
});

/// What a flow is, packed into one number: protocol in bit 0, direction in 1, state in 2–5,
/// ownership in 6–9, evidence in 10–13, whether its end was seen in 14.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) protocol: Protocol,
    pub(crate) direction: Direction,
    pub(crate) state: SocketState,
    pub(crate) ownership: Ownership,
    pub(crate) evidence: Evidences,
    pub(crate) end_seen: bool,
}

/// Which bits say the protocol, for SQL.
pub(crate) const PROTOCOL_BIT: i64 = 1;
/// Which bits say the direction, for SQL.
pub(crate) const DIRECTION_BIT: i64 = 2;

impl Kind {
    pub(crate) fn code(self) -> i64 {
        let mut evidence = 0;
        for (bit, one) in Evidence::ALL.into_iter().enumerate() {
            evidence |= i64::from(self.evidence.has(one)) << bit;
        }
        self.protocol.code()
            | self.direction.code() << 1
            | self.state.code() << 2
            | self.ownership.code() << 6
            | evidence << 10
            | i64::from(self.end_seen) << 14
    }

    pub(crate) fn of_code(code: i64) -> Option<Self> {
        if !(0..1 << 15).contains(&code) {
            return None;
        }
        let ways = Evidence::ALL.into_iter().enumerate().filter(|(bit, _)| code >> (10 + bit) & 1 == 1);
        Some(Self {
            protocol: Protocol::of_code(code & 1)?,
            direction: Direction::of_code(code >> 1 & 1)?,
            state: SocketState::of_code(code >> 2 & 15)?,
            ownership: Ownership::of_code(code >> 6 & 15)?,
            evidence: ways.fold(Evidences::default(), |all, (_, one)| all.with(one)),
            end_seen: code >> 14 & 1 == 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_comes_back() {
        let kinds: Vec<Kind> = (0..1 << 15).filter_map(Kind::of_code).collect();
        assert_eq!(kinds.len(), 2 * 2 * 12 * 10 * 16 * 2);
        for kind in kinds {
            assert_eq!(Kind::of_code(kind.code()), Some(kind));
        }
        assert_eq!((Kind::of_code(-1), Kind::of_code(1 << 15)), (None, None));
    }

    #[test]
    fn released_numbers_keep_their_meaning() {
        let words: Vec<&str> = (1..=11).filter_map(AddressScope::of_code).map(AddressScope::word).collect();
        assert_eq!(
            words.join(" "),
            "public lan link_local local multicast broadcast cgnat unspecified documentation benchmarking reserved"
        );
        let words: Vec<&str> = (0..12).filter_map(SocketState::of_code).map(SocketState::word).collect();
        assert_eq!(
            words.join(" "),
            "datagram established syn_sent syn_received fin_wait_1 fin_wait_2 time_wait closed close_wait \
             last_ack listen closing"
        );
        let words: Vec<&str> = (0..10).filter_map(Ownership::of_code).map(Ownership::word).collect();
        assert_eq!(
            words.join(" "),
            "descriptor event remembered ambiguous not_permitted exited kernel not_found pending not_supported"
        );
    }
}
