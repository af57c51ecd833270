//! How many messages of one connection reach the simulation: a token bucket for each kind, so that no connection fills the inbox.
//! What is over a rate is dropped, and the client does not notice: the next input follows at once. Pure: time is an argument.
//!
//! Invariant: the newest input and the newest acknowledgement of an honest client get through, also after a network that has held
//! everything back, and so does every chat line that a player may say, from the first moment on.

use std::time::Instant;

use shared::engine::limits::FRAMES_UNACKED_MAX;

use super::token_bucket::{Rate, TokenBucket};

/// Inputs at the fastest tick rate, and some more.
pub const INPUTS: Rate = Rate::new(192, 32);
/// This number is kept for inputs in time: those that come too late for their tick do not get it.
pub const IN_TIME: u64 = 16;
/// As many acknowledgements at once as there are frames without one.
pub const ACKS: Rate = Rate::new(192, FRAMES_UNACKED_MAX);
/// Chat lines and requests for cells, which also have limits of their own.
pub const REQUESTS: Rate = Rate::new(200, 128);
/// Of these, how many a client may send as soon as it has joined. A player may say fewer lines at once.
pub const REQUESTS_AT_FIRST: u32 = 8;

/// What one connection may still deliver.
#[derive(Debug)]
pub struct DeliveryRates {
    inputs: TokenBucket,
    acks: TokenBucket,
    requests: TokenBucket,
}

impl DeliveryRates {
    /// As soon as it has joined, a client may send inputs ahead and say its first lines. Acknowledgements it gains with time: it has
    /// no frames yet.
    pub fn new(now: Instant) -> Self {
        Self {
            inputs: TokenBucket::new(INPUTS, now),
            acks: TokenBucket::holding(0, ACKS, now),
            requests: TokenBucket::holding(REQUESTS_AT_FIRST, REQUESTS, now),
        }
    }

    /// Whether to deliver an input, which may be too late for its tick.
    pub fn input(&mut self, now: Instant, is_late: bool) -> bool {
        (!is_late || self.inputs.has(now, IN_TIME + 1)) && self.inputs.take(now, 1)
    }

    /// Whether to deliver an acknowledgement.
    pub fn ack(&mut self, now: Instant) -> bool {
        self.acks.take(now, 1)
    }

    /// Whether to deliver a chat line, or a request for a cell.
    pub fn request(&mut self, now: Instant) -> bool {
        self.requests.take(now, 1)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::engine::chat::SPEAKER;

    #[test]
    fn inputs_in_time_get_through_behind_many_that_are_late() {
        let start = Instant::now();
        let mut rates = DeliveryRates::new(start);
        assert_eq!((0..1000).filter(|_| rates.input(start, true)).count(), 16);
        assert_eq!((0..1000).filter(|_| rates.input(start, false)).count(), 16);
        let later = start + Duration::from_millis(250);
        assert_eq!((0..1000).filter(|_| rates.input(later, true)).count(), 16);
    }

    #[test]
    fn all_frames_without_an_acknowledgement_can_be_acknowledged_at_once() {
        let start = Instant::now();
        let mut rates = DeliveryRates::new(start);
        let later = start + Duration::from_secs(2);
        assert_eq!((0..1000).filter(|_| rates.ack(later)).count(), FRAMES_UNACKED_MAX as usize);
    }

    #[test]
    fn first_lines_are_delivered_and_one_more_than_a_player_may_say() {
        let start = Instant::now();
        let mut rates = DeliveryRates::new(start);
        // The arena refuses the line after the burst, and tells the player so: it has to get there.
        assert!((0..=SPEAKER.burst).all(|_| rates.request(start)));
    }

    #[test]
    fn client_that_has_just_joined_delivers_little() {
        let start = Instant::now();
        let mut rates = DeliveryRates::new(start);
        let tick = start + Duration::from_millis(50);
        let delivered = (0..1000)
            .map(|_| {
                let (ack, request) = (rates.ack(tick), rates.request(tick));
                usize::from(rates.input(tick, false)) + usize::from(ack) + usize::from(request)
            })
            .sum::<usize>();
        assert!(delivered <= 32 + 9 + 18, "{delivered}");
    }
}
