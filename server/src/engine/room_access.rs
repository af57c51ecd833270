//! Which clients may enter a room, beyond the rules of every arena: its creator can lock it, and keep out the network of a removed
//! player. It lasts as long as the room, also while the room sleeps.

use std::sync::{Mutex, MutexGuard, PoisonError};

use shared::engine::protocol::CloseReason;

use super::{client_network::ClientNetwork, records::LastingId};

/// Networks that are kept out at a time. Then the one that was removed first may come back.
const BANNED_MAX: usize = 64;

/// How a client has come to a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// Seats that are reserved for other players, which another node has sent here.
    pub held: u32,
    /// Who it is on every visit, as the node has found that sent it here.
    pub lasting: Option<LastingId>,
}

/// Which clients may enter a room.
#[derive(Debug, Default)]
pub struct RoomAccess(Mutex<Rules>);

#[derive(Debug, Default)]
struct Rules {
    is_locked: bool,
    /// Oldest first.
    banned: Vec<ClientNetwork>,
}

impl RoomAccess {
    fn rules(&self) -> MutexGuard<'_, Rules> {
        // Valid after a panic elsewhere too: each change is one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks or unlocks the room.
    pub fn set_locked(&self, is_locked: bool) {
        self.rules().is_locked = is_locked;
    }

    /// Whether the room is locked.
    pub fn is_locked(&self) -> bool {
        self.rules().is_locked
    }

    /// Keeps out a network.
    pub fn ban(&self, network: ClientNetwork) {
        let banned = &mut self.rules().banned;
        if banned.contains(&network) {
            return;
        }
        if banned.len() == BANNED_MAX {
            banned.remove(0);
        }
        banned.push(network);
    }

    /// Whether a client of this network may enter, or why not.
    pub fn check(&self, network: Option<ClientNetwork>) -> Result<(), CloseReason> {
        let rules = self.rules();
        if network.is_some_and(|network| rules.banned.contains(&network)) {
            Err(CloseReason::Removed)
        } else if rules.is_locked {
            Err(CloseReason::RoomLocked)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(last: u8) -> Option<ClientNetwork> {
        ClientNetwork::of([203, 0, 113, last].into())
    }

    #[test]
    fn locked_room_admits_no_client_and_an_unlocked_one_all_but_the_banned() {
        let access = RoomAccess::default();
        assert_eq!(access.check(network(1)), Ok(()));
        access.ban(network(1).unwrap());
        assert_eq!(access.check(network(1)), Err(CloseReason::Removed));
        assert_eq!((access.check(network(2)), access.check(None)), (Ok(()), Ok(())));
        access.set_locked(true);
        assert_eq!(access.check(network(1)), Err(CloseReason::Removed));
        assert_eq!(access.check(network(2)), Err(CloseReason::RoomLocked));
        assert_eq!(access.check(None), Err(CloseReason::RoomLocked));
        access.set_locked(false);
        assert_eq!(access.check(network(2)), Ok(()));
    }

    #[test]
    fn number_of_banned_networks_is_bounded_and_the_oldest_is_let_go() {
        let access = RoomAccess::default();
        for last in 0..=BANNED_MAX as u8 {
            access.ban(network(last).unwrap());
            access.ban(network(last).unwrap());
        }
        assert_eq!(access.rules().banned.len(), BANNED_MAX);
        assert_eq!(access.check(network(0)), Ok(()));
        assert_eq!(access.check(network(1)), Err(CloseReason::Removed));
    }
}
