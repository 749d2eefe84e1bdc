//! What a person types to choose flows, and files of the older program.

use tapmap_core::Filter;
use tapmap_history::read_reference;

/// Reads a filter; a complaint names a place in the text.
pub(super) fn read_filter(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    if let Err(error) = Filter::parse(&text) {
        assert!((1..=text.chars().count() + 1).contains(&error.position), "the place lies in the text");
    }
}

pub(super) fn good_filters() -> Vec<Vec<u8>> {
    let texts: [&[u8]; 3] = [
        b"app:firefox -country:NO,SE port:443,8000-8999 name:*.example.org since:1h hello",
        br#"operator:"Deutsche \"Telekom\"" user:"" asn:AS13335 address:192.0.2.0/24,2001:db8::/32"#,
        b"protocol:udp direction:in scope:public fe80::1 -\"two words\"",
    ];
    texts.map(<[u8]>::to_vec).to_vec()
}

pub(super) fn read_files(input: &[u8]) {
    drop(read_reference(input));
}

pub(super) fn good_files() -> Vec<Vec<u8>> {
    let texts: [&[u8]; 2] = [
        br#"{"version": 2, "insights": {"applications": {"Firefox": {"l": 739945, "m": 5}},
            "countries": {"NO": {"l": 739945, "m": 1073741823}}, "ports": {"443": {"l": 739940, "m": 1}}}}"#,
        br#"{"schema_version": 1, "events": [{"timestamp": "2026-11-25T23:59:59.5", "reasons": ["new_app"],
            "port": 443, "app_name": "Firefox", "asn_org": "EXAMPLE", "country_code": "NO"}]}"#,
    ];
    texts.map(<[u8]>::to_vec).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_good_inputs_are_good() {
        assert!(good_filters().iter().all(|good| Filter::parse(&String::from_utf8_lossy(good)).is_ok()));
        assert!(good_files().iter().all(|good| read_reference(good).is_ok()));
    }
}
