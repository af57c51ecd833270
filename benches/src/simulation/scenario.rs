//! The scenario of a seed: the arena, events of the server, clients, their links, and the faults of those links.

use std::{net::SocketAddr, rc::Rc, time::Duration};

use rand::{Rng, RngExt, SeedableRng, seq::IndexedRandom};
use rand_pcg::Pcg64Mcg;
use server::{
    engine::sessions::Seats,
    game::{ArenaSettings, arena_file},
};
use shared::{Vec2, engine::protocol::Role, game::arena::Arena};
use tokio::time::Instant;

use super::link::Conditions;

/// Seats of players for one network.
const PER_NETWORK: usize = 4;

/// One seed.
#[derive(Debug)]
pub(super) struct Scenario {
    pub(super) settings: ArenaSettings,
    /// When the clients leave.
    pub(super) end: Duration,
    /// In the order of time.
    pub(super) events: Vec<(Duration, Event)>,
    pub(super) clients: Vec<Plan>,
    pub(super) rogues: Vec<RoguePlan>,
    /// How long ticks take, from when to when.
    pub(super) busy: Vec<(Duration, Duration, Duration)>,
}

/// What happens to the server.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// It does not run for this time.
    Pause(Duration),
    /// It stops, and another process goes on after this time.
    Restart(Duration),
    /// It is killed, and another process goes on from the last snapshot after this time.
    Kill(Duration),
}

/// An honest client.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) speaks_json: bool,
    pub(super) address: SocketAddr,
    pub(super) conditions: Conditions,
    pub(super) arrives: Duration,
    /// In the order of time.
    pub(super) acts: Vec<(Duration, Act)>,
    pub(super) seed: u64,
    /// How it leaves in the end.
    pub(super) leaves: Leaving,
}

/// What an honest client does, or what happens to its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Stall(Duration),
    Cut,
    Vanish,
    Hide,
    Show,
    Chat,
    /// Closes the page, and opens it again: it goes on with its token.
    Reload,
    /// Leaves for good, and comes again as another player.
    LeaveForGood,
    /// Opens a second page that goes on with the token, while the first still plays.
    SecondPage,
}

/// How a client goes when the run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    ForGood,
    ClosesPage,
    Cut,
    Vanishes,
}

/// A peer that misbehaves.
#[derive(Clone, Debug)]
pub(super) struct RoguePlan {
    pub(super) vice: Vice,
    pub(super) address: SocketAddr,
    pub(super) conditions: Conditions,
    pub(super) arrives: Duration,
    pub(super) seed: u64,
}

/// What a rogue does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vice {
    /// Sends bytes that are no frames.
    Noise,
    /// Sends frames of random bytes.
    Malformed,
    /// Sends text on a binary connection.
    WrongType,
    /// Speaks another version.
    WrongVersion,
    /// Says nothing.
    Mute,
    /// Sends half a frame, and no more.
    HalfFrame,
    /// Sends a second hello.
    TwoHellos,
    /// Sends chat without end.
    ChatFlood,
    /// Sends inputs without end.
    InputFlood,
    /// Joins and leaves, again and again.
    HelloFlood,
    /// Joins, and never reads.
    NeverReads,
    /// Plays on a fast link whose buffers hold a few frames, and then reads nothing.
    StopsReading,
    /// Joins, and its link vanishes.
    Vanishes,
    /// Sends valid messages of random content, and acknowledges what it has not got.
    Lies,
}

impl Vice {
    pub(super) const ALL: [Self; 14] = [
        Self::Noise,
        Self::Malformed,
        Self::WrongType,
        Self::WrongVersion,
        Self::Mute,
        Self::HalfFrame,
        Self::TwoHellos,
        Self::ChatFlood,
        Self::InputFlood,
        Self::HelloFlood,
        Self::NeverReads,
        Self::StopsReading,
        Self::Vanishes,
        Self::Lies,
    ];
}

/// Something that is broken on purpose, for the check that the laws find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// A bit of each snapshot flips on the disk.
    FlipSnapshotBit,
    /// The third connection's task never ends.
    KeepConnection,
    /// Clients lose their resume tokens, and expect their ships.
    DropToken,
}

/// How long ticks take at which time.
#[derive(Clone, Debug)]
pub(super) struct Load(Rc<[(Instant, Instant, Duration)]>);

impl Load {
    pub(super) fn new(start: Instant, busy: &[(Duration, Duration, Duration)]) -> Self {
        Self(busy.iter().map(|(from, to, work)| (start + *from, start + *to, *work)).collect())
    }

    /// How long the tick at `now` takes.
    pub(super) fn work(&self, now: Instant) -> Duration {
        let busy = self.0.iter().find(|(from, to, _)| (*from..*to).contains(&now));
        busy.map_or(Duration::from_micros(300), |(_, _, work)| *work)
    }
}

fn ms(rng: &mut Pcg64Mcg, range: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(rng.random_range(range))
}

