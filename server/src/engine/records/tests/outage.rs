//! Databases that are away, full, newer or no databases; and copies of those that are well.

use sqlx::query;

use super::{super::store::FILE, *};

#[tokio::test]
async fn records_of_an_outage_are_stored_once_when_it_is_over() {
    let database = Database::postgres();
    let keeper = RecordKeeper::start(&database.place, None).await.expect("it starts");
    let records = keeper.records().clone();
    let counters = &records.counters;
    let offer = |from: i64| {
        (from..from + 100).for_each(|score| keeper.queue().offer(Record::Run(run(1, score, NOON))));
    };
    offer(0);
    until(|| counters.written_total.get() == 100).await;
    let postgres = database.postgres.as_ref().expect("it runs");
    postgres.stop();
    offer(100);
    until(|| counters.is_delayed() && counters.pending.get() == 100).await;
    assert!(records.store.page(&board(Period::All), 0, 10).await.is_err(), "readers are told");
    postgres.resume();
    until(|| counters.pending.get() == 0).await;
    assert!(!counters.is_delayed());
    assert_eq!((counters.written_total.get(), counters.dropped_total.get()), (200, 0));
    assert_eq!(records.store.count(Table::Runs).await.expect("it can be counted"), 200);
    assert!(keeper.finish(TEST_LIMIT).await);
}

#[tokio::test]
async fn server_starts_before_its_database() {
    let database = Database::postgres();
    let postgres = database.postgres.as_ref().expect("it runs");
    postgres.stop();
    let keeper = RecordKeeper::start(&database.place, None).await.expect("it starts");
    let counters = keeper.records().counters.clone();
    assert!(counters.is_delayed());
    postgres.resume();
    until(|| !counters.is_delayed()).await;
    keeper.queue().offer(Record::Run(run(1, 1, NOON)));
    until(|| counters.written_total.get() == 1).await;
}

#[tokio::test]
async fn full_disk_delays_records_until_there_is_room() {
    let database = Database::sqlite();
    // The limit is one connection's.
    let store = Store::with_connections(&database.place, 1).expect("a store");
    store.prepare().await.expect("the tables can be made");
    query("pragma max_page_count = 1").execute(&store.pool).await.expect("a limit");
    let keeper = RecordKeeper::of(store, None).await.expect("it starts");
    let records = keeper.records().clone();
    let batch = (0..500).map(|score| Record::Run(run(score as u8, score, NOON)));
    batch.for_each(|record| keeper.queue().offer(record));
    until(|| records.counters.is_delayed()).await;
    assert_eq!(records.counters.written_total.get(), 0);
    query("pragma max_page_count = 100000").execute(&records.store.pool).await.expect("room");
    until(|| records.counters.written_total.get() == 500).await;
    assert!(!records.counters.is_delayed());
    assert_eq!(records.store.count(Table::Runs).await.expect("it can be counted"), 500);
}

async fn refuses_newer_tables(database: &Database) {
    let store = database.store();
    store.prepare().await.expect("the tables can be made");
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
                 select 2, 'newer', success, checksum, 0 from _sqlx_migrations";
    query(newer).execute(&store.pool).await.expect("it is written");
    let refused = RecordKeeper::start(&database.place, None).await.expect_err("it is newer");
    let text = refused.in_full();
    assert!(text.contains("newer version of this program") && !text.contains('\n'), "{text}");
}

#[tokio::test]
async fn newer_tables_are_refused() {
    refuses_newer_tables(&Database::sqlite()).await;
    refuses_newer_tables(&Database::postgres()).await;
}

#[tokio::test]
async fn file_that_is_no_database_is_refused_and_stays_as_it_is() {
    let database = Database::sqlite();
    let Place::Directory(directory) = &database.place else { unreachable!("SQLite") };
    std::fs::create_dir_all(directory).expect("it can be made");
    let text = "My diary.\n".repeat(1000);
    std::fs::write(directory.join(FILE), &text).expect("it can be written");
    let refused = RecordKeeper::start(&database.place, None).await.expect_err("it is no database").in_full();
    assert!(refused.contains(FILE) && refused.contains("move it away"), "{refused}");
    assert_eq!(std::fs::read_to_string(directory.join(FILE)).expect("it is there"), text);
    for url in ["mysql://host/name", "nonsense", "postgres://"] {
        let refused = RecordKeeper::start(&Place::Database(url.to_owned()), None).await;
        let is_delayed = refused.as_ref().is_ok_and(|keeper| keeper.records().counters.is_delayed());
        assert!(is_delayed || matches!(refused, Err(RecordsError::Url(_))), "{url}: {refused:?}");
    }
}

#[tokio::test]
async fn backup_of_a_store_in_use_is_whole() {
    let database = Database::sqlite();
    let keeper = RecordKeeper::start(&database.place, None).await.expect("it starts");
    let store = &keeper.records().store;
    store.write(&runs(&[(1, 50), (2, 70)])).await.expect("it is written");
    let copy = database.directory.path().join("copy");
    std::fs::create_dir(&copy).expect("it can be made");
    backup(&database.place, &copy.join(FILE)).await.expect("it is copied");
    store.write(&runs(&[(3, 10)])).await.expect("it is written");
    let restored = Store::new(&Place::Directory(copy.clone())).expect("a store");
    restored.prepare().await.expect("it is a database of ours");
    assert_eq!((counts(&restored).await, counts(store).await), ([2, 2, 0, 8], [3, 3, 0, 12]));

    let again = backup(&database.place, &copy.join(FILE)).await.expect_err("it is there").in_full();
    assert!(again.contains("name a new file"), "{again}");
    let nothing = Place::Directory(database.directory.path().join("nothing"));
    let missing = backup(&nothing, &copy.join("b")).await.expect_err("there is nothing").in_full();
    assert!(missing.contains("no records") && !copy.join("b").exists(), "{missing}");
    let postgres = Place::Database("postgres://host/name".to_owned());
    let other = backup(&postgres, &copy.join("b")).await.expect_err("it is no file").in_full();
    assert!(other.contains("pg_dump"), "{other}");
}

#[tokio::test]
async fn queue_never_waits_and_counts_what_it_drops() {
    let counters = std::sync::Arc::<RecordCounters>::default();
    let (queue, waiting) = RecordQueue::new(counters.clone());
    let most = waiting.capacity().expect("it has a bound");
    (0..most + 5).for_each(|_| queue.offer(Record::Run(run(1, 1, NOON))));
    let details = "x".repeat(DETAILS_BYTES_MAX + 1).into();
    queue.offer(Record::Run(Run { details, ..run(1, 1, NOON) }));
    assert_eq!((waiting.len() as u64, counters.dropped_total.get()), (most as u64, 6));
}
