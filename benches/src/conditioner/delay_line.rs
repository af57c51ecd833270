//! When a message arrives: the model of a network, without a clock or a socket, on simulated or real time. All times
//! are milliseconds of the conditioner's own time, which begins at 0.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::{Conditions, Recurring};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From client to server.
    Up,
    /// From server to client.
    Down,
}

/// One direction of one connection.
#[derive(Clone, Debug)]
pub struct DelayLine {
    half_delay_ms: f64,
    jitter_ms: f64,
    stall: Option<Recurring>,
    rng: Pcg64Mcg,
    last_ms: f64,
}

impl DelayLine {
    /// The two directions of a connection have independent jitter.
    pub fn new(conditions: &Conditions, direction: Direction) -> Self {
        let stream = match direction {
            Direction::Up => 0x7570_0000_0000_0000,
            Direction::Down => 0x646f_776e_0000_0000,
        };
        Self {
            half_delay_ms: conditions.delay_ms / 2.0,
            jitter_ms: conditions.jitter_ms,
            stall: conditions.stall,
            rng: Pcg64Mcg::seed_from_u64(conditions.seed ^ stream),
            last_ms: f64::NEG_INFINITY,
        }
    }

    /// When a message arrives that is sent at `sent_ms`; to be called once for each message, in the order of sending.
    /// Never before it is sent, never before the message ahead of it, and never during a stall.
    ///
    /// Cuts are not part of it: what would arrive after one has begun is lost with its connection
    /// ([`Conditions::next_cut_ms`]).
    pub fn arrival_ms(&mut self, sent_ms: f64) -> f64 {
        let swing_ms = self.jitter_ms * self.rng.random_range(-1.0..=1.0);
        let free_ms = (sent_ms + (self.half_delay_ms + swing_ms)).max(self.last_ms);
        let held_until_ms = self.stall.and_then(|stall| stall.ends_ms(free_ms));
        self.last_ms = held_until_ms.unwrap_or(free_ms);
        self.last_ms
    }
}

impl Conditions {
    /// Whether there is no network at `at_ms`.
    pub fn is_cut(&self, at_ms: f64) -> bool {
        self.cut_ends_ms(at_ms).is_some()
    }

    /// When the cut at `at_ms` ends, if there is one.
    pub fn cut_ends_ms(&self, at_ms: f64) -> Option<f64> {
        self.cut?.ends_ms(at_ms)
    }

    /// When the first cut after `at_ms` begins.
    pub fn next_cut_ms(&self, at_ms: f64) -> Option<f64> {
        let Recurring { period_ms, .. } = self.cut?;
        Some(((at_ms / period_ms).floor().max(0.0) + 1.0) * period_ms)
    }
}

