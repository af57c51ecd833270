//! How far a client is behind, by its acknowledgements, and whether it is sent frames. Counts frames and ticks; must not
//! know queues or cells.
//!
//! The kernels between server and client buffer seconds of frames before a queue of the server ever fills, and a client
//! that is slower than the server would see only the past. So a client that is two seconds of frames (at most 120) behind receives no frames until
//! it has nearly caught up, and then the present at once.

use shared::engine::{ids::Tick, limits::FRAMES_UNACKED_MAX};

/// A client this far behind is sent no frames, in seconds: more than the longest round trip that is playable.
const BEHIND_SECONDS: u32 = 2;
/// It is sent frames again when it is less than this part of a second behind: a half. Clients acknowledge twice as often.
const CAUGHT_UP_PER_SECOND: u32 = 2;
/// A client that falls behind again within this time gets a smaller view, in seconds.
const RELAPSE_SECONDS: u32 = 10;
/// A client that has kept up for this long gets a larger view again, in seconds.
const RECOVERY_SECONDS: u32 = 20;
/// Sizes of the view, by the number of relapses.
const VIEW_SCALES: [f32; 3] = [1.0, 0.7, 0.45];

/// What to do for a client in this tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SendDecision {
    /// Send a frame.
    Send,
    /// Send nothing: it has to catch up first.
    Skip,
    /// Disconnect: it has acknowledged nothing for too long.
    GiveUp,
}

/// The frames that a client has been sent and not acknowledged.
#[derive(Debug)]
pub(crate) struct AckWindow {
    tick_rate: u32,
    /// How many ticks it may acknowledge nothing while there is something to acknowledge.
    stall_ticks: u32,
    /// The last frame sent.
    sent: Tick,
    /// All frames up to this one count as acknowledged.
    acked: Tick,
    /// When it last acknowledged something new.
    progress: Tick,
    is_catching_up: bool,
    fell_behind: Option<Tick>,
    /// Index into [`VIEW_SCALES`].
    relapses: usize,
    /// When `relapses` or `fell_behind` last changed.
    changed: Tick,
}

impl AckWindow {
    /// For a client that has not been sent a frame.
    pub(crate) fn new(now: Tick, tick_rate: u16, stall_seconds: f32) -> Self {
        let tick_rate = u32::from(tick_rate);
        Self {
            tick_rate,
            stall_ticks: (stall_seconds * tick_rate as f32) as u32,
            sent: now,
            acked: now,
            progress: now,
            is_catching_up: false,
            fell_behind: None,
            relapses: 0,
            changed: now,
        }
    }

    /// The client has received the frame whose tick ends in this byte.
    pub(crate) fn on_ack(&mut self, byte: u8, now: Tick) {
        let behind = u32::from((self.sent.0 as u8).wrapping_sub(byte));
        let acked = Tick(self.sent.0.saturating_sub(behind));
        // A byte of a tick after `sent` looks like one far behind it.
        if behind <= FRAMES_UNACKED_MAX && acked > self.acked {
            (self.acked, self.progress) = (acked, now);
        }
    }

    /// Whether to send a frame in this tick.
    #[inline]
    pub(crate) fn decide(&mut self, now: Tick) -> SendDecision {
        let unacked = self.sent.since(self.acked);
        if unacked < self.tick_rate / CAUGHT_UP_PER_SECOND {
            self.is_catching_up = false;
        }
        if unacked == 0 {
            self.progress = now;
        } else if now.since(self.progress) >= self.stall_ticks {
            return SendDecision::GiveUp;
        } else if unacked >= FRAMES_UNACKED_MAX.min(BEHIND_SECONDS * self.tick_rate) {
            self.is_catching_up = true;
        }
        if self.is_catching_up { SendDecision::Skip } else { SendDecision::Send }
    }

    /// The server did not run for some time and its ticks were skipped, which is no client's fault: none could send or
    /// receive anything. So all counts as acknowledged, as of now.
    pub(crate) fn on_skip(&mut self, now: Tick) {
        (self.sent, self.acked, self.progress, self.is_catching_up) = (now, now, now, false);
    }

    /// The client's page is hidden, so it need not acknowledge anything: all counts as acknowledged. Pings tell whether the
    /// client is there, because the system answers them even while a page sleeps.
    pub(crate) fn on_hidden(&mut self, now: Tick) {
        (self.acked, self.progress, self.is_catching_up) = (self.sent, now, false);
    }

    pub(crate) fn ticks_per_second(&self) -> u32 {
        self.tick_rate
    }

    /// A frame has been sent.
    #[inline]
    pub(crate) fn on_send(&mut self, now: Tick) {
        // Ticks without a frame do not count for a client that has nearly caught up: it acknowledges frames, and only every few.
        if self.sent.since(self.acked) < self.tick_rate / CAUGHT_UP_PER_SECOND {
            self.acked = self.acked.after(now.since(self.sent).saturating_sub(1));
        }
        self.sent = now;
        if self.relapses > 0 && now.since(self.changed) >= RECOVERY_SECONDS * self.tick_rate {
            self.relapses -= 1;
            self.changed = now;
        }
    }

