//! How far behind one reader is, told from what it says it has seen, and what it gets for that. Counts frames and
//! ticks; knows neither queues nor cells.
//!
//! The kernels between us and a reader take in seconds of frames before a queue of ours ever fills, and a reader
//! that is slower than the game would forever be shown the past. So who is too far behind gets nothing until it
//! has read nearly all it was sent, and then the present at once: the latest, never a backlog.

use shared::engine::{ids::Tick, limits::FRAMES_UNACKED_MAX};

/// How long a reader may be behind before frames are held back, in seconds: more than the worst round trip that
/// can be played with.
const BEHIND_SECONDS: u32 = 2;
/// A reader that was held back gets frames again when it is less than this part of a second behind: half of one.
/// Clients say twice as often what they have seen.
const CAUGHT_UP_PER_SECOND: u32 = 2;
/// A reader that falls behind again within so long sees less from then on, in seconds.
const RELAPSE_SECONDS: u32 = 10;
/// A reader that kept up for so long sees more again, in seconds.
const RECOVERY_SECONDS: u32 = 20;
/// How much of the view there is left after each relapse.
const REACH: [f32; 3] = [1.0, 0.7, 0.45];

/// What one reader gets in this tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SendDecision {
    /// A frame.
    Frame,
    /// Nothing: it has to catch up first.
    Nothing,
    /// The end: it has seen nothing for too long.
    TheEnd,
}

/// The state of one reader. All in ticks.
#[derive(Debug)]
pub(crate) struct AckWindow {
    tick_rate: u32,
    /// How long it may see nothing while there is something to see.
    stall: u32,
    sent: Tick,
    seen: Tick,
    /// When it last saw something new.
    progress: Tick,
    catching_up: bool,
    fell_behind: Option<Tick>,
    /// Index into [`REACH`].
    relapses: usize,
    changed: Tick,
}

impl AckWindow {
    /// A reader that has yet to get its first frame.
    pub(crate) fn new(now: Tick, tick_rate: u16, stall_seconds: f32) -> Self {
        let tick_rate = u32::from(tick_rate);
        Self {
            tick_rate,
            stall: (stall_seconds * tick_rate as f32) as u32,
            sent: now,
            seen: now,
            progress: now,
            catching_up: false,
            fell_behind: None,
            relapses: 0,
            changed: now,
        }
    }

    /// The reader says that it has seen the frame of the tick that ends in this byte.
    pub(crate) fn on_ack(&mut self, byte: u8, now: Tick) {
        let behind = u32::from((self.sent.0 as u8).wrapping_sub(byte));
        let seen = Tick(self.sent.0.saturating_sub(behind));
        // What it claims beyond what can be unseen is nothing that was sent.
        if behind <= FRAMES_UNACKED_MAX && seen > self.seen {
            (self.seen, self.progress) = (seen, now);
        }
    }

    /// Whether it may have a frame now.
    pub(crate) fn gets(&mut self, now: Tick) -> SendDecision {
        let unseen = self.sent.since(self.seen);
        if unseen < self.tick_rate / CAUGHT_UP_PER_SECOND {
            self.catching_up = false;
        }
        if unseen == 0 {
            self.progress = now;
        } else if now.since(self.progress) >= self.stall {
            return SendDecision::TheEnd;
        } else if unseen >= FRAMES_UNACKED_MAX.min(BEHIND_SECONDS * self.tick_rate) {
            self.catching_up = true;
        }
        if self.catching_up { SendDecision::Nothing } else { SendDecision::Frame }
    }

    /// Nobody looks, so nobody need say what was seen: it counts as all of it. Whether the peer is there at all is
    /// asked by pings, which the system below a page answers even while the page sleeps.
    pub(crate) fn rests(&mut self, now: Tick) {
        (self.seen, self.progress, self.catching_up) = (self.sent, now, false);
    }

    /// A second, in ticks.
    pub(crate) fn second(&self) -> u32 {
        self.tick_rate
    }

    /// A frame is on its way.
    pub(crate) fn sends(&mut self, now: Tick) {
        self.sent = now;
        if self.relapses > 0 && now.since(self.changed) >= RECOVERY_SECONDS * self.tick_rate {
            self.relapses -= 1;
            self.changed = now;
        }
    }

