//! The state of the world: plain data, how players are added and removed, and what the systems of a tick work on.

use core::cmp::Reverse;

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};
use shared::{
    Vec2,
    engine::{
        ids::{PlayerId, PlayerName, Tick},
        limits::COLOURS,
        roster::PlayerKind,
    },
    game::{rules::EmberRules, shot::ShotId, terrain::Terrain, timing::Timing},
};

use super::{
    duel_seats::Duel,
    ember_field::EmberField,
    events::{EndedLife, Events},
    pilot::{Life, NewShot, Pilot, Pilots, Ship, Shot, held_ticks},
    ship_grid::ShipGrid,
};
use crate::engine::{input_queue::InputQueue, position_history::PositionHistory, sessions::SessionId};

/// Everything that changes from tick to tick.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    /// Ticks since the start.
    pub tick: Tick,
    /// All pilots, by `PlayerId`.
    pub pilots: Pilots,
    /// Shots in flight.
    pub shots: Vec<Shot>,
    /// Embers and pickups at rest.
    pub embers: EmberField,
    /// Pilots by embers, most first. Updated once a second, so it may list some that have left.
    pub ranking: Vec<PlayerId>,
    pub(super) duel: Duel,
    pub(super) history: PositionHistory,
    pub(super) next_shot: ShotId,
    pub(super) rng: Pcg64Mcg,
}

impl World {
    pub(super) fn new(terrain: &Terrain, timing: &Timing, seed: u64) -> Self {
        Self {
            tick: Tick(0),
            pilots: Pilots::default(),
            shots: Vec::new(),
            embers: EmberField::new(terrain.grid(), &terrain.arena().rules.embers),
            ranking: Vec::new(),
            duel: Duel::default(),
            history: PositionHistory::new(timing.rewind),
            next_shot: ShotId(0),
            rng: Pcg64Mcg::seed_from_u64(seed),
        }
    }

    /// Adds a player under an id that [`Pilots`] gives. It gets a ship with the next respawn.
    pub(super) fn add_player(
        &mut self,
        id: PlayerId,
        name: PlayerName,
        session: Option<SessionId>,
        colour: Option<u8>,
        events: &mut Events,
    ) {
        let kind = if session.is_some() { PlayerKind::Human } else { PlayerKind::Bot };
        let colour = colour.map_or(id.0, u16::from) % u16::from(COLOURS);
        for pilot in self.pilots.iter_mut() {
            // A death card is read for as long as its player likes, and its killer had this id.
            if let Life::Waiting { killed_by, .. } = &mut pilot.state {
                *killed_by = killed_by.filter(|killer| killer.player != id);
            }
        }
        self.pilots.insert(Pilot {
            id,
            name,
            kind,
            session,
            colour: colour as u8,
            party: None,
            inputs: InputQueue::default(),
            state: Life::new(self.tick),
            idle_since: None,
        });
        events.joined.push(id);
    }

    /// Removes a player and its ship. Its embers return to the reserve, and its id is held for a while.
    pub(super) fn remove_player(&mut self, id: PlayerId, timing: &Timing, events: &mut Events) {
        let until = self.tick.after(held_ticks(timing));
        if let Some(pilot) = self.pilots.remove(id, until) {
            if let (Some(session), Life::Flying(ship) | Life::Idle(ship)) = (pilot.session, &pilot.state) {
                events.lives.push(EndedLife::of(session, ship, self.tick));
            }
            self.embers.add_to_reserve(pilot.embers());
            self.history.forget(id);
            events.left.push(id);
        }
    }

    /// All pilots, by rising id.
    pub fn in_order(&self) -> impl Iterator<Item = &Pilot> + Clone {
        self.pilots.iter()
    }

    /// Ships in flight and where they are, by rising id.
    pub fn flying(&self) -> impl Iterator<Item = (PlayerId, Vec2)> + Clone {
        self.in_order().filter_map(|pilot| Some((pilot.id, pilot.ship()?.flight.motion.position)))
    }

    /// The pilot with this id, while it is in the arena.
    pub fn pilot(&self, id: PlayerId) -> Option<&Pilot> {
        self.pilots.get(id)
    }

    pub(super) fn ship_mut(&mut self, id: PlayerId) -> Option<&mut Ship> {
        match &mut self.pilots.get_mut(id)?.state {
            Life::Flying(ship) => Some(ship),
            Life::Waiting { .. } | Life::Idle(_) => None,
        }
    }

    /// Embers that the present players have added to the arena's supply.
    pub(super) fn ember_credit(&self, rules: &EmberRules) -> i64 {
        i64::from(rules.per_pilot) * self.pilots.len() as i64
    }

    /// Notes where the ships are now, for lag compensation in later ticks.
    pub(super) fn record_positions(&mut self) {
        let Self { tick, pilots, history, .. } = self;
        history.record(*tick, pilots.by_place(|pilot| Some(pilot.ship()?.flight.motion.position)));
    }

    /// Sorts the ships in flight by embers, once a second. Of two with equally many the lower id comes first.
    pub(super) fn update_ranking(&mut self, timing: &Timing) {
        if !self.tick.0.is_multiple_of(u32::from(timing.tick_rate)) {
            return;
        }
        let mut ranking = core::mem::take(&mut self.ranking);
        ranking.clear();
        ranking.extend(self.flying().map(|(id, _)| id));
        let embers =
            |id: &PlayerId| self.pilot(*id).and_then(Pilot::ship).map_or(0, |ship| ship.flight.embers);
        ranking.sort_unstable_by_key(|id| (Reverse(embers(id)), *id));
        self.ranking = ranking;
    }

    /// The first of the ranking, unless it has left since.
    pub fn leader(&self) -> Option<PlayerId> {
        self.ranking.first().copied().filter(|id| self.pilot(*id).is_some())
    }
}

/// One tick in the making. Each system is a function that takes it.
pub(super) struct Step<'a> {
    pub(super) world: &'a mut World,
    pub(super) events: &'a mut Events,
    /// Fired in this tick.
    pub(super) new_shots: &'a mut Vec<NewShot>,
    /// Where the ships were when [`Self::index_ships`] was last called.
    pub(super) ships: &'a mut ShipGrid,
    pub(super) terrain: &'a Terrain,
    pub(super) timing: &'a Timing,
}

/// The same, to look at only.
#[derive(Clone, Copy)]
pub(in crate::game) struct View<'a> {
    pub(in crate::game) world: &'a World,
    pub(in crate::game) ships: &'a ShipGrid,
    pub(in crate::game) terrain: &'a Terrain,
    pub(in crate::game) timing: &'a Timing,
}

impl Step<'_> {
    /// Sorts the ships in flight into squares by where they are now.
    pub(super) fn index_ships(&mut self) {
        self.ships.rebuild(self.terrain.arena().size, self.world.flying());
    }

    pub(super) fn view(&self) -> View<'_> {
        View { world: self.world, ships: self.ships, terrain: self.terrain, timing: self.timing }
    }
}
