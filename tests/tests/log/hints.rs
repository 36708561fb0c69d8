//! An append is announced to other nodes, also where the connection for that was cut while it was
//! idle: a poll would hear of it later.

use std::time::Duration;

use event_log::{Sequencer, Tail};
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tests::counter::{Counter, add};
use tests::{clock, database, new_id, until};

/// Where hints are told.
const CHANNEL: &str = "reeltime_log";
const PATIENCE: Duration = Duration::from_secs(30);

async fn append(sequencer: &Sequencer<Counter>) -> i64 {
    let streams = ["counter-1".to_owned()];
    let asked = sequencer.execute(add(new_id(), &streams, 1, i64::MAX));
    asked.await.unwrap().position
}

async fn hears(listener: &mut PgListener, position: i64) {
    let hearing = async {
        loop {
            let hint = listener.recv().await.unwrap();
            if hint.payload() == position.to_string() {
                return;
            }
        }
    };
    let heard = tokio::time::timeout(PATIENCE, hearing).await;
    assert!(heard.is_ok(), "{position} was never announced");
}

/// How many connections have announced something last; these are ended.
async fn cut(database: &PgPool) -> i64 {
    sqlx::query_scalar(
        "select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()
           and query like 'select set_config(%pg_notify(%'",
    )
    .fetch_one(database)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_append_is_announced_when_the_connection_for_that_was_cut() {
    let database = database::create().await;
    let mut listener = PgListener::connect_with(&database).await.unwrap();
    listener.listen(CHANNEL).await.unwrap();
    let pool = database::pool((*database.connect_options()).clone());
    let tail = Tail::start(pool.clone()).await.unwrap();
    let keyring = tests::keyring(&pool).await;
    let sequencer = Sequencer::start(pool, keyring, tail, clock());
    let sequencer = sequencer.await.unwrap();

    for _ in 0..3 {
        let position = append(&sequencer).await;
        hears(&mut listener, position).await;
        assert_eq!(cut(&database).await, 1);
        until("it is cut", || async { cut(&database).await == 0 }).await;
    }
}
