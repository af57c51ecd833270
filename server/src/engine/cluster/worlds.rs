//! Worlds in the object store: snapshots of rooms are written there, and read by the node that goes on from them.

use std::{io::Cursor, sync::Arc};

use async_nats::jetstream::{kv::UpdateErrorKind, object_store::GetErrorKind};
use futures_util::{StreamExt, stream};
use tokio::{io::AsyncReadExt, time::Instant};

use super::{link::Link, member::Cluster};
use crate::engine::{room_code::RoomCode, snapshot::SNAPSHOT_BYTES_MAX};

/// At a time.
const UPLOADS_MAX: usize = 8;
/// Most bytes of an object: a snapshot, and what its room is made of.
const WORLD_BYTES_MAX: usize = SNAPSHOT_BYTES_MAX + 1024 * 1024;

/// Uploads what arrives. Never returns.
pub(super) async fn upload(cluster: Arc<Cluster>) {
    loop {
        let all = cluster.uploads.next().await;
        stream::iter(all)
            .for_each_concurrent(UPLOADS_MAX, |(code, snapshot)| upload_one(&cluster, code, snapshot))
            .await;
        cluster.uploads.done();
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
