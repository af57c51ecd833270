//! Snapshots of rooms on their way to the object store, from which another node goes on. Of each room the newest waits: a slow store costs
//! snapshots and never a tick.

use std::{
    mem,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rustc_hash::FxHashMap;
use tokio::{sync::Notify, time::sleep};

use crate::engine::{room_code::RoomCode, snapshot::SnapshotSink};

/// Between two looks whether all is uploaded.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Rooms of which one may wait: as many as a server has.
const WAITING_MAX: usize = 20_000;

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
    /// Waits for the next snapshots. They are on their way until [`Self::done`].
    pub(super) async fn next(&self) -> FxHashMap<RoomCode, Vec<u8>> {
        self.arrived.notified().await;
        self.is_busy.store(true, Ordering::Release);
        self.take_all()
    }

    /// The snapshots that were taken last are uploaded.
    pub(super) fn done(&self) {
        self.is_busy.store(false, Ordering::Release);
    }

    fn take_all(&self) -> FxHashMap<RoomCode, Vec<u8>> {
        mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn newest_snapshot_of_each_room_waits_and_what_is_no_room_does_not() {
        let uploads = Uploads::default();
        for (name, snapshot) in
            [("room_AAAAAA", b"1"), ("room_AAAAAA", b"2"), ("BBBBBB", b"3"), ("drift", b"4")]
        {
            uploads.take(name, snapshot);
        }
        let [a, b]: [RoomCode; 2] = ["AAAAAA", "BBBBBB"].map(|code| code.parse().expect("a code"));
        uploads.drop_one(b);
        let next = uploads.next().await;
        assert_eq!(next.into_iter().collect::<Vec<_>>(), [(a, b"2".to_vec())]);
        uploads.done();
        uploads.until_idle().await;
    }
}
