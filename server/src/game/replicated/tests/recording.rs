//! A game is recorded and replayed to the same ticks, and a replay that differs is noticed at the first tick that does.

use std::sync::Arc;

use proptest::prelude::*;
use shared::{
    engine::{
        checksum::Checksum,
        game_trait::Game as _,
        ids::{PlayerName, Tick},
        input::{Angle, Buttons, PlayerInput},
        protocol::{decode, put},
    },
    game::{Emberdrift, arena::Arena},
};

use crate::{
    engine::{
        recorder::{self, Definition, Recorder, Segment, put_header, put_segment},
        recording::{
            self, DEFINITION_BYTES_MAX, ReplayError, Replayed, content, definition, put_commands,
            read_commands,
        },
        sessions::SessionId,
        simulation::{Setup, Simulation},
        snapshot::SNAPSHOT_BYTES_MAX,
    },
    game::{
        arena_file,
        replicated::ReplicatedSim,
        sim::{Command, TimedInput, UncheckedState},
    },
};

const CONTENT: u32 = content::<ReplicatedSim>();

fn replay(bytes: &[u8], is_verified: bool, on_unfinished: impl FnMut(u32)) -> Result<Replayed, ReplayError> {
    recording::replay::<ReplicatedSim>(bytes, is_verified, on_unfinished)
}

/// A simulation of an arena.
fn simulation(arena: Arena, drones: u16) -> ReplicatedSim {
    let map = Emberdrift::map(arena, RATE);
    ReplicatedSim::new(Setup { map, tick_rate: RATE, bots: drones, seed: 5 })
}

const RATE: u16 = 30;

/// A command of each kind.
fn commands() -> Vec<Command> {
    let session = SessionId(1 << 40 | 7);
    let input = TimedInput {
        tick: Tick(0x0102_0304),
        input: PlayerInput { buttons: Buttons(0x15), aim: Angle(0xabcd) },
        rewind: 0x0607,
    };
    vec![
        Command::Join { session, name: PlayerName::new("Ada").ok(), colour: Some(3) },
        Command::Input { session, input },
        Command::Idle { session },
        Command::Active { session },
        Command::Leave { session },
        Command::FillWithBots { bodies: 300 },
        Command::Party { session, party: crate::engine::party::PartyId(1 << 50 | 9) },
    ]
}

/// Ten seconds of players that join, fly and leave among drones, in segments of two seconds. Returns the recording, its last tick and
/// the checksum of the state after it.
fn recorded(has_bases: bool, spoil: impl Fn(u32, &mut Vec<Command>)) -> (Vec<u8>, u32, u64) {
    let arena = arena_file::load("duel").expect("the arena is embedded");
    let definition = definition(&arena, RATE);
    let mut sim = simulation(arena, 6);
    let mut recorder = Recorder::new(2 * u32::from(RATE), 0, |out| put(out, &sim.state()));
    let mut bytes = Vec::new();
    put_header(&mut bytes, Definition { content: CONTENT, arena: &definition });
    let mut is_first = true;
    let mut put_next = |bytes: &mut Vec<u8>, segment: &Segment| {
        put_segment(bytes, segment, std::mem::take(&mut is_first) || has_bases);
    };
    for round in 0..10 * u32::from(RATE) {
        let session = SessionId(u64::from(round / 50));
        let mut commands = match round % 50 {
            0 => vec![Command::Join { session, name: None, colour: None }],
            49 => vec![Command::Leave { session }],
            _ => {
                let input = PlayerInput { buttons: Buttons(round as u8), aim: Angle((round * 400) as u16) };
                vec![Command::Input { session, input: TimedInput { tick: Tick(0), input, rewind: 20 } }]
            }
        };
        recorder.begin_step(|out| put_commands(out, &commands));
        spoil(round, &mut commands);
        sim.step(&commands);
        recorder.end_step(sim.quick_checksum());
        if round % 70 == 13 {
            recorder.skip(4);
            sim.skip(4);
        }
        if recorder.is_due(sim.tick().0) {
            let write = |dropped: Arc<Segment>| {
                put_next(&mut bytes, &dropped);
                Some(dropped)
            };
            recorder.begin_segment(sim.tick().0, write, |out| put(out, &sim.state()));
        }
    }
    recorder.segments().for_each(|segment| put_next(&mut bytes, segment));
    (bytes, sim.tick().0, Checksum::of(&sim.state()))
}

