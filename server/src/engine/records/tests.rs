//! Records in real databases: a SQLite file, and a PostgreSQL server that the test starts.

mod outage;
mod postgres;
mod storing;

use std::time::Duration;

use shared::engine::ids::PlayerName;

use self::postgres::Postgres;
use super::*;
use crate::engine::wait::TEST_LIMIT;

/// 2026-11-30, a Monday, at noon.
const NOON: u64 = 20_787 * 86_400_000 + 43_200_000;

/// A database for one test.
#[derive(Debug)]
pub(super) struct Database {
    place: Place,
    directory: tempfile::TempDir,
    postgres: Option<Postgres>,
}

impl Database {
    pub(super) fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let place = Place::Directory(directory.path().join("a data ? directory"));
        Self { place, directory, postgres: None }
    }

    fn postgres() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let postgres = Postgres::start(directory.path());
        Self { place: Place::Database(postgres.url("postgres")), directory, postgres: Some(postgres) }
    }

    pub(super) fn store(&self) -> Store {
        Store::new(&self.place).expect("a store")
    }
}

fn name(text: &str) -> PlayerName {
    PlayerName::new(text).expect("a valid name")
}

fn lasting(number: u8) -> LastingId {
    LastingId([number; 16])
}

fn run(player: u8, score: i64, ended_ms: u64) -> Run {
    Run {
        id: RecordId::draw(ended_ms),
        player: lasting(player),
        name: name(&format!("Player {player}")),
        arena: "drift".into(),
        mode: "free",
        score,
        duration_ms: 60_000,
        ended_ms,
        details: r#"{"kills":3}"#.into(),
    }
}

pub(super) fn runs(scores: &[(u8, i64)]) -> Vec<Record> {
    (0..).zip(scores).map(|(at, (player, score))| Record::Run(run(*player, *score, NOON + at))).collect()
}

fn unlocked(player: u8, achievement: &str, unlocked_ms: u64) -> Record {
    let (player, name) = (lasting(player), name(&format!("Player {player}")));
    Record::Achievement(Achievement { player, name, achievement: achievement.into(), unlocked_ms })
}

pub(super) fn board(period: Period) -> Board {
    Board { arena: "drift".to_owned(), mode: "free".to_owned(), period: period.at(NOON).key }
}

async fn counts(store: &Store) -> [i64; 4] {
    let mut counts = [0; 4];
    let tables = [Table::Players, Table::Runs, Table::Achievements, Table::Best];
    for (count, table) in counts.iter_mut().zip(tables) {
        *count = store.count(table).await.expect("it can be counted");
    }
    counts
}

/// Waits for the keeper, at most as long as any test waits.
async fn until(mut condition: impl FnMut() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(TEST_LIMIT, wait).await.expect("it came to pass in time");
}
