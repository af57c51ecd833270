//! One thread with many light bots: waits for all their sockets at once, and gives each its turn. It must not know
//! what bots say.

use std::{net::SocketAddr, sync::Arc, thread, time::Duration};

use mio::{Events, Poll, Token};
use shared::engine::limits::SERVER_MESSAGE_BYTES_MAX;

use super::{
    light::{Light, Scene},
    link,
    ring::{Ring, Turn},
    websocket::HEAD_BYTES_MAX,
};
use crate::bot::{End, Life, Measured, Outcome, Part, Shared};

/// Sockets that are told of at once.
const EVENTS_MAX: usize = 256;
/// How long it rests before it looks whether something has come. A thread that waits for its sockets is woken by the
/// server for each frame, and it is the server that pays for that: on a machine of their own players cost it nothing.
const NAP: Duration = Duration::from_millis(1);
/// After so many sockets those whose turn it is have it.
const EVENTS_BETWEEN_TURNS: usize = 16;
/// Read at once, behind the longest incomplete message.
const READ_BYTES: usize = 256 * 1024;
/// How often time-outs, and whether the run is over, are looked at.
const LOOK_EVERY_US: u64 = 20_000;

#[derive(Debug)]
struct Slot {
    part: Part,
    light: Option<Box<Light>>,
    /// Lives so far.
    lives: u32,
    /// When this one ends, another begins.
    other_comes: bool,
}

/// Many bots on one thread.
#[derive(Debug)]
pub(super) struct Crew {
    shared: Arc<Shared>,
    at: SocketAddr,
    poll: Poll,
    slots: Vec<Slot>,
    /// Who has a turn when.
    turns: Ring,
    /// Who connects when.
    starts: Ring,
    lives: Vec<Life>,
    measured: Measured,
    buffer: Vec<u8>,
}

/// Runs bots to the end.
pub(super) fn run(parts: &[Part], shared: &Arc<Shared>) -> Outcome {
    let crew = Crew::new(parts, shared);
    match crew {
        Ok(crew) => crew.run(),
        Err(reason) => {
            let lives = parts.iter().map(|part| never_began(part, reason.clone(), true, shared)).collect();
            Outcome { lives, measured: Measured::default() }
        }
    }
}

/// The life of a bot that has not even a socket.
fn never_began(part: &Part, reason: String, first: bool, shared: &Shared) -> Life {
    shared.progress.end(false, first, false);
    shared.progress.retire();
    Life {
        first,
        stalled: part.stall.is_some(),
        joined: false,
        end: End::Lost(reason),
        played_seconds: 0.0,
        frames: 0,
        bytes: 0,
        checksum_mismatches: 0,
    }
}

impl Crew {
    fn new(parts: &[Part], shared: &Arc<Shared>) -> Result<Self, String> {
        let at = link::find(&shared.address)?;
        let poll = Poll::new().map_err(|error| format!("refused: cannot wait for sockets: {error}"))?;
        let mut starts = Ring::default();
        for (slot, part) in parts.iter().enumerate() {
            let due_us = shared.plan.ramp.start_of(part.number).as_micros() as u64;
            starts.push(Turn { due_us, slot, life: 0 });
        }
        let slot = |part: &Part| Slot { part: part.clone(), light: None, lives: 0, other_comes: false };
        Ok(Self {
            shared: Arc::clone(shared),
            at,
            poll,
            slots: parts.iter().map(slot).collect(),
            turns: Ring::default(),
            starts,
            lives: Vec::new(),
            measured: Measured::default(),
            buffer: vec![0; SERVER_MESSAGE_BYTES_MAX + HEAD_BYTES_MAX + READ_BYTES],
        })
    }

    fn run(mut self) -> Outcome {
        let mut events = Events::with_capacity(EVENTS_MAX);
        let (mut look_us, mut over, mut is_behind) = (0, false, false);
        loop {
            let now_us = self.shared.now_us();
            if now_us >= look_us {
                look_us = now_us + LOOK_EVERY_US;
                if !over && self.shared.is_over() {
                    over = true;
                    self.send_all_away();
                }
                self.drop_overdue(now_us);
                if over && self.slots.iter().all(|slot| slot.light.is_none()) {
                    return Outcome { lives: self.lives, measured: self.measured };
                }
            }
            self.take_turns();
            let mut wait = Duration::ZERO;
            if self.shared.plan.eager {
                wait = self.idle_until(look_us);
            } else if !is_behind {
                thread::sleep(NAP);
            }
            // Interrupted by a signal or not: what there is to do is looked at anew.
            if self.poll.poll(&mut events, Some(wait)).is_err() {
                continue;
            }
            is_behind = events.iter().count() == EVENTS_MAX;
            for (count, event) in events.iter().enumerate() {
                self.with(event.token().0, |light, part, scene| light.ready(part, scene));
                if count % EVENTS_BETWEEN_TURNS == EVENTS_BETWEEN_TURNS - 1 {
                    self.take_turns();
                }
            }
        }
    }

