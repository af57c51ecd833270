//! When the own ticks are due. The client runs ahead of the server by its send-ahead: enough that each input arrives
//! before its tick, and no more. Each frame says how early the newest input was; the pacer aims at the latest inputs
//! being just in time, so the send-ahead follows the jitter of the network.
//!
//! Small corrections are made by running a few percent faster or slower. Only when the round trip has changed by more
//! than that can follow are ticks skipped or waited for.

use shared::engine::{ids::Tick, limits::LEAD_NONE};

/// Most by which a tick is shortened or lengthened for a small correction, as a share of it.
const RATE_CHANGE_MAX: f64 = 0.05;
/// By how much a late input shifts the schedule, in ticks.
const LATE_SHIFT_TICKS: f64 = 0.5;
/// Added to the send-ahead when the round trip has become longer, in ticks: how much it varies is not known yet.
const SPARE_TICKS: u32 = 3;
/// All inputs must have been early for this long before the schedule is shifted back, in milliseconds.
const WINDOW_MS: f64 = 4000.0;
/// How early the latest of them may still be after that, in ticks: the window has not seen the worst case.
const RESERVE_TICKS: f64 = 0.75;
/// When all inputs are late, or all are much too early, for this long, it is neither jitter nor a stall: the round trip
/// has changed. In milliseconds.
const CHANGED_MS: f64 = 500.0;
/// Much too early, in ticks.
const EARLY_TICKS: i8 = 6;
/// Without feedback on the present schedule for this long it is given up, in milliseconds.
const SILENCE_MS: f64 = 3000.0;
/// So long after the first feedback the jitter is unknown, and the first late input counts as one of many, in
/// milliseconds.
const OPENING_MS: f64 = 1500.0;
/// Most ticks that are made up for at once: a second at the highest rate.
const CATCH_UP_TICKS_MAX: u32 = 128;
/// The send-ahead before there is any feedback, in ticks.
const INITIAL_SEND_AHEAD: u32 = 2;

/// The schedule of one connection. Times are milliseconds of any clock.
#[derive(Clone, Debug)]
pub struct Pacer {
    tick_ms: f64,
    /// The last own tick that was run.
    tick: Tick,
    /// When the next one is due; `None` before the first, and while paused.
    next_ms: Option<f64>,
    /// A frame has arrived since, so the caller may run the first one.
    may_begin: bool,
    /// By how many ticks the schedule is still to be shifted; positive is earlier.
    shift_ticks: f64,
    /// Feedback on inputs before this tick is about an earlier schedule.
    feedback_from: Tick,
    /// When the first feedback arrived.
    first_feedback_ms: Option<f64>,
    /// When the last feedback arrived, or the schedule was changed.
    feedback_ms: f64,
    /// How many ticks the client is ahead of a frame that arrives.
    send_ahead: u32,
    /// Ticks by which the schedule jumped forward, until they are run.
    jumped: u32,
    window: Window,
    late: LateRun,
}

/// How early inputs were since the window began, with no late one in it.
#[derive(Clone, Copy, Debug)]
struct Window {
    began_ms: f64,
    least: i8,
}

/// Frames in a row that report a late input.
#[derive(Clone, Copy, Debug, Default)]
struct LateRun {
    since_ms: f64,
    frames: u32,
    /// By how many ticks the least late of them was late.
    least_by: u32,
}

/// The own ticks that are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The first of them.
    pub first: Tick,
    /// How many.
    pub ticks: u32,
    /// How many of them the schedule jumped over: no time has passed for these.
    pub jumped: u32,
}

impl Pacer {
    /// For ticks of this length; none is due before the first frame.
    pub fn new(tick_ms: f64) -> Self {
        Self {
            tick_ms,
            tick: Tick(0),
            next_ms: None,
            may_begin: false,
            shift_ticks: 0.0,
            feedback_from: Tick(0),
            first_feedback_ms: None,
            feedback_ms: 0.0,
            send_ahead: INITIAL_SEND_AHEAD,
            jumped: 0,
            window: Window { began_ms: 0.0, least: i8::MAX },
            late: LateRun::default(),
        }
    }

    /// Takes the ticks that are due; each is taken once.
    pub fn take_due(&mut self, now_ms: f64) -> Due {
        let mut due = Due { first: self.tick.after(1), ticks: 0, jumped: core::mem::take(&mut self.jumped) };
        let Some(mut next_ms) = self.next_ms.or(self.may_begin.then_some(now_ms)) else { return due };
        let missed = ((now_ms - next_ms) / self.tick_ms) as u32;
        if missed > CATCH_UP_TICKS_MAX {
            // The page or the machine was asleep. The ticks of that time are skipped.
            self.tick = self.tick.after(missed);
            next_ms += f64::from(missed) * self.tick_ms;
            due.first = self.tick.after(1);
        }
        while next_ms <= now_ms {
            due.ticks += 1;
            self.tick = self.tick.after(1);
            next_ms += self.interval_ms();
            if self.shift_ticks != 0.0 {
                let step = self.shift_ticks.clamp(-RATE_CHANGE_MAX, RATE_CHANGE_MAX);
                self.shift_ticks -= step;
                if self.shift_ticks == 0.0 {
                    self.schedule_changed(now_ms);
                }
            }
        }
        self.next_ms = Some(next_ms);
        due
    }

