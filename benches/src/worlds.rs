//! Seeded worlds that all benches share: as many ships as asked for, at the same density, all of them busy.
//! Knows the server's simulation and publisher; must not know criterion.

use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use server::{
    engine::{
        outbox::{Outbound, OutboxSender},
        replication::{JoinedAs, Published},
        sessions::{Seats, SessionId, ViewerId},
        simulation::{Setup, Simulation as _},
    },
    game::{
        ArenaSettings, Options, Publisher, arena_file,
        replicated::ReplicatedSim,
        sim::{Command, TimedInput},
    },
};
use shared::{
    Vec2,
    engine::{
        game_trait::Game as _,
        ids::Tick,
        input::{Angle, Buttons, PlayerInput},
        limits::ARENA_SIDE_MAX,
    },
    game::{
        Emberdrift,
        arena::{ARENA_SIDE_MIN, Arena},
    },
};

/// Ticks a second of all benched worlds.
pub const TICK_RATE: u16 = 20;
/// Far more than the viewers here need.
const STALL_SECONDS: f32 = 1e6;
/// Arena for each ship, in square units: about forty ships in a view of 1600 × 1000.
const AREA_PER_SHIP: f32 = 38_000.0;
/// Ticks that a ship keeps its course.
const COURSE_TICKS: u32 = 12;

/// A server of one arena on a free port of this machine.
pub fn server_options(arena: Arena, tick_rate: u16, drones: u16, max_players: usize) -> Options {
    Options::of_one_arena(ArenaSettings {
        arena,
        tick_rate,
        bots: drones,
        seats: Seats::new(max_players),
        seed: 1,
        reconnect_grace: Duration::from_secs(60),
        slow_tick: None,
        fail_after: None,
    })
}

/// What `round` measured of itself, over all rounds: for what has to be left off the clock.
pub fn timed(rounds: u64, mut round: impl FnMut() -> Duration) -> Duration {
    (0..rounds).map(|_| round()).sum()
}

/// What one viewer receives in `ticks` ticks: a welcome, then the frames.
pub fn record(ships: u32, ticks: usize, seed: u64) -> Vec<Vec<u8>> {
    let mut world = BusyWorld::new(ships, 0, seed);
    let mut messages = Vec::new();
    world.watch(0);
    for _ in 0..ticks {
        world.steer();
        world.step();
        world.publisher.publish(&world.sim);
        world.drain(|_, bytes| messages.push(bytes.to_vec()));
    }
    messages
}

/// The end of a viewer's queue that its connection would hold.
type Frames = Box<dyn FnMut() -> Option<Outbound>>;

/// A simulation with players in it, and the queues of those who watch.
pub struct BusyWorld {
    pub sim: ReplicatedSim,
    pub publisher: Publisher,
    commands: Vec<Command>,
    rng: Pcg64Mcg,
    turns: u32,
    queues: Vec<(ViewerId, Frames)>,
}

impl BusyWorld {
    /// `ships` players in an arena of the size for them, the first `viewers` of them watching; run until all are busy.
    pub fn new(ships: u32, viewers: u32, seed: u64) -> Self {
        let map = Emberdrift::map(arena_for(ships), TICK_RATE);
        let publisher = Publisher::new(map.terrain.grid(), TICK_RATE, STALL_SECONDS);
        let sim = ReplicatedSim::new(Setup { map, tick_rate: TICK_RATE, bots: 0, seed });
        let mut world = Self {
            sim,
            publisher,
            commands: Vec::new(),
            rng: Pcg64Mcg::seed_from_u64(seed),
            turns: 0,
            queues: Vec::new(),
        };
        let joins = (0..u64::from(ships)).map(|client| Command::Join {
            session: SessionId(client),
            name: None,
            colour: None,
        });
        world.sim.step(&joins.collect::<Vec<_>>());
        for client in 0..viewers {
            world.watch(client);
        }
        world.commands.resize(ships as usize, Command::Leave { session: SessionId(u64::MAX) });
        for _ in 0..3 * u32::from(TICK_RATE) {
            world.steer();
            world.sim.step(&world.commands);
            world.publish();
        }
        world
    }

    /// Lets a player watch, from the next publication on.
    pub fn watch(&mut self, player: u32) {
        let client = u64::from(player);
        let player = self.sim.player_of(SessionId(client)).expect("all players have joined");
        let (link, mut queue) = OutboxSender::new();
        let joined = JoinedAs { player: Some(player), ..JoinedAs::default() };
        let viewer = self.publisher.join(joined, link, &self.sim).expect("the queue is open");
        self.queues.push((viewer, Box::new(move || queue.try_recv())));
    }

    /// Makes the next input of every player.
    pub fn steer(&mut self) {
        self.turns += 1;
        for (client, command) in (0..).zip(&mut self.commands) {
            let mut input = match command {
                Command::Input { input, .. } => input.input,
                _ => PlayerInput::default(),
            };
            if (self.turns + client as u32).is_multiple_of(COURSE_TICKS) {
                let busy =
                    Buttons(self.rng.random_range(0..16)).with(Buttons::FIRE, self.rng.random_bool(0.3));
                input = PlayerInput { buttons: busy, aim: Angle(self.rng.random()) };
            }
            input.aim = input.aim.turned(Angle(300));
            let input = TimedInput { tick: Tick(0), input, rewind: 0 };
            *command = Command::Input { session: SessionId(client), input };
        }
    }

    /// What enters the next step.
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    pub fn step(&mut self) {
        self.sim.step(&self.commands);
    }

    /// Tells the viewers, who read at once.
    pub fn publish(&mut self) -> Published {
        let published = self.publisher.publish(&self.sim);
        self.drain(|_, _| {});
        published
    }

    /// Empties the viewers' queues, as if all had seen what was in them: each message goes to `put`, with its viewer.
    pub fn drain(&mut self, mut put: impl FnMut(usize, &[u8])) {
        let tick = self.sim.tick();
        for (viewer, (id, queue)) in self.queues.iter_mut().enumerate() {
            if let Some(viewer) = self.publisher.viewer(*id) {
                viewer.on_ack(tick.0 as u8, tick);
            }
            while let Some(outbound) = queue() {
                if let Outbound::Message(bytes) = outbound {
                    put(viewer, &bytes);
                }
            }
        }
    }
}

/// The wide arena, cut or stretched to the same room for each ship.
fn arena_for(ships: u32) -> Arena {
    let mut arena = arena_file::load("expanse").expect("the arena is embedded");
    let side = (ships as f32 * AREA_PER_SHIP).sqrt().clamp(ARENA_SIDE_MIN, ARENA_SIDE_MAX);
    let share = side * side / (arena.size.x * arena.size.y);
    arena.size = Vec2::splat(side);
    arena.rocks.retain(|rock| rock.centre.max_element() + rock.radius < side);
    arena.rules.embers.supply = (arena.rules.embers.supply as f32 * share) as u32;
    arena
}
