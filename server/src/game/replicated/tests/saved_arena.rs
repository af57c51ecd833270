//! Heavy mode: after every tick of a busy world the state is saved, loaded and compared, and both go on. And what is refused.

use std::{
    collections::HashSet,
    mem::{self, Discriminant},
};

use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use shared::{
    Vec2,
    engine::{
        checksum::Checksum,
        game_trait::Game as _,
        ids::Tick,
        input::{Angle, Buttons, PlayerInput},
        protocol::{decode, encode, put},
    },
    game::{Emberdrift, arena::Arena, duel::DuelPhase, mode::Mode},
};

use crate::{
    engine::{
        party::PartyId,
        resume::ResumeKey,
        saved_arena::{self, Payload, put_payload},
        sessions::{BrokenSessions, Seats, SessionId, Sessions},
        simulation::{Setup, Simulation},
        snapshot::{self, Header, Refusal, SNAPSHOT_BYTES_MAX},
    },
    game::{
        SavedArena, arena_file,
        replicated::ReplicatedSim,
        sim::{self, Command, TimedInput, UncheckedState},
    },
};

/// What a snapshot begins with.
fn header(arena: &Arena, tick_rate: u16) -> Header {
    saved_arena::header::<ReplicatedSim>(arena, tick_rate)
}

const RATE: u16 = 30;
/// More players than these are never in the arena.
const PLAYERS: u64 = 12;

/// A world in which everything happens that can: players join, leave, go idle and come back, fire and die; ticks are skipped.
struct BusyWorld {
    sim: ReplicatedSim,
    rng: Pcg64Mcg,
    /// Joins, leaves, deaths and skipped ticks so far.
    seen: [usize; 4],
    /// Which phases a duel has been in.
    phases: HashSet<Discriminant<DuelPhase>>,
}

impl BusyWorld {
    fn new(arena: &str, drones: u16) -> Self {
        let map = Emberdrift::map(arena_file::load(arena).expect("the arena is embedded"), RATE);
        let sim = ReplicatedSim::new(Setup { map, tick_rate: RATE, bots: drones, seed: 11 });
        Self { sim, rng: Pcg64Mcg::seed_from_u64(12), seen: [0; 4], phases: HashSet::new() }
    }

    /// What clients ask for in the next tick.
    fn commands(&mut self) -> Vec<Command> {
        let rng = &mut self.rng;
        let now = self.sim.tick();
        let mut commands = Vec::new();
        for session in (1..=PLAYERS).map(SessionId) {
            commands.push(match rng.random_range(0..800) {
                0..4 => Command::Leave { session },
                4..8 => Command::Idle { session },
                8..20 => Command::Active { session },
                20..40 => Command::Join { session, name: None, colour: Some(rng.random()) },
                40..44 => Command::Party { session, party: PartyId(session.0 % 2) },
                _ => {
                    let buttons = Buttons(rng.random_range(0..64)).with(Buttons::FIRE, true);
                    let input = PlayerInput { buttons, aim: aim_at_nearest(self.sim.sim(), session) };
                    // Early, in time, late, and for no tick in particular.
                    let tick = if rng.random_bool(0.2) { Tick(0) } else { now.after(rng.random_range(0..5)) };
                    Command::Input {
                        session,
                        input: TimedInput { tick, input, rewind: rng.random_range(0..140) },
                    }
                }
            });
        }
        if rng.random_bool(0.01) {
            commands.push(Command::FillWithBots { bodies: rng.random_range(4..30) });
        }
        commands
    }

    fn step(&mut self, commands: &[Command]) {
        self.sim.step(commands);
        let events = self.sim.sim().events();
        self.seen[0] += events.joined.len();
        self.seen[1] += events.left.len();
        self.seen[2] += events.deaths.len();
        self.phases.insert(mem::discriminant(&self.sim.sim().world().duel().phase));
    }
}

/// The direction of the nearest other ship.
fn aim_at_nearest(sim: &sim::Simulation, session: SessionId) -> Angle {
    let id = sim.pilot_of(session);
    let ways = |from: Vec2| {
        sim.world().flying().filter(|(other, _)| Some(*other) != id).map(move |(_, to)| to - from)
    };
    let own = id.and_then(|id| Some(sim.world().pilot(id)?.ship()?.flight.motion.position));
    let nearest = own.and_then(|from| ways(from).min_by(|a, b| a.length().total_cmp(&b.length())));
    nearest.map_or(Angle(0), Angle::of)
}

