//! The rooms of a server: makes them, finds them by their codes, puts empty ones to sleep, wakes them, and forgets those that have
//! slept for too long. A sleeping room is a few kilobytes and costs no ticks.

mod files;
pub(super) mod hosting;
mod moved;
mod room;
mod wanted;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use rustc_hash::FxHashMap;
use shared::engine::{
    feed::ArenaEntry,
    rooms::{RoomChange, RoomCreated, RoomEntry, RoomRequest},
};
use tokio::{task::spawn_blocking, time::sleep};

use self::room::{Looked, Parts, Room, failed};
pub use self::wanted::RoomLimits;
pub(super) use self::{files::RoomFiles, wanted::RoomDefaults};
use super::arena::Opener;
use crate::engine::{
    client_network::{ClientNetwork, Shares},
    cluster::Cluster,
    game_server::GameServer,
    metrics::RoomTelemetry,
    net::{ArenaHandle, Entered, Peers as _, RoomHost, RoomRefusal},
    room_code::{RoomCode, RoomKeyHash},
    telemetry::Telemetry,
};

/// How often rooms are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Attempts to find a code that is free. Of a thousand rooms, one code in 887,000 is taken.
const CODE_ATTEMPTS: usize = 8;

/// All rooms of a server.
pub(super) struct Rooms<S: GameServer> {
    parts: Parts<S>,
    limits: RoomLimits,
    /// How many each network has made.
    shares: Shares,
    /// Whose nodes share the codes, if this is one of several.
    cluster: Option<Arc<Cluster>>,
    // Clients choose which codes they look for, but not which there are.
    rooms: Mutex<FxHashMap<RoomCode, Arc<Room<S>>>>,
}

impl<S: GameServer> Rooms<S> {
    /// With the rooms that were kept over a restart. Blocks for file IO.
    pub(super) fn new(
        opener: Arc<Opener<S>>,
        files: Arc<RoomFiles>,
        limits: RoomLimits,
        defaults: RoomDefaults<S>,
        cluster: Option<Arc<Cluster>>,
    ) -> Self {
        let shares = Shares::new(limits.per_network);
        let (retired, defaults) = (Arc::new(Telemetry::new(S::GAUGES)), Arc::new(defaults));
        let parts = Parts { opener, retired, files, defaults };
        let kept = parts.files.read_all::<S>(limits.most).into_iter().filter_map(|(code, kept)| {
            // Who made it is not kept.
            Some((code, Arc::new(Room::asleep(parts.clone(), code, kept, shares.take(None)?, None))))
        });
        let rooms: FxHashMap<_, _> = kept.collect();
        if !rooms.is_empty() {
            tracing::info!(rooms = rooms.len(), "rooms are kept; each goes on when a client comes");
        }
        Self { parts, limits, shares, cluster, rooms: Mutex::new(rooms) }
    }

