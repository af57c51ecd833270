//! What an operator has done to a database: copies, also while a server writes to it. And what is deleted, in small transactions: a player
//! that asks for it, leaderboards of periods that are over, and with a retention runs and players that are older.

use std::{path::Path, time::Duration};

use futures_util::future::BoxFuture;
use sqlx::{AnyPool, Row, query};

use super::{
    error::RecordsError,
    record::{LastingId, RecordId},
    statements,
    store::{FILE, Place, Store, sqlite_url},
};
use crate::engine::files;

/// Rows that one transaction deletes.
const ROWS: i64 = 500;
/// Rows of runs that one transaction searches for a player's: some tens of milliseconds.
const SEARCHED: i64 = if cfg!(test) { 2 } else { 50_000 };
/// Behind the last run.
const LAST_ID: [u8; 16] = [u8::MAX; 16];
/// A player's time is written again only an hour later, so that it may have runs that are younger by this.
const SEEN_EVERY_MS: u64 = 3_600_000;

/// What one round has deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Runs.
    pub runs: u64,
    /// Players, with all about them.
    pub players: u64,
    /// Leaderboards.
    pub boards: u64,
}

impl Store {
    /// Deletes everything about a player. Other servers write between its transactions. If it fails, a part may remain until it is called
    /// again.
    pub async fn erase(&self, player: LastingId) -> Result<(), RecordsError> {
        self.prepare().await?;
        self.try_erase(player).await.map_err(|error| self.error(error))
    }

    pub(super) fn try_erase(&self, player: LastingId) -> BoxFuture<'_, sqlx::Result<()>> {
        Box::pin(async move {
            let known = query(statements::PLAYER).bind(player.0.to_vec()).fetch_optional(&self.pool).await?;
            let Some(known) = known else { return Ok(()) };
            let player: i64 = known.try_get(0)?;
            let mut behind = Vec::new();
            loop {
                let next = query(statements::RUN_BEHIND).bind(behind.clone()).bind(SEARCHED);
                let next = next
                    .fetch_optional(&self.pool)
                    .await?
                    .map(|row| row.try_get::<Vec<u8>, _>(0))
                    .transpose()?;
                let last = next.clone().unwrap_or_else(|| LAST_ID.to_vec());
                let runs = query(statements::ERASE_RUNS).bind(behind).bind(last).bind(player);
                runs.execute(&self.pool).await?;
                let Some(next) = next else { break };
                behind = next;
            }
            self.erase_player(player).await
        })
    }

    /// What there is of a player besides runs, by its number.
    async fn erase_player(&self, player: i64) -> sqlx::Result<()> {
        let mut transaction = self.pool.begin().await?;
        for statement in statements::ERASE {
            query(statement).bind(player).execute(&mut *transaction).await?;
        }
        transaction.commit().await
    }

    /// Deletes what is too old at `now_ms`. A player that is still seen keeps its best runs, however old.
    pub async fn delete_old(
        &self,
        now_ms: u64,
        retention: Option<Duration>,
    ) -> Result<Deleted, RecordsError> {
        self.prepare().await?;
        self.try_delete_old(now_ms, retention).await.map_err(|error| self.error(error))
    }

    fn try_delete_old(
        &self,
        now_ms: u64,
        retention: Option<Duration>,
    ) -> BoxFuture<'_, sqlx::Result<Deleted>> {
        Box::pin(self.delete_rows(now_ms, retention))
    }

    async fn delete_rows(&self, now_ms: u64, retention: Option<Duration>) -> sqlx::Result<Deleted> {
        let mut deleted = Deleted { boards: self.delete_boards(now_ms).await?, ..Deleted::default() };
        let Some(retention) = retention else { return Ok(deleted) };
        let kept_since = now_ms.saturating_sub(u64::try_from(retention.as_millis()).unwrap_or(u64::MAX));
        loop {
            let first_kept = RecordId::first_at(kept_since).to_bytes().to_vec();
            let runs = query(statements::OLD_RUNS).bind(first_kept).bind(ROWS).execute(&self.pool).await?;
            deleted.runs += runs.rows_affected();
            if runs.rows_affected() == 0 {
                break;
            }
        }
        loop {
            let time = i64::try_from(kept_since.saturating_sub(SEEN_EVERY_MS)).unwrap_or(i64::MAX);
            let players = query(statements::OLD_PLAYERS).bind(time).bind(ROWS).fetch_all(&self.pool).await?;
            for row in &players {
                // Its runs are deleted already, for they are older.
                self.erase_player(row.try_get(0)?).await?;
                deleted.players += 1;
            }
            if (players.len() as i64) < ROWS {
                return Ok(deleted);
            }
        }
    }

    /// The boards whose period is over.
    async fn delete_boards(&self, now_ms: u64) -> sqlx::Result<u64> {
        let time = i64::try_from(now_ms).unwrap_or(i64::MAX - 1);
        let boards = query(statements::OLD_BOARDS).bind(time).fetch_all(&self.pool).await?;
        for row in &boards {
            let board: i64 = row.try_get(0)?;
            loop {
                let some = query(statements::EMPTY_BOARD).bind(board).bind(ROWS);
                if some.execute(&self.pool).await?.rows_affected() == 0 {
                    break;
                }
            }
            query(statements::DROP_BOARD).bind(board).execute(&self.pool).await?;
        }
        Ok(boards.len() as u64)
    }
}

/// Writes a copy of the records to `to`, which must not exist.
pub async fn backup(place: &Place, to: &Path) -> Result<(), RecordsError> {
    let failed = |error: String| RecordsError::Backup { path: to.display().to_string(), error };
    let Place::Directory(directory) = place else {
        return Err(failed(
            "--database is a PostgreSQL database; use its own program, pg_dump --format=custom".to_owned(),
        ));
    };
    let from = directory.join(FILE);
    if !from.is_file() {
        return Err(failed(format!(
            "there are no records in '{}'; name their directory with --data",
            directory.display()
        )));
    }
    // Made here for its owner alone, and never over another file. `vacuum into` fills an empty file.
    let made = files::private().create_new(true).open(to);
    made.map_err(|error| failed(format!("{error}; name a new file in a directory that can be written to")))?;
    sqlx::any::install_default_drivers();
    let copied = copy(&from, to).await;
    if copied.is_err() {
        // It is ours, and is no backup.
        let _ = std::fs::remove_file(to);
    }
    copied
        .map_err(|error| failed(RecordsError::of(&format!("the file '{}'", from.display()), error).in_full()))
}

async fn copy(from: &Path, to: &Path) -> sqlx::Result<()> {
    let pool = AnyPool::connect(&sqlite_url(from, "rw")).await?;
    let copied = query("vacuum into $1").bind(to.display().to_string()).execute(&pool).await;
    pool.close().await;
    copied.map(|_| ())
}
