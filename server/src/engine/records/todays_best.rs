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

#[cfg(test)]
mod tests {
    use super::{
        super::{
            period::Period,
            tests::{Database, board, runs},
        },
        *,
    };
    use crate::engine::wait::TEST_LIMIT;

    #[tokio::test]
    async fn answers_wait_for_nothing_and_are_read_at_most_every_five_seconds() {
        let (database, best) = (Database::sqlite(), TodaysBest::default());
        let store = Arc::new(database.store());
        store.write(&runs(&[(1, 50), (2, 70)])).await.expect("it is written");
        assert_eq!(best.latest(&store, || board(Period::Today)), None, "nothing was read yet");
        let latest = || best.latest(&store, || panic!("it was read a moment ago"));
        let read = async {
            while latest().is_none() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(TEST_LIMIT, read).await.expect("it is read");
        store.write(&runs(&[(3, 90)])).await.expect("it is written");
        let scores: Vec<_> = latest().into_iter().flatten().map(|entry| entry.score).collect();
        assert_eq!(scores, [70, 50], "as they were read last");
    }
}
