//! The file of an arena has changed: the game goes on in the new one, with the same players.

use shared::{
    engine::protocol::CloseReason,
    game::{arena::Arena, terrain::Terrain},
};

use super::{
    clients::Clients, flight_recorder::FlightRecorder, overload::Overload, persistence::Snapshots,
    state::ArenaState,
};
use crate::game::sim::Command;

/// Another arena for a game that runs, made ready before its simulation thread sees it.
#[derive(Debug)]
pub struct AnotherArena {
    terrain: Terrain,
    drones: u16,
}

/// What knows of the arena.
pub(super) struct Affected<'a> {
    pub(super) arena: &'a mut ArenaState,
    pub(super) clients: &'a mut Clients,
    pub(super) overload: &'a mut Overload,
    pub(super) flight_recorder: &'a mut FlightRecorder,
    pub(super) snapshots: Option<&'a mut Snapshots>,
}

impl AnotherArena {
    /// `arena` is valid, and has the name of the one before. Drones fill it up to this many ships.
    pub fn new(arena: Arena, drones: u16) -> Self {
        Self { terrain: Terrain::new(arena), drones }
    }

    /// Takes the place of the one before, from the next tick on. Every connection is closed, because the arena is in the welcome;
    /// clients come back at once by their tokens.
    pub(super) fn replace(self, affected: Affected<'_>) {
        let Self { terrain, drones } = self;
        let Affected { arena, clients, overload, flight_recorder, snapshots } = affected;
        let tick_rate = arena.sim.timing().tick_rate;
        arena.publisher.move_to(&terrain, tick_rate, CloseReason::Restarting);
        clients.forget_viewers();
        let ships = overload.fill_up_to(drones);
        arena.sim.move_to(terrain, ships);
        arena.commands.push(Command::FillWithDrones { ships });
        // What was recorded and kept is of the arena before.
        flight_recorder.move_to(&arena.sim);
        if let Some(snapshots) = snapshots {
            snapshots.move_to(&arena.sim);
        }
        tracing::info!("the arena is another one from tick {} on", arena.sim.world().tick.0);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{
        engine::{sessions::Seats, tick_loop::Ticking},
        game::{
            arena_file,
            arena_loop::{ArenaLoop, ArenaSettings, NetworkSide},
            saved_arena::SavedArena,
        },
    };

    #[test]
    fn state_fits_the_other_arena_and_no_longer_the_one_before() {
        let settings = ArenaSettings {
            arena: arena_file::load("drift").expect("the arena is embedded"),
            tick_rate: 20,
            drones: 10,
            seats: Seats::new(2),
            seed: 1,
            reconnect_grace: Duration::from_secs(10),
            slow_tick: None,
            fail_after: None,
        };
        let (network, _inbox) = NetworkSide::detached(10).expect("randomness");
        let mut arena = ArenaLoop::new(settings.clone(), network);
        let tick = |arena: &mut ArenaLoop| (0..100).for_each(|_| arena.tick(Instant::now()));
        tick(&mut arena);
        let mut other = settings.arena.clone();
        other.size *= 0.5;
        other.rocks.clear();
        arena.move_to(AnotherArena::new(other.clone(), 5));
        tick(&mut arena);
        assert_eq!((arena.world().tick.0, arena.world().pilots.len()), (200, 5));
        let payload = arena.payload();
        let fits = |arena: Arena| SavedArena::decode(&payload, &Terrain::new(arena), 20).map(drop);
        assert_eq!(fits(other), Ok(()));
        assert!(fits(settings.arena).is_err());
    }
}
