//! The simulation: commands in, a new state of the world and the events of the tick out. Pure: no clock, no
//! sockets, no threads, and no randomness but its own seeded one. It must not know `net` nor `replication`.

mod combat;
mod drone;
mod ember;
mod events;
mod grid;
mod history;
mod input_queue;
mod pickup;
mod pilot;
mod presence;
mod ranking;
mod spawn;
mod world;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use shared::{
    engine::{
        ids::{PlayerId, Tick},
        name::PlayerName,
    },
    game::{pilot::PilotKind, terrain::Terrain, timing::Timing},
};

use self::{drone::Drones, grid::ShipGrid, pilot::Fired};
pub use self::{
    ember::EmberField,
    events::{Events, Fallen},
    history::History,
    input_queue::{InputQueue, TimedInput, WAITING_MAX},
    pilot::{Life, Pilot, PilotKey, Ship},
    world::{Shot, World},
};
use crate::engine::ids::ClientId;

/// Shots that a tick has room for from the start.
const FIRED_ROOM: usize = 256;

/// Everything that can be asked of the simulation. To record the commands of each tick is to record the game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// A player comes in.
    Join {
        /// Its client.
        client: ClientId,
        /// Its name; `None` to be given one.
        name: Option<PlayerName>,
        /// The colour of its ships; `None` to be given one.
        colour: Option<u8>,
    },
    /// What a player wants during one tick.
    Input {
        /// Its client.
        client: ClientId,
        /// The tick it is for; 0 for the next.
        tick: Tick,
        /// The wishes.
        wish: TimedInput,
    },
    /// A player's hands leave the controls, until it comes back.
    Idle {
        /// Its client.
        client: ClientId,
    },
    /// A player that was away is here again.
    Back {
        /// Its client.
        client: ClientId,
    },
    /// A player goes for good.
    Leave {
        /// Its client.
        client: ClientId,
    },
    /// From now on drones fill the arena up to this many ships.
    FillUp {
        /// Ships, players counted.
        ships: u16,
    },
}

/// What a simulation is made of.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where it takes place.
    pub terrain: Terrain,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Drones fill the arena up to this many ships.
    pub drones: u16,
    /// Of all randomness.
    pub seed: u64,
}

/// A world and the way it changes.
#[derive(Clone, Debug)]
pub struct Simulation {
    world: World,
    /// Looked up only: their order is nobody's business.
    clients: FxHashMap<ClientId, PilotKey>,
    drones: Drones,
    // What follows is made anew in each tick, or never changes.
    events: Events,
    fired: Vec<Fired>,
    ships: ShipGrid,
    terrain: Terrain,
    timing: Timing,
}

impl Simulation {
    /// A new world, its embers strewn and its drones on their way.
    pub fn new(setup: Setup) -> Self {
        let timing = Timing::new(setup.tick_rate, &setup.terrain.arena().rules);
        let mut world = World::new(&setup.terrain, &timing, setup.seed);
        let mut events = Events::default();
        ember::strew(&mut world, &mut events, &setup.terrain);
        events.clear();
        Self {
            world,
            clients: FxHashMap::default(),
            drones: Drones::new(setup.drones),
            events,
            fired: Vec::with_capacity(FIRED_ROOM),
            ships: ShipGrid::default(),
            terrain: setup.terrain,
            timing,
        }
    }

    /// Advances the world by one tick.
    pub fn step(&mut self, commands: &[Command]) {
        self.events.clear();
        self.world.tick = self.world.tick.after(1);
        for command in commands {
            self.obey(command);
        }
        self.drones.fill_up(&mut self.world, &mut self.events);
        let Self { world, drones, events, fired, ships, terrain, timing, .. } = self;
        presence::take_out(world, timing);
        // By where the ships were a tick ago: near enough for that.
        spawn::respawn(world, ships, terrain, timing);
        ships.rebuild(terrain.arena().size, world.flying());
        drones.think(world, ships, terrain, timing);
        fired.clear();
        pilot::fly(world, events, fired, terrain, timing);
        world.remember();
        combat::fly_shots(world, events, ships, terrain, timing);
        combat::carry_forward(world, events, fired, ships, terrain, timing);
        ember::gather(world, events, terrain, timing);
        combat::bury(world, events, terrain, timing);
        ember::spring(world, events, terrain, timing);
        pickup::lay(world, events, terrain, timing);
        ranking::rank(world, timing);
    }

    /// Lets time go by without anything happening, when the machine was too slow for it.
    pub fn skip(&mut self, ticks: u32) {
        self.world.tick = self.world.tick.after(ticks);
        // The ships are where they were.
        self.world.remember();
    }

    fn obey(&mut self, command: &Command) {
        match command {
            Command::Join { client, name, colour } => {
                if self.clients.contains_key(client) {
                    return;
                }
                if let Some(key) = self.world.seat(name.clone(), PilotKind::Player, *colour, &mut self.events)
                {
                    self.clients.insert(*client, key);
                }
            }
            Command::Input { client, tick, wish } => {
                let last = Tick(self.world.tick.0 - 1);
                if let Some(pilot) = self.pilot_mut(*client) {
                    pilot.inputs.push(*tick, *wish, last);
                }
            }
            Command::Idle { client } => {
                let (now, timing) = (self.world.tick, self.timing);
                if let Some(pilot) = self.pilot_mut(*client) {
                    presence::leave(pilot, now, &timing);
                }
            }
            Command::Back { client } => {
                let (now, timing) = (self.world.tick, self.timing);
                if let Some(pilot) = self.pilot_mut(*client) {
                    presence::come_back(pilot, now, &timing);
                }
            }
            Command::FillUp { ships } => self.drones = Drones::new(*ships),
            Command::Leave { client } => {
                if let Some(key) = self.clients.remove(client) {
                    self.world.unseat(key, &mut self.events);
                }
            }
        }
    }

    fn pilot_mut(&mut self, client: ClientId) -> Option<&mut Pilot> {
        self.clients.get(&client).and_then(|key| self.world.pilots.get_mut(*key))
    }

    /// The state after the last step.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What happened in the last step.
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// Where it takes place.
    pub fn terrain(&self) -> &Terrain {
        &self.terrain
    }

    /// Durations in ticks.
    pub fn timing(&self) -> &Timing {
        &self.timing
    }

    /// The pilot of a client, if it has joined and there was room.
    pub fn pilot_of(&self, client: ClientId) -> Option<PlayerId> {
        self.clients.get(&client).and_then(|key| self.world.pilots.get(*key)).map(|pilot| pilot.id)
    }
}

#[cfg(test)]
mod tests;
