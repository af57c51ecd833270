//! Which tick the own ship is in, and when the next is due. The client runs ahead of the server by so much that each
//! input is there when its tick begins, and by no more: its send-ahead. The frames say how early inputs are; the
//! target is that the latest of them are just in time, so it follows the jitter of the link.
//!
//! The beat is moved by running a hair faster or slower. Only where the link has become another one, by more than can
//! be made up for so, ticks are left out.

use shared::engine::{ids::Tick, input::LEAD_NONE};

/// How much shorter or longer a tick may be while the beat is being moved.
const STRETCH: f64 = 0.05;
/// By how much a late input moves the beat, in ticks.
const RISE_TICKS: f64 = 0.5;
/// By how much a longer link is overestimated, in ticks.
const SPARE_TICKS: u32 = 3;
/// For so long every input must have been early before the beat is moved back, in milliseconds.
const WINDOW_MS: f64 = 4000.0;
/// How early the latest may then still be, in ticks: the window has not seen the worst.
const RESERVE_TICKS: f64 = 0.75;
/// When for so long all inputs were late, in milliseconds, it is no jitter and no stall: the link has become longer.
const LONGER_MS: f64 = 500.0;
/// When for so long all inputs were this early, in ticks, the link has become shorter.
const EARLY_TICKS: i8 = 6;
/// When nothing was heard of the present beat for so long, it is given up, in milliseconds.
const UNHEARD_MS: f64 = 3000.0;
/// For so long nothing is known of the link's jitter, and the first late input is taken for one of many, in milliseconds.
const OPENING_MS: f64 = 1500.0;
/// Ticks that are made up for at once, at most: a second at the fastest rate.
const ASLEEP_TICKS: u32 = 128;
/// How far ahead to begin with, in ticks, before anything is known of the link.
const AHEAD_AT_FIRST: u32 = 2;

#[derive(Clone, Debug)]
pub(crate) struct Pacer {
    tick_ms: f64,
    /// The own tick that was run last.
    tick: Tick,
    /// When the next is due; `None` before the first, or after a rest.
    next_ms: Option<f64>,
    /// A frame came since, so the first may be run: when is up to the caller.
    may_begin: bool,
    /// By how many ticks the beat is still to be moved: forward if positive.
    shift_ticks: f64,
    /// What is said of inputs before this tick is about a beat that was moved since.
    judged_from: Tick,
    /// When something was first said of it.
    first_judged_ms: Option<f64>,
    /// When that was last said, or the beat was moved.
    judged_ms: f64,
    /// How far ahead of a frame the own tick is when it comes.
    ahead: u32,
    /// Ticks that the beat was moved forward by, until they are run.
    leap: u32,
    window: Window,
    late: Late,
}

/// The least lead since it began, with no late input since.
#[derive(Clone, Copy, Debug)]
struct Window {
    began_ms: f64,
    least: i8,
}

/// Frames in a row that say that the input was late.
#[derive(Clone, Copy, Debug, Default)]
struct Late {
    since_ms: f64,
    frames: u32,
    /// By how many ticks the best of them was.
    least_by: u32,
}

/// What is due now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// The first of the ticks.
    pub(crate) first: Tick,
    /// How many.
    pub(crate) ticks: u32,
    /// So many of them are no time that has passed: the beat was moved forward by them.
    pub(crate) leapt: u32,
}

impl Pacer {
    pub(crate) fn new(tick_ms: f64) -> Self {
        Self {
            tick_ms,
            tick: Tick(0),
            next_ms: None,
            may_begin: false,
            shift_ticks: 0.0,
            judged_from: Tick(0),
            first_judged_ms: None,
            judged_ms: 0.0,
            ahead: AHEAD_AT_FIRST,
            leap: 0,
            window: Window { began_ms: 0.0, least: i8::MAX },
            late: Late::default(),
        }
    }

    /// Takes the ticks that are due; each is taken once.
    pub(crate) fn take_due(&mut self, now_ms: f64) -> Due {
        let mut due = Due { first: self.tick.after(1), ticks: 0, leapt: core::mem::take(&mut self.leap) };
        let Some(mut next_ms) = self.next_ms.or(self.may_begin.then_some(now_ms)) else { return due };
        let asleep = ((now_ms - next_ms) / self.tick_ms) as u32;
        if asleep > ASLEEP_TICKS {
            // The page slept, or the machine did: there is nobody's flight to make up for.
            self.tick = self.tick.after(asleep);
            next_ms += f64::from(asleep) * self.tick_ms;
            due.first = self.tick.after(1);
        }
        while next_ms <= now_ms {
            due.ticks += 1;
            self.tick = self.tick.after(1);
            next_ms += self.interval_ms();
            if self.shift_ticks != 0.0 {
                let step = self.shift_ticks.clamp(-STRETCH, STRETCH);
                self.shift_ticks -= step;
                if self.shift_ticks == 0.0 {
                    self.moved(now_ms);
                }
            }
        }
        self.next_ms = Some(next_ms);
        due
    }

