//! The rules of a duel: when rounds and matches begin and end, and which player is next. Two players have a seat and fight. All other
//! players are on the bench: they have no ship, and watch.
//!
//! Invariant after each step in an arena of this mode: each player has a seat or is on the bench.

use std::mem;

use shared::{
    engine::{
        ids::{PlayerId, Tick},
        roster::PlayerKind,
    },
    game::{
        arena::SPAWN_CLEARANCE,
        duel::{DuelPhase, DuelState},
        mode::{Mode, Team},
    },
};

use super::{
    duel_seats::{Duel, seconds},
    pilot::Life,
    spawn,
    world::{Step, World},
};

/// Length of the countdown before a round, in seconds. Both ships are held in place.
const COUNTDOWN_SECONDS: u32 = 3;
/// Time between two rounds, in seconds.
const PAUSE_SECONDS: u32 = 2;
/// Time from the end of a match until the next player takes the loser's seat, in seconds.
const NEXT_SECONDS: u32 = 8;
/// Time after a match in which buttons are ignored, in seconds. They may have been pressed for the last round.
const READY_SECONDS: u32 = 1;
/// A player that is idle for this long during a match loses it, in seconds. A disconnected player is removed after the reconnect grace.
const ABSENT_SECONDS: u32 = 60;

/// Advances the duel of an arena of this mode by a tick.
pub(super) fn advance(step: &mut Step<'_>) {
    let Mode::Duel { first_to } = step.terrain.arena().mode else { return };
    let mut duel = mem::take(&mut step.world.duel);
    duel.admit_and_remove(step);
    let now = step.world.tick;
    match duel.phase {
        DuelPhase::Lobby => duel.fill_seats(step),
        DuelPhase::Countdown { until } if now >= until => duel.phase = DuelPhase::Fight,
        DuelPhase::Countdown { .. } => {}
        DuelPhase::Fight => duel.judge_round(step),
        DuelPhase::Pause { until, .. } if now >= until => duel.end_pause(step, first_to),
        DuelPhase::Pause { .. } => {}
        DuelPhase::Over { winner, next } => duel.wait_for_next(step, winner, next),
    }
    duel.remove_absent(step);
    step.world.duel = duel;
}

/// Empties the duel for another arena. If that is for duels too, all players go to the bench: first those with a seat, then the bench in
/// its order, then all others.
pub(super) fn reset(world: &mut World, mode: Mode) {
    let Duel { seats, bench, .. } = mem::take(&mut world.duel);
    if !matches!(mode, Mode::Duel { .. }) {
        return;
    }
    let mut bench: Vec<_> = seats.into_iter().flatten().chain(bench).collect();
    let players = world.in_order().filter(|pilot| pilot.kind == PlayerKind::Human).map(|pilot| pilot.id);
    let others: Vec<_> = players.filter(|id| !bench.contains(id)).collect();
    bench.extend(others);
    for id in &bench {
        take_ship(world, *id, Tick(0), true);
    }
    world.duel = Duel { bench, ..Duel::default() };
}

impl Duel {
    fn admit_and_remove(&mut self, step: &mut Step<'_>) {
        let Step { world, events, timing, .. } = step;
        for id in &events.left {
            self.bench.retain(|other| other != id);
            if let Some(side) = self.seats.iter().position(|seat| seat == &Some(*id)) {
                self.forfeit(side, world.tick, timing);
            }
        }
        let is_player = |id: &PlayerId| world.pilot(*id).is_some_and(|pilot| pilot.session.is_some());
        // One that has left again in the same tick is not there any more.
        self.bench.extend(events.joined.iter().copied().filter(is_player));
    }

    /// Gives free seats to players on the bench, and begins a match when both are taken.
    fn fill_seats(&mut self, step: &mut Step<'_>) {
        let world = &mut *step.world;
        for seat in &mut self.seats {
            // An idle player does not keep a seat from players that are present.
            if let Some(id) = seat.filter(|id| !is_present(world, *id)) {
                *seat = None;
                take_ship(world, id, world.tick, true);
                self.bench.push(id);
            }
            if seat.is_none()
                && let Some(index) = self.bench.iter().position(|id| is_present(world, *id))
            {
                *seat = Some(self.bench.remove(index));
            }
            let pilot = seat.and_then(|id| world.pilots.get_mut(id));
            if let Some(Life::Waiting { wants_ship, .. }) = pilot.map(|pilot| &mut pilot.state) {
                *wants_ship = true;
            }
        }
        if self.seats.iter().all(Option::is_some) {
            self.wins = [0; 2];
            self.begin_round(step);
        }
    }

    /// Puts a new ship of each player on its side of the arena, and holds both.
    fn begin_round(&mut self, step: &mut Step<'_>) {
        let [Some(one), Some(other)] = self.seats else { return };
        let now = step.world.tick;
        let held = seconds(COUNTDOWN_SECONDS, step.timing);
        for id in [one, other] {
            take_ship(step.world, id, now, true);
        }
        step.world.shots.clear();
        step.index_ships();
        let place = spawn::find_place(step, 0, Some((Team(0), 2)));
        // Mirrored at the middle, so that neither is nearer to it, unless there is rock.
        let mirrored = step.terrain.arena().size - place;
        let opposite = if step.terrain.is_free(mirrored, SPAWN_CLEARANCE) {
            mirrored
        } else {
            spawn::find_place(step, 0, Some((Team(1), 2)))
        };
        for (id, place) in [(one, place), (other, opposite)] {
            spawn::add_ship(step, id, place, held);
            if let Some(ship) = step.world.ship_mut(id) {
                ship.flight.held = held as u16;
            }
        }
        self.phase = DuelPhase::Countdown { until: now.after(held) };
    }

