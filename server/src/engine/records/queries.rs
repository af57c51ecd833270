//! What is asked of the records: a page of a leaderboard, a player's own standing, its achievements.
//!
//! Players with the same score share a rank, and the next one's rank counts all of them: 1, 2, 2, 4. Within a rank the earlier run
//! comes first. A rank up to [`OFFSET_MAX`] is counted, which a database does in a millisecond; counting a million takes many. So
//! a rank beyond it is read from samples, every [`SAMPLE_EVERY`]-th score, that are at most [`SAMPLES_LAST`] old.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use shared::engine::records::RecordEntry;
use sqlx::{Row, any::AnyRow, query};

use super::{
    error::RecordsError,
    record::LastingId,
    statements,
    store::{Board, Store},
};

/// The highest offset of a page, and the highest rank that is counted.
pub const OFFSET_MAX: u32 = 10_000;
/// The most rows of a page.
pub const PAGE_ROWS_MAX: u32 = 100;
const SAMPLE_EVERY: i64 = 1000;
const SAMPLES_LAST: Duration = Duration::from_secs(60);
/// Boards whose samples are kept.
const SAMPLED_BOARDS: usize = 64;

/// A row of a leaderboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From 1.
    pub rank: u32,
    /// The newest one of the player.
    pub name: String,
    /// Of the player's best run.
    pub score: i64,
    /// How long that run lasted.
    pub duration_ms: i64,
    /// When it ended, in Unix time.
    pub ended_ms: i64,
}

impl From<Entry> for RecordEntry {
    fn from(entry: Entry) -> Self {
        let Entry { rank, name, score, duration_ms, ended_ms } = entry;
        Self { rank, name, score, duration_ms, ended_ms }
    }
}

/// Rows of a leaderboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Best first.
    pub entries: Vec<Entry>,
    /// Whether there are more behind them.
    pub has_more: bool,
}

/// Where a player stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// From 1.
    pub rank: u64,
    /// Whether the rank was counted; else it is rounded down to a thousand and may be a minute old.
    pub is_exact: bool,
    /// Of the player's best run.
    pub score: i64,
    /// The next better score; `None` for the best.
    pub next: Option<Next>,
}

/// The next better score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Itself.
    pub score: i64,
    /// How much more than the player's.
    pub distance: i64,
}

/// An achievement of a player.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlocked {
    /// The game's id.
    pub achievement: String,
    /// When, in Unix time.
    pub unlocked_ms: i64,
}

impl Store {
    /// Rows from `offset` on; both numbers are reduced to their bounds.
    pub async fn page(&self, board: &Board, offset: u32, limit: u32) -> Result<Page, RecordsError> {
        self.prepare().await?;
        let (offset, limit) = (offset.min(OFFSET_MAX), limit.clamp(1, PAGE_ROWS_MAX));
        self.try_page(board, offset, limit as usize).await.map_err(|error| self.error(error))
    }

    async fn try_page(&self, board: &Board, offset: u32, limit: usize) -> sqlx::Result<Page> {
        let Board { arena, mode, period } = board;
        let rows = query(statements::PAGE).bind(&**arena).bind(&**mode).bind(&**period);
        // One more tells whether there are more.
        let rows = rows.bind(limit as i64 + 1).bind(i64::from(offset)).fetch_all(&self.pool).await?;
        let mut entries = rows.iter().map(entry).collect::<sqlx::Result<Vec<_>>>()?;
        let has_more = entries.len() > limit;
        entries.truncate(limit);
        // Its equals before the page share the rank of the first.
        let equals = match rows.first() {
            Some(first) if offset > 0 => {
                let [score, ended, player] = [1, 3, 4].map(|column| first.try_get::<i64, _>(column));
                let equals = query(statements::EQUALS_BEFORE).bind(&**arena).bind(&**mode).bind(&**period);
                let equals = equals.bind(score?).bind(ended?).bind(player?).bind(i64::from(offset));
                equals.fetch_one(&self.pool).await?.try_get::<i64, _>(0)?
            }
            _ => 0,
        };
        let before = offset.saturating_sub(u32::try_from(equals).unwrap_or(u32::MAX));
        let (mut rank, mut score) = (before + 1, None);
        for (place, entry) in (offset + 1..).zip(&mut entries) {
            if score.is_some_and(|score| score != entry.score) {
                rank = place;
            }
            score = Some(entry.score);
            entry.rank = rank;
        }
        Ok(Page { entries, has_more })
    }

