//! A node's sign of life: it takes its name at the start, and writes its entry once a second, from the revision that it wrote last.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::kv::{CreateErrorKind, Entry, Operation, UpdateErrorKind};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::{
    error::{ClusterError, LEASE},
    member::{Beat, Cluster},
    node_entry::{LISTED_MAX, NODE_BYTES_MAX, NodeEntry},
    probe,
};

/// Between two entries.
const BEAT_EVERY: Duration = Duration::from_secs(1);
/// Between two looks at the entry of a process that may have the name.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The node's entry as it is now.
fn entry(cluster: &Cluster, beat: u64) -> NodeEntry {
    let mut entry = NodeEntry {
        name: cluster.node.clone(),
        incarnation: cluster.incarnation.clone(),
        region: cluster.region.clone(),
        url: cluster.url.clone(),
        is_draining: cluster.is_draining(),
        is_full: cluster.host().is_none_or(|host| !host.has_place()),
        players: 0,
        arenas: cluster.host().map(|host| host.entries()).unwrap_or_default(),
        beat,
    };
    entry.players = entry.arenas.iter().fold(0, |sum, arena| arena.players.saturating_add(sum));
    entry.arenas.truncate(LISTED_MAX);
    while entry.arenas.len() > 1 && entry.to_bytes().len() > NODE_BYTES_MAX {
        entry.arenas.truncate(entry.arenas.len() / 2);
    }
    entry
}

/// Takes the name, once a process that had it is gone. An error if one has it.
pub(super) async fn take_name(cluster: &Cluster) -> Result<(), ClusterError> {
    let fault = |error: String| ClusterError::Announce { name: cluster.node.clone(), error };
    let name = cluster.node.as_str();
    let bytes = entry(cluster, 0).to_bytes();
    loop {
        let there = read(cluster).await.map_err(fault)?;
        let written = match there {
            None => match cluster.link.nodes.create(name, bytes.clone().into()).await {
                Err(error) if error.kind() == CreateErrorKind::AlreadyExists => continue,
                written => written.map_err(|error| fault(error.to_string()))?,
            },
            Some(there) => {
                wait_until_gone(cluster, &there).await?;
                match cluster.link.nodes.update(name, bytes.clone().into(), there.revision).await {
                    Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => continue,
                    written => written.map_err(|error| fault(error.to_string()))?,
                }
            }
        };
        cluster.beats.lock().await.revision = written;
        cluster.on_heard();
        return Ok(());
    }
}

/// The entry under the node's name, if there is one.
async fn read(cluster: &Cluster) -> Result<Option<Entry>, String> {
    let entry = cluster.link.nodes.entry(cluster.node.as_str()).await.map_err(|error| error.to_string())?;
    Ok(entry.filter(|entry| entry.operation == Operation::Put))
}

/// Waits until the entry that is `there` is older than a lease. An error if it changes, or if its process answers.
async fn wait_until_gone(cluster: &Cluster, there: &Entry) -> Result<(), ClusterError> {
    let other = NodeEntry::read(cluster.node.as_str(), &there.value).ok();
    let url = other.as_ref().map_or_else(|| "an unknown address".to_owned(), |other| other.url.clone());
    let duplicate = || ClusterError::DuplicateName { name: cluster.node.clone(), url: url.clone() };
    let until = Instant::now() + LEASE;
    while Instant::now() < until {
        sleep(LOOK_EVERY).await;
        match read(cluster).await {
            Ok(Some(now)) if now.revision != there.revision => return Err(duplicate()),
            Ok(None) => return Ok(()),
            _ => {}
        }
    }
    match other {
        Some(other) if probe::is_alive(&other.url, &other.incarnation).await => Err(duplicate()),
        _ => Ok(()),
    }
}

/// Writes the entry once a second. Never returns.
pub(super) async fn announce(cluster: Arc<Cluster>) {
    let mut ticks = interval(BEAT_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        beat(&cluster).await;
    }
}

/// Writes the entry now.
pub(super) async fn beat(cluster: &Cluster) {
    let mut last = cluster.beats.lock().await;
    last.number += 1;
    let entry = entry(cluster, last.number);
    let written =
        cluster.link.nodes.update(cluster.node.as_str(), entry.to_bytes().into(), last.revision).await;
    match written {
        Ok(revision) => {
            last.revision = revision;
            last.has_lost_name = false;
            cluster.on_heard();
        }
        Err(error) if error.kind() == UpdateErrorKind::WrongLastRevision => reclaim(cluster, &mut last).await,
        Err(error) => tracing::debug!(%error, "the node's entry was not written"),
    }
}

/// The entry is not as this process has left it.
async fn reclaim(cluster: &Cluster, last: &mut Beat) {
    match read(cluster).await {
        // The store was emptied, or others have given the node up.
        Ok(None) => {
            let bytes = entry(cluster, last.number).to_bytes();
            if let Ok(revision) = cluster.link.nodes.create(cluster.node.as_str(), bytes.into()).await {
                last.revision = revision;
                cluster.on_heard();
            }
        }
        Ok(Some(there)) => match NodeEntry::read(cluster.node.as_str(), &there.value) {
            // NATS took the last one in, and its answer was lost.
            Ok(own) if own.incarnation == cluster.incarnation => last.revision = there.revision,
            _ if !last.has_lost_name => {
                last.has_lost_name = true;
                tracing::error!(
                    "another process has the name of this node, {}: this one takes no more rooms; restart it with another --node",
                    cluster.node
                );
            }
            _ => {}
        },
        Err(error) => tracing::debug!(error, "the node's entry was not read"),
    }
}

/// Removes the entry: the node has stopped.
pub(super) async fn end(cluster: &Cluster) {
    let last = cluster.beats.lock().await;
    let _ = cluster.link.nodes.delete_expect_revision(cluster.node.as_str(), Some(last.revision)).await;
}