    /// It fell out of step: frames are being left out.
    pub(crate) fn fell_behind(&mut self, now: Tick) {
        let again =
            self.fell_behind.is_some_and(|before| now.since(before) < RELAPSE_SECONDS * self.tick_rate);
        if again && self.relapses + 1 < REACH.len() {
            self.relapses += 1;
        }
        self.changed = now;
        self.fell_behind = Some(now);
    }

    /// How much of the full view it is shown, from 0 to 1.
    pub(crate) fn reach(&self) -> f32 {
        REACH[self.relapses]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u16 = 20;

    /// Lets a reader lag `lag` ticks behind for `ticks`, from tick 1000 on; the number of frames it got.
    fn read(acks: &mut AckWindow, from: u32, ticks: u32, lag: u32) -> u32 {
        let mut got = Vec::new();
        for now in from..from + ticks {
            got.retain(|tick: &u32| {
                let arrives = *tick + lag <= now;
                if arrives {
                    acks.on_ack(*tick as u8, Tick(now));
                }
                !arrives
            });
            if acks.gets(Tick(now)) == SendDecision::Frame {
                acks.sends(Tick(now));
                got.push(now);
            }
        }
        acks.sent.0.saturating_sub(from - 1).min(ticks)
    }

    #[test]
    fn a_long_round_trip_misses_nothing() {
        let mut acks = AckWindow::new(Tick(1000), RATE, 15.0);
        for now in 1001..3000 {
            if now > 1031 {
                acks.on_ack((now - 30) as u8, Tick(now));
            }
            assert_eq!(acks.gets(Tick(now)), SendDecision::Frame);
            acks.sends(Tick(now));
        }
    }

    #[test]
    fn whoever_sees_nothing_gets_two_seconds_and_then_the_end() {
        let mut acks = AckWindow::new(Tick(1000), RATE, 15.0);
        let mut frames = 0;
        for now in 1001.. {
            match acks.gets(Tick(now)) {
                SendDecision::Frame => {
                    acks.sends(Tick(now));
                    frames += 1;
                }
                SendDecision::Nothing => {}
                SendDecision::TheEnd => {
                    assert_eq!(now, 1001 + 300, "15 s after the first frame");
                    break;
                }
            }
        }
        assert_eq!(frames, 40);
    }

    #[test]
    fn who_catches_up_gets_the_present() {
        let mut acks = AckWindow::new(Tick(1000), RATE, 15.0);
        read(&mut acks, 1001, 100, 1000);
        assert_eq!(acks.gets(Tick(1100)), SendDecision::Nothing);
        acks.on_ack(1030_u32 as u8, Tick(1100));
        assert_eq!(acks.gets(Tick(1101)), SendDecision::Nothing, "ten frames are still unread");
        acks.on_ack(1031_u32 as u8, Tick(1101));
        assert_eq!(acks.gets(Tick(1102)), SendDecision::Frame);
    }

    #[test]
    fn a_claim_to_have_seen_what_was_not_sent_is_ignored() {
        let mut acks = AckWindow::new(Tick(1000), RATE, 15.0);
        acks.sends(Tick(1010));
        acks.on_ack(1020_u32 as u8, Tick(1010));
        assert_eq!(acks.seen, Tick(1000));
    }

    #[test]
    fn a_reader_that_falls_behind_again_and_again_sees_less_and_later_more() {
        let mut acks = AckWindow::new(Tick(0), RATE, 15.0);
        assert_eq!(acks.reach(), 1.0);
        for (now, reach) in [(100, 1.0), (250, 0.7), (400, 0.45), (500, 0.45)] {
            acks.fell_behind(Tick(now));
            assert_eq!(acks.reach(), reach);
        }
        acks.sends(Tick(899));
        assert_eq!(acks.reach(), 0.45);
        acks.sends(Tick(900));
        assert_eq!(acks.reach(), 0.7);
        acks.sends(Tick(1300));
        assert_eq!(acks.reach(), 1.0);
    }
}
