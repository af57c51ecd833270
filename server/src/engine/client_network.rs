//! Where clients come from, as far as limits are concerned, and how much of one kind of thing each network may hold at once:
//! sockets, seats or subscriptions. One network must not take what all share.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

use ipnet::{IpNet, Ipv6Net};
use rustc_hash::FxHashMap;

/// Bits of the smallest network that a provider gives to a customer, who may use any address in it (RFC 6177, section 2).
const NETWORK_BITS: u8 = 64;
/// Bits of the largest network that a customer commonly gets: it has 65,536 of the smallest.
const SITE_BITS: u8 = 48;
/// Networks whose shares a site may use together.
pub const SITE_NETWORKS: usize = 4;
/// What stands before IPv4 addresses that a translator gives to IPv6 (RFC 6052, section 2.1).
const TRANSLATED: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

/// An IPv4 address, or the first 64 bits of an IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientNetwork(IpNet);

impl ClientNetwork {
    /// The network of an address. `None` for this machine's own addresses, which have no limits of their own: load tests
    /// run there, and proxies that do not name their clients.
    pub fn of(address: IpAddr) -> Option<Self> {
        let address = address.to_canonical();
        if address.is_loopback() {
            return None;
        }
        Some(Self(match address {
            // Behind a translator all IPv4 clients would be one network.
            IpAddr::V6(address) if TRANSLATED.contains(&address) => {
                let [.., a, b, c, d] = address.octets();
                IpAddr::from(Ipv4Addr::new(a, b, c, d)).into()
            }
            IpAddr::V6(address) => Ipv6Net::new_assert(address, NETWORK_BITS).trunc().into(),
            IpAddr::V4(_) => address.into(),
        }))
    }

    /// The first 48 bits of an IPv6 address. It has [`SITE_NETWORKS`] times the share of a network, so that a customer with
    /// many networks has not as many shares.
    pub fn site(self) -> Option<Self> {
        match self.0 {
            IpNet::V6(network) => Some(Self(Ipv6Net::new_assert(network.addr(), SITE_BITS).trunc().into())),
            IpNet::V4(_) => None,
        }
    }

    /// Whether this is a site, and not one of its networks.
    pub fn is_site(self) -> bool {
        self.0.prefix_len() == SITE_BITS
    }
}

/// How many of one kind of thing each network holds. Sites are counted beside their networks.
#[derive(Debug, Default)]
pub struct Holdings(FxHashMap<ClientNetwork, usize>);

impl Holdings {
    /// Whether `network` may hold one more, if each may hold at most `most`.
    pub fn has_room(&self, network: Option<ClientNetwork>, most: usize) -> bool {
        let holds = |network: ClientNetwork| self.0.get(&network).copied().unwrap_or_default();
        let Some(network) = network else { return true };
        let is_site_full = |site| holds(site) >= most.saturating_mul(SITE_NETWORKS);
        holds(network) < most && !network.site().is_some_and(is_site_full)
    }

    /// Counts one more.
    pub fn add(&mut self, network: Option<ClientNetwork>) {
        for each in Self::counted(network) {
            *self.0.entry(each).or_default() += 1;
        }
    }

    /// Counts one less.
    pub fn remove(&mut self, network: Option<ClientNetwork>) {
        for each in Self::counted(network) {
            if let Some(count) = self.0.get_mut(&each) {
                *count -= 1;
                if *count == 0 {
                    self.0.remove(&each);
                }
            }
        }
    }

    /// Whether no network holds anything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn counted(network: Option<ClientNetwork>) -> impl Iterator<Item = ClientNetwork> {
        network.into_iter().chain(network.and_then(ClientNetwork::site))
    }
}

/// Gives each network up to a limit. Clones share the counts.
#[derive(Clone, Debug)]
pub struct Shares {
    most: usize,
    held: Arc<Mutex<Holdings>>,
}

impl Shares {
    /// Each network may hold at most `most`.
    pub fn new(most: usize) -> Self {
        Self { most, held: Arc::default() }
    }

    /// Takes one for `network`; `None` if it holds the most already.
    pub fn take(&self, network: Option<ClientNetwork>) -> Option<Share> {
        if network.is_some() {
            // The counts are valid after a panic elsewhere too.
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            if !held.has_room(network, self.most) {
                return None;
            }
            held.add(network);
        }
        Some(Share { network, held: Arc::clone(&self.held) })
    }
}

/// One of the things that a network holds. Dropping it gives it back.
#[derive(Debug)]
pub struct Share {
    network: Option<ClientNetwork>,
    held: Arc<Mutex<Holdings>>,
}

impl Share {
    /// The network that it counts for.
    pub fn network(&self) -> Option<ClientNetwork> {
        self.network
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.network.is_some() {
            self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(self.network);
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
    fn translated_addresses_are_the_networks_of_their_ipv4_addresses() {
        assert_eq!(network("64:ff9b::192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("64:ff9b::192.0.2.1"), network("64:ff9b::192.0.2.2"));
        assert!(network("64:ff9b::127.0.0.1").is_some(), "it does not come from this machine");
        assert_eq!(network("64:ff9b:1::1"), network("64:ff9b:1::2"), "another prefix");
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
        assert_eq!(shares.held.lock().unwrap().0.len(), 1, "only networks that hold something take memory");
    }

    #[test]
    fn site_with_many_networks_has_the_share_of_four() {
        let shares = Shares::new(2);
        let take = |number: u16| shares.take(network(&format!("2001:db8:1:{number:x}::1")));
        let mut held: Vec<_> = (0..100).filter_map(take).collect();
        assert_eq!(held.len(), 8);
        assert!(take(200).is_none());
        // The network whose prefix looks like the site's is one of its networks.
        assert!(take(0).is_none());
        let _other = shares.take(network("2001:db8:2::1")).expect("another site");
        held.pop();
        let last = take(200).expect("there is room again");
        assert!(take(201).is_none());
        drop((held, last, _other));
        assert!(shares.held.lock().unwrap().is_empty());
    }
}
