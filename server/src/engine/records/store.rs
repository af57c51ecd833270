//! The database: opened, brought to the tables of this program, and written to in batches. A batch is one transaction, so it is
//! stored whole or not at all.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use data_encoding::HEXLOWER;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use sqlx::{
    AnyConnection, AnyPool, Connection, Executor, Row, SqlSafeStr,
    any::AnyPoolOptions,
    migrate::{Migration, MigrationType, Migrator},
    query,
};
use tokio::{
    sync::{Mutex, OnceCell},
    time::timeout,
};

use super::{
    error::RecordsError,
    period::{Period, Span},
    record::{LastingId, Record, Run},
    statements::{self, Statements},
};
use crate::engine::files;

/// The database's file in its directory.
pub(super) const FILE: &str = "records.sqlite";
/// Connections: one writes, the others read.
const CONNECTIONS: u32 = 4;
/// How long a request waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(2);

/// WAL lets readers go on while a batch is written. With `normal`, a power failure may lose the last batches and damages nothing. A
/// cache of 64 MiB holds what a large batch changes on leaderboards of a million rows; it grows with the tables. The WAL is written back
/// every 64 MiB, when most of its pages have changed several times.
const SQLITE_SETTINGS: &str = "pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -65536; \
                               pragma wal_autocheckpoint = 16000";

const POSTGRES_SETTINGS: &str = "select 1";

const SQLITE_TABLES: [&str; 1] = [include_str!("../../../migrations/sqlite/0001_records.sql")];
const POSTGRES_TABLES: [&str; 1] = [include_str!("../../../migrations/postgres/0001_records.sql")];

/// Where records are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// SQLite, in a directory that is made on demand.
    Directory(PathBuf),
    /// PostgreSQL, by its URL.
    Database(String),
}

/// A leaderboard.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Board {
    /// The slug of the arena.
    pub arena: String,
    /// The game mode.
    pub mode: String,
    /// The key of its [`Span`].
    pub period: String,
}

/// Every n-th score of large boards, best first.
#[derive(Debug, Default)]
pub(super) struct Samples(pub(super) Mutex<HashMap<Board, Sampled>>);

/// When the samples of a board were read, and the scores.
pub(super) type Sampled = (Instant, Arc<[i64]>);

/// The database.
pub struct Store {
    pub(super) pool: AnyPool,
    pub(super) statements: &'static Statements,
    /// For messages; without a password.
    pub(super) place: String,
    /// It may have a password.
    url: String,
    /// What each connection begins with.
    settings: &'static str,
    migrator: Migrator,
    has_tables: OnceCell<()>,
    pub(super) samples: Samples,
}

impl fmt::Debug for Store {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Store").field(&self.place).finish()
    }
}

impl Store {
    /// A store at this place. It connects when it is first used. Blocks to make the directory.
    pub fn new(place: &Place) -> Result<Self, RecordsError> {
        Self::with_connections(place, CONNECTIONS)
    }

