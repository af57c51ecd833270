//! A node that stops hands its rooms on, one after another: each waits for well under a second.

use std::{sync::atomic::Ordering, time::Duration};

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, timeout};

use super::{
    beat,
    member::Cluster,
    node_entry::NodeEntry,
    requests,
    worlds::{self, name_world},
};
use crate::engine::room_code::RoomCode;

/// How long the last uploads take at most.
const UPLOADS_MAX: Duration = Duration::from_secs(5);
/// Rooms that move at a time.
const AT_A_TIME: usize = 6;
/// How long a drain takes at most. What has not moved is taken over later, from its last snapshot.
pub const DRAIN_MAX: Duration = Duration::from_secs(15);

impl Cluster {
    /// Hands all rooms on, and the arenas that have players. Returns how many have moved, and of how many.
    pub async fn drain(&self) -> (usize, usize) {
        self.is_draining.store(true, Ordering::Relaxed);
        let Some(host) = self.host() else { return (0, 0) };
        if self.is_cut() {
            tracing::warn!("the node is cut off from its cluster: its rooms cannot be handed on");
            return (0, 0);
        }
        let moved = std::sync::atomic::AtomicUsize::new(0);
        let total = std::sync::atomic::AtomicUsize::new(0);
        let moving = async {
            // First, so that no node sends a room or a player here.
            beat::beat(self).await;
            host.arenas_to_rooms().await;
            let codes = host.held();
            total.store(codes.len(), Ordering::Relaxed);
            stream::iter(codes.into_iter().enumerate())
                .for_each_concurrent(AT_A_TIME, |(at, code)| {
                    let moved = &moved;
                    async move {
                        if self.move_room(at, code).await {
                            moved.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                })
                .await;
        };
        if timeout(DRAIN_MAX, moving).await.is_err() {
            tracing::warn!("the drain took too long; the other rooms go on from their last snapshots");
        }
        (moved.into_inner(), total.into_inner())
    }

    /// The node has stopped: its last snapshots are uploaded, and its entry goes, so that no node waits for its lease.
    pub async fn leave(&self) {
        let _ = timeout(UPLOADS_MAX, self.uploads.until_idle()).await;
        let _ = timeout(Duration::from_secs(2), beat::end(self)).await;
    }

    /// Moves a room to the best node. `at` spreads rooms over nodes.
    async fn move_room(&self, at: usize, code: RoomCode) -> bool {
        let Some(host) = self.host() else { return false };
        let heirs = self.heirs(at);
        if heirs.is_empty() {
            tracing::warn!(%code, "no node has a place for this room");
            return false;
        }
        let Some(world) = host.take(code).await else { return false };
        self.uploads.drop_one(code);
        let held = self.table().room(code).cloned();
        let before = held.as_ref().and_then(|held| held.lease.world.clone());
        let name = format!("{code}-{}-moved", self.incarnation);
        let stored = worlds::put(&self.link, &name, &world).await;
        let revision = match (stored, held) {
            (Ok(()), Some(held)) if self.is_own(&held.lease) => {
                name_world(self, code, held.revision, name).await
            }
            (Err(error), _) => {
                tracing::error!(%code, error, "a room was not put into the cluster's store");
                None
            }
            _ => None,
        };
        if let Some(revision) = revision {
            for heir in heirs {
                let handed = requests::hand_on(self, &heir.name, code, revision).await;
                // It may have taken the room in, and its answer was lost.
                if handed.is_ok() || self.is_held_by(&heir, code).await {
                    host.give_up(code, heir.url).await;
                    self.counters.handed_on.inc();
                    if let Some(before) = before {
                        let _ = self.link.worlds.delete(before).await;
                    }
                    return true;
                }
                tracing::warn!(%code, node = %heir.name, "the room was not taken in: {handed:?}");
            }
        }
        host.keep(code).await;
        false
    }

    /// Nodes that may take a room, the best first.
    fn heirs(&self, at: usize) -> Vec<NodeEntry> {
        let table = self.table();
        let alive = table.alive(Instant::now().into_std()).into_iter();
        let able = alive.filter(|node| node.name != self.node && !node.is_draining && !node.is_full);
        let mut able: Vec<_> = able.cloned().collect();
        able.sort_by_key(|node| node.players);
        let count = able.len().max(1);
        able.rotate_left(at % count);
        able
    }

    async fn is_held_by(&self, node: &NodeEntry, code: RoomCode) -> bool {
        let entry = self.link.rooms.entry(code.to_string()).await.ok().flatten();
        let lease = entry.and_then(|entry| super::room_lease::RoomLease::read(&entry.value).ok());
        lease.is_some_and(|lease| lease.node == node.name && lease.incarnation == node.incarnation)
    }
}