    /// A round ends as soon as a ship is gone.
    fn judge_round(&mut self, step: &mut Step<'_>) {
        let Step { world, timing, .. } = step;
        let is_flying = self.seats.map(|seat| seat.is_some_and(|id| world.ship_mut(id).is_some()));
        let side = match is_flying {
            [true, true] => return,
            [true, false] => Some(0),
            [false, true] => Some(1),
            [false, false] => None,
        };
        let until = world.tick.after(seconds(PAUSE_SECONDS, timing));
        if let Some(side) = side {
            self.wins[side] = self.wins[side].saturating_add(1);
        }
        let winner = side.and_then(|side| self.seats[side]);
        if let Some(ship) = winner.and_then(|id| world.ship_mut(id)) {
            // The loser's last shots change nothing more. The pause may last as long as a player may be idle.
            ship.shielded_until = until.after(seconds(ABSENT_SECONDS, timing));
        }
        self.phase = DuelPhase::Pause { until, winner };
    }

    fn end_pause(&mut self, step: &mut Step<'_>, first_to: u8) {
        let winner = self.wins.iter().position(|wins| *wins >= first_to);
        if let Some(winner) = winner.and_then(|side| self.seats[side]) {
            let world = &mut *step.world;
            let until = world.tick.after(seconds(READY_SECONDS, step.timing));
            for id in self.seats.into_iter().flatten() {
                take_ship(world, id, until, false);
            }
            self.phase = DuelPhase::Over { winner, next: None };
        } else if self.seats.iter().flatten().all(|id| is_present(step.world, *id)) {
            self.begin_round(step);
        }
    }

    /// After a match: lets the next player take the loser's seat, or begins a rematch.
    fn wait_for_next(&mut self, step: &mut Step<'_>, winner: PlayerId, next: Option<Tick>) {
        let Step { world, timing, .. } = step;
        let is_complete = self.seats.iter().all(Option::is_some);
        let is_awaited = self.bench.iter().any(|id| is_present(world, *id));
        match next {
            None if is_awaited => {
                let next = world.tick.after(seconds(NEXT_SECONDS, timing));
                self.phase = DuelPhase::Over { winner, next: Some(next) };
            }
            Some(_) if is_complete && !is_awaited => {
                self.phase = DuelPhase::Over { winner, next: None };
            }
            Some(next) if world.tick >= next => {
                for seat in &mut self.seats {
                    if let Some(loser) = seat.take_if(|id| *id != winner) {
                        take_ship(world, loser, world.tick, true);
                        self.bench.push(loser);
                    }
                }
                self.phase = DuelPhase::Lobby;
                self.fill_seats(step);
            }
            _ if is_complete && self.ready(world) == [true; 2] => {
                self.phase = DuelPhase::Lobby;
                self.fill_seats(step);
            }
            _ => {}
        }
    }

    /// Which of the two want another match.
    fn ready(&self, world: &World) -> [bool; 2] {
        let is_over = matches!(self.phase, DuelPhase::Over { .. });
        self.seats.map(|seat| {
            let state = seat.and_then(|id| world.pilot(id)).map(|pilot| &pilot.state);
            is_over && matches!(state, Some(Life::Waiting { wants_ship: true, .. }))
        })
    }

    fn remove_absent(&mut self, step: &mut Step<'_>) {
        let Step { world, timing, .. } = step;
        if !self.is_on() {
            return;
        }
        let longest = seconds(ABSENT_SECONDS, timing);
        let is_lost = |id: PlayerId| {
            let since = world.pilot(id).and_then(|pilot| pilot.idle_since);
            since.is_some_and(|since| world.tick.since(since) >= longest)
        };
        let lost = self.seats.iter().position(|seat| seat.is_some_and(is_lost));
        if let Some((side, id)) = lost.and_then(|side| Some((side, self.seats[side]?))) {
            take_ship(world, id, world.tick, true);
            self.bench.push(id);
            self.forfeit(side, world.tick, timing);
        }
    }
}

impl World {
    /// The duel as clients see it.
    pub fn duel(&self) -> DuelState {
        let Duel { seats, wins, phase, bench } = &self.duel;
        DuelState {
            players: *seats,
            wins: *wins,
            phase: *phase,
            ready: self.duel.ready(self),
            waiting: u16::try_from(bench.len()).unwrap_or(u16::MAX),
        }
    }

    /// The player of a duel that the bench watches.
    pub fn watched_duellist(&self) -> Option<PlayerId> {
        let mut seats = self.duel.seats.into_iter().flatten();
        seats.find(|id| self.pilot(*id).is_some_and(|pilot| pilot.ship().is_some()))
    }

    /// Whether a player waits on the bench of a duel.
    pub fn is_on_bench(&self, id: PlayerId) -> bool {
        self.duel.bench.contains(&id)
    }
}

fn is_present(world: &World, id: PlayerId) -> bool {
    world.pilot(id).is_some_and(|pilot| pilot.idle_since.is_none())
}

/// Takes a player's ship out of the arena, and what it carries back to the reserve. From `until` on its player may ask for another.
fn take_ship(world: &mut World, id: PlayerId, until: Tick, wants_ship: bool) {
    let Some(pilot) = world.pilots.get_mut(id) else { return };
    let embers = pilot.embers();
    let (lived, last_motion) = match &pilot.state {
        Life::Flying(ship) | Life::Idle(ship) => (ship.lived(world.tick), Some(ship.flight.motion)),
        Life::Waiting { lived, last_motion, .. } => (*lived, *last_motion),
    };
    pilot.state = Life::Waiting { until, wants_ship, killed_by: None, lived, last_motion };
    world.embers.add_to_reserve(embers);
    world.history.forget(id);
}
