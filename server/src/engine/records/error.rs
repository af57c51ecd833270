//! Why records cannot be kept, told to the operator who set the flags.

use std::{error::Error, io};

use sqlx::migrate::MigrateError;

/// SQLite's code for a file that is no database.
const SQLITE_NOTADB: &str = "26";

/// Why records cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The directory cannot be made.
    #[error(
        "cannot use the data directory '{path}': {error}; make it writable, or choose another one with --data"
    )]
    Directory {
        /// Which.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// The file is something else.
    #[error(
        "{0} is not a SQLite database, or is damaged; move it away to begin new records, or put a backup in its place"
    )]
    NotADatabase(String),
    /// A later version has changed the tables.
    #[error(
        "{0} was written by a newer version of this program; start that version, or restore an older backup"
    )]
    Newer(String),
    /// The tables differ from what this program has made.
    #[error(
        "the tables in {0} were changed by another program ({1}); restore a backup, or begin new records elsewhere"
    )]
    Foreign(String, MigrateError),
    /// The URL names no database.
    #[error("--database cannot be used: {0}; expected a URL such as postgres://user:password@host/name")]
    Url(String),
    /// It cannot be reached or takes nothing now, which may pass.
    #[error("{place} cannot be used now: {error}")]
    Unavailable {
        /// Which database.
        place: String,
        /// Why.
        error: sqlx::Error,
    },
    /// There is no key for challenges.
    #[error("the operating system gives no random numbers, which proofs of identity need: {0}")]
    Randomness(#[from] getrandom::Error),
    /// The copy cannot be written.
    #[error("cannot write the backup '{path}': {error}")]
    Backup {
        /// Where to.
        path: String,
        /// Why, and what to do.
        error: String,
    },
}

impl RecordsError {
    /// What an error of the database `place` means.
    pub(super) fn of(place: &str, error: sqlx::Error) -> Self {
        let code = |error: &sqlx::Error| match error {
            sqlx::Error::Database(error) => error.code().map(|code| code.into_owned()),
            _ => None,
        };
        if code(&error).as_deref() == Some(SQLITE_NOTADB) {
            return Self::NotADatabase(place.to_owned());
        }
        Self::Unavailable { place: place.to_owned(), error }
    }

    /// What an error of making the tables means.
    pub(super) fn of_tables(place: &str, error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(_) => Self::Newer(place.to_owned()),
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::of(place, error),
            other => Self::Foreign(place.to_owned(), other),
        }
    }

    /// Whether trying again later may help.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Whether the database refused a value, and would refuse it again.
    pub(super) fn is_of_data(&self) -> bool {
        let Self::Unavailable { error: sqlx::Error::Database(error), .. } = self else { return false };
        // PostgreSQL's classes of data exceptions and violated constraints, and SQLite's code for the latter.
        error.code().is_some_and(|code| {
            (code.len() == 5 && (code.starts_with("22") || code.starts_with("23"))) || code == "19"
        })
    }

    /// The text, and those of its causes.
    pub fn in_full(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let more = error.to_string();
            if !text.contains(&more) {
                text.push_str(": ");
                text.push_str(&more);
            }
            cause = error.source();
        }
        text
    }
}
