//! Records: the runs, achievements and leaderboards of players that have a lasting identity, in SQLite or PostgreSQL. Must not know
//! what a run is of: a game gives a score and a mode.
//!
//! Nothing here is on a tick's path. A simulation puts a record into a bounded queue ([`RecordQueue`]) and goes on; one task
//! ([`RecordKeeper`]) writes batches. While the database is away, records wait in memory up to a bound, and are counted beyond it.

mod error;
mod keeper;
mod period;
mod queries;
mod record;
mod sink;
mod statements;
mod store;
#[cfg(test)]
mod tests;
mod todays_best;
mod upkeep;

pub(in crate::engine) use self::todays_best::TodaysBest;
pub use self::{
    error::RecordsError,
    keeper::{KeeperEnded, RecordKeeper, Records},
    period::{Period, Span},
    queries::{Entry, Next, OFFSET_MAX, PAGE_ROWS_MAX, Page, Standing, Unlocked},
    record::{Achievement, DETAILS_BYTES_MAX, LastingId, Record, RecordId, Run},
    sink::{RecordCounters, RecordQueue},
    store::{Board, Place, Store, Table},
    upkeep::backup,
};
