//! A database that lost its last commits, as at a failover to a server that was behind: a node that
//! saw them goes on with nothing of what it has in memory.

use std::time::Duration;

use event_log::{Accepted, AppendError, Sequencer, Tail};
use sqlx::{AssertSqlSafe, PgPool};
use tests::counter::{Counter, TooMuch, add};
use tests::guards::unguarded;
use tests::{clock, database, keyring, new_id};
use uuid::Uuid;

use super::history::{check_log, check_reader, stored};

const LOST: &str = "
    delete from log.events where position > 2;
    delete from log.commands where position > 2";

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
    let losing = sqlx::raw_sql(AssertSqlSafe(unguarded(LOST)));
    losing.execute(&owner).await.unwrap();
}

/// The fence alone: its tail hears of nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_appended_behind_an_event_that_is_not_there_any_more() {
    for compares in [true, false] {
        let database = database::create().await;
        if !compares {
            // the deliberately broken log: a batch goes behind a position, whatever is there
            let compare = "or expected_head > 0 and head.hash <> expected_hash";
            database::break_append(&database::owner(&database), compare, "").await;
        }
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
        let late = adding(&deaf, 7).await;
        if compares {
            assert!(matches!(late, Err(AppendError::Busy)), "{late:?}");
            adding(&other, 8).await.unwrap();
        }
        let verdict = check_log(&stored(&database).await);
        assert_eq!(verdict.is_ok(), compares, "{verdict:?}");
    }
}

async fn read_on(database: &PgPool, seen: &mut Vec<(i64, Uuid)>) {
    let last = seen.last().map_or(0, |(position, _)| *position);
    let events = event_log::read_after(database, last, 100).await.unwrap();
    seen.extend(events.iter().map(|event| (event.position, event.id)));
}

/// The deliberately broken reader: it asks for what is behind a position, whatever was there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_goes_on_behind_what_was_lost_is_rejected_by_the_same_check() {
    let database = database::create().await;
    let tail = Tail::start(database.clone()).await.unwrap();
    let node = sequencer(&database, tail.clone()).await;
    for number in 1..=4 {
        adding(&node, number).await.unwrap();
    }
    tail.wait_past(3).await;
    let mut careless = Vec::new();
    read_on(&database, &mut careless).await;
    lose(&database).await;
    let other = sequencer(&database, Tail::start(database.clone()).await.unwrap()).await;
    for number in 5..=7 {
        adding(&other, number).await.unwrap();
    }
    read_on(&database, &mut careless).await;
    let found_out = tokio::time::timeout(Duration::from_secs(20), tail.severed()).await;
    assert!(found_out.is_ok(), "it never finds out");
    assert!(tail.read_after(4, 9).await.is_err());
    let stored = stored(&database).await;
    let all: Vec<_> = stored
        .iter()
        .map(|event| (event.position, event.id))
        .collect();
    assert_eq!(careless.len(), all.len());
    let verdict = check_reader(&careless, &all);
    assert!(verdict.is_err(), "the check accepted a reader of two logs");
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