impl Recurring {
    /// When the one at `at_ms` ends, if there is one.
    fn ends_ms(self, at_ms: f64) -> Option<f64> {
        let begins_ms = (at_ms / self.period_ms).floor() * self.period_ms;
        let ends_ms = begins_ms + self.length_ms;
        (begins_ms > 0.0 && at_ms < ends_ms).then_some(ends_ms)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn conditions(text: &str) -> Conditions {
        text.parse().unwrap()
    }

    /// How long `count` messages take that are so far apart that none holds up another.
    fn travel_ms(conditions: &Conditions, direction: Direction, count: u32) -> Vec<f64> {
        let mut line = DelayLine::new(conditions, direction);
        (0..count).map(|number| f64::from(number) * 1e4).map(|sent| line.arrival_ms(sent) - sent).collect()
    }

    #[test]
    fn delay_is_half_each_way_and_none_by_default() {
        assert_eq!(travel_ms(&Conditions::default(), Direction::Up, 3), [0.0; 3]);
        for direction in [Direction::Up, Direction::Down] {
            assert_eq!(travel_ms(&conditions("delay=150ms"), direction, 3), [75.0; 3]);
        }
    }

    #[test]
    fn jitter_is_uniform_around_half_the_delay() {
        let travels = travel_ms(&conditions("delay=100ms jitter=20ms seed=7"), Direction::Up, 10_000);
        assert!(travels.iter().all(|ms| (30.0..=70.0).contains(ms)));
        let mean = travels.iter().sum::<f64>() / travels.len() as f64;
        assert!((mean - 50.0).abs() < 1.0, "{mean}");
        let near = travels.iter().filter(|ms| (40.0..=60.0).contains(*ms)).count();
        assert!(
            (4_500..=5_500).contains(&near),
            "half of a uniform distribution is in its middle half: {near}"
        );
    }

    #[test]
    fn jitter_depends_on_seed_and_direction() {
        let conditions = conditions("delay=100ms jitter=20ms seed=7");
        let up = travel_ms(&conditions, Direction::Up, 50);
        assert_eq!(up, travel_ms(&conditions, Direction::Up, 50));
        assert_ne!(up, travel_ms(&conditions, Direction::Down, 50));
        assert_ne!(up, travel_ms(&Conditions { seed: 8, ..conditions }, Direction::Up, 50));
    }

    #[test]
    fn stall_holds_up_everything_until_it_ends() {
        let mut line = DelayLine::new(&conditions("stall=300ms/10s"), Direction::Down);
        let arrivals = [0.0, 299.0, 9_999.0, 10_000.0, 10_299.0, 10_300.0, 20_100.0];
        let arrivals = arrivals.map(|sent_ms| line.arrival_ms(sent_ms));
        assert_eq!(arrivals, [0.0, 299.0, 9_999.0, 10_300.0, 10_300.0, 10_300.0, 20_300.0]);
        // The arrival is held up: this was sent before the stall.
        let mut line = DelayLine::new(&conditions("delay=200ms stall=300ms/10s"), Direction::Down);
        assert_eq!([9_950.0, 10_250.0].map(|sent_ms| line.arrival_ms(sent_ms)), [10_300.0, 10_350.0]);
    }

    #[test]
    fn cuts_begin_and_end() {
        let conditions = conditions("cut=5s/60s");
        let ends = [0.0, 4_999.0, 59_999.0, 60_000.0, 64_999.0, 65_000.0, 121_000.0];
        let ends = ends.map(|at_ms| conditions.cut_ends_ms(at_ms));
        let (first, second) = (Some(65_000.0), Some(125_000.0));
        assert_eq!(ends, [None, None, None, first, first, None, second]);
        assert!(
            conditions.is_cut(60_000.0) && !conditions.is_cut(0.0) && !Conditions::default().is_cut(60_000.0)
        );
        let begins = [-1.0, 0.0, 59_999.0, 60_000.0].map(|at_ms| conditions.next_cut_ms(at_ms));
        assert_eq!(begins, [60_000.0, 60_000.0, 60_000.0, 120_000.0].map(Some));
        assert_eq!(Conditions::default().next_cut_ms(0.0), None);
    }

    proptest! {
        #[test]
        fn nothing_overtakes_or_arrives_too_early(
            seed: u64,
            delay_ms in 0.0..500.0,
            share in 0.0..=0.5,
            stall in proptest::option::of((1.0..400.0, 401.0..3_000.0)),
            gaps_ms in proptest::collection::vec(0.0..100.0, 1..200),
        ) {
            let stall = stall.map(|(length_ms, period_ms)| Recurring { length_ms, period_ms });
            let conditions = Conditions { delay_ms, jitter_ms: share * delay_ms, stall, cut: None, seed };
            let mut line = DelayLine::new(&conditions, Direction::Down);
            let (mut sent_ms, mut last_ms) = (0.0, 0.0);
            for gap_ms in gaps_ms {
                sent_ms += gap_ms;
                let arrives_ms = line.arrival_ms(sent_ms);
                prop_assert!(arrives_ms >= last_ms && arrives_ms >= sent_ms);
                prop_assert!(arrives_ms - sent_ms >= delay_ms / 2.0 - conditions.jitter_ms - 1e-9);
                prop_assert!(stall.is_none_or(|stall| stall.ends_ms(arrives_ms).is_none()));
                last_ms = arrives_ms;
            }
        }
    }
}
