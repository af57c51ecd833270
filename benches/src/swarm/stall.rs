//! How a bot that does not read goes about it. It must not know sockets: it is asked once a tick what may be read.

use crate::bot::Stall;

/// How long a pause lasts, and how long reading lasts between two.
const PAUSE_US: u64 = 5_000_000;
/// What trickles.
const TRICKLE_BYTES_PER_SECOND: u64 = 1000;
/// Trickling bots read this much at a time.
const SIP_BYTES: u64 = 256;

/// What may be read until the next tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Freely,
    AtMost(usize),
    Nothing,
}

#[derive(Debug)]
pub(super) struct Staller {
    stall: Stall,
    /// When the bot came, moved so that pauses are spread.
    from_us: u64,
    sipped_bytes: u64,
}

impl Staller {
    /// A bot that came at `now_us`. `phase`, 0 to 1, spreads pauses.
    pub(super) fn new(stall: Stall, now_us: u64, phase: f64) -> Self {
        let earlier_us = if stall == Stall::Pauses { (phase * PAUSE_US as f64) as u64 } else { 0 };
        Self { stall, from_us: now_us.saturating_sub(earlier_us), sipped_bytes: 0 }
    }

    pub(super) fn reading(&mut self, now_us: u64) -> Reading {
        let here_us = now_us.saturating_sub(self.from_us);
        match self.stall {
            Stall::Pauses if here_us % (2 * PAUSE_US) < PAUSE_US => Reading::Freely,
            Stall::Pauses | Stall::Stops => Reading::Nothing,
            Stall::Trickles => {
                let allowed = here_us * TRICKLE_BYTES_PER_SECOND / 1_000_000;
                if allowed < self.sipped_bytes + SIP_BYTES {
                    return Reading::Nothing;
                }
                self.sipped_bytes += SIP_BYTES;
                Reading::AtMost(SIP_BYTES as usize)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(stall: Stall) -> Vec<Reading> {
        let mut staller = Staller::new(stall, 7_000_000, 0.5);
        (0..400).map(|tick| staller.reading(7_000_000 + tick * 50_000)).collect()
    }

    #[test]
    fn pauses_last_five_seconds_and_end() {
        let readings = readings(Stall::Pauses);
        assert_eq!(readings.iter().filter(|reading| **reading == Reading::Freely).count(), 200);
        let changes = readings.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert_eq!(changes, 4);
    }

    #[test]
    fn who_stops_never_reads_again() {
        assert!(readings(Stall::Stops).iter().all(|reading| *reading == Reading::Nothing));
    }

    #[test]
    fn a_trickle_is_a_kilobyte_a_second() {
        let bytes = |reading: &Reading| if let Reading::AtMost(bytes) = reading { *bytes } else { 0 };
        let sum: usize = readings(Stall::Trickles).iter().map(bytes).sum();
        assert!((19_000..=20_000).contains(&sum), "{sum}");
    }
}
