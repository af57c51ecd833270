//! The rooms and arenas of this server as its cluster sees them: listed, taken in, and handed on. Must not know how nodes talk.

use std::{fmt, sync::Arc};

use futures_util::{FutureExt, future::BoxFuture};
use shared::engine::feed::ArenaEntry;
use tokio::task::spawn_blocking;

use super::{
    Rooms,
    files::KeptRoom,
    moved::unpack,
    room::{Room, failed},
};
use crate::engine::{
    arena_loop::ArenaSettings,
    arena_status::ArenaStatus,
    chat_relay::LineToAll,
    cluster::WorldHost,
    game_server::GameServer,
    net::{ArenaHandle, RoomHost as _},
    room_code::{RoomCode, RoomKeyHash},
    simulation::ArenaOf,
    tick_loop::Hosted as _,
};
use crate::run::everyone::Everyone;

/// An arena of the server, which becomes a room when the server stops.
pub(in crate::run) struct Fixed<S: GameServer> {
    pub(in crate::run) arena: Arc<ArenaHandle>,
    pub(in crate::run) status: Arc<ArenaStatus>,
    pub(in crate::run) settings: ArenaSettings<ArenaOf<S>>,
}

/// All worlds of a server.
pub(in crate::run) struct Worlds<S: GameServer> {
    rooms: Arc<Rooms<S>>,
    arenas: Vec<Fixed<S>>,
    everyone: Arc<Everyone<S>>,
}

impl<S: GameServer> fmt::Debug for Worlds<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Worlds").field("arenas", &self.arenas.len()).finish_non_exhaustive()
    }
}

impl<S: GameServer> Worlds<S> {
    pub(in crate::run) fn new(
        rooms: Arc<Rooms<S>>,
        arenas: Vec<Fixed<S>>,
        everyone: Arc<Everyone<S>>,
    ) -> Self {
        Self { rooms, arenas, everyone }
    }

    async fn adopt(&self, code: RoomCode, world: Vec<u8>) -> Result<(), String> {
        let (parts, rate) = (self.rooms.parts.clone(), self.rooms.parts.defaults.tick_rate());
        let share = self.rooms.shares.take(None).ok_or("there is no place for another room")?;
        let room = spawn_blocking(move || {
            let moved = unpack::<S>(&world, rate)?;
            Ok::<_, String>(Room::asleep(parts, code, moved.kept, share, moved.payload))
        });
        let room = room.await.map_err(|error| error.to_string())??;
        self.rooms.rooms().insert(code, Arc::new(room));
        Ok(())
    }

    /// Makes a room of an arena that has players. Its code; `None` if there is none, or no code.
    async fn to_room(&self, fixed: &Fixed<S>) -> Option<RoomCode> {
        if fixed.arena.admission.telemetry.player_seats_taken.get() == 0 {
            return None;
        }
        let share = self.rooms.shares.take(None)?;
        let (_, key) = RoomKeyHash::new_key().map_err(failed).ok()?;
        let code = self.rooms.free_code().await.ok()?;
        let (threads, status) = (Arc::clone(&self.rooms.parts.opener.threads), Arc::clone(&fixed.status));
        let taken = spawn_blocking(move || {
            let arena = threads.remove(&status)?;
            let (map, payload) = (arena.inner().arena().clone(), arena.inner().payload());
            arena.finish();
            Some((map, payload))
        });
        let (arena, payload) = taken.await.map_err(failed).ok()??;
        let settings = &fixed.settings;
        let kept = KeptRoom {
            arena,
            bots: settings.bots,
            players: u16::try_from(settings.seats.players).unwrap_or(u16::MAX),
            key,
            next_key: None,
            is_public: true,
            is_locked: false,
            has_chat: true,
        };
        let clients = (payload, Arc::clone(&fixed.arena));
        let room = Room::of_arena(self.rooms.parts.clone(), code, kept, share, clients);
        self.rooms.rooms().insert(code, Arc::new(room));
        Some(code)
    }
}

impl<S: GameServer> WorldHost for Worlds<S> {
    fn entries(&self) -> Vec<ArenaEntry> {
        self.arenas.iter().map(|fixed| fixed.arena.entry()).chain(self.rooms.public()).collect()
    }

    fn has_place(&self) -> bool {
        self.rooms.has_place()
    }

    fn free_seats(&self, code: RoomCode) -> Option<u32> {
        Some(self.rooms.find(code)?.entry_here()?.free)
    }

    fn held(&self) -> Vec<RoomCode> {
        self.rooms.rooms().keys().copied().collect()
    }

    fn pack(&self, code: RoomCode, snapshot: &[u8]) -> Option<Vec<u8>> {
        Some(self.rooms.find(code)?.packed(snapshot))
    }

    fn adopt(&self, code: RoomCode, world: Vec<u8>) -> BoxFuture<'_, Result<(), String>> {
        Self::adopt(self, code, world).boxed()
    }

    fn arenas_to_rooms(&self) -> BoxFuture<'_, Vec<RoomCode>> {
        async move {
            let mut codes = Vec::new();
            for fixed in &self.arenas {
                codes.extend(self.to_room(fixed).await);
            }
            codes
        }
        .boxed()
    }

    fn take(&self, code: RoomCode) -> BoxFuture<'_, Option<Vec<u8>>> {
        async move { self.rooms.find(code)?.take().await }.boxed()
    }

    fn give_up(&self, code: RoomCode, url: String) -> BoxFuture<'_, ()> {
        async move {
            let room = self.rooms.rooms().remove(&code);
            if let Some(room) = room {
                room.send_to(&url).await;
            }
        }
        .boxed()
    }

    fn keep(&self, code: RoomCode) -> BoxFuture<'_, ()> {
        async move {
            if let (Some(room), Some(cluster)) = (self.rooms.find(code), &self.rooms.cluster) {
                room.stay(cluster.url()).await;
            }
        }
        .boxed()
    }

    fn announce(&self, text: &str) {
        self.everyone.announce(text);
    }

    fn say(&self, line: &Arc<LineToAll>) {
        self.everyone.say(line);
    }
}
