//! What can be seen of an arena's loop from outside: the simulation, what its viewers were sent, and how much it holds of its
//! clients. For tests and simulations of a whole server; nothing here changes anything.

use super::ArenaLoop;
use crate::{
    engine::sessions::HeldSessions,
    game::{
        replication::Publisher,
        sim::{Simulation, World},
    },
};

/// How much an arena holds of its clients. All of it is 0 once every client has left and no grace period runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// In the table of sessions.
    pub sessions: HeldSessions,
    /// Those that are sent frames, each with an outbox.
    pub viewers: usize,
    /// Names that no other player may take.
    pub names: usize,
}

impl ArenaLoop {
    /// The world after the last tick.
    pub fn world(&self) -> &World {
        self.arena.sim.world()
    }

    /// The simulation after the last tick, with the events of that tick.
    pub fn simulation(&self) -> &Simulation {
        &self.arena.sim
    }

    /// What the viewers have been sent.
    pub fn publisher(&self) -> &Publisher {
        &self.arena.publisher
    }

    /// How much is held of the clients after the last tick.
    pub fn held(&self) -> Held {
        let (sessions, names) = self.clients.held();
        Held { sessions, viewers: self.arena.publisher.viewers(), names }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use shared::engine::protocol::Role;

    use super::*;
    use crate::{
        engine::{
            inbox::{Inbound, Join},
            outbox::OutboxSender,
            sessions::{ConnectionId, Seats},
            tick_loop::Ticking,
        },
        game::{
            arena_file,
            arena_loop::{ArenaSettings, NetworkSide},
        },
    };

    #[test]
    fn all_that_is_held_of_a_client_is_counted_and_gone_after_its_grace_period() {
        let (network, inbox) = NetworkSide::detached(9).expect("the system has randomness");
        let settings = ArenaSettings {
            arena: arena_file::load("duel").expect("the arena is embedded"),
            tick_rate: 10,
            drones: 0,
            seats: Seats::new(2),
            seed: 1,
            reconnect_grace: Duration::from_secs(1),
            slow_tick: None,
            fail_after: None,
        };
        let mut arena = ArenaLoop::new(settings, network);
        let (outbox, _receiver) = OutboxSender::new();
        let connection = ConnectionId(1);
        let join = Join {
            connection,
            name: shared::engine::ids::PlayerName::new("Ada").ok(),
            colour: None,
            role: Role::Player,
            network: None,
            claim: None,
            may_enter: true,
            outbox,
        };
        inbox.offer(Inbound::Joined(join)).expect("there is room");
        arena.tick(Instant::now());
        let sessions = HeldSessions { rows: 1, connected: 1, seats: 1, ..HeldSessions::default() };
        assert_eq!(arena.held(), Held { sessions, viewers: 1, names: 1 });
        inbox.offer(Inbound::Left { connection, is_final: false }).expect("there is room");
        arena.tick(Instant::now());
        let sessions = HeldSessions { rows: 1, disconnects: 1, seats: 1, ..HeldSessions::default() };
        assert_eq!(arena.held(), Held { sessions, viewers: 0, names: 1 });
        (0..10).for_each(|_| arena.tick(Instant::now()));
        assert_eq!(arena.held(), Held::default());
    }
}
