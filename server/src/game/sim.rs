//! The simulation: takes commands, changes the world by one tick, and lists what happened. Pure: no clock, no sockets, no
//! threads, and no randomness but a seeded generator. It must not depend on the network or on replication.

mod another_arena;
mod combat;
mod deaths;
mod duel;
mod duel_seats;
mod ember_field;
mod embers;
mod events;
mod flight;
mod idle;
mod parties;
mod pilot;
mod ship_grid;
mod spawn;
mod state;
mod teams;
mod world;

use std::iter;

use rustc_hash::FxHashMap;
use serde::Serialize;
use shared::{
    engine::{
        checksum::Checksum,
        ids::{PlayerId, PlayerName, Tick},
        input::PlayerInput,
    },
    game::{terrain::Terrain, timing::Timing},
};

pub use self::{
    ember_field::EmberField,
    events::{Death, EndedLife, Events},
    pilot::{Life, Pilot, Pilots, Ship, Shot},
    state::UncheckedState,
    world::World,
};
use self::{pilot::NewShot, world::Step};

/// One tick's input of a pilot.
pub type TimedInput = input_queue::TimedInput<PlayerInput>;
pub(super) use self::{ship_grid::ShipGrid, teams::team_size, world::View};
use super::drones::{self, Drones, PopulationChange};
use crate::engine::{checked::Broken, input_queue, sessions::SessionId, simulation};

/// Initial capacity of the list of new shots.
const NEW_SHOTS_CAPACITY: usize = 256;

/// Everything that can be asked of the simulation.
pub type Command = simulation::Command<PlayerInput>;

/// What a simulation starts with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The arena.
    pub terrain: Terrain,
    /// Ticks per second.
    pub tick_rate: u16,
    /// Drones fill the arena up to this many ships.
    pub drones: u16,
    /// Seed of all randomness.
    pub seed: u64,
}

/// The world, and the rules by which it changes.
#[derive(Clone, Debug)]
pub struct Simulation {
    world: World,
    drones: Drones,
    // What follows is rebuilt from the above, or never changes.
    /// Only looked up, because the order of a hash map is unspecified.
    players: FxHashMap<SessionId, PlayerId>,
    events: Events,
    new_shots: Vec<NewShot>,
    ships: ShipGrid,
    terrain: Terrain,
    timing: Timing,
}

impl Simulation {
    /// A new world with its embers scattered. Drones join with the first ticks.
    pub fn new(setup: Setup) -> Self {
        let timing = Timing::new(setup.tick_rate, &setup.terrain.arena().rules);
        let mut world = World::new(&setup.terrain, &timing, setup.seed);
        embers::scatter(&mut world, &setup.terrain);
        let drones = if setup.terrain.arena().mode.has_drones() { setup.drones } else { 0 };
        Self::of(world, Drones::new(drones), setup.terrain, timing)
    }

