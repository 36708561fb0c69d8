//! What was planned behind an event is decided again where another node's event is in between.

use std::sync::OnceLock;

use event_log::{Command, Model, Recorded, Sequencer, Tail};
use sealing::Keys;
use sqlx::PgPool;
use tests::counter::{Counter, add};
use tests::{clock, database, keyring, new_id};

use super::history::{check_log, stored};

const LIMIT: i64 = 2;

/// It hears of nothing: each of its commits finds out.
async fn deaf(database: &PgPool) -> Sequencer<Counter> {
    let keyring = keyring(database).await;
    let tail = Tail::still(database.clone(), 0);
    let sequencer = Sequencer::start(database.clone(), keyring, tail, clock());
    sequencer.await.unwrap()
}

fn add_one() -> Command<Counter> {
    add(new_id(), &["counter-a".to_owned()], 1, LIMIT)
}

/// As the deliberately broken node has it: what is decided stays decided.
fn decided_once(command: Command<Counter>) -> Command<Counter> {
    let (decide, decided) = (command.decide, OnceLock::new());
    Command {
        decide: Box::new(move |seen| decided.get_or_init(|| decide(seen)).clone()),
        ..command
    }
}

fn check_limit(events: &[Recorded]) -> Result<(), String> {
    let added = |event: &Recorded| Counter::decode(event.stored(), &Keys::default());
    let numbers = events.iter().map(|event| added(event).unwrap().number);
    match numbers.sum() {
        ..=LIMIT => Ok(()),
        sum => Err(format!("{sum} where {LIMIT} is the limit")),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_does_not_decide_again_is_rejected_by_the_same_check() {
    for decides_again in [true, false] {
        let database = database::create().await;
        let (one, other) = (deaf(&database).await, deaf(&database).await);
        one.execute(add_one()).await.unwrap();
        other.execute(add_one()).await.unwrap();
        // by what this node knows there is room for one more
        let late = if decides_again {
            add_one()
        } else {
            decided_once(add_one())
        };
        let answer = one.execute(late).await;
        assert_eq!(answer.is_err(), decides_again, "{answer:?}");
        let events = stored(&database).await;
        check_log(&events).unwrap();
        assert_eq!(check_limit(&events).is_ok(), decides_again);
    }
}
