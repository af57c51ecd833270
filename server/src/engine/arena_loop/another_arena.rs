//! The file of an arena has changed: the game goes on in the new one, with the same players.

use shared::engine::{
    game_trait::{Arena as _, Game},
    protocol::CloseReason,
};

use super::{
    clients::Clients, flight_recorder::FlightRecorder, overload::Overload, persistence::Snapshots,
    state::ArenaState,
};
use crate::engine::simulation::{Command, Simulation};

/// Another arena for a game that runs, made ready before its simulation thread sees it.
#[derive(Debug)]
pub struct AnotherArena<G: Game> {
    map: G::Map,
    bots: u16,
}

/// What knows of the arena.
pub(super) struct Affected<'a, S: Simulation> {
    pub(super) arena: &'a mut ArenaState<S>,
    pub(super) clients: &'a mut Clients,
    pub(super) overload: &'a mut Overload,
    pub(super) flight_recorder: &'a mut FlightRecorder,
    pub(super) snapshots: Option<&'a mut Snapshots>,
}

impl<G: Game> AnotherArena<G> {
    /// `arena` is valid, and has the name of the one before. Bots fill it up to this many bodies.
    pub fn new(arena: G::Arena, tick_rate: u16, bots: u16) -> Self {
        Self { map: G::map(arena, tick_rate), bots }
    }

    /// Takes the place of the one before, from the next tick on. Every connection is closed, because the arena is in the welcome;
    /// clients come back at once by their tokens.
    pub(super) fn replace<S: Simulation<Game = G>>(self, affected: Affected<'_, S>) {
        let Self { map, bots } = self;
        let Affected { arena, clients, overload, flight_recorder, snapshots } = affected;
        let tick_rate = arena.sim.tick_rate();
        arena.publisher.move_to(G::arena_of(&map).grid(), tick_rate, CloseReason::Restarting);
        clients.forget_viewers();
        let bodies = overload.fill_up_to(bots);
        arena.sim.move_to(map, bodies);
        arena.commands.push(Command::FillWithBots { bodies });
        // What was recorded and kept is of the arena before.
        flight_recorder.move_to(&arena.sim);
        if let Some(snapshots) = snapshots {
            snapshots.move_to(&arena.sim);
        }
        tracing::info!("the changed arena is in force from tick {} on", arena.sim.tick().0);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use shared::engine::testing::Square;

    use super::*;
    use crate::engine::{
        arena_loop::{ArenaLoop, ArenaSettings, NetworkSide},
        saved_arena::SavedArena,
        sessions::Seats,
        testing::TestSimulation,
        tick_loop::Ticking,
    };

    #[test]
    fn state_fits_the_other_arena_and_no_longer_the_one_before() {
        let settings = ArenaSettings {
            arena: Square(2048.0),
            tick_rate: 20,
            bots: 10,
            seats: Seats::new(2),
            seed: 1,
            reconnect_grace: Duration::from_secs(10),
            slow_tick: None,
            fail_after: None,
        };
        let (network, _inbox) = NetworkSide::detached(10).expect("randomness");
        let mut arena = ArenaLoop::<TestSimulation>::new(settings, network);
        let tick = |arena: &mut ArenaLoop<_>| (0..100).for_each(|_| arena.tick(Instant::now()));
        tick(&mut arena);
        arena.move_to(AnotherArena::new(Square(1024.0), 20, 5));
        tick(&mut arena);
        assert_eq!((arena.simulation().tick().0, arena.simulation().players().len()), (200, 5));
        let payload = arena.payload();
        let fits = |side| SavedArena::<TestSimulation>::decode(&payload, &Square(side), 20).map(drop);
        assert_eq!(fits(1024.0), Ok(()));
        assert!(fits(2048.0).is_err());
    }
}
