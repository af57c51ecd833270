//! A budget that all clients of an arena share and that no network can drain alone. Each network has a share of its own, which it
//! may use as long as the budget has any tokens. What it takes beyond its share must leave half of a full budget for the others.
//! Pure: time is an argument.

use std::time::Instant;

use super::{
    client_network::ClientNetwork,
    network_buckets::NetworkBuckets,
    token_bucket::{Rate, TokenBucket},
};

/// The budget.
#[derive(Debug)]
pub struct FairBudget {
    all: Rate,
    /// `None` is a full bucket.
    common: Option<TokenBucket>,
    /// While too many networks are active to remember, further ones have no share of their own.
    shares: NetworkBuckets,
}

impl FairBudget {
    /// A full budget of `all`, of which each network may use `share` at any time.
    pub fn new(all: Rate, share: Rate) -> Self {
        Self { all, common: None, shares: NetworkBuckets::new(share) }
    }

    /// Takes one token for `network`. Returns false and takes none if there is none for it.
    pub fn take(&mut self, network: Option<ClientNetwork>, now: Instant) -> bool {
        let all = self.all;
        let common = self.common.get_or_insert_with(|| TokenBucket::new(all, now));
        if !common.has(now, 1) {
            return false;
        }
        let is_in_share = self.shares.take(network, now).unwrap_or(false);
        let reserve = u64::from(all.burst) / 2;
        (is_in_share || common.has(now, 1 + reserve)) && common.take(now, 1)
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use super::*;

    const ALL: Rate = Rate::new(10, 20);
    const SHARE: Rate = Rate::new(1, 4);

    fn network(number: u32) -> Option<ClientNetwork> {
        ClientNetwork::of(Ipv4Addr::from(0x0a00_0000 + number).into())
    }

    /// Which of a second's tokens an honest network gets that takes one each second, while another takes 100 a second.
    #[test]
    fn network_that_takes_all_it_can_leaves_the_others_their_shares() {
        let (mut budget, start) = (FairBudget::new(ALL, SHARE), Instant::now());
        let (mut greedy, mut honest) = (0, 0);
        for step in 0..6000_u64 {
            let now = start + Duration::from_millis(10 * step);
            greedy += u32::from(budget.take(network(0), now));
            if step % 100 == 0 {
                honest += u32::from(budget.take(network(1), now));
            }
        }
        assert_eq!(honest, 60, "every one");
        assert!((530..=560).contains(&greedy), "what is left is not wasted: {greedy}");
    }

    #[test]
    fn all_together_get_no_more_than_the_budget() {
        let (mut budget, now) = (FairBudget::new(ALL, SHARE), Instant::now());
        let taken = (0..100).filter(|number| budget.take(network(*number), now)).count();
        assert_eq!(taken, 20);
    }
}
