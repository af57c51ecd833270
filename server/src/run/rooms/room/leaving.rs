//! A room goes to another node: it stops, its clients wait, and then they are sent on, or it stays after all.
//!
//! Invariant: a room that is leaving lets no client in, so that its world goes on in one place only.

use std::{
    mem,
    sync::{Arc, PoisonError},
};

use shared::engine::rooms::RoomEntry;
use tokio::{sync::Mutex, time::Instant};

use super::{Parts, Room, State};
use crate::{
    engine::{
        client_network::Share,
        game_server::GameServer,
        net::{ArenaHandle, socket_of_room},
        room_code::RoomCode,
        simulation::ArenaOf,
    },
    run::rooms::{
        files::KeptRoom,
        moved::{pack, snapshot_of},
    },
};

impl<S: GameServer> Room<S> {
    /// Its arena while it ticks.
    pub(in crate::run::rooms) fn arena(&self) -> Option<Arc<ArenaHandle>> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).arena.clone()
    }

    /// The room, to those who know its code. `None` while it is leaving.
    pub(in crate::run::rooms) fn entry_here(&self) -> Option<RoomEntry> {
        let is_leaving = self.shown.lock().unwrap_or_else(PoisonError::into_inner).is_leaving;
        (!is_leaving).then(|| self.entry())
    }

    /// Stops the room. Returns what another node goes on from; `None` if it is over, or cannot be stopped.
    pub(in crate::run::rooms) async fn take(&self) -> Option<Vec<u8>> {
        let mut state = self.state.lock().await;
        let (payload, arena) = match &mut *state {
            State::Awake { simulated, .. } => {
                let payload = self.take_off(Arc::clone(&simulated.status)).await?;
                let arena = Arc::clone(&simulated.arena);
                self.rest();
                (payload, Some(arena))
            }
            State::Asleep { payload, .. } => (payload.take()?, None),
            State::Leaving { payload, arena } => (mem::take(payload), arena.clone()),
            State::Over => return None,
        };
        let (kept, rate) = (self.made_of().clone(), self.parts.defaults.tick_rate());
        let packed = pack::<S>(&kept, &snapshot_of::<S>(&kept, rate, &payload));
        self.show(|shown| shown.is_leaving = true);
        *state = State::Leaving { payload, arena };
        Some(packed)
    }

    /// A snapshot with what the room is made of.
    pub(in crate::run::rooms) fn packed(&self, snapshot: &[u8]) -> Vec<u8> {
        let kept = self.made_of().clone();
        pack::<S>(&kept, snapshot)
    }

    /// Sends its clients to the node at `url`, and ends it here.
    pub(in crate::run::rooms) async fn send_to(&self, url: &str) {
        let mut state = self.state.lock().await;
        let arena = match mem::replace(&mut *state, State::Over) {
            State::Leaving { arena, .. } => arena,
            State::Awake { simulated, .. } => {
                self.take_off(Arc::clone(&simulated.status)).await;
                self.rest();
                Some(simulated.arena)
            }
            State::Asleep { .. } | State::Over => None,
        };
        if let Some(arena) = arena {
            arena.send_to(socket_of_room(url, self.code, None));
        }
    }

    /// A room that was leaving stays: it goes on when its clients come back, which they do at once.
    pub(in crate::run::rooms) async fn stay(&self, own_url: &str) {
        let mut state = self.state.lock().await;
        if let State::Leaving { payload, arena } = &mut *state {
            if let Some(arena) = arena {
                arena.send_to(socket_of_room(own_url, self.code, None));
            }
            self.show(|shown| shown.is_leaving = false);
            *state = State::Asleep { payload: Some(mem::take(payload)), since: Instant::now() };
        }
    }

    /// A room of an arena of the server that was taken off its thread, whose clients wait at `arena`.
    pub(in crate::run::rooms) fn of_arena(
        parts: Parts<S>,
        code: RoomCode,
        kept: KeptRoom<ArenaOf<S>>,
        share: Share,
        (payload, arena): (Vec<u8>, Arc<ArenaHandle>),
    ) -> Self {
        let room = Self::asleep(parts, code, kept, share, None);
        Self { state: Mutex::new(State::Leaving { payload, arena: Some(arena) }), ..room }
    }
}
