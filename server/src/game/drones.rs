//! Drones: players that the server controls, with the same inputs that clients send, so that a quiet arena is alive. They
//! give way as people join. They are never perfect: they act on what they saw a while ago, aim beside it, and turn at a
//! human pace.
//!
//! Drones only look at the world. The simulation applies what they decide.

mod controls;
mod decision;

use std::cmp::Reverse;

use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};
use shared::{
    engine::{
        ids::{PlayerId, PlayerName},
        input::{Angle, PlayerInput},
        limits::PLAYERS_MAX,
        roster::PlayerKind,
    },
    game::{mode::Mode, rules::Character},
};

use self::decision::Mind;
use super::sim::{Pilot, View, World, team_size};
use crate::engine::checked::{Broken, bounded, ensure};

/// How many drones there are to be, and what each has in mind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Drones {
    /// Players and drones together.
    ships_wanted: usize,
    /// By `PlayerId`; unused for ids that no drone has.
    #[serde(deserialize_with = "bounded::<_, _, PLAYERS_MAX>")]
    minds: Vec<Mind>,
    /// This tick's decisions.
    #[serde(skip)]
    inputs: Vec<(PlayerId, PlayerInput)>,
}

/// A drone that is to join or leave.
#[derive(Debug, PartialEq)]
pub(super) enum PopulationChange {
    Join { id: PlayerId, name: PlayerName },
    Leave(PlayerId),
}

impl Drones {
    pub(super) fn new(ships_wanted: u16) -> Self {
        Self { ships_wanted: ships_wanted.into(), minds: Vec::new(), inputs: Vec::new() }
    }

    /// Checks what was read from a file.
    pub(super) fn check(&self) -> Result<(), Broken> {
        ensure(self.ships_wanted <= PLAYERS_MAX, || format!("{} ships are wanted", self.ships_wanted))?;
        ensure(self.minds.iter().all(Mind::is_finite), || {
            "a drone has a place in mind that is none".to_owned()
        })
    }

    /// From now on there are to be this many ships, players included.
    pub(super) fn fill_up_to(&mut self, ships_wanted: u16) {
        self.ships_wanted = ships_wanted.into();
    }

    /// The drone that is to join or leave in this tick: one at a time, until there are as many ships as wanted. One waits while
    /// no id is free. The one with the fewest embers leaves first, so that no target disappears while it is worth hunting; with
    /// teams, of the largest team.
    pub(super) fn next_change(&mut self, world: &World, mode: Mode) -> Option<PopulationChange> {
        let drones = || world.in_order().filter(|pilot| pilot.kind == PlayerKind::Bot);
        let players =
            world.in_order().filter(|pilot| pilot.kind == PlayerKind::Human && !pilot.is_absent()).count();
        let wanted = self.ships_wanted.saturating_sub(players);
        let count = drones().count();
        if count < wanted {
            let id = world.pilots.free_id(world.tick)?;
            *self.mind_mut(id) = Mind::default();
            Some(PopulationChange::Join { id, name: drone_name(id) })
        } else if count > wanted {
            let embers = |pilot: &Pilot| pilot.ship().map_or(0, |ship| ship.flight.embers);
            let poorest =
                drones().min_by_key(|pilot| (Reverse(team_size(world, mode, pilot)), embers(pilot)))?;
            Some(PopulationChange::Leave(poorest.id))
        } else {
            None
        }
    }

    /// Every flying drone's input for this tick. Not all drones look around in the same tick.
    pub(super) fn decide(&mut self, view: View<'_>, rng: &mut Pcg64Mcg) -> &[(PlayerId, PlayerInput)] {
        let View { world, terrain, timing, .. } = view;
        let rules = &terrain.arena().rules.drones;
        let look_interval = ((rules.reaction_seconds / timing.dt) as u32).max(1);
        self.inputs.clear();
        for pilot in world.in_order() {
            if pilot.kind != PlayerKind::Bot {
                continue;
            }
            let Some(ship) = pilot.ship() else { continue };
            let mind = self.mind_mut(pilot.id);
            if (world.tick.0 + u32::from(pilot.id.0)).is_multiple_of(look_interval) {
                let intent = decision::look_around(pilot.id, ship, view);
                let error: f32 = rng.random_range(-1.0..=1.0);
                let aim_error = Angle::from_radians((error * rules.aim_error).to_radians());
                mind.turn_to(intent, aim_error, world.tick);
            }
            let input = controls::input(ship, mind.acting(), view);
            self.inputs.push((pilot.id, input));
        }
        &self.inputs
    }

    fn mind_mut(&mut self, id: PlayerId) -> &mut Mind {
        let index = usize::from(id.0);
        if self.minds.len() <= index {
            self.minds.resize(index + 1, Mind::default());
        }
        &mut self.minds[index]
    }
}

/// The words that the names of drones of a character begin with.
fn names(character: Character) -> &'static [&'static str] {
    match character {
        Character::Gatherer => &["Ash", "Soot", "Wick", "Tinder", "Glow", "Slag", "Moss", "Peat"],
        Character::Hunter => &["Flint", "Pyre", "Blaze", "Talon", "Scorch", "Torch"],
        Character::Coward => &["Wisp", "Flicker", "Smoke", "Fume"],
    }
}

/// A name by the drone's character, and a number that makes it unique.
fn drone_name(id: PlayerId) -> PlayerName {
    let number = usize::from(id.0);
    let names = names(Character::of(id));
    let (tens, ones) = (number / 10, number % 10);
    let name = format!("{} {}", names[(tens * 3 + ones) % names.len()], number + 1);
    PlayerName::new(&name).expect("a valid name")
}

/// The words that drones' names begin with.
pub(super) fn name_words() -> impl Iterator<Item = &'static str> {
    Character::ALL.into_iter().flat_map(names).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drone_names_are_valid_unique_and_tell_the_character() {
        let ids = (0..PLAYERS_MAX as u16).map(PlayerId);
        let mut names: Vec<_> = ids.clone().map(|id| drone_name(id).as_str().to_owned()).collect();
        for (id, name) in ids.zip(&names) {
            let first = name.split(' ').next().unwrap_or_default();
            assert!(super::names(Character::of(id)).contains(&first), "{name}");
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), PLAYERS_MAX);
    }
}
