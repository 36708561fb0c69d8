//! What a node has of its database when that was started again.

use std::time::Duration;

use futures::future::try_join_all;
use sqlx::PgPool;
use tests::{database, until};
use tokio::time::Instant;

const NODE: &str = "a node to be cut off";
const CONNECTIONS: u32 = 4;
/// No PostgreSQL is back sooner.
const RESTART: Duration = Duration::from_millis(50);

/// How many connections of the node's there were: as at a restart, each is ended.
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
    let pool = web::pool::options(CONNECTIONS).connect_lazy_with(node);
    let all = try_join_all((0..CONNECTIONS).map(|_| pool.acquire())).await;
    drop(all.unwrap());
    until("all rest", || async {
        pool.num_idle() == CONNECTIONS as usize
    })
    .await;

    let ended = Instant::now();
    assert_eq!(end_all(&database).await, i64::from(CONNECTIONS));
    until("the server is back", || async {
        end_all(&database).await == 0 && ended.elapsed() > RESTART
    })
    .await;
    for _ in 0..CONNECTIONS {
        sqlx::query("select 1").execute(&pool).await.unwrap();
    }
    pool.close().await;
}
