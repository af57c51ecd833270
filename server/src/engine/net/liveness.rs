//! Whether a peer still listens and still speaks, told from byte counts and the time. Knows no socket.

use std::time::Duration;

use tokio::time::Instant;

use super::Limits;

/// What is known about a peer at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// Bytes received so far.
    pub(super) read: u64,
    /// Bytes sent so far.
    pub(super) written: u64,
    /// Whether something waits to be sent.
    pub(super) blocked: bool,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Fine,
    /// Ask for a sign of life.
    Ping,
    /// It has said nothing for too long.
    Silent,
    /// It has read nothing for too long.
    TooSlow,
}

/// When a peer was last heard and last took something in.
#[derive(Debug)]
pub(super) struct Liveness {
    ping_after: Duration,
    silence: Duration,
    stall: Duration,
    read: u64,
    heard_at: Instant,
    pinged_at: Instant,
    written: u64,
    progress_at: Instant,
}

impl Liveness {
    pub(super) fn new(limits: &Limits, now: Instant) -> Self {
        Self {
            ping_after: limits.ping_after,
            silence: limits.silence,
            stall: limits.stall,
            read: 0,
            heard_at: now,
            pinged_at: now,
            written: 0,
            progress_at: now,
        }
    }

    /// To be called now and then; what happened in between is dated `now`.
    pub(super) fn check(&mut self, now: Instant, sample: Sample) -> Verdict {
        if sample.read != self.read {
            self.read = sample.read;
            self.heard_at = now;
        }
        // Nothing to send is as good as progress: a stall begins with the first byte that waits.
        if sample.written != self.written || !sample.blocked {
            self.written = sample.written;
            self.progress_at = now;
        }
        let quiet = now.saturating_duration_since(self.heard_at);
        if now.saturating_duration_since(self.progress_at) >= self.stall {
            Verdict::TooSlow
        } else if quiet >= self.silence {
            Verdict::Silent
        } else if quiet >= self.ping_after
            && now.saturating_duration_since(self.pinged_at) >= self.ping_after
            && !sample.blocked
        {
            self.pinged_at = now;
            Verdict::Ping
        } else {
            Verdict::Fine
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64, start: Instant) -> Instant {
        start + Duration::from_secs(seconds)
    }

    const IDLE: Sample = Sample { read: 0, written: 0, blocked: false };

    #[test]
    fn a_quiet_peer_is_pinged_and_then_given_up() {
        let start = Instant::now();
        let mut liveness = Liveness::new(&Limits::for_players(1), start);
        let verdicts: Vec<_> = (1..=30).map(|s| liveness.check(at(s, start), IDLE)).collect();
        let pings: Vec<_> =
            (1..=30).zip(&verdicts).filter(|(_, v)| **v == Verdict::Ping).map(|(s, _)| s).collect();
        assert_eq!(pings, [5, 10, 15, 20, 25]);
        assert_eq!(verdicts[29], Verdict::Silent);
    }

    #[test]
    fn a_sound_starts_the_clock_anew() {
        let start = Instant::now();
        let mut liveness = Liveness::new(&Limits::for_players(1), start);
        for second in 1..100 {
            let sample = Sample { read: second / 4, ..IDLE };
            assert_eq!(liveness.check(at(second, start), sample), Verdict::Fine);
        }
    }

    #[test]
    fn a_write_that_moves_however_slowly_is_not_stalled() {
        let start = Instant::now();
        let mut liveness = Liveness::new(&Limits::for_players(1), start);
        let sample = |second: u64, written| Sample { read: second, written, blocked: true };
        for second in 1..100 {
            let verdict = liveness.check(at(second, start), sample(second, second / 10));
            assert_eq!(verdict, Verdict::Fine);
        }
        for second in 100..105 {
            assert_eq!(liveness.check(at(second, start), sample(second, 9)), Verdict::Fine);
        }
        assert_eq!(liveness.check(at(105, start), sample(105, 9)), Verdict::TooSlow);
    }

    #[test]
    fn an_idle_hour_is_not_a_stall() {
        let start = Instant::now();
        let mut liveness = Liveness::new(&Limits::for_players(1), start);
        let sample = |read, blocked| Sample { read, written: 7, blocked };
        assert_eq!(liveness.check(at(3600, start), sample(1, false)), Verdict::Fine);
        assert_eq!(liveness.check(at(3601, start), sample(2, true)), Verdict::Fine);
        assert_eq!(liveness.check(at(3614, start), sample(3, true)), Verdict::Fine);
        assert_eq!(liveness.check(at(3615, start), sample(4, true)), Verdict::TooSlow);
    }
}