    /// Where a player stands; `None` if it has no run on this board.
    pub async fn standing(&self, player: LastingId, board: &Board) -> Result<Option<Standing>, RecordsError> {
        self.prepare().await?;
        self.try_standing(player, board).await.map_err(|error| self.error(error))
    }

    async fn try_standing(&self, player: LastingId, board: &Board) -> sqlx::Result<Option<Standing>> {
        let Board { arena, mode, period } = board;
        let own = query(statements::SCORE).bind(&**arena).bind(&**mode).bind(&**period);
        let Some(own) = own.bind(player.0.to_vec()).fetch_optional(&self.pool).await? else {
            return Ok(None);
        };
        let score: i64 = own.try_get(0)?;
        let next = query(statements::NEXT_SCORE).bind(&**arena).bind(&**mode).bind(&**period).bind(score);
        let next = next.fetch_optional(&self.pool).await?.map(|row| row.try_get(0)).transpose()?;
        let next = next.map(|next: i64| Next { score: next, distance: next.saturating_sub(score) });
        let better = self.better(board, score).await?;
        let is_exact = better <= i64::from(OFFSET_MAX);
        let better = if is_exact {
            better
        } else {
            let samples = self.samples(board).await?;
            let sampled = samples.partition_point(|sample| *sample > score);
            (sampled as i64 * SAMPLE_EVERY).max(i64::from(OFFSET_MAX))
        };
        let rank = better.unsigned_abs() + u64::from(is_exact);
        Ok(Some(Standing { rank, is_exact, score, next }))
    }

    /// How many are better, counted up to one more than [`OFFSET_MAX`].
    async fn better(&self, board: &Board, score: i64) -> sqlx::Result<i64> {
        let Board { arena, mode, period } = board;
        let counted = query(statements::BETTER).bind(&**arena).bind(&**mode).bind(&**period);
        counted.bind(score).bind(i64::from(OFFSET_MAX) + 1).fetch_one(&self.pool).await?.try_get(0)
    }

    async fn samples(&self, board: &Board) -> sqlx::Result<Arc<[i64]>> {
        // Held while they are read: those that ask meanwhile wait for them.
        let mut all = self.samples.0.lock().await;
        if let Some((read_at, samples)) = all.get(board)
            && read_at.elapsed() < SAMPLES_LAST
        {
            return Ok(Arc::clone(samples));
        }
        let Board { arena, mode, period } = board;
        let rows = query(statements::SAMPLES).bind(&**arena).bind(&**mode).bind(&**period);
        let rows = rows.bind(SAMPLE_EVERY).fetch_all(&self.pool).await?;
        let samples = rows.iter().map(|row| row.try_get(0)).collect::<sqlx::Result<Arc<[i64]>>>()?;
        all.retain(|_, (read_at, _)| read_at.elapsed() < SAMPLES_LAST);
        if all.len() < SAMPLED_BOARDS {
            all.insert(board.clone(), (Instant::now(), Arc::clone(&samples)));
        }
        Ok(samples)
    }

    /// What a player has unlocked, in that order.
    pub async fn achievements(&self, player: LastingId) -> Result<Vec<Unlocked>, RecordsError> {
        self.prepare().await?;
        let unlocked =
            |row: &AnyRow| Ok(Unlocked { achievement: row.try_get(0)?, unlocked_ms: row.try_get(1)? });
        let rows = query(statements::ACHIEVEMENTS).bind(player.0.to_vec()).fetch_all(&self.pool).await;
        let rows = rows.and_then(|rows| rows.iter().map(unlocked).collect());
        rows.map_err(|error| self.error(error))
    }
}

fn entry(row: &AnyRow) -> sqlx::Result<Entry> {
    Ok(Entry {
        rank: 0,
        name: row.try_get(0)?,
        score: row.try_get(1)?,
        duration_ms: row.try_get(2)?,
        ended_ms: row.try_get(3)?,
    })
}
