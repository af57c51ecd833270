//! Follows the entries of nodes and rooms in NATS. What cannot be read is logged once, and changes nothing.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_nats::jetstream::kv::{Entry, Operation, Store};
use futures_util::StreamExt;
use tokio::time::{Instant, sleep};

use super::{member::Cluster, node_entry::NodeEntry, room_lease::RoomLease};
use crate::engine::{log::peer_text, room_code::RoomCode};

/// Before entries are followed again.
const PAUSE: Duration = Duration::from_millis(500);
/// Keys of bad entries that are remembered, so that each is logged once.
const BAD_MAX: usize = 1000;

/// Keys of entries that cannot be read.
#[derive(Default)]
struct Bad(BTreeSet<String>);

impl Bad {
    fn log(&mut self, store: &str, key: &str, why: &str) {
        if self.0.len() < BAD_MAX && self.0.insert(key.to_owned()) {
            tracing::warn!("the entry '{}' in {store} is ignored: {}", peer_text(key), peer_text(why));
        }
    }
}

/// Follows nodes. Never returns.
pub(super) async fn nodes(cluster: Arc<Cluster>) {
    let mut bad = Bad::default();
    let on_entry = |entry: Entry| {
        if entry.operation != Operation::Put {
            cluster.table().remove_node(&entry.key);
        } else {
            match NodeEntry::read(&entry.key, &entry.value) {
                Ok(node) => cluster.table().put_node(node, entry.revision, Instant::now().into_std()),
                Err(why) => bad.log("emberdrift_nodes", &entry.key, &why),
            }
        }
        cluster.tell_urls();
    };
    follow(&cluster, &cluster.link.nodes, on_entry, |_, _| {}).await;
}

/// Follows rooms. Never returns.
pub(super) async fn rooms(cluster: Arc<Cluster>) {
    let mut bad = Bad::default();
    let on_entry = |entry: Entry| {
        let Ok(code) = entry.key.parse::<RoomCode>() else {
            return bad.log("emberdrift_rooms", &entry.key, "its key is no code of a room");
        };
        if entry.operation != Operation::Put {
            return cluster.table().remove_room(code, entry.revision);
        }
        match RoomLease::read(&entry.value) {
            Ok(lease) => cluster.table().put_room(code, lease, entry.revision, Instant::now().into_std()),
            Err(why) => bad.log("emberdrift_rooms", &entry.key, &why),
        }
    };
    let on_all = |cluster: &Cluster, since: Instant| cluster.table().drop_rooms_not_seen(since.into_std());
    follow(&cluster, &cluster.link.rooms, on_entry, on_all).await;
}

/// Follows a store for ever, from its beginning: at the start, when the connection was lost, and when this node was cut off. `on_all` is
/// told when the entries of the beginning have come since a time: what did not come is gone.
async fn follow(
    cluster: &Cluster,
    store: &Store,
    mut on_entry: impl FnMut(Entry),
    on_all: impl Fn(&Cluster, Instant),
) {
    loop {
        let since = Instant::now();
        match store.watch_with_history(">").await {
            Ok(mut entries) => {
                let mut has_all = false;
                loop {
                    let entry = tokio::select! {
                        entry = entries.next() => entry,
                        () = cluster.again.notified() => break,
                    };
                    let Some(Ok(entry)) = entry else { break };
                    let is_last = entry.seen_current && !has_all;
                    on_entry(entry);
                    if is_last {
                        has_all = true;
                        on_all(cluster, since);
                    }
                }
            }
            Err(error) => tracing::debug!(%error, "entries are not followed"),
        }
        sleep(PAUSE).await;
    }
}
