//! A database that lost its last commits, as at a failover to a server that was behind: a node that
//! saw them goes on with nothing of what it has in memory.

use std::time::Duration;

use event_log::{Accepted, AppendError, Sequencer, Tail};
use sqlx::PgPool;
use tests::counter::{Counter, TooMuch, add};
use tests::{clock, database, keyring, new_id};

use super::history::{check_log, stored};

const LOST: &str = "
    alter table log.events disable trigger user;
    alter table log.commands disable trigger user;
    delete from log.events where position > 2;
    delete from log.commands where position > 2;
    alter table log.events enable trigger user;
    alter table log.commands enable trigger user;";

async fn sequencer(database: &PgPool, tail: Tail) -> Sequencer<Counter> {
    let keyring = keyring(database).await;
    let sequencer = Sequencer::start(database.clone(), keyring, tail, clock());
    sequencer.await.unwrap()
}

async fn adding(node: &Sequencer<Counter>, number: i64) -> Result<Accepted, AppendError<TooMuch>> {
    let streams = ["counter-a".to_owned()];
    let command = add(new_id(), &streams, number, i64::MAX);
    node.execute(command).await
}

async fn lose(database: &PgPool) {
    let owner = database::owner(database);
    sqlx::raw_sql(LOST).execute(&owner).await.unwrap();
}

/// The fence alone: its tail hears of nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_appended_behind_an_event_that_is_not_there_any_more() {
    let database = database::create().await;
    let deaf = sequencer(&database, Tail::still(database.clone(), 0)).await;
    for number in 1..=4 {
        adding(&deaf, number).await.unwrap();
    }
    lose(&database).await;
    // another node, that comes as far as the first one was
    let other = sequencer(&database, Tail::start(database.clone()).await.unwrap()).await;
    for number in 5..=6 {
        adding(&other, number).await.unwrap();
    }
    let refused = adding(&deaf, 7).await;
    assert!(matches!(refused, Err(AppendError::Busy)), "{refused:?}");
    adding(&other, 8).await.unwrap();
    check_log(&stored(&database).await).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_finds_out_by_itself_and_shows_nothing_of_what_was_lost() {
    let database = database::create().await;
    let tail = Tail::start(database.clone()).await.unwrap();
    let node = sequencer(&database, tail.clone()).await;
    for number in 1..=4 {
        adding(&node, number).await.unwrap();
    }
    tail.wait_past(3).await;
    assert_eq!(tail.read_after(2, 9).await.unwrap().len(), 2);
    lose(&database).await;
    let found_out = tokio::time::timeout(Duration::from_secs(20), tail.severed()).await;
    assert!(found_out.is_ok(), "it never finds out");
    assert!(tail.read_after(2, 9).await.is_err());
    let refused = adding(&node, 5).await;
    assert!(matches!(refused, Err(AppendError::Busy)), "{refused:?}");
    check_log(&stored(&database).await).unwrap();
}
