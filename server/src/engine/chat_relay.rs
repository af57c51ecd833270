//! Lines for the players of all arenas: bounds their rate on this node, and takes them from the arenas to the task that passes them on.
//!
//! Invariant: an arena never waits here. A line for which there is no place is rejected, and its author is told.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use shared::engine::{
    chat::{ChatRejection, ChatText},
    ids::{PlayerId, PlayerName},
};
use tokio::sync::mpsc;

use super::{
    chat::AUTHOR_ELSEWHERE, client_network::ClientNetwork, fair_budget::FairBudget, token_bucket::Rate,
};

/// Lines to all arenas that the players of a node may say: each reaches every player of the cluster.
const NODE: Rate = Rate::new(1, 10);
/// Those that the players of one network may say whatever the others do.
const NETWORK: Rate = Rate { per_second: 0.1, burst: 3 };
/// Lines that wait to be passed on.
const WAITING_MAX: usize = 16;

/// A line for the players of all arenas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineToAll {
    /// Its author, if that is a player of this node.
    pub from: Option<Author>,
    /// The author's name.
    pub name: PlayerName,
    /// The line.
    pub text: ChatText,
}

/// A player of an arena of this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Author {
    arena: u64,
    player: PlayerId,
}

/// Where the lines of all arenas come out.
pub type LinesToAll = mpsc::Receiver<Arc<LineToAll>>;

/// What the relays of all arenas of a node have in common.
#[derive(Debug)]
struct Common {
    lines: mpsc::Sender<Arc<LineToAll>>,
    budget: Mutex<FairBudget>,
    arenas: AtomicU64,
}

/// The way of one arena's lines to all others. By default there is none, and each line is rejected.
#[derive(Clone, Debug, Default)]
pub struct ChatRelay {
    /// The number of the arena, from 1.
    arena: u64,
    common: Option<Arc<Common>>,
}

impl ChatRelay {
    /// For a node. Each arena takes one of its own [`for_arena`](Self::for_arena).
    pub fn new() -> (Self, LinesToAll) {
        let (lines, receiver) = mpsc::channel(WAITING_MAX);
        let budget = Mutex::new(FairBudget::new(NODE, NETWORK));
        let common = Common { lines, budget, arenas: AtomicU64::new(1) };
        (Self { arena: 0, common: Some(Arc::new(common)) }, receiver)
    }

    /// For another arena of the same node.
    #[must_use]
    pub fn for_arena(&self) -> Self {
        let arena = self.common.as_ref().map_or(0, |common| common.arenas.fetch_add(1, Ordering::Relaxed));
        Self { arena, common: self.common.clone() }
    }

    /// Passes a line of a player of this arena on, to the players of this arena too.
    pub fn offer(
        &self,
        (player, name): (PlayerId, &PlayerName),
        text: ChatText,
        network: Option<ClientNetwork>,
        now: Instant,
    ) -> Result<(), ChatRejection> {
        let common = self.common.as_ref().ok_or(ChatRejection::UnknownCommand)?;
        // Another arena looks at the budget at this moment: to wait for it would delay the tick.
        let mut budget = common.budget.try_lock().map_err(|_| ChatRejection::ArenaRateLimited)?;
        if !budget.take(network, now) {
            return Err(ChatRejection::ArenaRateLimited);
        }
        let from = Some(Author { arena: self.arena, player });
        let line = LineToAll { from, name: name.clone(), text };
        common.lines.try_send(Arc::new(line)).map_err(|_| ChatRejection::ArenaRateLimited)
    }

    /// Who has said a line, as the players of this arena are told.
    pub fn author_of(&self, line: &LineToAll) -> PlayerId {
        line.from.filter(|from| from.arena == self.arena).map_or(AUTHOR_ELSEWHERE, |from| from.player)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn offer(relay: &ChatRelay, last: u8, now: Instant) -> Result<(), ChatRejection> {
        let network = ClientNetwork::of([192, 0, 2, last].into());
        let name = PlayerName::new("Ada").unwrap();
        relay.offer((PlayerId(3), &name), ChatText::new("hi").unwrap(), network, now)
    }

    #[test]
    fn author_is_known_in_its_own_arena_only() {
        let (node, mut lines) = ChatRelay::new();
        let (first, second) = (node.for_arena(), node.for_arena());
        assert_eq!(offer(&first, 1, Instant::now()), Ok(()));
        let line = lines.try_recv().unwrap();
        assert_eq!((first.author_of(&line), second.author_of(&line)), (PlayerId(3), AUTHOR_ELSEWHERE));
        let of_another_node = LineToAll { from: None, ..LineToAll::clone(&line) };
        assert_eq!(first.author_of(&of_another_node), AUTHOR_ELSEWHERE);
    }

    #[test]
    fn lines_of_a_node_are_bounded_and_each_network_has_a_share() {
        let (node, mut lines) = ChatRelay::new();
        let (arena, start) = (node.for_arena(), Instant::now());
        let taken = (0..20).filter(|_| offer(&arena, 1, start).is_ok()).count();
        assert_eq!(taken, 5, "one network gets half of the budget at once");
        assert_eq!((0..5).filter(|_| offer(&arena, 2, start).is_ok()).count(), 3, "its share");
        assert_eq!(offer(&arena, 2, start), Err(ChatRejection::ArenaRateLimited));
        assert_eq!(offer(&arena, 3, start + Duration::from_secs(1)), Ok(()));
        assert_eq!(std::iter::from_fn(|| lines.try_recv().ok()).count(), 9);
    }

    #[test]
    fn lines_that_are_not_passed_on_are_rejected_and_without_a_node_all_are() {
        let (node, lines) = ChatRelay::new();
        let (arena, start) = (node.for_arena(), Instant::now());
        let mut accepted = 0;
        for second in 0..60 {
            accepted += usize::from(offer(&arena, 1, start + Duration::from_secs(second)).is_ok());
        }
        assert_eq!((accepted, lines.len()), (WAITING_MAX, WAITING_MAX));
        assert_eq!(offer(&ChatRelay::default(), 1, start), Err(ChatRejection::UnknownCommand));
    }
}
