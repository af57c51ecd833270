//! How a room gets to another node: one that asks for it takes it in, and one whose node has died is taken over. And the reverse: a room
//! that another node holds now is given up here.
//!
//! Invariant: the entry is changed before the world goes on here, and only from the revision at which its holder was found dead, or has
//! asked for this. A node that answers at its own address is not dead.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream};
use tokio::time::{Instant, sleep};

use super::{error::LEASE, identity::NodeName, member::Cluster, probe, table::Known, worlds};
use crate::engine::room_code::RoomCode;

/// Between two looks at silent nodes and at the own rooms.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Between the first heir's attempt and that of the next.
const NEXT_HEIR: Duration = Duration::from_millis(750);
/// Rooms that are taken over at a time.
const AT_A_TIME: usize = 8;
/// The entry of a dead node is removed after this time, by whichever node does so first.
const BURIED_AFTER: Duration = Duration::from_secs(60);

/// Why a room can be taken in by no node.
const LOST: &str = "there is no snapshot of it";

/// Takes in a room whose entry has this revision.
pub(super) async fn adopt(cluster: &Cluster, code: RoomCode, revision: u64) -> Result<(), String> {
    let host = cluster.host().ok_or("the node has not started yet")?;
    if cluster.is_cut() || cluster.is_draining() || !host.has_place() {
        return Err("the node takes no rooms".to_owned());
    }
    let entry = cluster.link.rooms.entry(code.to_string()).await.map_err(|error| error.to_string())?;
    let entry = entry.filter(|entry| entry.revision == revision).ok_or("its entry has changed")?;
    let before = super::room_lease::RoomLease::read(&entry.value)?;
    let world = before.world.ok_or(LOST)?;
    let bytes = worlds::get(&cluster.link, &world).await?.ok_or(LOST)?;
    let lease = cluster.own_lease(Some(world));
    let updated = cluster.link.rooms.update(code.to_string(), lease.to_bytes().into(), revision).await;
    let revision = updated.map_err(|error| error.to_string())?;
    cluster.table().put_room(code, lease, revision, Instant::now().into_std());
    if let Err(why) = host.adopt(code, bytes).await {
        tracing::error!(%code, why, "a room cannot go on, and is forgotten");
        cluster.forget(code).await;
        return Err(why);
    }
    cluster.counters.received.inc();
    Ok(())
}

/// Looks after rooms: takes over those of dead nodes, and gives up those that others hold. Never returns.
pub(super) async fn inherit(cluster: Arc<Cluster>) {
    let mut dead_since = BTreeMap::new();
    loop {
        sleep(LOOK_EVERY).await;
        // One that hears nothing knows nothing.
        if cluster.is_cut() {
            dead_since.clear();
            continue;
        }
        give_up(&cluster).await;
        let silent = cluster.table().silent(Instant::now().into_std());
        dead_since.retain(|name, _| silent.iter().any(|known| known.entry.name == *name));
        for known in silent {
            if let Some(since) = found_dead(&cluster, &known, &mut dead_since).await {
                take_over_all(&cluster, &known, since).await;
            }
        }
        let now = Instant::now();
        let orphans = cluster.table().orphans(now.into_std());
        take_over(
            &cluster,
            orphans.into_iter().map(|(code, held)| (code, held.revision)).collect(),
            now,
            LEASE,
        )
        .await;
    }
}

/// Since when a silent node is known to be dead. `None` if it lives.
async fn found_dead(
    cluster: &Cluster,
    known: &Known,
    dead_since: &mut BTreeMap<NodeName, Instant>,
) -> Option<Instant> {
    let name = &known.entry.name;
    if let Some(since) = dead_since.get(name) {
        return Some(*since);
    }
    if *name == cluster.node {
        return None;
    }
    // What NATS has now, and not what has come from it so far.
    let entry = cluster.link.nodes.entry(name.as_str()).await.ok()?;
    if entry.is_some_and(|entry| entry.revision != known.revision) {
        return None;
    }
    if probe::is_alive(&known.entry.url, &known.entry.incarnation).await {
        tracing::debug!(node = %name, "a node has lost NATS, and keeps its rooms");
        cluster.table().on_answer(name, Instant::now().into_std());
        return None;
    }
    tracing::warn!(node = %name, "a node is dead: its rooms go on elsewhere");
    let now = Instant::now();
    dead_since.insert(name.clone(), now);
    Some(now)
}

async fn take_over_all(cluster: &Cluster, dead: &Known, since: Instant) {
    let rooms = cluster.table().rooms_of(&dead.entry.name, &dead.entry.incarnation);
    let has_rooms = !rooms.is_empty();
    let rooms = rooms.into_iter().map(|(code, held)| (code, held.revision)).collect();
    take_over(cluster, rooms, since, Duration::ZERO).await;
    if !has_rooms && since.elapsed() >= BURIED_AFTER {
        let name = dead.entry.name.as_str();
        let _ = cluster.link.nodes.delete_expect_revision(name, Some(dead.revision)).await;
        cluster.table().remove_node(name);
    }
}

/// Takes over the rooms of which it is this node's turn. Each later heir waits for the one before.
async fn take_over(cluster: &Cluster, rooms: Vec<(RoomCode, u64)>, since: Instant, offset: Duration) {
    let now = Instant::now();
    let is_due = |code: RoomCode| {
        let rank = cluster.table().rank(code, &cluster.node, now.into_std());
        rank.is_some_and(|rank| since.elapsed() + offset >= NEXT_HEIR * rank as u32)
    };
    let due: Vec<_> = rooms.into_iter().filter(|(code, _)| !cluster.is_draining() && is_due(*code)).collect();
    stream::iter(due)
        .for_each_concurrent(AT_A_TIME, |(code, revision)| async move {
            match adopt(cluster, code, revision).await {
                Ok(()) => tracing::info!(%code, "a room of a dead node goes on here"),
                Err(why) => on_failed(cluster, code, revision, &why).await,
            }
        })
        .await;
}

/// A room was not taken over: it is forgotten if nothing is left of it.
async fn on_failed(cluster: &Cluster, code: RoomCode, revision: u64, why: &str) {
    let held = cluster.table().room(code).cloned();
    if held.is_none_or(|held| held.revision != revision) {
        return;
    }
    if why == LOST {
        tracing::warn!(%code, "a room is lost: the cluster has no snapshot of it");
        if cluster.link.forget_room(&code.to_string(), revision).await.is_ok() {
            cluster.table().remove_room(code, u64::MAX);
        }
    } else {
        tracing::debug!(%code, why, "a room was not taken over");
    }
}

/// Gives up rooms that another node holds, and notes those again of which the entry is lost.
async fn give_up(cluster: &Cluster) {
    let Some(host) = cluster.host() else { return };
    for code in host.held() {
        let held = cluster.table().room(code).cloned();
        match held {
            Some(held) if cluster.is_own(&held.lease) => {}
            Some(held) => {
                let holder = cluster.table().holder(&held.lease, Instant::now().into_std()).cloned();
                if let Some(holder) = holder {
                    tracing::warn!(%code, node = %holder.name, "another node holds this room now: it is given up here");
                    cluster.uploads.drop_one(code);
                    host.give_up(code, holder.url).await;
                    cluster.counters.given_up.inc();
                }
            }
            None if !cluster.is_draining() => {
                tracing::warn!(%code, "the cluster's list has lost this room; it is noted again");
                let _ = cluster.take_code(code).await;
            }
            None => {}
        }
    }
}
