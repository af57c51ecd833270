//! Files: arena files, and snapshots of arenas.

use std::{sync::LazyLock, time::Instant};

use server::{
    engine::tick_loop::Ticking,
    game::{
        arena_file,
        arena_loop::{ArenaLoop, NetworkSide, Persistence},
        saved_arena::SavedArena,
    },
};
use shared::game::terrain::Terrain;

use crate::arena::{ARENA, TICK_RATE, settings};

/// An arena file. One that loads can be played in, and an error tells where it is.
pub(crate) fn arena_file(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match arena_file::parse(text, "fuzzed.ron") {
        Ok(loaded) => assert!(loaded.arena.validate().is_ok()),
        Err(error) => {
            let said = error.to_string();
            assert!(said.contains("fuzzed.ron") && said.len() < 1000, "{said}");
        }
    }
}

/// A snapshot of an arena, with its checksum, or without it so that the fuzzer gets past it. One that is read can go on, and be
/// saved and read again.
pub(crate) fn snapshot(bytes: &[u8]) {
    static TERRAIN: LazyLock<Terrain> = LazyLock::new(|| Terrain::new(ARENA.clone()));
    let read = SavedArena::read(bytes, &TERRAIN, TICK_RATE).ok();
    let Some(saved) = read.or_else(|| SavedArena::decode(bytes, &TERRAIN, TICK_RATE).ok()) else { return };
    let (mut network, _inbox) = NetworkSide::detached(8).expect("the system has random numbers");
    network.resume_key = saved.key.clone();
    let mut arena = ArenaLoop::with_persistence(settings(), network, Persistence::of(saved));
    for _ in 0..8 {
        arena.tick(Instant::now());
    }
    let again = SavedArena::decode(&arena.payload(), &TERRAIN, TICK_RATE);
    assert!(again.is_ok(), "it cannot be read again: {:?}", again.err());
}
