//! Decides how the page gets into the program. Pure: the build script looks and acts, tests ask.

use std::time::SystemTime;

/// What `TAPMAP_UI` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Whatever fits.
    Auto,
    /// Only what is built already.
    Prebuilt,
    /// No page.
    Stub,
}

/// What the build script found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    /// When the newest source of the page changed; `None` outside a checkout.
    pub(crate) sources: Option<SystemTime>,
    /// When the page was built.
    pub(crate) built: Option<SystemTime>,
    /// Whether npm can be run.
    pub(crate) npm: bool,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Embed what is built.
    Embed,
    /// Embed what is built and say that it is older than its sources.
    EmbedOld,
    /// Build, then embed.
    Build,
    /// Embed one honest page.
    Stub,
    /// Stop and name the ways out.
    Stop,
}

/// What `TAPMAP_UI` says; `None` for a word that is not one of the three.
pub(crate) fn wish(word: &str) -> Option<Wish> {
    match word {
        "" | "auto" => Some(Wish::Auto),
        "prebuilt" => Some(Wish::Prebuilt),
        "stub" => Some(Wish::Stub),
        _ => None,
    }
}

/// What to do.
pub(crate) fn plan(wish: Wish, found: Found) -> Plan {
    let fresh = found.built.is_some() && found.sources.is_none_or(|sources| Some(sources) <= found.built);
    match wish {
        Wish::Stub => Plan::Stub,
        _ if fresh => Plan::Embed,
        Wish::Auto if found.npm && found.sources.is_some() => Plan::Build,
        _ if found.built.is_some() => Plan::EmbedOld,
        _ => Plan::Stop,
    }
}

/// Whether this Node.js can build the page: 20.19, 22.12 or newer, from the answer of
/// `node --version`. (Vite asks for these.)
pub(crate) fn node_is_new_enough(version: &str) -> bool {
    let mut numbers =
        version.trim().trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let (major, minor) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    match major {
        20 => minor >= 19,
        22 => minor >= 12,
        _ => major > 22,
    }
}
