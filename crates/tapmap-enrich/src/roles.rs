//! What a network is for by its number, and which networks and blocks are served from many places: the
//! checked tables in `data/`. Does not look at ports or names.

use std::{net::IpAddr, sync::Arc};

use hashbrown::HashMap;
use tapmap_core::{AnycastRule, Asn, Role, RoleRule, RoleVerdict};

use crate::table;

const NETWORKS: &str = include_str!("../data/roles.tsv");
const BLOCKS: &str = include_str!("../data/anycast.tsv");

/// The role tables.
#[derive(Debug)]
pub(crate) struct Roles {
    networks: HashMap<u32, Network, foldhash::fast::RandomState>,
    /// A narrower block before the one that holds it.
    blocks: Vec<Block>,
}

/// One row about a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    role: Role,
    anycast: bool,
}

/// One row about a block of addresses.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    first: IpAddr,
    length: u32,
    text: Arc<str>,
    role: Option<Role>,
}

impl Roles {
    /// The tables inside the program.
    pub(crate) fn new() -> Self {
        let networks = network_rows().map(|(asn, network, _)| (asn.0, network)).collect();
        let mut blocks: Vec<Block> =
            table::rows::<3>(BLOCKS).filter_map(|[prefix, role, _]| Block::parse(prefix, role)).collect();
        blocks.sort_by_key(|block| std::cmp::Reverse(block.length));
        Self { networks, blocks }
    }

    /// The number of the block in which an address lies, 0 for none.
    pub(crate) fn find(&self, address: IpAddr) -> usize {
        self.blocks.iter().position(|block| block.holds(address)).map_or(0, |place| place + 1)
    }

    /// The block behind a number.
    pub(crate) fn block(&self, number: usize) -> Option<&Block> {
        self.blocks.get(number.checked_sub(1)?)
    }

    /// What a network is for, by its number alone.
    pub(crate) fn role(&self, asn: Asn) -> Option<RoleVerdict> {
        let network = self.networks.get(&asn.0)?;
        Some(RoleVerdict { role: network.role, rule: RoleRule::Asn(asn) })
    }

    /// Set when everything of a network is served from many places.
    pub(crate) fn anycast(&self, asn: Asn) -> Option<AnycastRule> {
        self.networks.get(&asn.0)?.anycast.then_some(AnycastRule::Asn(asn))
    }
}

impl Block {
    fn parse(prefix: &str, role: &str) -> Option<Self> {
        let (first, length) = prefix.split_once('/')?;
        Some(Self {
            first: first.parse().ok()?,
            length: length.parse().ok()?,
            text: prefix.into(),
            role: role_of_word(role),
        })
    }

    fn holds(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                (first.to_bits() ^ address.to_bits()).leading_zeros() >= self.length
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                (first.to_bits() ^ address.to_bits()).leading_zeros() >= self.length
            }
            _ => false,
        }
    }

    /// The mark that it is served from many places.
    pub(crate) fn anycast(&self) -> AnycastRule {
        AnycastRule::Prefix(Arc::clone(&self.text))
    }

    /// What it is for, where it serves one purpose.
    pub(crate) fn role(&self) -> Option<RoleVerdict> {
        Some(RoleVerdict { role: self.role?, rule: RoleRule::Prefix(Arc::clone(&self.text)) })
    }
}

/// The rows about networks, each with the organisation that is expected behind the number.
fn network_rows() -> impl Iterator<Item = (Asn, Network, &'static str)> {
    table::rows::<4>(NETWORKS).filter_map(|[role, anycast, asn, organisation]| {
        let network = Network { role: role_of_word(role)?, anycast: anycast == "anycast" };
        Some((Asn(asn.parse().ok()?), network, organisation))
    })
}

/// Every number in the role table with the organisation that is expected behind it: for the test that
/// compares them with the location data.
pub fn role_table() -> impl Iterator<Item = (Asn, &'static str)> {
    network_rows().map(|(asn, _, organisation)| (asn, organisation))
}

/// The role that a table's word stands for.
pub(crate) fn role_of_word(word: &str) -> Option<Role> {
    const ALL: [Role; 14] = [
        Role::Cdn,
        Role::Cloud,
        Role::Hosting,
        Role::Platform,
        Role::Dns,
        Role::Time,
        Role::Vpn,
        Role::SecurityFilter,
        Role::Access,
        Role::Research,
        Role::Mail,
        Role::RemoteAccess,
        Role::PeerToPeer,
        Role::Push,
    ];
    ALL.into_iter().find(|role| role.word() == word)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_row_is_read_and_every_number_stands_once() {
        assert_eq!(network_rows().count(), table::lines(NETWORKS).count());
        assert_eq!(Roles::new().blocks.len(), table::lines(BLOCKS).count());
        let numbers: BTreeSet<u32> = network_rows().map(|(asn, ..)| asn.0).collect();
        assert_eq!(numbers.len(), network_rows().count());
        assert_eq!(numbers.len(), 215);
    }

    #[test]
    fn only_roles_that_a_number_can_tell_stand_in_the_table() {
        for (asn, network, organisation) in network_rows() {
            assert!(!organisation.is_empty(), "{asn}");
            assert!(
                matches!(
                    network.role,
                    Role::Cdn
                        | Role::Cloud
                        | Role::Hosting
                        | Role::Platform
                        | Role::Dns
                        | Role::Vpn
                        | Role::SecurityFilter
                        | Role::Access
                        | Role::Research
                ),
                "{asn} {organisation}"
            );
            assert!(
                !network.anycast || matches!(network.role, Role::Cdn | Role::Dns),
                "{asn} {organisation}"
            );
        }
    }

    #[test]
    fn a_narrower_block_decides_and_blocks_end_where_they_say() {
        let roles = Roles::new();
        let block = |text: &str| roles.block(roles.find(text.parse().expect("an address")));
        let role = |text: &str| block(text).and_then(Block::role).map(|verdict| verdict.role);
        assert_eq!(role("8.8.8.8"), Some(Role::Dns));
        assert_eq!(role("216.239.35.4"), Some(Role::Time));
        assert_eq!(role("216.239.32.10"), None);
        assert!(block("216.239.32.10").is_some() && block("216.239.63.255").is_some());
        assert!(block("216.239.64.0").is_none() && block("216.239.31.255").is_none());
        assert!(block("2001:4860:4860::8888").is_some() && block("2001:4860:4861::").is_none());
        let named = block("8.8.4.4").and_then(Block::role).map(|verdict| verdict.rule.to_string());
        assert_eq!(named.as_deref(), Some("prefix 8.8.4.0/24"));
    }
}