    pub(super) fn with_connections(place: &Place, connections: u32) -> Result<Self, RecordsError> {
        sqlx::any::install_default_drivers();
        let options = AnyPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE);
        let (options, url, place, settings, statements, tables) = match place {
            Place::Directory(directory) => {
                let path = directory.display().to_string();
                files::create_private(directory).map_err(|error| RecordsError::Directory { path, error })?;
                let file = directory.join(FILE);
                // Made here for its owner alone, whatever the directory's mode is. SQLite takes an empty file for a new database, and
                // gives its other files the same mode.
                let path = file.display().to_string();
                let made = files::private().create(true).truncate(false).open(&file);
                made.map_err(|error| RecordsError::Directory { path, error })?;
                let options = options.test_before_acquire(false).after_connect(|connection, _| {
                    Box::pin(async move { connection.execute(SQLITE_SETTINGS).await.map(|_| ()) })
                });
                let place = format!("the file '{}'", file.display());
                (
                    options,
                    sqlite_url(&file, "rwc"),
                    place,
                    SQLITE_SETTINGS,
                    &statements::SQLITE,
                    SQLITE_TABLES,
                )
            }
            Place::Database(url) => {
                if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
                    return Err(RecordsError::Url("it names no PostgreSQL database".to_owned()));
                }
                let place = "the database of --database".to_owned();
                (options, url.clone(), place, POSTGRES_SETTINGS, &statements::POSTGRES, POSTGRES_TABLES)
            }
        };
        let pool = options.connect_lazy(&url).map_err(|error| RecordsError::Url(error.to_string()))?;
        let migrations = (1..).zip(tables).map(|(version, sql)| {
            let description = Cow::Borrowed("records");
            Migration::new(version, description, MigrationType::Simple, sql.into_sql_str(), false)
        });
        let migrator = Migrator::with_migrations(migrations.collect());
        Ok(Self {
            pool,
            statements,
            place,
            url,
            settings,
            migrator,
            has_tables: OnceCell::new(),
            samples: Samples::default(),
        })
    }

    /// Makes the tables, or brings them to this version, the first time that it is called with success.
    pub async fn prepare(&self) -> Result<(), RecordsError> {
        self.has_tables.get_or_try_init(|| self.make_tables()).await.copied()
    }

    // Boxed, as the others that end in the keeper's task: the compiler cannot prove for all lifetimes that sqlx's futures are `Send`.
    fn make_tables(&self) -> BoxFuture<'_, Result<(), RecordsError>> {
        Box::pin(async {
            let probe = async {
                // Not of the pool, which tries again until its time is over and then no longer knows why.
                let mut connection = AnyConnection::connect(&self.url).await?;
                connection.execute(self.settings).await?;
                connection.close().await
            };
            let probed = timeout(ACQUIRE, probe).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
            probed.map_err(|error| self.error(error))?;
            let made = self.migrator.run(&self.pool).await;
            made.map_err(|error| RecordsError::of_tables(&self.place, error))
        })
    }

    pub(super) fn error(&self, error: sqlx::Error) -> RecordsError {
        RecordsError::of(&self.place, error)
    }

    /// Stores a batch. What is stored already stays as it is.
    pub async fn write(&self, batch: &[Record]) -> Result<(), RecordsError> {
        self.write_rows(Rows::of(batch)).await
    }

    /// The same with the rows of a batch.
    pub(super) async fn write_rows(&self, rows: Rows) -> Result<(), RecordsError> {
        self.prepare().await?;
        self.try_write(rows).await.map_err(|error| self.error(error))
    }

    fn try_write(&self, rows: Rows) -> BoxFuture<'_, sqlx::Result<()>> {
        let Statements { put_players, put_runs, put_best, put_achievements } = *self.statements;
        let Rows { players, runs, achievements, best } = rows;
        // Players first: the other rows name them by their numbers.
        let rows = [(put_players, players), (put_runs, runs), (put_achievements, achievements)];
        Box::pin(async move {
            let mut transaction = self.pool.begin().await?;
            for (statement, rows) in rows {
                if let Some(rows) = rows {
                    query(statement).bind(rows).execute(&mut *transaction).await?;
                }
            }
            for ((arena, mode, Span { key, ends_ms }), rows) in best {
                let board = query(statements::PUT_BOARD).bind(&*arena).bind(mode).bind(&*key).bind(ends_ms);
                board.execute(&mut *transaction).await?;
                let board = query(statements::BOARD).bind(&*arena).bind(mode).bind(&*key);
                let board: i64 = board.fetch_one(&mut *transaction).await?.try_get(0)?;
                query(put_best).bind(rows).bind(board).execute(&mut *transaction).await?;
            }
            transaction.commit().await
        })
    }

    /// How many rows a table has, for tests and reports.
    pub async fn count(&self, table: Table) -> Result<i64, RecordsError> {
        let counted = query(table.count()).fetch_one(&self.pool).await;
        counted.and_then(|row| row.try_get(0)).map_err(|error| self.error(error))
    }
}

