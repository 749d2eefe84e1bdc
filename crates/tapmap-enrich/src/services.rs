//! What ports are called and what they alone say a connection is for: from tables of our own, equal on
//! every system. Does not look at addresses, apps or contents.

use std::sync::{Arc, LazyLock};

use hashbrown::HashMap;
use tapmap_core::{Protocol, Role, RoleRule, RoleVerdict, Service};

use crate::{roles::role_of_word, table};

const REGISTERED: &str = include_str!("../data/services.tsv");
const IN_USE: &str = include_str!("../data/services_in_use.tsv");
const ROLES: &str = include_str!("../data/port_roles.tsv");

/// Names and roles of ports.
#[derive(Debug)]
pub(crate) struct Services {
    names: Names,
    roles: HashMap<(Protocol, u16), RoleVerdict, foldhash::fast::RandomState>,
}

/// What a port is registered for, or widely used for.
pub fn service_name(protocol: Protocol, port: u16) -> Option<&'static str> {
    static SERVICES: LazyLock<Services> = LazyLock::new(Services::new);
    SERVICES.look_up(protocol, port).name
}

/// Names by port, ascending: the registry's per protocol.
#[derive(Debug, Default)]
struct Names {
    tcp: Vec<(u16, &'static str)>,
    udp: Vec<(u16, &'static str)>,
}

impl Services {
    /// The tables inside the program.
    pub(crate) fn new() -> Self {
        let mut names = Names::default();
        for text in [IN_USE, REGISTERED] {
            for line in table::lines(text) {
                let mut fields = line.split('\t');
                let (Some(port), Some(protocols), Some(name)) = (fields.next(), fields.next(), fields.next())
                else {
                    continue;
                };
                let Ok(port) = port.parse() else { continue };
                for protocol in protocols_of(protocols) {
                    names.of_mut(*protocol).push((port, name));
                }
            }
        }
        // Stable, and the names in use were pushed first: of two names of a port they stay.
        for list in [&mut names.tcp, &mut names.udp] {
            list.sort_by_key(|(port, _)| *port);
            list.dedup_by_key(|(port, _)| *port);
        }
        Self { names, roles: port_roles().collect() }
    }

    /// What is known of a port.
    pub(crate) fn look_up(&self, protocol: Protocol, port: u16) -> Service {
        let names = self.names.of(protocol);
        let name = names.binary_search_by_key(&port, |(port, _)| *port).ok().map(|found| names[found].1);
        Service { name, role: self.roles.get(&(protocol, port)).cloned() }
    }
}

impl Names {
    fn of(&self, protocol: Protocol) -> &[(u16, &'static str)] {
        match protocol {
            Protocol::Tcp => &self.tcp,
            Protocol::Udp => &self.udp,
        }
    }

    fn of_mut(&mut self, protocol: Protocol) -> &mut Vec<(u16, &'static str)> {
        match protocol {
            Protocol::Tcp => &mut self.tcp,
            Protocol::Udp => &mut self.udp,
        }
    }
}

fn protocols_of(word: &str) -> &'static [Protocol] {
    match word {
        "tcp" => &[Protocol::Tcp],
        "udp" => &[Protocol::Udp],
        "both" => &[Protocol::Tcp, Protocol::Udp],
        _ => &[],
    }
}

fn port_roles() -> impl Iterator<Item = ((Protocol, u16), RoleVerdict)> {
    table::rows::<3>(ROLES)
        .filter_map(|[role, protocols, ports]| {
            let role = role_of_word(role)?;
            let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
            let ports = first.parse::<u16>().ok()?..=last.parse().ok()?;
            Some(protocols_of(protocols).iter().flat_map(move |protocol| {
                ports.clone().map(move |port| ((*protocol, port), verdict(role, *protocol, port)))
            }))
        })
        .flatten()
}

fn verdict(role: Role, protocol: Protocol, port: u16) -> RoleVerdict {
    RoleVerdict { role, rule: RoleRule::Port(Arc::from(format!("{protocol}/{port}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(protocol: Protocol, port: u16) -> Option<&'static str> {
        Services::new().look_up(protocol, port).name
    }

    #[test]
    fn ports_have_the_names_of_the_registry() {
        for (protocol, port, expected) in [
            (Protocol::Tcp, 22, Some("ssh")),
            (Protocol::Tcp, 80, Some("http")),
            (Protocol::Tcp, 443, Some("https")),
            (Protocol::Udp, 443, Some("https")),
            (Protocol::Udp, 53, Some("domain")),
            (Protocol::Tcp, 853, Some("domain-s")),
            (Protocol::Udp, 123, Some("ntp")),
            (Protocol::Tcp, 993, Some("imaps")),
            (Protocol::Tcp, 5432, Some("postgresql")),
            (Protocol::Udp, 5353, Some("mdns")),
            (Protocol::Tcp, 6379, Some("redis")),
            (Protocol::Tcp, 0, None),
            (Protocol::Tcp, 65535, None),
        ] {
            assert_eq!(name(protocol, port), expected, "{protocol}/{port}");
        }
    }

    #[test]
    fn names_in_use_come_before_registered_ones_that_nobody_uses() {
        assert_eq!(name(Protocol::Tcp, 5228), Some("google-push"));
        assert_eq!(name(Protocol::Tcp, 22000), Some("syncthing"));
        assert_eq!(name(Protocol::Udp, 51820), Some("wireguard"));
        assert_eq!(name(Protocol::Tcp, 27036), Some("steam"));
    }

    #[test]
    fn a_port_kept_for_one_purpose_says_its_role_and_names_itself() {
        for (protocol, port, role) in [
            (Protocol::Udp, 53, Role::Dns),
            (Protocol::Tcp, 853, Role::Dns),
            (Protocol::Udp, 123, Role::Time),
            (Protocol::Tcp, 587, Role::Mail),
            (Protocol::Tcp, 22, Role::RemoteAccess),
            (Protocol::Tcp, 5901, Role::RemoteAccess),
            (Protocol::Tcp, 5223, Role::Push),
            (Protocol::Tcp, 5230, Role::Push),
            (Protocol::Udp, 6889, Role::PeerToPeer),
            (Protocol::Udp, 51820, Role::Vpn),
        ] {
            let found = Services::new().look_up(protocol, port).role.expect("a role");
            assert_eq!(found.role, role, "{protocol}/{port}");
            assert_eq!(found.rule.to_string(), format!("port {protocol}/{port}"));
        }
        for (protocol, port) in
            [(Protocol::Tcp, 443), (Protocol::Udp, 443), (Protocol::Tcp, 123), (Protocol::Udp, 22)]
        {
            assert_eq!(Services::new().look_up(protocol, port).role, None, "{protocol}/{port}");
        }
    }

    #[test]
    fn every_row_of_the_tables_has_its_form() {
        for text in [REGISTERED, IN_USE] {
            let mut last = 0;
            for line in table::lines(text) {
                let fields: Vec<&str> = line.split('\t').collect();
                let port: u16 = fields[0].parse().expect("a port");
                assert!(port >= last, "not sorted: {line}");
                last = port;
                assert!(!protocols_of(fields[1]).is_empty(), "{line}");
                assert!(
                    fields[2].bytes().all(|byte| byte.is_ascii_graphic()) && !fields[2].is_empty(),
                    "{line}"
                );
            }
        }
        assert_eq!(table::lines(ROLES).count(), table::rows::<3>(ROLES).count());
        for [role, protocols, ports] in table::rows::<3>(ROLES) {
            assert!(role_of_word(role).is_some() && !protocols_of(protocols).is_empty(), "{role} {ports}");
        }
    }
}