impl Scenario {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed ^ 0x656d_6265_7264);
        let honest = rng.random_range(2..=5);
        let end = ms(&mut rng, 14_000..26_000);
        let settings = settings(&mut rng, honest, seed);
        let clients = (0..honest).map(|number| plan(&mut rng, number, end)).collect();
        let rogues = (0..rng.random_range(0..=4)).map(|_| rogue(&mut rng, end)).collect();
        let mut events: Vec<_> =
            (0..rng.random_range(0..=2)).map(|_| (ms(&mut rng, 4000..12_000), event(&mut rng))).collect();
        events.sort_by_key(|(at, _)| *at);
        let period = Duration::from_secs(1) / u32::from(settings.tick_rate);
        let busy = (0..rng.random_range(0..=1))
            .map(|_| {
                let from = ms(&mut rng, 3000..12_000);
                (from, from + ms(&mut rng, 1000..7000), period.mul_f64(rng.random_range(0.5..1.6)))
            })
            .collect();
        Self { settings, end, events, clients, rogues, busy }
    }
}

fn event(rng: &mut Pcg64Mcg) -> Event {
    match rng.random_range(0..3) {
        0 => Event::Pause(ms(rng, 200..20_000)),
        1 => Event::Restart(ms(rng, 100..4000)),
        _ => Event::Kill(ms(rng, 100..4000)),
    }
}

fn settings(rng: &mut Pcg64Mcg, honest: usize, seed: u64) -> ArenaSettings {
    // Each may for a time have a session that it has lost the token of.
    let players = 2 * honest + PER_NETWORK;
    ArenaSettings {
        arena: small_arena(rng),
        tick_rate: *[10, 20, 30].choose(rng).unwrap_or(&20),
        bots: rng.random_range(0..=6),
        seats: Seats { players, spectators: players, per_network: PER_NETWORK },
        seed,
        reconnect_grace: ms(rng, 2000..12_000),
        slow_tick: None,
        fail_after: None,
    }
}

/// Borders are crossed and ships die all the time.
fn small_arena(rng: &mut Pcg64Mcg) -> Arena {
    let name = *["drift", "duel"].choose(rng).unwrap_or(&"duel");
    let mut arena = arena_file::load(name).expect("the arena is embedded");
    if name == "drift" {
        let side = 3072.0;
        arena.size = Vec2::splat(side);
        arena.rocks.retain(|rock| rock.centre.max_element() + rock.radius < side);
        arena.rules.embers.supply = 300;
    }
    arena.rules.view = Vec2::splat(500.0);
    arena.rules.respawn_seconds = 0.5;
    arena.rules.shield_seconds = 0.5;
    arena.rules.shot.damage = 40.0;
    arena
}

fn conditions(rng: &mut Pcg64Mcg) -> Conditions {
    let bytes_per_second = rng.random_bool(0.15).then(|| rng.random_range(4000..30_000));
    Conditions {
        delay: ms(rng, 0..120),
        jitter: ms(rng, 0..40),
        buffer_bytes: rng.random_range(8..256) * 1024,
        bytes_per_second,
    }
}

fn plan(rng: &mut Pcg64Mcg, number: usize, end: Duration) -> Plan {
    let act = |rng: &mut Pcg64Mcg| match rng.random_range(0..12) {
        0 | 1 => Act::Stall(ms(rng, 100..20_000)),
        2 | 3 => Act::Cut,
        4 => Act::Vanish,
        5 => Act::Hide,
        6 => Act::Show,
        7 | 8 => Act::Chat,
        9 => Act::Reload,
        10 => Act::LeaveForGood,
        _ => Act::SecondPage,
    };
    let last = end.as_millis() as u64 - 500;
    let mut acts: Vec<_> = (0..rng.random_range(0..=5)).map(|_| (ms(rng, 2000..last), act(rng))).collect();
    acts.sort_by_key(|(at, _)| *at);
    let leavings = [Leaving::ForGood, Leaving::ClosesPage, Leaving::Cut, Leaving::Vanishes];
    Plan {
        // Some ask for the same.
        name: format!("Client {}", number / 2),
        role: if rng.random_bool(0.2) { Role::Spectator } else { Role::Player },
        speaks_json: rng.random_bool(0.2),
        address: ([10, 0, 0, number as u8 + 1], 4000).into(),
        conditions: conditions(rng),
        arrives: ms(rng, 0..4000),
        acts,
        seed: rng.next_u64(),
        leaves: *leavings.choose(rng).unwrap_or(&Leaving::Cut),
    }
}

fn rogue(rng: &mut Pcg64Mcg, end: Duration) -> RoguePlan {
    let vice = *Vice::ALL.choose(rng).unwrap_or(&Vice::Mute);
    let conditions = Conditions { bytes_per_second: None, ..conditions(rng) };
    let conditions = match vice {
        Vice::StopsReading => Conditions {
            delay: conditions.delay / 10,
            jitter: conditions.jitter / 10,
            buffer_bytes: rng.random_range(256..512),
            ..conditions
        },
        _ => conditions,
    };
    RoguePlan {
        vice,
        address: ([203, 0, 113, 7], 5000).into(),
        conditions,
        arrives: ms(rng, 0..end.as_millis() as u64 - 2000),
        seed: rng.next_u64(),
    }
}
