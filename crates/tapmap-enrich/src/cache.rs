//! Keeps assembled answers, so that an address that is met again costs one look into a hash table.
//! Bounded, whatever the network sends; knows nothing of where answers come from.

use std::{
    mem,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
};

use hashbrown::HashMap;
use tapmap_core::RemoteInfo;

/// How many answers one generation holds; two are kept.
const GENERATION: usize = 16_384;

type Answers = HashMap<u128, Arc<RemoteInfo>, foldhash::fast::RandomState>;

/// Answers in two generations: when the young one is full it becomes the old one, and what was old and
/// not asked for since is forgotten. So at least the last 16,384 addresses are remembered and at most
/// twice as many.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    generations: RwLock<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: Answers,
    old: Answers,
    /// Counts the times everything was forgotten.
    epoch: u64,
}

impl Generations {
    fn insert(&mut self, key: u128, answer: Arc<RemoteInfo>) {
        if self.young.len() >= GENERATION {
            // The room of the forgotten ones is used again: no growing, step by step, each time.
            mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert(key, answer);
    }
}

impl Cache {
    /// The answer for an address: the one kept, or the one that `assemble` makes now.
    pub(crate) fn get_or_assemble(
        &self,
        address: IpAddr,
        assemble: impl FnOnce(IpAddr) -> RemoteInfo,
    ) -> Arc<RemoteInfo> {
        let key = key(address);
        let (found, epoch) = {
            let kept = self.generations.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(answer) = kept.young.get(&key) {
                return Arc::clone(answer);
            }
            (kept.old.get(&key).map(Arc::clone), kept.epoch)
        };
        let answer = found.unwrap_or_else(|| Arc::new(assemble(address)));
        let mut kept = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        // An answer made from data that was replaced meanwhile is not kept.
        if kept.epoch == epoch {
            kept.insert(key, Arc::clone(&answer));
        }
        answer
    }

    /// Forgets everything: the data behind the answers changed.
    pub(crate) fn clear(&self) {
        let mut kept = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        kept.epoch += 1;
        kept.young.clear();
        kept.old.clear();
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        let kept = self.generations.read().unwrap_or_else(PoisonError::into_inner);
        kept.young.len() + kept.old.len()
    }
}

/// An address as one number, the quickest to hash: IPv4 addresses as IPv4-mapped ones, which are the
/// same addresses.
fn key(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tapmap_core::AddressScope;

    use super::*;

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(number).into()
    }

    #[test]
    fn an_answer_is_made_once_and_shared() {
        let cache = Cache::default();
        let first = cache.get_or_assemble(address(1), |_| RemoteInfo::bare(AddressScope::Public));
        let again = cache.get_or_assemble(address(1), |_| panic!("it is known"));
        assert!(Arc::ptr_eq(&first, &again));
        let mapped = Ipv4Addr::from_bits(1).to_ipv6_mapped().into();
        assert!(Arc::ptr_eq(&first, &cache.get_or_assemble(mapped, |_| panic!("it is the same address"))));
    }

    #[test]
    fn it_stays_bounded_and_keeps_what_is_asked_for() {
        let cache = Cache::default();
        let generation = u32::try_from(GENERATION).expect("a small number");
        let favourite = cache.get_or_assemble(address(0), |_| RemoteInfo::bare(AddressScope::Lan));
        for number in 1..5 * generation {
            cache.get_or_assemble(address(number), |_| RemoteInfo::bare(AddressScope::Public));
            if number % 1_000 == 0 {
                cache.get_or_assemble(address(0), |_| panic!("it is asked for all the time"));
            }
            assert!(cache.len() <= 2 * GENERATION);
        }
        assert!(Arc::ptr_eq(&favourite, &cache.get_or_assemble(address(0), |_| panic!("still known"))));
    }

    #[test]
    fn nothing_made_from_replaced_data_is_kept() {
        let cache = Cache::default();
        cache.get_or_assemble(address(1), |_| {
            cache.clear();
            RemoteInfo::bare(AddressScope::Public)
        });
        let again = cache.get_or_assemble(address(1), |_| RemoteInfo::bare(AddressScope::Lan));
        assert_eq!(again.scope, AddressScope::Lan);
    }
}
