//! Where clients come from, as far as limits are concerned, and how many of one kind of thing each network may hold at once:
//! sockets, or subscriptions. One network must not take what all share.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

use rustc_hash::FxHashMap;

/// An IPv4 address, or the first 64 bits of an IPv6 address: the smallest network that a provider gives to a customer
/// (RFC 6177, section 2), who may use any address in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientNetwork(IpAddr);

impl ClientNetwork {
    /// The network of an address. `None` for this machine's own addresses, which have no limits of their own: load tests
    /// run there, and proxies that do not name their clients.
    pub fn of(address: IpAddr) -> Option<Self> {
        let address = address.to_canonical();
        if address.is_loopback() {
            return None;
        }
        Some(Self(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        }))
    }
}

/// Counts what each network holds, up to a limit. Clones share the counts.
#[derive(Clone, Debug)]
pub struct Shares {
    most: usize,
    held: Arc<Mutex<FxHashMap<ClientNetwork, usize>>>,
}

impl Shares {
    /// Each network may hold at most `most`.
    pub fn new(most: usize) -> Self {
        Self { most, held: Arc::default() }
    }

    /// Takes one for `network`; `None` if it holds the most already.
    pub fn take(&self, network: Option<ClientNetwork>) -> Option<Share> {
        if let Some(network) = network {
            // The counts are valid after a panic elsewhere too.
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            let count = held.get(&network).copied().unwrap_or_default();
            if count >= self.most {
                return None;
            }
            held.insert(network, count + 1);
        }
        Some(Share { network, held: Arc::clone(&self.held) })
    }
}

/// One of the things that a network holds. Dropping it gives it back.
#[derive(Debug)]
pub struct Share {
    network: Option<ClientNetwork>,
    held: Arc<Mutex<FxHashMap<ClientNetwork, usize>>>,
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(network) = self.network else { return };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                held.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Option<ClientNetwork> {
        ClientNetwork::of(address.parse().unwrap())
    }

    #[test]
    fn network_is_an_ipv4_address_or_an_ipv6_prefix() {
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:2:ffff::4"));
        assert_ne!(network("2001:db8:1:2::3"), network("2001:db8:1:3::3"));
        for own in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(network(own), None, "{own}");
        }
    }

    #[test]
    fn network_holds_at_most_its_share_until_it_gives_some_back() {
        let shares = Shares::new(2);
        let (here, there) = (network("192.0.2.1"), network("192.0.2.2"));
        let first = shares.take(here);
        let _second = shares.take(here).unwrap();
        assert!(shares.take(here).is_none());
        assert!(shares.take(there).is_some(), "the other network has its own share");
        drop(first);
        let _third = shares.take(here).unwrap();
        assert!(shares.take(here).is_none());
        let own: Vec<_> = (0..9).map(|_| shares.take(None).unwrap()).collect();
        assert_eq!(own.len(), 9);
        assert_eq!(shares.held.lock().unwrap().len(), 1, "only networks that hold something take memory");
    }
}
