//! Every statement is prepared on both databases: what the checked macros of sqlx would do for one.

use sqlx::{Executor, SqlSafeStr};

use super::{super::statements, *};

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
    for statement in [statements::PAGE, statements::BETTER, statements::NEXT_SCORE] {
        let explain = sqlx::AssertSqlSafe(format!("explain query plan {statement}"));
        let rows = sqlx::query(explain).fetch_all(&store.pool).await.expect("a plan");
        let plan: Vec<String> = rows.iter().map(|row| sqlx::Row::get(row, "detail")).collect();
        let plan = plan.join("; ");
        assert!(plan.contains("COVERING INDEX best_by_score") && !plan.contains("SCAN best"), "{plan}");
    }
}