    fn rooms(&self) -> MutexGuard<'_, FxHashMap<RoomCode, Arc<Room<S>>>> {
        // Valid after a panic elsewhere too: each change is one step.
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, code: RoomCode) -> Option<Arc<Room<S>>> {
        self.rooms().get(&code).cloned()
    }

    async fn create(
        &self,
        request: RoomRequest,
        network: Option<ClientNetwork>,
    ) -> Result<RoomCreated, RoomRefusal> {
        if !self.has_place() {
            return Err(RoomRefusal::Full);
        }
        if self.cluster.as_ref().is_some_and(|cluster| !cluster.may_make_rooms()) {
            return Err(RoomRefusal::NotNow);
        }
        let share = self.shares.take(network);
        let share = share.ok_or(RoomRefusal::TooManyFromNetwork(self.limits.per_network))?;
        let (key, key_hash) = RoomKeyHash::new_key().map_err(failed)?;
        // An arena's file is checked for ways through it, which takes milliseconds.
        let defaults = Arc::clone(&self.parts.defaults);
        let kept = spawn_blocking(move || defaults.kept(request, key_hash)).await.map_err(failed)??;
        let (parts, code) = (self.parts.clone(), self.free_code().await?);
        let room = spawn_blocking(move || Room::open(parts, code, kept, share)).await.map_err(failed)?;
        let room = Arc::new(room.map_err(failed)?);
        if !self.keep(&room) {
            room.end().await;
            self.forget(code).await;
            return Err(RoomRefusal::Full);
        }
        room.write().await;
        if let Some(cluster) = &self.cluster {
            cluster.note(code);
        }
        tracing::info!(is_public = room.is_public(), "a room was made");
        Ok(RoomCreated { code: code.to_string(), key })
    }

    /// The rooms that are awake.
    pub(super) fn awake(&self) -> Vec<Arc<ArenaHandle>> {
        self.rooms().values().filter_map(|room| room.arena()).collect()
    }

    /// Notes a new room; false if others were made meanwhile and there is no place for it.
    fn keep(&self, room: &Arc<Room<S>>) -> bool {
        let mut rooms = self.rooms();
        let has_place = rooms.len() < self.limits.most;
        if has_place {
            rooms.insert(room.code(), Arc::clone(room));
        }
        has_place
    }

    async fn free_code(&self) -> Result<RoomCode, RoomRefusal> {
        for _ in 0..CODE_ATTEMPTS {
            let code = RoomCode::random().map_err(failed)?;
            let is_free = match &self.cluster {
                Some(cluster) => cluster.take_code(code).await.map_err(|error| {
                    tracing::warn!(error, "no room can be made");
                    RoomRefusal::NotNow
                })?,
                None => !self.rooms().contains_key(&code),
            };
            if is_free {
                return Ok(code);
            }
        }
        Err(failed("no free code was found"))
    }

    /// Gives a code back.
    async fn forget(&self, code: RoomCode) {
        if let Some(cluster) = &self.cluster {
            cluster.forget(code).await;
        }
    }

    /// Looks after the rooms for as long as the server runs.
    pub(super) async fn watch(&self) {
        loop {
            sleep(LOOK_EVERY).await;
            let rooms: Vec<_> = self.rooms().values().cloned().collect();
            for room in rooms {
                if room.look(&self.limits).await == Looked::Over {
                    self.rooms().remove(&room.code());
                    self.forget(room.code()).await;
                    let files = Arc::clone(&self.parts.files);
                    let removed = spawn_blocking(move || files.remove(room.code())).await;
                    let _ = removed.map_err(failed);
                }
            }
        }
    }
}

impl<S: GameServer> fmt::Debug for Rooms<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Rooms").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl<S: GameServer> RoomHost for Rooms<S> {
    fn create(
        &self,
        request: RoomRequest,
        network: Option<ClientNetwork>,
    ) -> BoxFuture<'_, Result<RoomCreated, RoomRefusal>> {
        Self::create(self, request, network).boxed()
    }

    fn enter(&self, code: RoomCode) -> BoxFuture<'_, Option<Entered>> {
        async move { self.find(code)?.enter().await }.boxed()
    }

    fn change(
        &self,
        code: RoomCode,
        key: String,
        change: RoomChange,
        network: Option<ClientNetwork>,
    ) -> BoxFuture<'_, Result<RoomEntry, RoomRefusal>> {
        async move { self.find(code).ok_or(RoomRefusal::Gone)?.change(&key, change, network).await }.boxed()
    }

    fn entry(&self, code: RoomCode) -> Option<RoomEntry> {
        self.find(code)?.entry_here()
    }

    fn public(&self) -> Vec<ArenaEntry> {
        let rooms = self.rooms();
        // In the same order each time: a page keeps its list while only the numbers change.
        let mut public: Vec<_> = rooms.values().filter(|room| room.is_public()).collect();
        public.sort_unstable_by_key(|room| room.code());
        public.into_iter().filter_map(|room| room.arena_entry()).collect()
    }

    fn has_place(&self) -> bool {
        self.rooms().len() < self.limits.most
    }

    fn telemetry(&self) -> RoomTelemetry {
        let rooms = self.rooms();
        let awake: Vec<_> = rooms.values().filter_map(|room| room.telemetry()).collect();
        RoomTelemetry {
            awake: awake.len(),
            asleep: rooms.len() - awake.len(),
            parts: [Arc::clone(&self.parts.retired)].into_iter().chain(awake).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