    fn interval_ms(&self) -> f64 {
        self.tick_ms * (1.0 - self.shift_ticks.clamp(-STRETCH, STRETCH))
    }

    /// The beat was moved: what comes of it is not known yet.
    fn moved(&mut self, now_ms: f64) {
        self.judged_from = self.tick.after(1);
        self.judged_ms = now_ms;
        self.window = Window { began_ms: now_ms, least: i8::MAX };
        self.late = Late::default();
    }

    /// When the next tick is due.
    pub(crate) fn next_ms(&self) -> Option<f64> {
        self.next_ms
    }

    /// The own time in ticks, with the part of the present one that has passed.
    pub(crate) fn own_ticks(&self, now_ms: f64) -> f64 {
        f64::from(self.tick.0) + f64::from(self.part(now_ms))
    }

    /// How much of the time from the last tick to the next has passed, 0 to 1.
    pub(crate) fn part(&self, now_ms: f64) -> f32 {
        let left_ms = self.next_ms.map_or(self.tick_ms, |next_ms| next_ms - now_ms);
        (1.0 - left_ms / self.interval_ms()).clamp(0.0, 1.0) as f32
    }

    /// Nobody looks: there are no ticks until the next frame after that.
    pub(crate) fn rest(&mut self) {
        (self.next_ms, self.may_begin, self.leap) = (None, false, 0);
    }

    /// A frame came, and says how early the newest input was for its tick.
    pub(crate) fn frame(&mut self, tick: Tick, lead: i8, now_ms: f64) {
        if self.next_ms.is_none() {
            self.tick = tick.after(self.ahead);
            (self.may_begin, self.shift_ticks) = (true, 0.0);
            self.moved(now_ms);
            return;
        }
        self.ahead = self.tick.since(tick).max(1);
        let newest = i64::from(tick.0) + i64::from(lead);
        if lead == LEAD_NONE || newest < i64::from(self.judged_from.0) || self.shift_ticks != 0.0 {
            if now_ms - self.judged_ms >= UNHEARD_MS && self.shift_ticks == 0.0 {
                self.rest();
                self.ahead = AHEAD_AT_FIRST;
                self.first_judged_ms = None;
            }
            return;
        }
        self.judged_ms = now_ms;
        let is_opening = now_ms - *self.first_judged_ms.get_or_insert(now_ms) < OPENING_MS;
        if lead < 0 {
            self.was_late(u32::from(lead.unsigned_abs()), is_opening, now_ms);
        } else {
            self.was_in_time(lead, now_ms);
        }
    }

    fn was_late(&mut self, by: u32, is_opening: bool, now_ms: f64) {
        let Late { since_ms, frames, least_by } = self.late;
        self.late = if frames == 0 {
            Late { since_ms: now_ms, frames: 1, least_by: by }
        } else {
            Late { since_ms, frames: frames + 1, least_by: least_by.min(by) }
        };
        if is_opening || now_ms - self.late.since_ms >= LONGER_MS {
            // Of how much later others may be, little is known yet; what is too much is given back soon.
            let ticks = self.late.least_by + SPARE_TICKS;
            // The ticks between are due at once.
            self.next_ms = self.next_ms.map(|next_ms| next_ms - f64::from(ticks) * self.tick_ms);
            self.leap = ticks;
            self.moved(now_ms);
            self.judged_from = self.judged_from.after(ticks);
        }
    }

    fn was_in_time(&mut self, lead: i8, now_ms: f64) {
        if self.late.frames > 0 {
            // Now that it is over it is known that it was jitter, or a stall, for which to wait would cost more than it
            // is worth.
            self.late = Late::default();
            self.shift_ticks = RISE_TICKS;
            return;
        }
        self.window.least = self.window.least.min(lead);
        if self.window.least >= EARLY_TICKS && now_ms - self.window.began_ms >= LONGER_MS {
            // The own time stands still until then.
            let wait_ms = (f64::from(self.window.least) - RESERVE_TICKS) * self.tick_ms;
            self.next_ms = self.next_ms.map(|next_ms| next_ms + wait_ms);
            self.moved(now_ms);
            return;
        }
        if now_ms - self.window.began_ms >= WINDOW_MS {
            if self.window.least >= 1 {
                self.shift_ticks = RESERVE_TICKS - f64::from(self.window.least);
            }
            self.window = Window { began_ms: now_ms, least: i8::MAX };
        }
    }
}

#[cfg(test)]
mod tests;