/// The URL of a file, opened in this mode of SQLite's.
pub(super) fn sqlite_url(file: &Path, mode: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    let path = file
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .map(|byte| if is_plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") });
    format!("sqlite:{}?mode={mode}", path.collect::<String>())
}

fn hex(id: LastingId) -> String {
    HEXLOWER.encode(&id.0)
}

fn time(unix_ms: u64) -> i64 {
    i64::try_from(unix_ms).unwrap_or(i64::MAX)
}

/// A batch as its tables take it: the rows of each as one JSON text.
#[derive(Debug)]
pub(super) struct Rows {
    players: Option<String>,
    runs: Option<String>,
    achievements: Option<String>,
    best: Vec<(BoardKey, String)>,
}

impl Rows {
    /// The rows of a batch. Takes some microseconds for each record.
    pub(super) fn of(batch: &[Record]) -> Self {
        let text = |rows: Vec<Value>| (!rows.is_empty()).then(|| Value::Array(rows).to_string());
        let best = best(batch).into_iter().map(|(board, rows)| (board, Value::Array(rows).to_string()));
        Self {
            players: text(players(batch)),
            runs: text(runs(batch)),
            achievements: text(achievements(batch)),
            best: best.collect(),
        }
    }
}

/// One row for each player: a batch must not change a row twice. In the order of ids, so that two servers lock rows in one order.
fn players(batch: &[Record]) -> Vec<Value> {
    let mut newest = BTreeMap::new();
    for record in batch {
        let (name, seen) = record.seen();
        let row = newest.entry(record.player()).or_insert((name, seen));
        if seen >= row.1 {
            *row = (name, seen);
        }
    }
    newest.into_iter().map(|(id, (name, seen))| json!([hex(id), name.as_str(), time(seen)])).collect()
}

fn runs_of(batch: &[Record]) -> impl Iterator<Item = &Run> {
    batch.iter().filter_map(|record| match record {
        Record::Run(run) => Some(run),
        Record::Achievement(_) => None,
    })
}

fn runs(batch: &[Record]) -> Vec<Value> {
    let row = |run: &Run| {
        let Run { id, player, name: _, arena, mode, score, duration_ms, ended_ms, details } = run;
        let (duration, ended) = (time(*duration_ms), time(*ended_ms));
        json!([HEXLOWER.encode(&id.to_bytes()), hex(*player), arena, mode, score, duration, ended, details])
    };
    runs_of(batch).map(row).collect()
}

/// A leaderboard: arena, mode and period.
type BoardKey = (String, &'static str, Span);

/// The best run of each player for each leaderboard.
fn best(batch: &[Record]) -> BTreeMap<BoardKey, Vec<Value>> {
    let mut best = BTreeMap::<BoardKey, BTreeMap<LastingId, &Run>>::new();
    for run in runs_of(batch) {
        for period in Period::ALL {
            let board = best.entry((run.arena.to_string(), run.mode, period.at(run.ended_ms))).or_default();
            let row = board.entry(run.player).or_insert(run);
            if (run.score, row.ended_ms) > (row.score, run.ended_ms) {
                *row = run;
            }
        }
    }
    let row = |(player, run): (LastingId, &Run)| {
        json!([hex(player), run.score, time(run.duration_ms), time(run.ended_ms)])
    };
    best.into_iter().map(|(board, rows)| (board, rows.into_iter().map(row).collect())).collect()
}

fn achievements(batch: &[Record]) -> Vec<Value> {
    let mut first = BTreeMap::new();
    for record in batch {
        if let Record::Achievement(unlocked) = record {
            let row = first.entry((unlocked.player, &*unlocked.achievement)).or_insert(unlocked.unlocked_ms);
            *row = unlocked.unlocked_ms.min(*row);
        }
    }
    first.into_iter().map(|((player, id), at)| json!([hex(player), id, time(at)])).collect()
}

/// A table whose rows can be counted.
#[derive(Clone, Copy, Debug)]
pub enum Table {
    /// Of players.
    Players,
    /// Of runs.
    Runs,
    /// Of achievements.
    Achievements,
    /// Of best runs.
    Best,
}

impl Table {
    fn count(self) -> &'static str {
        match self {
            Self::Players => "select count(*) from players",
            Self::Runs => "select count(*) from runs",
            Self::Achievements => "select count(*) from achievements",
            Self::Best => "select count(*) from best",
        }
    }
}
