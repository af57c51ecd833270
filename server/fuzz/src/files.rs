//! What the server itself wrote: snapshots of arenas, and recordings of games.

use std::time::Instant;

use server::{
    engine::{
        recorder::{Definition, Recorder, put_header, put_segment},
        recording::{content, definition, put_commands, replay},
        sessions::SessionId,
        simulation::{Setup, Simulation},
        tick_loop::Ticking,
    },
    game::{
        ArenaLoop, NetworkSide, Persistence, SavedArena,
        replicated::ReplicatedSim,
        sim::{Command, TimedInput},
    },
};
use shared::{
    engine::{
        game_trait::Game as _,
        ids::Tick,
        input::{Angle, Buttons, PlayerInput},
        protocol::put,
    },
    game::Emberdrift,
};

use crate::arena::{ARENA, TICK_RATE, settings};

/// A snapshot of an arena, with its checksum, or without it so that the fuzzer gets past it. One that is read can go on, and be
/// saved and read again.
pub(crate) fn snapshot(bytes: &[u8]) {
    let read = SavedArena::read(bytes, &ARENA, TICK_RATE).ok();
    let Some(saved) = read.or_else(|| SavedArena::decode(bytes, &ARENA, TICK_RATE).ok()) else { return };
    let (mut network, _inbox) = NetworkSide::detached(8).expect("the system has random numbers");
    network.resume_key = saved.key.clone();
    let mut arena = ArenaLoop::with_persistence(settings(), network, Persistence::of(saved, 0));
    for _ in 0..8 {
        arena.tick(Instant::now());
    }
    let again = SavedArena::decode(&arena.payload(), &ARENA, TICK_RATE);
    assert!(again.is_ok(), "it cannot be read again: {:?}", again.err());
}

/// A recording, replayed up to the first tick that differs and to its end. They are the same if none does.
pub(crate) fn recording(bytes: &[u8]) {
    let (verified, whole) =
        (replay::<ReplicatedSim>(bytes, true, |_| ()), replay::<ReplicatedSim>(bytes, false, |_| ()));
    match (verified, whole) {
        (Ok(verified), whole) if verified.difference.is_none() => assert_eq!(whole.ok(), Some(verified)),
        // Behind a tick that differs there may be anything.
        (Ok(_), _) => {}
        (Err(_), whole) => assert!(whole.is_err()),
    }
}

/// A recording of a player among drones, in two segments, for a seed.
pub(crate) fn recorded() -> Vec<u8> {
    let mut bytes = Vec::new();
    put_header(
        &mut bytes,
        Definition { content: content::<ReplicatedSim>(), arena: &definition(&*ARENA, TICK_RATE) },
    );
    let map = Emberdrift::map(ARENA.clone(), TICK_RATE);
    let mut sim = ReplicatedSim::new(Setup { map, tick_rate: TICK_RATE, bots: 2, seed: 7 });
    let mut recorder = Recorder::new(15, 0, |out| put(out, &sim.state()));
    let session = SessionId(1);
    for tick in 0..30_u16 {
        let input = PlayerInput { buttons: Buttons(tick as u8), aim: Angle(tick * 900) };
        let input = TimedInput { tick: Tick(0), input, rewind: 20 };
        let command = match tick {
            0 => Command::Join { session, name: None, colour: None },
            29 => Command::Leave { session },
            _ => Command::Input { session, input },
        };
        recorder.begin_step(|out| put_commands(out, std::slice::from_ref(&command)));
        sim.step(&[command]);
        recorder.end_step(sim.quick_checksum());
        if recorder.is_due(sim.tick().0) {
            recorder.begin_segment(sim.tick().0, Some, |out| put(out, &sim.state()));
        }
    }
    recorder.segments().enumerate().for_each(|(at, segment)| put_segment(&mut bytes, segment, at == 0));
    bytes
}
