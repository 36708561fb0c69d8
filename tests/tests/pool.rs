//! What a node has of its database when that was started again.

use std::time::Duration;

use futures::future::try_join_all;
use projections::Reader;
use sqlx::PgPool;
use tests::{database, until};
use tokio::sync::watch;
use tokio::time::Instant;

const NODE: &str = "a node to be cut off";
const CONNECTIONS: u32 = 4;
const PATIENCE: Duration = Duration::from_secs(20);
/// No PostgreSQL is back sooner.
const RESTART: Duration = Duration::from_millis(50);

/// As at a restart: each of the node's connections is ended, and later it may connect again.
async fn restart(database: &PgPool) {
    let ended = Instant::now();
    assert_eq!(end_all(database).await, i64::from(CONNECTIONS));
    until("the server is back", || async {
        end_all(database).await == 0 && ended.elapsed() > RESTART
    })
    .await;
}

/// How many connections of the node's there were.
async fn end_all(database: &PgPool) -> i64 {
    sqlx::query_scalar(
        "select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity
         where datname = current_database() and application_name = $1",
    )
    .bind(NODE)
    .fetch_one(database)
    .await
    .unwrap()
}

#[tokio::test]
async fn after_a_restart_nobody_is_handed_a_connection_of_before() {
    let database = database::create().await;
    let node = (*database.connect_options()).clone().application_name(NODE);
    let pool = event_log::pool(node, CONNECTIONS, PATIENCE);
    let all = try_join_all((0..CONNECTIONS).map(|_| pool.acquire())).await;
    drop(all.unwrap());
    until("all rest", || async {
        pool.num_idle() == CONNECTIONS as usize
    })
    .await;

    restart(&database).await;
    for _ in 0..CONNECTIONS {
        sqlx::query("select 1").execute(&pool).await.unwrap();
    }
    let compiling: String = sqlx::query_scalar("show jit")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(compiling, "off");
    pool.close().await;
}

#[tokio::test]
async fn a_restart_costs_readers_no_answer() {
    let database = database::create().await;
    let node = (*database.connect_options()).clone().application_name(NODE);
    let (_, projected) = watch::channel(0);
    let reader = Reader::new(node, CONNECTIONS, projected);
    let all = try_join_all((0..CONNECTIONS).map(|_| reader.snapshot(None))).await;
    drop(all.unwrap());
    until("all rest", || async {
        let resting = "select count(*) from pg_stat_activity
                       where datname = current_database() and application_name = $1
                         and state = 'idle'";
        let resting = sqlx::query_scalar(resting).bind(NODE).fetch_one(&database);
        let resting: i64 = resting.await.unwrap();
        resting == i64::from(CONNECTIONS)
    })
    .await;

    restart(&database).await;
    let mut all = Vec::new();
    for _ in 0..CONNECTIONS {
        all.push(reader.snapshot(None).await.unwrap());
    }
}
