//! The role table against the location data: a number remembered wrongly is somebody else's.

use tapmap_core::{Enricher, Role};

use crate::{data, locator};

#[test]
fn every_number_of_the_role_table_is_the_organisation_that_the_table_says() {
    let asns = data().asns;
    let wrong: Vec<_> = tapmap_enrich::role_table()
        .filter_map(|(asn, expected)| {
            let found = asns.organisation(asn.0);
            (found != Some(expected))
                .then(|| format!("{asn}: the table says {expected}, the data say {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn well_known_operators_have_the_names_people_know() {
    let locator = locator();
    for (address, operator, role) in [
        ("104.16.132.229", "Cloudflare", Role::Cdn),
        ("151.101.1.69", "Fastly", Role::Cdn),
        ("8.8.8.8", "Google", Role::Dns),
        ("9.9.9.9", "Quad9", Role::Dns),
        ("157.240.1.35", "Meta", Role::Platform),
        ("140.82.121.4", "GitHub", Role::Platform),
        ("17.253.144.10", "Apple", Role::Platform),
        ("23.45.67.89", "Akamai", Role::Cdn),
        ("95.216.1.1", "Hetzner", Role::Hosting),
        ("51.38.1.1", "OVHcloud", Role::Hosting),
    ] {
        let info = locator.remote(address.parse().expect("an address"));
        assert_eq!(info.system.as_ref().map(|system| &*system.operator), Some(operator), "{address}");
        assert_eq!(info.role.as_ref().map(|verdict| verdict.role), Some(role), "{address}");
    }
}
