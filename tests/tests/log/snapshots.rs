//! What strangers' snapshots cost: a dump or a rebuild that holds one for hours must not make
//! appending dearer. Measured in pages touched, which no busy machine changes.

use serde_json::Value;
use sqlx::{PgPool, Postgres, Transaction};
use tests::counter::add;
use tests::{database, new_id};

use super::commands::{start, streams};

const APPENDS: [usize; 2] = [500, 6_000];
/// An index may become a level deeper meanwhile.
const A_FEW: i64 = 4;

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

/// After few and after many appends, while somebody holds a snapshot from before them.
fn check([few, many]: [i64; 2]) -> Result<(), String> {
    if many <= few + A_FEW {
        Ok(())
    } else {
        Err(format!("finding the head touched {few} pages, now {many}"))
    }
}

/// A snapshot, held as long as the value lives.
async fn hold<'p>(database: &'p PgPool, table: &str) -> Transaction<'p, Postgres> {
    let mut dump = database.begin().await.unwrap();
    let looking = format!("select count(*) from {table}");
    for statement in ["set transaction isolation level repeatable read", &looking] {
        let statement = sqlx::AssertSqlSafe(statement);
        sqlx::query(statement).execute(&mut *dump).await.unwrap();
    }
    dump
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_head_is_found_at_once_while_somebody_holds_a_snapshot() {
    let database = database::create().await;
    let sequencer = start(&database).await;
    let dump = hold(&database, "log.events").await;
    let mut touched = [0; 2];
    for (touched, appends) in touched.iter_mut().zip(APPENDS) {
        let appending = (0..appends).map(|number| {
            let stream = streams(&[&format!("s{}", number % 10)]);
            sequencer.execute(add(new_id(), &stream, 1, i64::MAX))
        });
        for appended in futures::future::join_all(appending).await {
            appended.unwrap();
        }
        *touched = pages(&database, "select log.head()").await;
    }
    check(touched).unwrap();
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
    let dump = hold(&database, "scratch.head").await;
    let mut touched = [0; 2];
    for (touched, appends) in touched.iter_mut().zip(APPENDS) {
        let appends = format!(
            "do $$ begin
                 for n in 1..{appends} loop
                     update scratch.head set position = position + 1;
                     commit;
                 end loop;
             end $$"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(appends))
            .execute(&database)
            .await
            .unwrap();
        *touched = pages(&database, "select position from scratch.head").await;
    }
    assert!(
        check(touched).is_err(),
        "the check accepts what collapses: {touched:?}"
    );
    drop(dump);
}
