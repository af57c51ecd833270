//! Today's best runs of one arena, for its feed. A task of its own reads them from the database, at most every five seconds and only while
//! they are asked for. An answer is what was read last, and waits for nothing.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use shared::engine::records::RecordEntry;
use tokio::time::{Instant, timeout};

use super::store::{Board, Store};

const ROWS: u32 = 10;
const READ_EVERY: Duration = Duration::from_secs(5);
const READ_MAX: Duration = Duration::from_secs(4);

/// What is known of one arena. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct TodaysBest(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// `None` until they were read once.
    rows: Option<Vec<RecordEntry>>,
    asked_at: Option<Instant>,
}

impl TodaysBest {
    fn known(&self) -> MutexGuard<'_, Known> {
        // Valid after a panic elsewhere too: each change is one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The best runs as they were read last; `board` is that of this day. Must be called from within a tokio runtime.
    pub(in crate::engine) fn latest(
        &self,
        store: &Arc<Store>,
        board: impl FnOnce() -> Board,
    ) -> Option<Vec<RecordEntry>> {
        let mut known = self.known();
        if known.asked_at.is_none_or(|at| at.elapsed() >= READ_EVERY) {
            known.asked_at = Some(Instant::now());
            tokio::spawn(self.clone().read(Arc::clone(store), board()));
        }
        known.rows.clone()
    }

    async fn read(self, store: Arc<Store>, board: Board) {
        match timeout(READ_MAX, store.page(&board, 0, ROWS)).await {
            Ok(Ok(page)) => {
                self.known().rows = Some(page.entries.into_iter().map(RecordEntry::from).collect());
            }
            Ok(Err(error)) => tracing::debug!("today's best runs: {}", error.in_full()),
            Err(_) => tracing::debug!("today's best runs: the database does not answer"),
        }
    }
}
