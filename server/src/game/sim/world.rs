//! The state of the world: plain data, and the few ways in which pilots come and go.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};
use shared::{
    Vec2,
    engine::{
        angle::Angle,
        checksum::Checksum,
        ids::{CellIndex, PlayerId, Tick},
        limits::{COLOURS, PILOTS_MAX},
        name::PlayerName,
    },
    game::{pilot::PilotKind, rules::EmberRules, shot::ShotId, terrain::Terrain, timing::Timing},
};
use slotmap::SlotMap;

use super::{
    drone::Character,
    ember::EmberField,
    events::Events,
    history::History,
    pilot::{Life, Pilot, PilotKey, Ship},
};

/// Everything that changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    /// Steps done.
    pub tick: Tick,
    /// Pilots by key; a key outlives its pilot without harm.
    pub pilots: SlotMap<PilotKey, Pilot>,
    /// Pilots by number. All walks over pilots go along here, because the order of a slotmap is unspecified.
    pub seats: Vec<Option<PilotKey>>,
    /// Shots in flight.
    pub shots: Vec<Shot>,
    /// Embers at rest.
    pub embers: EmberField,
    /// Pilots by embers, most first. Renewed once a second, so it may name some that have gone.
    pub ranking: Vec<PlayerId>,
    /// Where ships were.
    pub(super) history: History,
    pub(super) next_shot: ShotId,
    pub(super) rng: Pcg64Mcg,
}

/// A shot in flight.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shot {
    /// Its number while it flies.
    pub id: ShotId,
    /// Who fired it.
    pub owner: PlayerId,
    /// Where it is.
    pub position: Vec2,
    /// Where it flies.
    pub direction: Angle,
    /// Ticks until it fades.
    pub ticks_left: u8,
    /// The cell it is in.
    pub cell: CellIndex,
}

impl World {
    pub(super) fn new(terrain: &Terrain, timing: &Timing, seed: u64) -> Self {
        Self {
            tick: Tick(0),
            pilots: SlotMap::with_key(),
            seats: Vec::new(),
            shots: Vec::new(),
            embers: EmberField::new(terrain.grid(), &terrain.arena().rules.embers),
            ranking: Vec::new(),
            history: History::new(timing),
            next_shot: ShotId(0),
            rng: Pcg64Mcg::seed_from_u64(seed),
        }
    }

    /// Gives a new pilot the lowest free number; its ship comes with the next respawn. `None` when every number
    /// is taken.
    pub(super) fn seat(
        &mut self,
        name: Option<PlayerName>,
        kind: PilotKind,
        colour: Option<u8>,
        events: &mut Events,
    ) -> Option<PilotKey> {
        let seat = self.seats.iter().position(Option::is_none).unwrap_or(self.seats.len());
        if seat >= PILOTS_MAX {
            return None;
        }
        let id = PlayerId(seat as u16);
        let name = name.unwrap_or_else(|| given_name(id, kind));
        let colour = colour.map_or(id.0, u16::from) % u16::from(COLOURS);
        let key = self.pilots.insert(Pilot::new(id, name, kind, colour as u8, self.tick));
        if seat == self.seats.len() {
            self.seats.push(Some(key));
        } else {
            self.seats[seat] = Some(key);
        }
        events.joined.push(id);
        Some(key)
    }

    /// Takes a pilot and its ship out.
    pub(super) fn unseat(&mut self, key: PilotKey, events: &mut Events) {
        if let Some(pilot) = self.pilots.remove(key) {
            self.seats[usize::from(pilot.id.0)] = None;
            self.embers.sink(pilot.embers());
            self.history.forget(usize::from(pilot.id.0));
            events.left.push(pilot.id);
        }
    }

    /// All pilots, in rising order of number.
    pub fn in_order(&self) -> impl Iterator<Item = &Pilot> + Clone {
        self.seats.iter().flatten().filter_map(|key| self.pilots.get(*key))
    }

    /// Ships in flight and where they are, in rising order of number.
    pub fn flying(&self) -> impl Iterator<Item = (PlayerId, Vec2)> + Clone {
        self.in_order().filter_map(|pilot| Some((pilot.id, pilot.ship()?.flight.motion.position)))
    }

    /// The pilot with this number.
    pub fn pilot(&self, id: PlayerId) -> Option<&Pilot> {
        self.pilots.get((*self.seats.get(usize::from(id.0))?)?)
    }

    pub(super) fn pilot_mut(&mut self, id: PlayerId) -> Option<&mut Pilot> {
        self.pilots.get_mut((*self.seats.get(usize::from(id.0))?)?)
    }

    pub(super) fn ship_mut(&mut self, id: PlayerId) -> Option<&mut Ship> {
        match &mut self.pilot_mut(id)?.life {
            Life::Flying(ship) => Some(ship),
            Life::Waiting { .. } | Life::Idle(_) => None,
        }
    }

    /// What the pilots brought with them.
    pub(super) fn ember_credit(&self, rules: &EmberRules) -> i64 {
        i64::from(rules.per_pilot) * self.pilots.len() as i64
    }

    /// Notes where the ships are now.
    pub(super) fn remember(&mut self) {
        let Self { tick, pilots, seats, history, .. } = self;
        let place = |key: &Option<PilotKey>| Some(pilots.get((*key)?)?.ship()?.flight.motion.position);
        history.record(*tick, seats.iter().map(place));
    }

    /// The first of the ranking, while it is here.
    pub fn leader(&self) -> Option<PlayerId> {
        self.ranking.first().copied().filter(|id| self.pilot(*id).is_some())
    }

    /// A hash of all of it: equal worlds, equal hashes, to the bit.
    pub fn checksum(&self) -> u64 {
        let mut sum = Checksum::default();
        sum.word(self.tick.0);
        for pilot in self.in_order() {
            pilot.hash(&mut sum);
        }
        for shot in &self.shots {
            sum.word(u32::from(shot.id.0) | u32::from(shot.owner.0) << 16);
            sum.float(shot.position.x);
            sum.float(shot.position.y);
            sum.word(u32::from(shot.direction.0) | u32::from(shot.ticks_left) << 16);
        }
        self.embers.hash(&mut sum);
        // A copy, so that asking does not change the answer to the next question.
        sum.word(self.rng.clone().random());
        sum.finish()
    }
}

/// A name for a pilot that brought none.
fn given_name(id: PlayerId, kind: PilotKind) -> PlayerName {
    const GATHERERS: [&str; 8] = ["Ash", "Soot", "Wick", "Tinder", "Glow", "Slag", "Moss", "Peat"];
    const HUNTERS: [&str; 6] = ["Flint", "Pyre", "Blaze", "Talon", "Scorch", "Torch"];
    const COWARDS: [&str; 4] = ["Wisp", "Flicker", "Smoke", "Fume"];
    let number = usize::from(id.0);
    let name = match kind {
        PilotKind::Drone => {
            let names = match Character::of(id) {
                Character::Gatherer => &GATHERERS[..],
                Character::Hunter => &HUNTERS[..],
                Character::Coward => &COWARDS[..],
            };
            // Whoever has met one knows what to expect of its namesake.
            let (tens, ones) = (number / 10, number % 10);
            format!("{} {}", names[(tens * 3 + ones) % names.len()], number + 1)
        }
        PilotKind::Player => format!("Pilot {number}"),
    };
    PlayerName::new(&name).expect("given names are names")
}
