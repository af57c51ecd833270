//! Decides from byte counts and the time whether a peer is alive. Pure: no socket, no clock.

use std::time::Duration;

use shared::engine::protocol::CloseReason;
use tokio::time::Instant;

use crate::engine::net::{limits::Limits, running_time};

/// A connection's traffic at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// Bytes received so far.
    pub(super) read: u64,
    /// Bytes sent so far.
    pub(super) written: u64,
    /// Whether something waits to be sent.
    pub(super) is_blocked: bool,
}

/// What to do about a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Alive,
    /// Ping it.
    Ping,
    /// Close: it was idle, or has not read, for too long.
    Close(CloseReason),
}

/// When a peer last sent something, and last took something.
#[derive(Debug)]
pub(super) struct Liveness {
    ping_after: Duration,
    idle_timeout: Duration,
    stall_timeout: Duration,
    check_interval: Duration,
    checked_at: Instant,
    read: u64,
    received_at: Instant,
    pinged_at: Instant,
    written: u64,
    progress_at: Instant,
}

impl Liveness {
    pub(super) fn new(limits: &Limits, now: Instant) -> Self {
        Self {
            ping_after: limits.ping_after,
            idle_timeout: limits.idle_timeout,
            stall_timeout: limits.stall_timeout,
            check_interval: limits.check_interval,
            checked_at: now,
            read: 0,
            received_at: now,
            pinged_at: now,
            written: 0,
            progress_at: now,
        }
    }

    /// For how long the server did not run since the last check, as far as is known `now`.
    pub(super) fn pause(&self, now: Instant) -> Duration {
        running_time::pause(self.checked_at, now, self.check_interval)
    }

    /// To be called once each [`Limits::check_interval`]. What has changed since the last call counts as of `now`. Time in
    /// which the server did not run does not count.
    pub(super) fn check(&mut self, now: Instant, sample: Sample) -> Verdict {
        let pause = self.pause(now);
        for at in [&mut self.received_at, &mut self.pinged_at, &mut self.progress_at] {
            *at += pause;
        }
        self.checked_at = now;
        if sample.read != self.read {
            self.read = sample.read;
            self.received_at = now;
        }
        // With nothing to send there is no stall: one begins with the first byte that waits.
        if sample.written != self.written || !sample.is_blocked {
            self.written = sample.written;
            self.progress_at = now;
        }
        let idle = now.saturating_duration_since(self.received_at);
        if now.saturating_duration_since(self.progress_at) >= self.stall_timeout {
            Verdict::Close(CloseReason::SlowReader)
        } else if idle >= self.idle_timeout {
            Verdict::Close(CloseReason::IdleTimeout)
        } else if idle >= self.ping_after
            && now.saturating_duration_since(self.pinged_at) >= self.ping_after
            && !sample.is_blocked
        {
            self.pinged_at = now;
            Verdict::Ping
        } else {
            Verdict::Alive
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64, start: Instant) -> Instant {
        start + Duration::from_secs(seconds)
    }

    const IDLE: Sample = Sample { read: 0, written: 0, is_blocked: false };

    #[test]
    fn idle_peer_is_pinged_then_closed() {
        let start = Instant::now();
        let mut liveness = Liveness::new(&Limits::for_players(1), start);
        let verdicts: Vec<_> = (1..=30).map(|s| liveness.check(at(s, start), IDLE)).collect();
        let pings: Vec<_> =
            (1..=30).zip(&verdicts).filter(|(_, v)| **v == Verdict::Ping).map(|(s, _)| s).collect();
        assert_eq!(pings, [5, 10, 15, 20, 25]);
        assert_eq!(verdicts[29], Verdict::Close(CloseReason::IdleTimeout));
    }

    #[test]
    fn received_bytes_restart_the_idle_timeout() {
        let start = Instant::now();
        let mut liveness = Liveness::new(&Limits::for_players(1), start);
        for second in 1..100 {
            let sample = Sample { read: second / 4, ..IDLE };
            assert_eq!(liveness.check(at(second, start), sample), Verdict::Alive);
        }
    }

    #[test]
    fn slow_write_with_progress_is_not_a_stall() {
        let start = Instant::now();
        let mut liveness = Liveness::new(&Limits::for_players(1), start);
        let sample = |second: u64, written| Sample { read: second, written, is_blocked: true };
        for second in 1..100 {
            let verdict = liveness.check(at(second, start), sample(second, second / 10));
            assert_eq!(verdict, Verdict::Alive);
        }
        for second in 100..105 {
            assert_eq!(liveness.check(at(second, start), sample(second, 9)), Verdict::Alive);
        }
        assert_eq!(liveness.check(at(105, start), sample(105, 9)), Verdict::Close(CloseReason::SlowReader));
    }

    #[test]
    fn stall_begins_with_the_first_byte_that_waits() {
        let start = Instant::now();
        let mut liveness = Liveness::new(&Limits::for_players(1), start);
        let sample = |read, is_blocked| Sample { read, written: 7, is_blocked };
        for second in 1..=3600 {
            assert_eq!(liveness.check(at(second, start), sample(second, false)), Verdict::Alive);
        }
        for second in 3601..3615 {
            assert_eq!(liveness.check(at(second, start), sample(second, true)), Verdict::Alive);
        }
        let verdict = liveness.check(at(3615, start), sample(3615, true));
        assert_eq!(verdict, Verdict::Close(CloseReason::SlowReader));
    }
}
