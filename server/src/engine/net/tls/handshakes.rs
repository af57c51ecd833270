//! Bounds TLS handshakes: each costs the server a signature, and a client that only begins it almost nothing. A handshake beyond the
//! bounds is refused before its first step.

use std::time::Instant;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::engine::{client_network::ClientNetwork, network_buckets::NetworkRates, token_bucket::Rate};

/// Which handshakes may begin.
#[derive(Debug)]
pub(crate) struct Handshakes {
    in_flight: Semaphore,
    rates: NetworkRates,
}

/// Why a handshake may not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooManyHandshakes {
    #[error("too many TLS handshakes at once; raise --max-players if these are players")]
    AtOnce,
    #[error("too many TLS handshakes from its network; name it with --trusted-proxy if it is a proxy")]
    OfNetwork,
}

impl Handshakes {
    /// Up to `at_once` in flight, and this rate for each network.
    pub(crate) fn new(at_once: usize, of_network: Rate) -> Self {
        let in_flight = Semaphore::new(at_once.min(Semaphore::MAX_PERMITS));
        Self { in_flight, rates: NetworkRates::new(of_network) }
    }

    /// Begins one, which is in flight until the result is dropped. This machine and trusted proxies, which have no `network`,
    /// have no rate.
    ///
    /// # Errors
    /// If there are too many.
    pub(crate) fn begin(
        &self,
        network: Option<ClientNetwork>,
        now: Instant,
    ) -> Result<SemaphorePermit<'_>, TooManyHandshakes> {
        let permit = self.in_flight.try_acquire().map_err(|_| TooManyHandshakes::AtOnce)?;
        if self.rates.take(network, now) { Ok(permit) } else { Err(TooManyHandshakes::OfNetwork) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn handshakes_are_bounded_at_once_and_by_network() {
        let handshakes = Handshakes::new(3, Rate::new(10, 2));
        let network = |last| ClientNetwork::of([192, 0, 2, last].into());
        let now = Instant::now();
        let held = [handshakes.begin(network(1), now), handshakes.begin(network(1), now)];
        assert!(held.iter().all(Result::is_ok));
        assert_eq!(handshakes.begin(network(1), now).err(), Some(TooManyHandshakes::OfNetwork));
        let other = handshakes.begin(network(2), now).expect("it has a rate of its own");
        assert_eq!(handshakes.begin(network(3), now).err(), Some(TooManyHandshakes::AtOnce));
        drop((held, other));
        // What has ended counts towards the rate all the same.
        assert_eq!(handshakes.begin(network(1), now).err(), Some(TooManyHandshakes::OfNetwork));
        assert!(handshakes.begin(network(1), now + Duration::from_millis(101)).is_ok());
        let own: Vec<_> = (0..9).map(|_| handshakes.begin(None, now).map(drop)).collect();
        assert!(own.iter().all(Result::is_ok), "this machine has no rate");
    }
}
