//! Large payloads: a commit holds so much of them, however many commands wait.

use event_log::{
    Command, DecodeError, Encoded, MAX_BATCH_BYTES, MAX_PAYLOAD_BYTES, Model, Sequencer, Stored,
    StreamName, Tail,
};
use futures::future::try_join_all;
use sealing::Keys;
use sqlx::PgPool;
use tests::{clock, database, keyring, new_id};
use uuid::Uuid;

use super::history::{check_log, stored};

/// More than go at once.
const MANY: usize = MAX_BATCH_BYTES / MAX_PAYLOAD_BYTES + 8;

/// Whose every event is as large as can be.
struct Heavy;

impl Model for Heavy {
    type Event = StreamName;
    type State = ();
    type Refusal = ();

    fn stream(event: &StreamName) -> StreamName {
        event.clone()
    }

    fn evolve(_: &mut (), _: &StreamName) {}

    fn encode(_: &StreamName, _: Uuid, _: &Keys) -> Result<Encoded, String> {
        Ok(Encoded {
            event_type: "heavy.said",
            schema_version: 1,
            payload: format!("\"{}\"", "x".repeat(MAX_PAYLOAD_BYTES - 2)),
            key_id: None,
        })
    }

    fn decode(_: Stored<'_>, _: &Keys) -> Result<StreamName, DecodeError> {
        Err(DecodeError("nobody reads it".into()))
    }
}

/// Events in streams of their own.
fn say(events: usize) -> Command<Heavy> {
    let id = new_id();
    let said: Vec<StreamName> = (0..events)
        .map(|_| StreamName::new("heavy", new_id()))
        .collect();
    Command {
        id,
        actor: Uuid::nil(),
        digest: [7; 32],
        correlation: id,
        causation: None,
        occurred_at: tests::now(),
        streams: said.clone(),
        expected: Vec::new(),
        keys: Keys::default(),
        decide: Box::new(move |_| Ok(said.clone())),
    }
}

async fn node(database: &PgPool, tail: Tail) -> Sequencer<Heavy> {
    let keyring = keyring(database).await;
    let sequencer = Sequencer::start(database.clone(), keyring, tail, clock());
    sequencer.await.unwrap()
}

async fn say_at_once(sequencer: &Sequencer<Heavy>) {
    try_join_all((0..MANY).map(|_| sequencer.execute(say(1))))
        .await
        .unwrap();
}

/// The payloads of one commit are within the bound.
async fn check_commits(database: &PgPool) -> Result<(), String> {
    let largest: Option<i64> = sqlx::query_scalar(
        "select max(bytes)
         from (select sum(octet_length(payload::text)) as bytes
               from log.events group by xmin::text) commits",
    )
    .fetch_one(database)
    .await
    .unwrap();
    let largest = usize::try_from(largest.unwrap()).unwrap();
    match largest <= MAX_BATCH_BYTES {
        true => Ok(()),
        false => Err(format!("{largest} bytes were committed at once")),
    }
}

#[tokio::test]
async fn many_large_commands_at_once_go_in_several_commits() {
    let database = database::create().await;
    let tail = Tail::start(database.clone()).await.unwrap();
    let sequencer = node(&database, tail).await;
    say_at_once(&sequencer).await;
    check_commits(&database).await.unwrap();
    let events = stored(&database).await;
    assert_eq!(events.len(), MANY);
    check_log(&events).unwrap();

    // what one command records is not parted: the check sees a commit that is too large
    sequencer.execute(say(MANY)).await.unwrap();
    check_commits(&database).await.unwrap_err();
}

#[tokio::test]
async fn so_they_do_where_another_node_was_faster() {
    let database = database::create().await;
    // each finds out at its next commit
    let deaf = || node(&database, Tail::still(database.clone(), 0));
    let (one, other) = (deaf().await, deaf().await);
    one.execute(say(1)).await.unwrap();
    say_at_once(&other).await;
    check_commits(&database).await.unwrap();
    let events = stored(&database).await;
    assert_eq!(events.len(), MANY + 1);
    check_log(&events).unwrap();
}
