//! Every statement is prepared on both databases, as sqlx's checked macros would do for one. What is stored, found again and deleted, the same in both databases.

use sqlx::{Executor, SqlSafeStr};

use super::{super::statements, *};

const DAY: Duration = Duration::from_secs(86_400);

async fn stores_once(database: &Database) {
    let store = database.store();
    let mut batch = runs(&[(1, 50), (2, 70), (1, 90), (1, 20)]);
    batch.extend([
        unlocked(1, "first", NOON + 9),
        unlocked(1, "first", NOON + 5),
        unlocked(2, "first", NOON),
    ]);
    for _ in 0..3 {
        store.write(&batch).await.expect("it is written");
    }
    assert_eq!(counts(&store).await, [2, 4, 2, 8], "players, runs, achievements, best runs");
    let first = store.achievements(lasting(1)).await.expect("they can be read");
    assert_eq!(first, [Unlocked { achievement: "first".to_owned(), unlocked_ms: (NOON + 5) as i64 }]);
    for period in Period::ALL {
        let page = store.page(&board(period), 0, 10).await.expect("a page");
        let rows: Vec<_> = page.entries.iter().map(|entry| (entry.rank, &*entry.name, entry.score)).collect();
        assert_eq!(rows, [(1, "Player 1", 90), (2, "Player 2", 70)], "{period:?}");
        assert_eq!((page.entries[0].duration_ms, page.entries[0].ended_ms), (60_000, (NOON + 2) as i64));
    }
    let renamed = Run { name: name("Ada"), ..run(1, 5, NOON + 60) };
    store.write(&[Record::Run(renamed)]).await.expect("it is written");
    let page = store.page(&board(Period::Today), 0, 1).await.expect("a page");
    assert_eq!((&*page.entries[0].name, page.entries[0].score), ("Ada", 90), "the newest name");
    let other = Board { mode: "duel".to_owned(), ..board(Period::All) };
    assert!(store.page(&other, 0, 10).await.expect("a page").entries.is_empty());
}

async fn ranks_ties(database: &Database) {
    let store = database.store();
    store.write(&runs(&[(1, 10), (2, 30), (3, 20), (4, 30), (5, 20), (6, 5)])).await.expect("it is written");
    let board = board(Period::Today);
    let rows = |page: Page| page.entries.iter().map(|entry| (entry.rank, entry.score)).collect::<Vec<_>>();
    let all = [(1, 30), (1, 30), (3, 20), (3, 20), (5, 10), (6, 5)];
    for offset in 0..=6 {
        let page = store.page(&board, offset, 3).await.expect("a page");
        assert_eq!(page.has_more, offset < 3);
        assert_eq!(
            rows(page),
            all.iter().copied().skip(offset as usize).take(3).collect::<Vec<_>>(),
            "{offset}"
        );
    }
    for (player, rank, score, next) in
        [(2, 1, 30, None), (5, 3, 20, Some((30, 10))), (1, 5, 10, Some((20, 10))), (6, 6, 5, Some((10, 5)))]
    {
        let standing = store.standing(lasting(player), &board).await.expect("it can be asked");
        let next = next.map(|(score, distance)| Next { score, distance });
        assert_eq!(standing, Some(Standing { rank, is_exact: true, score, next }), "{player}");
    }
    assert_eq!(store.standing(lasting(9), &board).await.expect("it can be asked"), None);
}

async fn deletes_old(database: &Database) {
    let store = database.store();
    let days_ago = |days: u64| NOON - days * DAY.as_millis() as u64;
    let batch =
        [(1, 40), (1, 1), (2, 40), (3, 0)].map(|(player, days)| Record::Run(run(player, 7, days_ago(days))));
    store.write(&batch).await.expect("it is written");
    store.write(&[unlocked(2, "first", days_ago(40))]).await.expect("it is written");
    let deleted = store.delete_old(NOON, None).await.expect("it can be deleted");
    assert_eq!((deleted.runs, deleted.players), (0, 0), "without a retention only boards that are over");
    // 2026-10-21 and 11-29, and their weeks; the season and all time go on.
    assert_eq!(deleted.boards, 4);
    assert_eq!(counts(&store).await, [3, 4, 1, 2 + 3 + 3]);
    let deleted = store.delete_old(NOON, Some(DAY * 30)).await.expect("it can be deleted");
    assert_eq!((deleted.runs, deleted.players, deleted.boards), (2, 1, 0));
    assert_eq!(counts(&store).await, [2, 2, 0, 2 + 2 + 2]);
}

