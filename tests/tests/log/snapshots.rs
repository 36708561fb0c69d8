//! What strangers' snapshots cost: a dump or a rebuild that holds one for hours must not make
//! appending dearer. Measured in pages touched, which no busy machine changes.

use serde_json::Value;
use sqlx::PgPool;
use tests::counter::add;
use tests::{database, new_id};

use super::commands::{start, streams};

const APPENDS: usize = 6_000;
/// An index's way down and the newest pages, however many appends there were.
const FEW_PAGES: i64 = 20;

/// Pages that the query touches.
async fn pages(database: &PgPool, query: &str) -> i64 {
    let explain = format!("explain (analyze, buffers, format json) {query}");
    // the first time on a connection looks up what the query's names mean, too
    let mut connection = database.acquire().await.unwrap();
    let mut plan = Value::Null;
    for _ in 0..2 {
        plan = sqlx::query_scalar(sqlx::AssertSqlSafe(explain.clone()))
            .fetch_one(&mut *connection)
            .await
            .unwrap();
    }
    let touched = |what: &str| plan[0]["Plan"][what].as_i64().unwrap();
    touched("Shared Hit Blocks") + touched("Shared Read Blocks")
}

/// The head while somebody holds a snapshot from before all appends.
fn check(pages: i64) -> Result<(), String> {
    if pages <= FEW_PAGES {
        Ok(())
    } else {
        Err(format!("finding the head touches {pages} pages"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_head_is_found_at_once_while_somebody_holds_a_snapshot() {
    let database = database::create().await;
    let sequencer = start(&database).await;
    let mut dump = database.begin().await.unwrap();
    for statement in [
        "set transaction isolation level repeatable read",
        "select count(*) from log.events",
    ] {
        sqlx::query(statement).execute(&mut *dump).await.unwrap();
    }
    let appending = (0..APPENDS).map(|number| {
        let stream = streams(&[&format!("s{}", number % 10)]);
        sequencer.execute(add(new_id(), &stream, 1, i64::MAX))
    });
    for appended in futures::future::join_all(appending).await {
        appended.unwrap();
    }
    check(pages(&database, "select log.head()").await).unwrap();
    drop(dump);
}

/// The deliberately broken log: its head is a row that every append updates.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_in_a_counters_row_is_rejected_by_the_same_check() {
    let database = database::create().await;
    sqlx::raw_sql(
        "create schema scratch;
         create table scratch.head (position bigint not null);
         insert into scratch.head values (0);",
    )
    .execute(&database)
    .await
    .unwrap();
    let mut dump = database.begin().await.unwrap();
    for statement in [
        "set transaction isolation level repeatable read",
        "select count(*) from scratch.head",
    ] {
        sqlx::query(statement).execute(&mut *dump).await.unwrap();
    }
    let appends = format!(
        "do $$ begin
             for n in 1..{APPENDS} loop
                 update scratch.head set position = position + 1;
                 commit;
             end loop;
         end $$"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(appends))
        .execute(&database)
        .await
        .unwrap();
    let verdict = check(pages(&database, "select position from scratch.head").await);
    assert!(verdict.is_err(), "the check accepts what collapses");
    drop(dump);
}
