//! A node that stops while it holds the log's lock over the round trips of a re-plan, and says nothing
//! any more: the server ends its session, and the others go on.

use std::time::Duration;

use event_log::{Accepted, AppendError, Sequencer, Tail};
use sqlx::PgPool;
use tests::counter::{Counter, TooMuch, add};
use tests::proxy::Proxy;
use tests::{clock, database, keyring, new_id, until};

use super::history::{check_log, stored};

/// Of each answer to the node that stops: time enough to stop it between two of them.
const FAR: Duration = Duration::from_millis(200);
/// Twice as long as a sequencer's session may be idle in a transaction.
const GOES_ON_WITHIN: Duration = Duration::from_secs(10);
/// Awake again, it goes on, too.
const AWAKE_WITHIN: Duration = Duration::from_secs(40);
/// What a node says of it at the begin of a connection.
const ENDS_IDLE_SESSIONS: &str = "idle_in_transaction_session_timeout=5000";
const KEEPS_THEM: &str = "idle_in_transaction_session_timeout=0000";

async fn sequencer(pool: PgPool, tail: Tail) -> Sequencer<Counter> {
    let keyring = keyring(&pool).await;
    let sequencer = Sequencer::start(pool, keyring, tail, clock());
    sequencer.await.unwrap()
}

async fn adding(node: &Sequencer<Counter>) -> Result<Accepted, AppendError<TooMuch>> {
    let streams = ["counter-a".to_owned()];
    let command = add(new_id(), &streams, 1, i64::MAX);
    node.execute(command).await
}

async fn until_taken(node: &Sequencer<Counter>) {
    while adding(node).await.is_err() {}
}

/// Somebody has the lock, says nothing, and has not appended yet: as a re-plan is between two answers.
async fn is_held(database: &PgPool) -> bool {
    let held = "select exists (select from pg_locks l join pg_stat_activity a using (pid)
                               where locktype = 'advisory' and granted
                                 and datname = current_database()
                                 and state = 'idle in transaction'
                                 and query not like 'select log.append%')";
    let held = sqlx::query_scalar(held).fetch_one(database);
    held.await.unwrap()
}

/// Whether another node's command is recorded in time, while this one is stopped with the lock.
async fn another_goes_on(asks_for_its_end: bool) -> bool {
    let database = database::create().await;
    let proxy = Proxy::start(&database.connect_options()).await;
    if !asks_for_its_end {
        proxy.change(ENDS_IDLE_SESSIONS, KEEPS_THEM);
    }
    let behind = database::pool(proxy.options());
    // it hears of nothing: its commit finds the log elsewhere, and it plans again
    let deaf = Tail::still(behind.clone(), 0);
    let node = sequencer(behind, deaf).await;
    let tail = Tail::start(database.clone()).await.unwrap();
    let other = sequencer(database.clone(), tail).await;
    adding(&node).await.unwrap();
    adding(&other).await.unwrap();
    proxy.delay(FAR);
    let stopped = node.clone();
    let stopped = tokio::spawn(async move { adding(&stopped).await });
    until("it holds the lock", || is_held(&database)).await;
    proxy.freeze(true);
    let going_on = tokio::time::timeout(GOES_ON_WITHIN, until_taken(&other)).await;

    proxy.delay(Duration::ZERO);
    proxy.freeze(false);
    let answer = stopped.await.unwrap();
    assert!(matches!(answer, Err(AppendError::Busy)), "{answer:?}");
    let awake = tokio::time::timeout(AWAKE_WITHIN, until_taken(&node)).await;
    assert!(awake.is_ok(), "it is busy for ever");
    check_log(&stored(&database).await).unwrap();
    going_on.is_ok()
}

/// And the deliberately broken node, which does not ask the server to end its session: the same check
/// finds that it holds up everybody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stops_with_the_lock_holds_up_the_others_no_longer_than_its_session_may() {
    let (ended, kept) = tokio::join!(another_goes_on(true), another_goes_on(false));
    assert!(ended, "the others wait for who is stopped");
    assert!(!kept, "the check sees nobody who is held up");
}
