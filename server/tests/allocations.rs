//! A budget of memory: a steady tick allocates nothing, from the inbox to the connections' queues.

use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use server::{
    engine::{
        inbox::{Inbound, Inbox, Join},
        outbox::{Outbound, OutboxSender},
        sessions::ConnectionId,
        tick_loop::Ticking,
    },
    game::{
        arena_file,
        arena_loop::{ArenaLoop, ArenaSettings, NetworkSide},
    },
};
use shared::{
    Vec2,
    engine::{
        ids::Tick,
        input::{Angle, Buttons, PlayerInput},
        protocol::Role,
    },
};

const PLAYERS: u64 = 200;
/// For every list to reach its largest: a minute of the game.
const WARM_UP_TICKS: u32 = 1200;
const MEASURED_TICKS: u32 = 400;

/// The connection's end of a queue.
type Queue = Box<dyn FnMut() -> Option<Outbound>>;

/// A game of players that fly about and fight.
struct Table {
    game: ArenaLoop,
    inbox: Inbox,
    queues: Vec<Queue>,
    rng: Pcg64Mcg,
    ticks: u32,
    frames: u64,
}

impl Table {
    fn new() -> Self {
        let mut arena = arena_file::load("drift").expect("the arena is embedded");
        arena.size = Vec2::splat(4096.0);
        arena.rocks.retain(|rock| rock.centre.max_element() + rock.radius < 4096.0);
        let settings = ArenaSettings {
            arena,
            tick_rate: 20,
            drones: 220,
            max_players: 1000,
            seed: 3,
            reconnect_grace: Duration::ZERO,
            slow_tick: None,
        };
        let (network, inbox) = NetworkSide::detached(10_000).expect("the system has randomness");
        let mut game = ArenaLoop::new(settings, network);
        let queues = (0..PLAYERS).map(|player| {
            let (link, mut queue) = OutboxSender::new();
            let connection = ConnectionId(player);
            inbox
                .offer(Inbound::Joined(Join {
                    connection,
                    name: None,
                    colour: None,
                    role: Role::Player,
                    claim: None,
                    outbox: link,
                }))
                .expect("there is room");
            let queue: Queue = Box::new(move || queue.try_recv());
            queue
        });
        let queues = queues.collect();
        game.tick(Instant::now());
        Self { game, inbox, queues, rng: Pcg64Mcg::seed_from_u64(4), ticks: 1, frames: 0 }
    }

    /// Everyone wants something, and has seen the last tick.
    fn want(&mut self) {
        for player in 0..PLAYERS {
            let input = PlayerInput { buttons: Buttons(self.rng.random()), aim: Angle(self.rng.random()) };
            let (connection, ack, arrived) = (ConnectionId(player), self.ticks as u8, Instant::now());
            let inbound = Inbound::Input { connection, tick: Tick(0), input, rewind: 100, ack, arrived };
            self.inbox.offer(inbound).expect("there is room");
        }
    }

    /// One tick; what it allocated.
    fn tick(&mut self) -> u64 {
        self.want();
        let game = &mut self.game;
        let allocated = allocation_counter::measure(|| game.tick(Instant::now()));
        self.ticks += 1;
        for queue in &mut self.queues {
            while queue().is_some() {
                self.frames += 1;
            }
        }
        allocated.count_total
    }
}

#[test]
fn a_steady_tick_allocates_nothing() {
    let mut table = Table::new();
    let warm_up: u64 = (0..WARM_UP_TICKS).map(|_| table.tick()).sum();
    assert!(warm_up > 100, "something was counted at all: {warm_up}");
    table.frames = 0;
    let allocations: Vec<_> =
        (0..MEASURED_TICKS).map(|tick| (tick, table.tick())).filter(|(_, count)| *count > 0).collect();
    assert_eq!(table.frames, PLAYERS * u64::from(MEASURED_TICKS), "everybody had a frame every tick");
    assert_eq!(allocations, [], "ticks and how often they allocated");
}
