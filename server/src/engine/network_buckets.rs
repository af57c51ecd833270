//! A token bucket for each network, so that each may do something only so often. Pure: time is an argument.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use rustc_hash::FxHashMap;

use super::{
    client_network::{ClientNetwork, SITE_NETWORKS},
    token_bucket::{Rate, TokenBucket},
};

/// Networks whose use is remembered. It bounds memory.
const NETWORKS_MAX: usize = 1024;

/// Token buckets of the networks that have taken something lately. A site has one of its own, for all of its networks.
#[derive(Debug)]
pub struct NetworkBuckets {
    rate: Rate,
    site_rate: Rate,
    /// Clients of this machine count as one network.
    buckets: FxHashMap<Option<ClientNetwork>, TokenBucket>,
}

impl NetworkBuckets {
    /// Full buckets of this rate for all networks.
    pub fn new(rate: Rate) -> Self {
        Self { rate, site_rate: rate.times(SITE_NETWORKS as u32), buckets: FxHashMap::default() }
    }

    /// Takes one token of `network` and of its site. Returns false and takes none if one of them has none; `None` if too many
    /// other networks are active to remember this one.
    pub fn take(&mut self, network: Option<ClientNetwork>, now: Instant) -> Option<bool> {
        let site = network.and_then(ClientNetwork::site);
        // A site without room is one with a full bucket: its network may still have an empty one.
        if site.is_some() && self.bucket(site, now).is_some_and(|bucket| !bucket.has(now, 1)) {
            return Some(false);
        }
        let has_taken = self.bucket(network, now)?.take(now, 1);
        if has_taken
            && site.is_some()
            && let Some(bucket) = self.bucket(site, now)
        {
            bucket.take(now, 1);
        }
        Some(has_taken)
    }

    /// The bucket of a network or a site; `None` if there is no room for another.
    fn bucket(&mut self, of: Option<ClientNetwork>, now: Instant) -> Option<&mut TokenBucket> {
        if !self.buckets.contains_key(&of) && self.buckets.len() >= NETWORKS_MAX {
            // A full bucket is as good as none.
            self.buckets.retain(|_, bucket| !bucket.is_full(now));
            if self.buckets.len() >= NETWORKS_MAX {
                return None;
            }
        }
        let is_site = of.is_some_and(ClientNetwork::is_site);
        let rate = if is_site { self.site_rate } else { self.rate };
        Some(self.buckets.entry(of).or_insert_with(|| TokenBucket::new(rate, now)))
    }
}

/// Bounds how often each network does something, for tasks on several threads.
#[derive(Debug)]
pub struct NetworkRates(Mutex<NetworkBuckets>);

impl NetworkRates {
    /// This rate for each network.
    pub fn new(rate: Rate) -> Self {
        Self(Mutex::new(NetworkBuckets::new(rate)))
    }

    /// Whether `network` may do it once more. This machine and trusted proxies, which are no network, have no limit. A new network
    /// has none either while 1024 others are active: a crowd from many networks, as after a restart, is no flood from one.
    pub fn take(&self, network: Option<ClientNetwork>, now: Instant) -> bool {
        // The state is valid after a panic elsewhere too.
        let buckets = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        network.is_none() || buckets().take(network, now).unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use super::*;

    const RATE: Rate = Rate::new(1, 4);

    fn network(number: u32) -> Option<ClientNetwork> {
        ClientNetwork::of(Ipv4Addr::from(0x0a00_0000 + number).into())
    }

    /// How many of `count` tokens a network gets.
    fn taken(
        buckets: &mut NetworkBuckets,
        network: Option<ClientNetwork>,
        now: Instant,
        count: u32,
    ) -> usize {
        (0..count).filter(|_| buckets.take(network, now) == Some(true)).count()
    }

    #[test]
    fn each_network_has_its_own_rate() {
        let (mut buckets, start) = (NetworkBuckets::new(RATE), Instant::now());
        assert_eq!([0, 1, 0].map(|number| taken(&mut buckets, network(number), start, 9)), [4, 4, 0]);
        assert_eq!(taken(&mut buckets, network(0), start + Duration::from_secs(2), 9), 2);
        assert_eq!(taken(&mut buckets, None, start, 9), 4);
    }

    #[test]
    fn networks_of_a_site_have_the_rate_of_four_together() {
        let (mut buckets, start) = (NetworkBuckets::new(RATE), Instant::now());
        let of_site = |number: u32| ClientNetwork::of([0x2001, 0xdb8, 1, number as u16, 0, 0, 0, 1].into());
        assert_eq!((0..100).map(|number| taken(&mut buckets, of_site(number), start, 9)).sum::<usize>(), 16);
        let later = start + Duration::from_secs(1);
        assert_eq!((0..100).map(|number| taken(&mut buckets, of_site(number), later, 9)).sum::<usize>(), 4);
        let other = ClientNetwork::of([0x2001, 0xdb8, 2, 0, 0, 0, 0, 1].into());
        assert_eq!(taken(&mut buckets, other, later, 9), 4);
    }

    #[test]
    fn this_machine_has_no_rate_and_a_crowd_from_many_networks_is_no_flood() {
        let (rates, now) = (NetworkRates::new(RATE), Instant::now());
        assert_eq!((0..9).filter(|_| rates.take(network(1), now)).count(), 4);
        assert!((0..100).all(|_| rates.take(None, now)));
        assert!((2..5000).all(|number| rates.take(network(number), now)));
    }

    #[test]
    fn network_without_tokens_gets_none_while_its_site_has_no_room() {
        let (mut buckets, start) = (NetworkBuckets::new(RATE), Instant::now());
        let flooder = ClientNetwork::of([0x2001, 0xdb8, 1, 0, 0, 0, 0, 1].into());
        assert_eq!(taken(&mut buckets, flooder, start, 9), 4);
        // Its site's bucket fills faster than its own, and is forgotten.
        buckets.buckets.remove(&flooder.and_then(ClientNetwork::site));
        for number in 0..NETWORKS_MAX as u32 {
            let _ = buckets.take(network(number), start);
        }
        assert_eq!(buckets.take(flooder, start), Some(false));
    }

    #[test]
    fn memory_is_bounded_and_networks_that_rest_are_forgotten() {
        let (mut buckets, start) = (NetworkBuckets::new(RATE), Instant::now());
        let remembered = (0..3000).filter(|number| buckets.take(network(*number), start).is_some()).count();
        assert_eq!((remembered, buckets.buckets.len()), (NETWORKS_MAX, NETWORKS_MAX));
        assert_eq!(buckets.take(network(5000), start + Duration::from_secs(60)), Some(true));
        assert_eq!(buckets.buckets.len(), 1);
    }
}