    /// All state that later ticks depend on: equal states and equal commands give equal states. Its serialised form is the
    /// same for the same state, to the bit.
    pub fn state(&self) -> impl Serialize + '_ {
        (&self.world, &self.drones)
    }

    /// Goes on from a state that [`Self::state`] gave, in the same arena at the same tick rate.
    pub fn restore(state: UncheckedState, terrain: Terrain, tick_rate: u16) -> Result<Self, Broken> {
        let timing = Timing::new(tick_rate, &terrain.arena().rules);
        let (world, drones) = state.check(&terrain, &timing)?;
        Ok(Self::of(world, drones, terrain, timing))
    }

    fn of(world: World, drones: Drones, terrain: Terrain, timing: Timing) -> Self {
        let players = world.in_order().filter_map(|pilot| Some((pilot.session?, pilot.id)));
        Self {
            players: players.collect(),
            events: Events::default(),
            new_shots: Vec::with_capacity(NEW_SHOTS_CAPACITY),
            ships: ShipGrid::default(),
            world,
            drones,
            terrain,
            timing,
        }
    }

    /// Advances the world by one tick.
    pub fn step(&mut self, commands: &[Command]) {
        self.events.clear();
        let duel = self.world.duel();
        self.world.tick = self.world.tick.after(1);
        for command in commands {
            self.apply(command);
        }
        self.adjust_drones();
        let Self { world, drones, events, new_shots, ships, terrain, timing, .. } = self;
        let step = &mut Step { world, events, new_shots, ships, terrain, timing };
        duel::advance(step);
        idle::remove_idle_ships(step);
        spawn::respawn(step);
        step.index_ships();
        control_drones(step, drones);
        flight::move_ships(step);
        step.world.record_positions();
        combat::move_shots(step);
        combat::launch_new_shots(step);
        embers::collect(step);
        deaths::remove_dead(step);
        embers::emit(step);
        embers::drop_pickup(step);
        step.world.update_ranking(timing);
        step.events.duel_changed = step.world.duel() != duel;
    }

    /// Advances the clock without a step, when the machine was too slow for it. Ships stay where they are.
    pub fn skip(&mut self, ticks: u32) {
        self.world.pilots.on_skip(self.world.tick, ticks);
        self.world.tick = self.world.tick.after(ticks);
        self.world.record_positions();
    }

    fn apply(&mut self, command: &Command) {
        let (now, timing) = (self.world.tick, self.timing);
        match command {
            Command::Join { session, name, colour } => self.join(*session, name.clone(), *colour),
            Command::Input { session, input } => {
                if let Some(pilot) = self.pilot_mut(*session) {
                    pilot.inputs.push(*input, Tick(now.0 - 1));
                }
            }
            Command::Idle { session } => {
                if let Some(pilot) = self.pilot_mut(*session) {
                    idle::begin(pilot, now, &timing);
                }
            }
            Command::Active { session } => {
                if let Some(pilot) = self.pilot_mut(*session) {
                    idle::end(pilot, now, &timing);
                }
            }
            Command::Leave { session } => {
                if let Some(id) = self.players.remove(session) {
                    self.world.remove_player(id, &timing, &mut self.events);
                }
            }
            Command::FillWithBots { bodies } if self.terrain.arena().mode.has_drones() => {
                self.drones.fill_up_to(*bodies);
            }
            Command::FillWithBots { .. } => {}
            Command::Party { session, party } => {
                if let Some(id) = self.players.get(session) {
                    parties::join(&mut self.world, self.terrain.arena().mode, *id, *party);
                }
            }
        }
    }

    /// Does nothing for a session that has joined already, and when every id is taken.
    fn join(&mut self, session: SessionId, name: Option<PlayerName>, colour: Option<u8>) {
        if self.players.contains_key(&session) {
            return;
        }
        let Some(id) = self.world.pilots.free_or_held_id(self.world.tick) else { return };
        let name = name.unwrap_or_else(|| default_name(id));
        let colour = self.team_for_newcomer().or(colour);
        self.world.add_player(id, name, Some(session), colour, &mut self.events);
        self.players.insert(session, id);
    }

    fn adjust_drones(&mut self) {
        match self.drones.next_change(&self.world, self.terrain.arena().mode) {
            Some(PopulationChange::Join { id, name }) => {
                let colour = self.team_for_newcomer();
                self.world.add_player(id, name, None, colour, &mut self.events);
            }
            Some(PopulationChange::Leave(id)) => self.world.remove_player(id, &self.timing, &mut self.events),
            None => {}
        }
    }

    /// The colour of the player that joins now, in an arena with teams.
    fn team_for_newcomer(&self) -> Option<u8> {
        teams::smallest(&self.world, self.terrain.arena().mode).map(|team| team.0)
    }

    fn pilot_mut(&mut self, session: SessionId) -> Option<&mut Pilot> {
        self.world.pilots.get_mut(*self.players.get(&session)?)
    }

    /// The state after the last step.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What happened in the last step.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// The arena.
    pub fn terrain(&self) -> &Terrain {
        &self.terrain
    }

    /// The rules' durations in ticks.
    pub fn timing(&self) -> &Timing {
        &self.timing
    }

    /// The player of a session, if it has joined and there was room.
    pub fn pilot_of(&self, session: SessionId) -> Option<PlayerId> {
        self.players.get(&session).copied()
    }

    /// A hash of what nearly every difference shows in within a few ticks: where ships and shots are, what ships carry, and the
    /// generator. A hundredth of the work of [`Self::checksum`], so that each tick can be recorded with it.
    pub fn quick_checksum(&self) -> u64 {
        let World { tick, pilots, shots, embers, rng, next_shot, .. } = &self.world;
        let mut sum = Checksum::default();
        sum.word(tick.0);
        sum.word(pilots.len() as u32);
        sum.word(embers.lying());
        sum.word(embers.reserve() as u32);
        sum.word(next_shot.0.into());
        for ship in pilots.iter().filter_map(Pilot::ship) {
            let Ship { flight, aim, health, .. } = ship;
            sum.float(flight.motion.position.x);
            sum.float(flight.motion.position.y);
            sum.float(*health);
            sum.word(flight.embers ^ u32::from(aim.0) << 16);
        }
        for shot in shots {
            sum.float(shot.position.x);
            sum.float(shot.position.y);
        }
        sum.finish() ^ Checksum::of(rng)
    }

    /// A hash of all state that later ticks depend on, in its serialised form: equal to the bit, equal hashes.
    pub fn checksum(&self) -> u64 {
        Checksum::of(&self.state())
    }
}

/// Lets drones push their inputs, as clients do.
fn control_drones(step: &mut Step<'_>, drones: &mut Drones) {
    // Drones only look at the world, so its generator is lent to them as a copy and stored back.
    let mut rng = step.world.rng.clone();
    let inputs = drones.decide(step.view(), &mut rng);
    step.world.rng = rng;
    let now = step.world.tick;
    for (id, input) in inputs {
        // A drone sees the present, so nothing is rewound for it.
        let input = TimedInput { tick: now, input: *input, rewind: 0 };
        if let Some(pilot) = step.world.pilots.get_mut(*id) {
            pilot.inputs.push(input, Tick(now.0 - 1));
        }
    }
}

/// Before the number in the name of a player who asks for none.
const DEFAULT_NAME: &str = "Pilot";

/// The words that a name of the server's making has before its number, players' and drones'.
pub fn name_words() -> impl Iterator<Item = &'static str> {
    iter::once(DEFAULT_NAME).chain(drones::name_words())
}

fn default_name(id: PlayerId) -> PlayerName {
    PlayerName::new(&format!("{DEFAULT_NAME} {}", id.0)).expect("a valid name")
}

#[cfg(test)]
mod tests;