    fn interval_ms(&self) -> f64 {
        self.tick_ms * (1.0 - self.shift_ticks.clamp(-RATE_CHANGE_MAX, RATE_CHANGE_MAX))
    }

    /// Discards feedback on the schedule before this one.
    fn schedule_changed(&mut self, now_ms: f64) {
        self.feedback_from = self.tick.after(1);
        self.feedback_ms = now_ms;
        self.window = Window { began_ms: now_ms, least: i8::MAX };
        self.late = LateRun::default();
    }

    /// When the next tick is due.
    pub fn next_ms(&self) -> Option<f64> {
        self.next_ms
    }

    /// The own time in ticks, with the fraction of the present tick that has passed.
    pub(crate) fn own_ticks(&self, now_ms: f64) -> f64 {
        f64::from(self.tick.0) + f64::from(self.fraction(now_ms))
    }

    /// How much of the time from the last tick to the next has passed, 0 to 1.
    pub(crate) fn fraction(&self, now_ms: f64) -> f32 {
        let left_ms = self.next_ms.map_or(self.tick_ms, |next_ms| next_ms - now_ms);
        (1.0 - left_ms / self.interval_ms()).clamp(0.0, 1.0) as f32
    }

    /// No ticks are due until the next frame.
    pub(crate) fn pause(&mut self) {
        (self.next_ms, self.may_begin, self.jumped) = (None, false, 0);
    }

    /// A frame arrived. `lead` is by how many ticks the newest input was early.
    pub fn on_frame(&mut self, tick: Tick, lead: i8, now_ms: f64) {
        if self.next_ms.is_none() {
            self.tick = tick.after(self.send_ahead);
            (self.may_begin, self.shift_ticks) = (true, 0.0);
            self.schedule_changed(now_ms);
            return;
        }
        self.send_ahead = self.tick.since(tick).max(1);
        let newest = i64::from(tick.0) + i64::from(lead);
        if lead == LEAD_NONE || newest < i64::from(self.feedback_from.0) || self.shift_ticks != 0.0 {
            if now_ms - self.feedback_ms >= SILENCE_MS && self.shift_ticks == 0.0 {
                self.pause();
                self.send_ahead = INITIAL_SEND_AHEAD;
                self.first_feedback_ms = None;
            }
            return;
        }
        self.feedback_ms = now_ms;
        let is_opening = now_ms - *self.first_feedback_ms.get_or_insert(now_ms) < OPENING_MS;
        if lead < 0 {
            self.on_late(u32::from(lead.unsigned_abs()), is_opening, now_ms);
        } else {
            self.on_early(lead, now_ms);
        }
    }

    fn on_late(&mut self, by: u32, is_opening: bool, now_ms: f64) {
        let LateRun { since_ms, frames, least_by } = self.late;
        self.late = if frames == 0 {
            LateRun { since_ms: now_ms, frames: 1, least_by: by }
        } else {
            LateRun { since_ms, frames: frames + 1, least_by: least_by.min(by) }
        };
        if is_opening || now_ms - self.late.since_ms >= CHANGED_MS {
            // Too much is better than too little here: it is given back within seconds.
            let ticks = self.late.least_by + SPARE_TICKS;
            // The ticks in between are due at once.
            self.next_ms = self.next_ms.map(|next_ms| next_ms - f64::from(ticks) * self.tick_ms);
            self.jumped = ticks;
            self.schedule_changed(now_ms);
            self.feedback_from = self.feedback_from.after(ticks);
        }
    }

    fn on_early(&mut self, lead: i8, now_ms: f64) {
        if self.late.frames > 0 {
            // It is over, so it was jitter or a stall. To cover all of it would cost more than it gains.
            self.late = LateRun::default();
            self.shift_ticks = LATE_SHIFT_TICKS;
            return;
        }
        self.window.least = self.window.least.min(lead);
        if self.window.least >= EARLY_TICKS && now_ms - self.window.began_ms >= CHANGED_MS {
            // No tick is due until the send-ahead is right.
            let wait_ms = (f64::from(self.window.least) - RESERVE_TICKS) * self.tick_ms;
            self.next_ms = self.next_ms.map(|next_ms| next_ms + wait_ms);
            self.schedule_changed(now_ms);
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
