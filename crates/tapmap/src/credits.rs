//! Whom the program thanks, and under which licences its data stands. The same words are shown by
//! `tapmap about`, by the page and by the interface.

use tapmap_web::wire::{About, Credit};

/// How this program relates to the one whose idea it takes up.
const INDEPENDENT: &str = "TapMap in Rust is an independent implementation of the idea of TapMap by Ola Lie \
                           (github.com/olalie/tapmap): own code, own texts, own pictures, and no affiliation.";

/// Name, text, address, licence of what is not location data, whose credits come with the data.
const CREDITS: [[&str; 4]; 5] = [
    [
        "Natural Earth",
        "The outlines of the map, by way of world-atlas.",
        "https://www.naturalearthdata.com",
        "public domain",
    ],
    [
        "IANA",
        "Names of services and the scopes of special-purpose addresses, from the registries.",
        "https://www.iana.org/assignments/",
        "CC0-1.0",
    ],
    [
        "Time Zone Database",
        "Places that stand for time zones.",
        "https://www.iana.org/time-zones",
        "public domain",
    ],
    [
        "Svelte and D3",
        "The page is built with Svelte, d3-geo and their relatives.",
        "https://svelte.dev",
        "MIT AND ISC",
    ],
    [
        "Crates of Rust",
        "The program is built with axum, tokio, serde, clap, rustix, jiff and others; `cargo metadata` in the \
         sources lists each with its licence.",
        "https://crates.io",
        "MIT OR Apache-2.0",
    ],
];

/// What the program is and whom it thanks.
pub(crate) fn about() -> About {
    let credit = |[name, text, url, licence]: [&str; 4]| Credit {
        name: name.to_owned(),
        text: text.to_owned(),
        url: url.to_owned(),
        licence: licence.to_owned(),
    };
    let data =
        tapmap_geodata::CREDITS.iter().map(|part| credit([part.name, part.text, part.url, part.licence]));
    About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        licence: env!("CARGO_PKG_LICENSE").to_owned(),
        credits: data.chain(CREDITS.map(credit)).collect(),
        independent: INDEPENDENT.to_owned(),
    }
}
