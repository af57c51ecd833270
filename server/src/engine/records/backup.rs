//! A consistent copy of a SQLite database, also while a server writes to it.

use std::path::Path;

use sqlx::{AnyPool, query};

use super::{
    error::RecordsError,
    store::{FILE, Place, sqlite_url},
};
use crate::engine::files;

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
