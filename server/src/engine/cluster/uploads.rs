//! Snapshots of rooms on their way to the object store, from which another node goes on. Of each room the newest waits: a slow store costs
//! snapshots and never a tick.

use std::{
    io::Cursor,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_nats::jetstream::{kv::UpdateErrorKind, object_store::GetErrorKind};
use futures_util::{StreamExt, stream};
use rustc_hash::FxHashMap;
use tokio::{
    io::AsyncReadExt,
    sync::Notify,
    time::{Instant, sleep},
};

use super::{handle::Cluster, link::Link};
use crate::engine::{
    room_code::RoomCode,
    snapshot::{SNAPSHOT_BYTES_MAX, SnapshotSink},
};

/// Between two looks whether all is uploaded.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// At a time.
const UPLOADS_MAX: usize = 8;
/// Rooms of which one may wait: as many as a server has.
const WAITING_MAX: usize = 20_000;
/// Most bytes of an object: a snapshot, and what its room is made of.
const WORLD_BYTES_MAX: usize = SNAPSHOT_BYTES_MAX + 1024 * 1024;

/// What waits.
#[derive(Debug, Default)]
pub struct Uploads {
    waiting: Mutex<FxHashMap<RoomCode, Vec<u8>>>,
    arrived: Notify,
    is_busy: AtomicBool,
}

impl SnapshotSink for Uploads {
    fn take(&self, name: &str, snapshot: &[u8]) {
        let Some(code) = name.rsplit('_').next().and_then(|code| code.parse().ok()) else { return };
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING_MAX || waiting.contains_key(&code) {
            waiting.insert(code, snapshot.to_owned());
            self.arrived.notify_one();
        }
    }
}

impl Uploads {
    fn take_all(&self) -> FxHashMap<RoomCode, Vec<u8>> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until nothing waits, and nothing is on its way.
    pub(super) async fn until_idle(&self) {
        let is_idle = || {
            let waits = !self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
            !waits && !self.is_busy.load(Ordering::Acquire)
        };
        while !is_idle() {
            sleep(LOOK_EVERY).await;
        }
    }

    /// Forgets what waits of a room.
    pub(super) fn drop_one(&self, code: RoomCode) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&code);
    }
}

/// Uploads what arrives. Never returns.
pub(super) async fn upload(cluster: Arc<Cluster>) {
    loop {
        cluster.uploads.arrived.notified().await;
        cluster.uploads.is_busy.store(true, Ordering::Release);
        let all = cluster.uploads.take_all();
        stream::iter(all)
            .for_each_concurrent(UPLOADS_MAX, |(code, snapshot)| upload_one(&cluster, code, snapshot))
            .await;
        cluster.uploads.is_busy.store(false, Ordering::Release);
    }
}

async fn upload_one(cluster: &Cluster, code: RoomCode, snapshot: Vec<u8>) {
    let held = cluster.table().room(code).cloned();
    // What another node holds is its own to keep.
    let Some(held) = held.filter(|held| cluster.is_own(&held.lease)) else { return };
    let Some(world) = cluster.host().and_then(|host| host.pack(code, &snapshot)) else { return };
    if cluster.is_cut() {
        return;
    }
    let name = format!("{code}-{}", cluster.incarnation);
    if let Err(error) = put(&cluster.link, &name, &world).await {
        tracing::warn!(%code, error, "a snapshot is not in the cluster's store; the next is tried as usual");
        return;
    }
    if held.lease.world.as_ref() != Some(&name) {
        name_world(cluster, code, held.revision, name).await;
        if let Some(before) = held.lease.world {
            let _ = cluster.link.worlds.delete(before).await;
        }
    }
}

/// Notes in a room's entry what another node goes on from. Returns the entry's new revision; `None` if it has changed.
pub(super) async fn name_world(
    cluster: &Cluster,
    code: RoomCode,
    revision: u64,
    world: String,
) -> Option<u64> {
    let lease = cluster.own_lease(Some(world));
    match cluster.link.rooms.update(code.to_string(), lease.to_bytes().into(), revision).await {
        Ok(revision) => {
            cluster.table().put_room(code, lease, revision, Instant::now().into_std());
            Some(revision)
        }
        Err(error) => {
            if error.kind() != UpdateErrorKind::WrongLastRevision {
                tracing::warn!(%code, %error, "the entry of a room was not written");
            }
            None
        }
    }
}

/// Writes an object.
pub(super) async fn put(link: &Link, name: &str, bytes: &[u8]) -> Result<(), String> {
    link.worlds.put(name, &mut Cursor::new(bytes)).await.map(drop).map_err(|error| error.to_string())
}

/// Reads an object of a bounded size, which is checked against its digest. `None` if there is none.
pub(super) async fn get(link: &Link, name: &str) -> Result<Option<Vec<u8>>, String> {
    let object = match link.worlds.get(name).await {
        Err(error) if error.kind() == GetErrorKind::NotFound => return Ok(None),
        object => object.map_err(|error| error.to_string())?,
    };
    if object.info().size > WORLD_BYTES_MAX {
        return Err(format!("it has {} bytes, and at most {WORLD_BYTES_MAX} are read", object.info().size));
    }
    let mut bytes = Vec::new();
    let read = object.take(WORLD_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).await;
    read.map_err(|error| error.to_string())?;
    Ok(Some(bytes))
}