    /// A client that was in sync has not been sent this tick's frame.
    pub(crate) fn on_fall_behind(&mut self, now: Tick) {
        let is_relapse =
            self.fell_behind.is_some_and(|before| now.since(before) < RELAPSE_SECONDS * self.tick_rate);
        if is_relapse && self.relapses + 1 < VIEW_SCALES.len() {
            self.relapses += 1;
        }
        self.changed = now;
        self.fell_behind = Some(now);
    }

    /// The size of the view that the client can keep up with, from 0 to 1 of the full size.
    #[inline]
    pub(crate) fn view_scale(&self) -> f32 {
        VIEW_SCALES[self.relapses]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u16 = 20;

    #[test]
    fn long_round_trip_gets_every_frame() {
        let mut acks = AckWindow::new(Tick(1000), RATE, 15.0);
        for now in 1001..3000 {
            if now > 1031 {
                acks.on_ack((now - 30) as u8, Tick(now));
            }
            assert_eq!(acks.decide(Tick(now)), SendDecision::Send);
            acks.on_send(Tick(now));
        }
    }

    #[test]
    fn client_without_acks_gets_two_seconds_of_frames_and_is_given_up() {
        let mut acks = AckWindow::new(Tick(1000), RATE, 15.0);
        let mut frames = 0;
        for now in 1001.. {
            match acks.decide(Tick(now)) {
                SendDecision::Send => {
                    acks.on_send(Tick(now));
                    frames += 1;
                }
                SendDecision::Skip => {}
                SendDecision::GiveUp => {
                    assert_eq!(now, 1001 + 300, "15 s after the first frame");
                    break;
                }
            }
        }
        assert_eq!(frames, 40);
    }

    #[test]
    fn client_that_catches_up_is_sent_frames_again() {
        let mut acks = AckWindow::new(Tick(1000), RATE, 15.0);
        for now in 1001..1101 {
            if acks.decide(Tick(now)) == SendDecision::Send {
                acks.on_send(Tick(now));
            }
        }
        assert_eq!(acks.decide(Tick(1100)), SendDecision::Skip);
        acks.on_ack(1030_u32 as u8, Tick(1100));
        assert_eq!(acks.decide(Tick(1101)), SendDecision::Skip, "ten frames are still unread");
        acks.on_ack(1031_u32 as u8, Tick(1101));
        assert_eq!(acks.decide(Tick(1102)), SendDecision::Send);
    }

    /// As a spectator does, which sends no inputs.
    #[test]
    fn client_that_acknowledges_every_few_frames_is_sent_frames_again_after_a_stall() {
        for every in 1..=RATE / 4 {
            let mut acks = AckWindow::new(Tick(1000), RATE, 15.0);
            let (mut unread, mut unacked) = (Vec::new(), 0);
            for now in 1001..=1400 {
                if acks.decide(Tick(now)) == SendDecision::Send {
                    acks.on_send(Tick(now));
                    unread.push(now);
                }
                if (1100..1200).contains(&now) {
                    continue;
                }
                for frame in unread.drain(..) {
                    unacked += 1;
                    if unacked == every {
                        unacked = 0;
                        acks.on_ack(frame as u8, Tick(now));
                    }
                }
            }
            assert_eq!((acks.sent, acks.is_catching_up), (Tick(1400), false), "every {every}");
        }
    }

    /// As after each of many short pauses of the server.
    #[test]
    fn ticks_without_a_frame_put_no_client_behind() {
        let mut acks = AckWindow::new(Tick(1000), RATE, 15.0);
        let every = u32::from(RATE) * 7 / 10;
        for frame in 1..100 {
            let now = Tick(1000 + frame * every);
            assert_eq!(acks.decide(now), SendDecision::Send, "frame {frame}");
            acks.on_send(now);
            if frame % 5 == 0 {
                acks.on_ack(now.0 as u8, now);
            }
        }
    }

    #[test]
    fn ack_of_a_frame_that_was_not_sent_is_ignored() {
        let mut acks = AckWindow::new(Tick(1000), RATE, 15.0);
        acks.on_send(Tick(1010));
        acks.on_ack(1020_u32 as u8, Tick(1010));
        assert_eq!(acks.acked, Tick(1009), "there were no frames up to here");
    }

    #[test]
    fn view_shrinks_with_each_relapse_and_recovers() {
        let mut acks = AckWindow::new(Tick(0), RATE, 15.0);
        assert_eq!(acks.view_scale(), 1.0);
        for (now, reach) in [(100, 1.0), (250, 0.7), (400, 0.45), (500, 0.45)] {
            acks.on_fall_behind(Tick(now));
            assert_eq!(acks.view_scale(), reach);
        }
        acks.on_send(Tick(899));
        assert_eq!(acks.view_scale(), 0.45);
        acks.on_send(Tick(900));
        assert_eq!(acks.view_scale(), 0.7);
        acks.on_send(Tick(1300));
        assert_eq!(acks.view_scale(), 1.0);
    }
}
