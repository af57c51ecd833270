//! How many players and spectators an arena admits, in all and from one network. A disconnected player keeps its seat for the
//! reconnect grace period; spectators have seats of their own.

use shared::engine::protocol::{CloseReason, Role};

use crate::engine::client_network::{ClientNetwork, Holdings};

/// Messages that may wait for the simulation: at 128 inputs a second and a tick of 100 ms a player has 13 of them.
const INBOX_PER_PLAYER: usize = 16;
/// The same of a spectator, which acknowledges a frame each tick.
const INBOX_PER_SPECTATOR: usize = 2;
/// Room for many clients that join or leave at once, and for what a slow network held back. What one client delivers is bounded by
/// its [rates](crate::engine::delivery_rates), and how often its network joins by
/// [`Limits::join_rate`](crate::engine::net::Limits::join_rate).
const INBOX_SPARE: usize = 4096;

/// The seats of an arena.
#[derive(Clone, Copy, Debug)]
pub struct Seats {
    /// For players, disconnected ones included.
    pub players: usize,
    /// For spectators.
    pub spectators: usize,
    /// Of each of these for one network; an IPv6 site may have as many as four networks.
    pub per_network: usize,
}

impl Seats {
    /// The default number for one network if there are seats for `players`: a quarter, 4 to 32. A household or an office plays
    /// together, and yet one network cannot fill the arena.
    pub fn per_network(players: usize) -> usize {
        (players / 4).clamp(4, 32)
    }

    /// For `players` players and as many spectators, with the default number for one network.
    pub fn new(players: usize) -> Self {
        Self { players, spectators: players, per_network: Self::per_network(players) }
    }

    /// Messages of clients in these seats that may wait for the simulation.
    pub fn inbox_capacity(&self) -> usize {
        INBOX_SPARE + INBOX_PER_PLAYER * self.players + INBOX_PER_SPECTATOR * self.spectators
    }
}

/// Which seats are taken.
#[derive(Debug, Default)]
pub(super) struct Occupancy {
    players: Taken,
    spectators: Taken,
}

/// The seats of one role that are taken.
#[derive(Debug, Default)]
struct Taken {
    count: usize,
    by_network: Holdings,
}

impl Occupancy {
    /// Whether there is a seat, or why not.
    pub(super) fn check(
        &self,
        seats: &Seats,
        role: Role,
        network: Option<ClientNetwork>,
    ) -> Result<(), CloseReason> {
        let (taken, most) = match role {
            Role::Player => (&self.players, seats.players),
            Role::Spectator => (&self.spectators, seats.spectators),
        };
        if taken.count >= most {
            Err(CloseReason::Full)
        } else if taken.by_network.has_room(network, seats.per_network) {
            Ok(())
        } else {
            Err(CloseReason::TooManyFromNetwork)
        }
    }

    pub(super) fn players(&self) -> usize {
        self.players.count
    }

    pub(super) fn all(&self) -> usize {
        self.players.count + self.spectators.count
    }

    pub(super) fn enter(&mut self, role: Role, network: Option<ClientNetwork>) {
        let taken = self.of(role);
        taken.count += 1;
        taken.by_network.add(network);
    }

    pub(super) fn leave(&mut self, role: Role, network: Option<ClientNetwork>) {
        let taken = self.of(role);
        taken.count -= 1;
        taken.by_network.remove(network);
    }

    fn of(&mut self, role: Role) -> &mut Taken {
        match role {
            Role::Player => &mut self.players,
            Role::Spectator => &mut self.spectators,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_its_seats_and_each_network_its_part_of_them() {
        let seats = Seats { players: 3, spectators: 1, per_network: 2 };
        let network = |last| ClientNetwork::of([192, 0, 2, last].into());
        let mut occupancy = Occupancy::default();
        let mut enter = |role, network| {
            let checked = occupancy.check(&seats, role, network);
            if checked.is_ok() {
                occupancy.enter(role, network);
            }
            checked
        };
        assert_eq!(enter(Role::Spectator, network(1)), Ok(()));
        assert_eq!(enter(Role::Spectator, network(2)), Err(CloseReason::Full));
        assert_eq!(enter(Role::Player, network(1)), Ok(()));
        assert_eq!(enter(Role::Player, network(1)), Ok(()));
        assert_eq!(enter(Role::Player, network(1)), Err(CloseReason::TooManyFromNetwork));
        assert_eq!(enter(Role::Player, network(2)), Ok(()));
        assert_eq!(enter(Role::Player, network(2)), Err(CloseReason::Full));
        occupancy.leave(Role::Player, network(1));
        assert_eq!(occupancy.check(&seats, Role::Player, network(1)), Ok(()));
        for (role, last) in [(Role::Player, 1), (Role::Player, 2), (Role::Spectator, 1)] {
            occupancy.leave(role, network(last));
        }
        for taken in [occupancy.players, occupancy.spectators] {
            assert!(taken.by_network.is_empty() && taken.count == 0);
        }
    }

    #[test]
    fn default_for_one_network_is_a_quarter_from_4_to_32() {
        assert_eq!([1, 16, 40, 2000].map(Seats::per_network), [4, 4, 10, 32]);
    }
}
