//! How the page gets into the program, case by case.

use std::time::{Duration, UNIX_EPOCH};

use crate::plan::{Found, Plan, Wish, node_is_new_enough, plan, wish};

fn found(sources: Option<u64>, built: Option<u64>, npm: bool) -> Found {
    let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
    Found { sources: sources.map(at), built: built.map(at), npm }
}

#[test]
fn the_four_cases() {
    let cases = [
        ("packaged: built, no sources, no npm", Wish::Auto, found(None, Some(1), false), Plan::Embed),
        ("fresh clone with npm", Wish::Auto, found(Some(2), None, true), Plan::Build),
        ("built and fresh", Wish::Auto, found(Some(2), Some(2), true), Plan::Embed),
        ("sources newer", Wish::Auto, found(Some(3), Some(2), true), Plan::Build),
        ("sources newer, no npm", Wish::Auto, found(Some(3), Some(2), false), Plan::EmbedOld),
        ("fresh clone without npm", Wish::Auto, found(Some(2), None, false), Plan::Stop),
        ("neither sources nor page", Wish::Auto, found(None, None, true), Plan::Stop),
        ("prebuilt wanted and there", Wish::Prebuilt, found(Some(3), Some(2), true), Plan::EmbedOld),
        ("prebuilt wanted, not there", Wish::Prebuilt, found(Some(3), None, true), Plan::Stop),
        ("stub wins over everything", Wish::Stub, found(Some(3), Some(2), true), Plan::Stub),
    ];
    for (case, wish, found, expected) in cases {
        assert_eq!(plan(wish, found), expected, "{case}");
    }
}

#[test]
fn only_three_wishes_are_known() {
    assert_eq!(wish(""), Some(Wish::Auto));
    assert_eq!(wish("auto"), Some(Wish::Auto));
    assert_eq!(wish("prebuilt"), Some(Wish::Prebuilt));
    assert_eq!(wish("stub"), Some(Wish::Stub));
    assert_eq!(wish("stubb"), None);
}

#[test]
fn node_must_be_new_enough() {
    for good in ["v20.19.0", "v20.20.2\n", "v22.12.0", "v24.0.1", "v26.1.0"] {
        assert!(node_is_new_enough(good), "{good}");
    }
    for bad in ["", "v18.20.0", "v20.18.3", "v21.7.0", "v22.11.0", "nonsense"] {
        assert!(!node_is_new_enough(bad), "{bad}");
    }
}