fn state_of(sim: &ReplicatedSim) -> Vec<u8> {
    encode(&sim.state())
}

fn load(state: &[u8], sim: &ReplicatedSim) -> ReplicatedSim {
    let state = decode::<UncheckedState, SNAPSHOT_BYTES_MAX>(state).expect("it was encoded here");
    ReplicatedSim::restore(state, Emberdrift::map(sim.arena().clone(), RATE), RATE)
        .expect("it is the state of a simulation")
}

/// Plays for some seconds; each tick is saved, loaded and played from there too.
fn played_from_snapshots(arena: &str, seconds: u32) -> BusyWorld {
    let mut world = BusyWorld::new(arena, 16);
    for tick in 0..seconds * u32::from(RATE) {
        let saved = state_of(&world.sim);
        let mut loaded = load(&saved, &world.sim);
        assert!(state_of(&loaded) == saved, "loading changed the state of tick {tick}");
        if world.rng.random_bool(0.01) {
            let ticks = world.rng.random_range(1..40);
            world.seen[3] += ticks as usize;
            world.sim.skip(ticks);
            loaded.skip(ticks);
        }
        let commands = world.commands();
        loaded.step(&commands);
        world.step(&commands);
        assert!(state_of(&loaded) == state_of(&world.sim), "the tick after {tick} differs");
        assert_eq!(format!("{:?}", loaded.changes()), format!("{:?}", world.sim.changes()), "after {tick}");
    }
    world
}

#[test]
fn every_tick_of_a_busy_minute_goes_on_from_its_snapshot_to_the_same_next_tick() {
    let world = played_from_snapshots("duel", 60);
    let [joins, leaves, deaths, skipped] = world.seen;
    assert!(joins > 50 && leaves > 50 && deaths > 50 && skipped > 100, "too quiet: {:?}", world.seen);
}

#[test]
fn every_tick_with_teams_goes_on_from_its_snapshot_to_the_same_next_tick() {
    let world = played_from_snapshots("teams", 10);
    let teams = world.sim.arena().mode.teams();
    assert!(world.seen[0] > 16 && world.sim.players().iter().all(|pilot| pilot.colour < teams));
}

#[test]
fn every_tick_of_a_duel_goes_on_from_its_snapshot_to_the_same_next_tick() {
    let world = played_from_snapshots("showdown", 40);
    // Players leave, or are away, before a round ends.
    assert_eq!(world.phases.len(), 4, "lobby, countdown, fight and over");
}

#[test]
fn state_of_a_duel_is_refused_in_another_mode() {
    let mut world = BusyWorld::new("showdown", 0);
    world.step(&[1, 2, 3].map(|session| Command::Join {
        session: SessionId(session),
        name: None,
        colour: None,
    }));
    let state = decode::<UncheckedState, SNAPSHOT_BYTES_MAX>(&state_of(&world.sim));
    let mut arena = world.sim.arena().clone();
    arena.mode = Mode::Free;
    let refused =
        ReplicatedSim::restore(state.expect("it was encoded here"), Emberdrift::map(arena, RATE), RATE);
    assert!(refused.is_err_and(|error| error.to_string().contains("3 of 0 players are in a duel")));
}

#[test]
fn state_of_a_pilot_on_no_team_is_refused() {
    let mut world = BusyWorld::new("teams", 4);
    (0..10).for_each(|_| world.step(&[]));
    let state = decode::<UncheckedState, SNAPSHOT_BYTES_MAX>(&state_of(&world.sim));
    let mut arena = world.sim.arena().clone();
    arena.mode = Mode::Teams { count: 1 };
    let refused =
        ReplicatedSim::restore(state.expect("it was encoded here"), Emberdrift::map(arena, RATE), RATE);
    assert!(refused.is_err_and(|error| error.to_string().contains("colour 1")));
}