async fn erases(database: &Database) {
    let keeper = RecordKeeper::start(&database.place, None).await.expect("it starts");
    let records = keeper.records().clone();
    // More runs than are searched at once.
    let batch = runs(&[(1, 50), (2, 70), (1, 20), (1, 30), (2, 10), (2, 20), (1, 10)]);
    records.store.write(&batch).await.expect("it is written");
    records.store.write(&[unlocked(1, "first", NOON)]).await.expect("it is written");
    // One still waits.
    keeper.queue().offer(Record::Run(run(1, 60, NOON)));
    records.erase(lasting(1)).await.expect("it is answered").expect("it is done");
    assert!(keeper.finish(TEST_LIMIT).await);
    assert_eq!(counts(&records.store).await, [1, 3, 0, 4]);

    // The number of a deleted player is not given to another one, not even the newest.
    let newest = async || -> i64 {
        let row = sqlx::query("select max(num) from players").fetch_one(&records.store.pool).await;
        sqlx::Row::get(&row.expect("it can be asked"), 0)
    };
    records.store.write(&runs(&[(3, 10)])).await.expect("it is written");
    let before = newest().await;
    records.store.try_erase(lasting(3)).await.expect("it is done");
    records.store.write(&runs(&[(4, 10)])).await.expect("it is written");
    assert!(newest().await > before);
}

#[tokio::test]
async fn sqlite_stores_finds_and_deletes() {
    stores_once(&Database::sqlite()).await;
    ranks_ties(&Database::sqlite()).await;
    deletes_old(&Database::sqlite()).await;
    erases(&Database::sqlite()).await;
}

#[tokio::test]
async fn postgres_stores_finds_and_deletes() {
    sqlx::any::install_default_drivers();
    let mut database = Database::postgres();
    for case in 0..4 {
        // A database for each, of one server.
        let postgres = database.postgres.as_ref().expect("it runs");
        let pool = sqlx::AnyPool::connect(&postgres.url("postgres")).await.expect("it answers");
        let create = sqlx::AssertSqlSafe(format!("create database case_{case}"));
        sqlx::query(create).execute(&pool).await.expect("it can be made");
        database.place = Place::Database(postgres.url(&format!("case_{case}")));
        match case {
            0 => stores_once(&database).await,
            1 => ranks_ties(&database).await,
            2 => deletes_old(&database).await,
            _ => erases(&database).await,
        }
    }
}

#[tokio::test]
async fn rank_beyond_what_is_counted_is_a_lower_bound() {
    let database = Database::sqlite();
    let store = database.store();
    let count = i64::from(OFFSET_MAX) + 3500;
    let record = |score: i64| {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&score.to_be_bytes());
        Record::Run(Run { player: LastingId(id), ..run(0, score, NOON) })
    };
    store.write(&(1..=count).map(record).collect::<Vec<_>>()).await.expect("it is written");
    let own = |score: i64| match record(score) {
        Record::Run(run) => run.player,
        Record::Achievement(_) => unreachable!("a run"),
    };
    for (score, expected) in [(count, (1, true)), (count - 9_999, (10_000, true)), (500, (13_000, false))] {
        let standing = store.standing(own(score), &board(Period::All)).await.expect("it can be asked");
        let standing = standing.expect("it has a run");
        assert_eq!((standing.rank, standing.is_exact), expected, "{score}");
    }
    let page = store.page(&board(Period::All), u32::MAX, u32::MAX).await.expect("a page");
    assert_eq!((page.entries.len(), page.entries[0].rank), (PAGE_ROWS_MAX as usize, OFFSET_MAX + 1));
}

async fn prepare_all(database: &Database, own: &statements::Statements) {
    let store = database.store();
    store.prepare().await.expect("the tables can be made");
    let mut connection = store.pool.acquire().await.expect("a connection");
    for statement in own.all() {
        let prepared = (&mut *connection).prepare(statement.into_sql_str()).await;
        assert!(prepared.is_ok(), "{statement}: {:?}", prepared.err());
    }
    let broken = (&mut *connection).prepare("select nothing from best".into_sql_str()).await;
    assert!(broken.is_err(), "a column that is not there is noticed");
}

#[tokio::test]
async fn sqlite_accepts_every_statement() {
    prepare_all(&Database::sqlite(), &statements::SQLITE).await;
}

#[tokio::test]
async fn postgres_accepts_every_statement() {
    prepare_all(&Database::postgres(), &statements::POSTGRES).await;
}

/// What a page costs depends on this and on little else.
#[tokio::test]
async fn sqlite_reads_a_page_and_a_rank_by_the_index() {
    let store = Database::sqlite();
    let store = store.store();
    store.prepare().await.expect("the tables can be made");
    for statement in [statements::PAGE, statements::BETTER, statements::EQUALS_BEFORE, statements::NEXT_SCORE]
    {
        let explain = sqlx::AssertSqlSafe(format!("explain query plan {statement}"));
        let rows = sqlx::query(explain).fetch_all(&store.pool).await.expect("a plan");
        let plan: Vec<String> = rows.iter().map(|row| sqlx::Row::get(row, "detail")).collect();
        let plan = plan.join("; ");
        assert!(plan.contains("COVERING INDEX best_by_score") && !plan.contains("SCAN best"), "{plan}");
    }
}