#[test]
fn commands_are_read_as_they_were_written() {
    let mut bytes = Vec::new();
    put_commands(&mut bytes, &commands());
    assert_eq!(read_commands(&bytes), Ok(commands()));
    for end in 0..bytes.len() {
        // A cut between two commands leaves whole ones.
        let is_shorter = read_commands(&bytes[..end]).map_or(true, |read| read == commands()[..read.len()]);
        assert!(is_shorter, "cut at {end}");
    }
}

#[test]
fn encoding_of_commands_is_that_of_its_version() {
    let mut bytes = Vec::new();
    put_commands(&mut bytes, &commands());
    let hash = recorder::base_hash(&bytes);
    assert_eq!(
        hash, COMMANDS_HASH,
        "the encoding of commands has changed: increase COMMANDS_VERSION, and note the new hash"
    );
}

/// Of the encoding of [`commands`] by this version.
const COMMANDS_HASH: u64 = 2_478_952_375_836_371_766;

#[test]
fn game_is_replayed_to_the_same_tick_and_state() {
    for has_bases in [true, false] {
        let (bytes, tick, checksum) = recorded(has_bases, |_, _| {});
        for is_verified in [true, false] {
            let replayed = replay(&bytes, is_verified, |tick| panic!("tick {tick} was finished")).unwrap();
            assert_eq!((replayed.from, replayed.tick, replayed.checksum), (0, tick, checksum));
            assert_eq!((replayed.difference, replayed.cut, &*replayed.arena), (None, 0, "Duel"));
        }
    }
}

#[test]
fn first_tick_that_differs_is_named() {
    // What was stepped is not what was recorded: an input is lost, as if the simulation had lost it.
    let (bytes, ..) = recorded(true, |round, commands| {
        if round == 130 {
            commands.clear();
        }
    });
    let replayed = replay(&bytes, true, |_| {}).unwrap();
    let difference = replayed.difference.expect("it differs");
    // The 131st tick, and four skipped ones before it, twice.
    assert_eq!((difference.tick, replayed.tick), (139, 139));
    assert_ne!(difference.recorded, difference.replayed);
    assert_eq!(replay(&bytes, false, |_| {}).unwrap().difference, None, "it is not asked for");
}

#[test]
fn unfinished_tick_is_announced_before_it_is_stepped() {
    let (mut bytes, tick, _) = recorded(true, |_, _| {});
    let recording = recorder::decode(&bytes, CONTENT).unwrap();
    let last = replay(&bytes, false, |_| {}).unwrap();
    let state = {
        let (arena, _) = decode::<(Arena, u16), DEFINITION_BYTES_MAX>(recording.definition.arena).unwrap();
        let first = decode::<UncheckedState, SNAPSHOT_BYTES_MAX>(recording.segments[0].base).unwrap();
        ReplicatedSim::restore(first, Emberdrift::map(arena, RATE), RATE).unwrap()
    };
    assert_eq!(last.tick, tick);
    let mut recorder = Recorder::new(100, 0, |out| put(out, &state.state()));
    recorder.begin_step(|out| put_commands(out, &commands()));
    let definition = recording.definition.arena.to_vec();
    bytes.clear();
    put_header(&mut bytes, Definition { content: CONTENT, arena: &definition });
    recorder.segments().for_each(|segment| put_segment(&mut bytes, segment, true));
    let mut unfinished = Vec::new();
    let replayed = replay(&bytes, true, |tick| unfinished.push(tick)).unwrap();
    assert_eq!((unfinished, replayed.tick), (vec![state.tick().0 + 1], state.tick().0 + 1));
}

proptest! {
    #[test]
    fn any_commands_are_read_or_refused(bytes in proptest::collection::vec(0..6_u8, 0..80)) {
        let read = read_commands::<PlayerInput>(&bytes);
        prop_assert!(read.is_err() || read.is_ok_and(|commands| commands.len() <= bytes.len()));
    }
}