/// A payload with players of all kinds.
fn payload() -> (Vec<u8>, Arena) {
    let mut world = BusyWorld::new("duel", 6);
    for _ in 0..20 * u32::from(RATE) {
        let commands = world.commands();
        world.step(&commands);
    }
    // Some leave the controls for so long that their ships are taken out of the arena.
    let idle: Vec<_> =
        (1..=PLAYERS / 2).map(|session| Command::Idle { session: SessionId(session) }).collect();
    (0..8 * u32::from(RATE)).for_each(|_| world.step(&idle));
    let commands = world.commands();
    world.step(&commands);
    let arena = world.sim.arena().clone();
    let key = ResumeKey::new().expect("random numbers");
    let mut sessions = Sessions::new(100, Seats::new(100));
    sessions.insert_players(world.sim.players().iter().filter_map(|pilot| Some((pilot.session?, pilot.id))));
    let mut out = Vec::new();
    put_payload(&mut out, &key, &sessions, &world.sim);
    (out, arena)
}

#[test]
fn payload_without_one_of_its_sessions_is_refused() {
    let (payload, arena) = payload();
    let saved = SavedArena::decode(&payload, &arena, RATE).expect("it was encoded here");
    let mut sessions = saved.sessions;
    assert!(sessions.len() > 2);
    assert!(sessions.expire(saved.sim.tick()).is_some());
    let mut out = Vec::new();
    put(&mut out, &saved.key);
    put(&mut out, &sessions.save());
    put(&mut out, &saved.sim.state());
    assert_eq!(SavedArena::decode(&out, &arena, RATE).err(), Some(BrokenSessions.into()));
}

#[test]
fn snapshot_of_other_rules_or_another_rate_is_refused() {
    let (payload, arena) = payload();
    let mut bytes = Vec::new();
    snapshot::begin(header(&arena, RATE), 1, &mut bytes);
    bytes.extend_from_slice(&payload);
    snapshot::seal(&mut bytes);
    assert!(SavedArena::read(&bytes, &arena, RATE).is_ok());
    assert_eq!(SavedArena::read(&bytes, &arena, RATE + 1).err(), Some(Refusal::OtherArena));
    let mut other = arena;
    other.rules.bounce += 0.01;
    assert_eq!(SavedArena::read(&bytes, &other, RATE).err(), Some(Refusal::OtherArena));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn damaged_payload_is_refused_or_can_be_played(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        thread_local!(static PAYLOAD: (Vec<u8>, Arena) = payload());
        PAYLOAD.with(|(payload, arena)| {
            let mut payload = payload.clone();
            for (at, byte) in damage {
                let at = at.index(payload.len());
                payload[at] = byte;
            }
            if let Some(cut) = cut {
                payload.truncate(cut.index(payload.len()));
            }
            if let Ok(mut saved) = SavedArena::decode(&payload, arena, RATE) {
                for _ in 0..RATE {
                    saved.sim.step(&[]);
                }
            }
        });
    }
}

/// What this version wrote. It has every kind of state.
const WRITTEN: &[u8] = include_bytes!("content-5.bin");
/// A hash of what was read from it, with the names of all fields: two of one type that change places are noticed.
const READ: u64 = 5_396_373_787_056_855_623;

#[test]
fn encoding_of_the_state_is_that_of_its_version() {
    let must_write = std::env::var_os("EMBERDRIFT_WRITE_VECTORS").is_some();
    let written = if must_write { payload().0 } else { WRITTEN.to_owned() };
    let payload = decode::<Payload<UncheckedState>, SNAPSHOT_BYTES_MAX>(&written);
    let read = format!("{payload:#?}");
    for kind in [
        "Flying(",
        "Waiting {",
        "Idle(",
        "Go(",
        "Hunt(",
        "Flee(",
        "TimedInput {",
        "is_unconfirmed: true",
        "Free(",
        "PartyId(",
    ] {
        assert!(read.contains(kind), "no {kind} in {read}");
    }
    let read = Checksum::of(&read);
    if must_write {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/game/replicated/tests/content-5.bin");
        std::fs::write(path, written).expect("the sources can be written");
        // The next run says what READ must be.
        return;
    }
    let is_same =
        payload.is_ok_and(|Payload { key, sessions, state }| encode(&(key, sessions, state)) == WRITTEN);
    assert!(
        is_same && read == READ && ReplicatedSim::STATE_VERSION == 5,
        "the encoding of the state has changed, or only a name in it: then {read} is the new READ. Else increase STATE_VERSION, rename \
         content-5.bin, and write it again with EMBERDRIFT_WRITE_VECTORS=1"
    );
}