    /// How long there is nothing to do of its own accord, until `look_us` at the longest.
    fn idle_until(&self, look_us: u64) -> Duration {
        let next_us = [self.turns.next_us(), self.starts.next_us()].into_iter().flatten().min();
        let next_us = next_us.map_or(look_us, |next_us| next_us.min(look_us));
        Duration::from_micros(next_us.saturating_sub(self.shared.now_us()))
    }

    /// Does something with a bot, if it has a connection, and sees to what follows from it: its first turn if it
    /// was welcomed, or its end.
    fn with(
        &mut self,
        slot: usize,
        act: impl FnOnce(&mut Light, &Part, &mut Scene<'_>) -> Result<bool, End>,
    ) {
        let Slot { part, light: Some(light), lives, .. } = &mut self.slots[slot] else {
            return;
        };
        let mut scene = Scene {
            shared: &self.shared,
            registry: self.poll.registry(),
            measured: &mut self.measured,
            buffer: &mut self.buffer,
        };
        match act(light, part, &mut scene) {
            Ok(false) => {}
            Ok(true) => {
                let due_us = self.shared.now_us() + light.phase_us();
                self.turns.push(Turn { due_us, slot, life: *lives });
            }
            Err(end) => self.end(slot, end),
        }
    }

    /// Starts those who are to come, and gives their turn to those who have one.
    fn take_turns(&mut self) {
        let now_us = self.shared.now_us();
        while let Some(turn) = self.starts.pop_due(now_us) {
            self.start(turn.slot);
        }
        while let Some(turn) = self.turns.pop_due(now_us) {
            self.take_turn(turn, now_us);
        }
    }

    fn take_turn(&mut self, turn: Turn, now_us: u64) {
        let Turn { due_us, slot, life } = turn;
        let Slot { part, light: Some(light), lives, other_comes } = &mut self.slots[slot] else {
            return;
        };
        if *lives != life || light.is_leaving() {
            return;
        }
        let measured_us = self.shared.measured_us(now_us);
        if light.has_joined() && part.leaving.as_mut().is_some_and(|leaving| leaving.is_due(measured_us)) {
            *other_comes = true;
            self.measured.leaves += 1;
            self.with(slot, |light, _, scene| light.leave(scene).map(|()| false));
            return;
        }
        let mut next_us = None;
        self.with(slot, |light, part, scene| {
            next_us = Some(light.turn(due_us, part, scene)?);
            Ok(false)
        });
        if let Some(due_us) = next_us {
            self.turns.push(Turn { due_us, ..turn });
        }
    }

    fn start(&mut self, slot: usize) {
        let Slot { part, light, lives, other_comes } = &mut self.slots[slot];
        let first = *lives == 0;
        *lives += 1;
        *other_comes = false;
        let scene = Scene {
            shared: &self.shared,
            registry: self.poll.registry(),
            measured: &mut self.measured,
            buffer: &mut self.buffer,
        };
        match Light::connect(part, first, self.at, Token(slot), &scene) {
            Ok(connecting) => *light = Some(Box::new(connecting)),
            Err(reason) => self.lives.push(never_began(part, reason, first, &self.shared)),
        }
    }

    fn end(&mut self, slot: usize, end: End) {
        let Slot { part, light, lives, other_comes } = &mut self.slots[slot];
        let Some(light) = light.take() else { return };
        self.lives.push(light.into_life(part, end, &self.shared));
        if *other_comes {
            self.starts.push(Turn { due_us: self.shared.now_us(), slot, life: *lives });
        } else {
            self.shared.progress.retire();
        }
    }

    fn drop_overdue(&mut self, now_us: u64) {
        for slot in 0..self.slots.len() {
            let overdue = self.slots[slot].light.as_ref().and_then(|light| light.overdue(now_us));
            if let Some(end) = overdue {
                self.end(slot, end);
            }
        }
    }

    fn send_all_away(&mut self) {
        self.starts = Ring::default();
        for slot in 0..self.slots.len() {
            self.slots[slot].other_comes = false;
            self.with(slot, |light, _, scene| light.leave(scene).map(|()| false));
        }
    }
}
