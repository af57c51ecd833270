//! What a slow reader may read. It is asked once a tick.

use super::roles::SlowReading;

/// How long a pause lasts, and how long reading lasts between two.
const PAUSE_US: u64 = 5_000_000;
const TRICKLE_BYTES_PER_SECOND: u64 = 1000;
/// Trickling bots read so much at a time.
const SIP_BYTES: u64 = 256;

/// What may be read until the next tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allowance {
    Everything,
    AtMost(usize),
    Nothing,
}

#[derive(Debug)]
pub(super) struct SlowReader {
    kind: SlowReading,
    /// When the bot joined, moved back so that pauses of all bots are spread.
    from_us: u64,
    sipped_bytes: u64,
}

impl SlowReader {
    /// Of a bot that joined at `now_us`. `phase`, 0 to 1, spreads pauses.
    pub(super) fn new(kind: SlowReading, now_us: u64, phase: f64) -> Self {
        let earlier_us = if kind == SlowReading::Pauses { (phase * PAUSE_US as f64) as u64 } else { 0 };
        Self { kind, from_us: now_us.saturating_sub(earlier_us), sipped_bytes: 0 }
    }

    pub(super) fn allowance(&mut self, now_us: u64) -> Allowance {
        let joined_us = now_us.saturating_sub(self.from_us);
        match self.kind {
            SlowReading::Pauses if joined_us % (2 * PAUSE_US) < PAUSE_US => Allowance::Everything,
            SlowReading::Pauses | SlowReading::Stops => Allowance::Nothing,
            SlowReading::Trickles => {
                let allowed = joined_us * TRICKLE_BYTES_PER_SECOND / 1_000_000;
                if allowed < self.sipped_bytes + SIP_BYTES {
                    return Allowance::Nothing;
                }
                self.sipped_bytes += SIP_BYTES;
                Allowance::AtMost(SIP_BYTES as usize)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowances(kind: SlowReading) -> Vec<Allowance> {
        let mut reader = SlowReader::new(kind, 7_000_000, 0.5);
        (0..400).map(|tick| reader.allowance(7_000_000 + tick * 50_000)).collect()
    }

    #[test]
    fn pauses_last_five_seconds_and_end() {
        let allowances = allowances(SlowReading::Pauses);
        assert_eq!(allowances.iter().filter(|it| **it == Allowance::Everything).count(), 200);
        assert_eq!(allowances.windows(2).filter(|pair| pair[0] != pair[1]).count(), 4);
    }

    #[test]
    fn stopped_bot_never_reads_again() {
        assert!(allowances(SlowReading::Stops).iter().all(|it| *it == Allowance::Nothing));
    }

    #[test]
    fn trickle_is_a_kilobyte_a_second() {
        let bytes = |it: &Allowance| if let Allowance::AtMost(bytes) = it { *bytes } else { 0 };
        let sum: usize = allowances(SlowReading::Trickles).iter().map(bytes).sum();
        assert!((19_000..=20_000).contains(&sum), "{sum}");
    }
}
