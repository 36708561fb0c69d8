//! What one command can rely on: exactly once, its own failure alone, versions
//! that it insists on.

use event_log::{AppendError, Command, Expected, NO_DIGEST, Sequencer, Tail};
use sqlx::PgPool;
use tests::counter::{Counter, TooMuch, add};
use tests::{clock, database, new_id};

use super::history::{check_log, stored};

pub(super) async fn start(database: &PgPool) -> Sequencer<Counter> {
    let tail = Tail::start(database.clone()).await.unwrap();
    let keyring = tests::keyring(database).await;
    Sequencer::start(database.clone(), keyring, tail, clock())
        .await
        .unwrap()
}

pub(super) fn streams(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("counter-{name}")).collect()
}

#[tokio::test]
async fn the_same_command_gets_the_stored_answer_also_from_a_node_that_never_saw_it() {
    let database = database::create().await;
    let sequencer = start(&database).await;
    let id = new_id();
    let first = sequencer
        .execute(add(id, &streams(&["a"]), 5, 9))
        .await
        .unwrap();
    sequencer
        .execute(add(new_id(), &streams(&["a"]), 1, 9))
        .await
        .unwrap();
    let again = sequencer
        .execute(add(id, &streams(&["a"]), 5, 9))
        .await
        .unwrap();
    // decided anew it would be refused: 6 + 5 is over the limit
    let elsewhere = start(&database).await;
    let late = elsewhere
        .execute(add(id, &streams(&["a"]), 5, 9))
        .await
        .unwrap();

    assert!(!first.again && again.again && late.again);
    assert_eq!(
        (again.position, late.position),
        (first.position, first.position)
    );
    assert_eq!(stored(&database).await.len(), 2);
}

#[tokio::test]
async fn an_unchanged_command_is_remembered_too() {
    let database = database::create().await;
    let sequencer = start(&database).await;
    let id = new_id();
    sequencer
        .execute(add(new_id(), &streams(&["a"]), 5, 9))
        .await
        .unwrap();
    let unchanged = sequencer.execute(add(id, &[], 7, 9)).await.unwrap();
    sequencer
        .execute(add(new_id(), &streams(&["a"]), 1, 9))
        .await
        .unwrap();
    let elsewhere = start(&database).await;
    let again = elsewhere.execute(add(id, &[], 7, 9)).await.unwrap();

    assert_eq!((unchanged.events, unchanged.position), (0, 1));
    assert_eq!((again.events, again.position, again.again), (0, 1, true));
}

#[tokio::test]
async fn the_same_id_with_another_body_is_refused() {
    let database = database::create().await;
    let sequencer = start(&database).await;
    let id = new_id();
    sequencer
        .execute(add(id, &streams(&["a"]), 5, 9))
        .await
        .unwrap();
    let reused = sequencer.execute(add(id, &streams(&["a"]), 4, 9)).await;
    let elsewhere = start(&database).await;
    let reused_elsewhere = elsewhere.execute(add(id, &streams(&["a"]), 4, 9)).await;

    assert!(matches!(reused, Err(AppendError::IdReused)));
    assert!(matches!(reused_elsewhere, Err(AppendError::IdReused)));
}

#[tokio::test]
async fn where_a_digest_is_missing_the_same_id_is_the_same_command() {
    let database = database::create().await;
    let sequencer = start(&database).await;
    let told = |id, number| add(id, &streams(&["a"]), number, 9);
    let untold = |id, number| Command {
        digest: NO_DIGEST,
        ..told(id, number)
    };
    let [forgotten, bare] = [new_id(), new_id()];
    let first = sequencer.execute(told(forgotten, 5)).await.unwrap();
    let second = sequencer.execute(untold(bare, 1)).await.unwrap();
    for node in [&sequencer, &start(&database).await] {
        let again = node.execute(untold(forgotten, 4)).await.unwrap();
        assert_eq!((again.position, again.again), (first.position, true));
        let again = node.execute(told(bare, 4)).await.unwrap();
        assert_eq!((again.position, again.again), (second.position, true));
    }
    assert_eq!(stored(&database).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_at_once_for_what_one_can_have_leave_one_winner() {
    let database = database::create().await;
    let nodes = [start(&database).await, start(&database).await];
    let wanted = streams(&["only-one"]);
    let asking = (0..100).map(|n| nodes[n % 2].execute(add(new_id(), &wanted, 1, 1)));
    let answers = futures::future::join_all(asking).await;

    let winners = answers.iter().filter(|answer| answer.is_ok()).count();
    let losers = answers
        .iter()
        .filter(|answer| matches!(answer, Err(AppendError::Refused(TooMuch))))
        .count();
    assert_eq!((winners, losers), (1, 99));
    check_log(&stored(&database).await).unwrap();
}

#[tokio::test]
async fn one_commands_failure_is_its_own() {
    let database = database::create().await;
    let sequencer = start(&database).await;
    let mut panics = add(new_id(), &streams(&["a"]), 1, 9);
    panics.decide = Box::new(|_| panic!("a bug in a rule"));
    let mut undeclared = add(new_id(), &streams(&["b"]), 1, 9);
    undeclared.streams = vec!["counter-other".into()];
    undeclared.decide = Box::new(|_| {
        Ok(vec![tests::counter::Added {
            stream: "counter-b".into(),
            number: 1,
        }])
    });
    // PostgreSQL has no such time and refuses the whole statement
    let mut unstorable = add(new_id(), &streams(&["a"]), 1, 9);
    unstorable.occurred_at = chrono::DateTime::<chrono::Utc>::MIN_UTC;
    let mut conflicts = add(new_id(), &streams(&["a"]), 1, 9);
    conflicts.expected = vec![("counter-a".into(), Expected::Exactly(7))];
    let answers = tokio::join!(
        sequencer.execute(add(new_id(), &streams(&["a"]), 1, 9)),
        sequencer.execute(panics),
        sequencer.execute(undeclared),
        sequencer.execute(unstorable),
        sequencer.execute(conflicts),
        sequencer.execute(add(new_id(), &streams(&["a"]), 1, 9)),
    );

    assert!(answers.0.is_ok() && answers.5.is_ok(), "{answers:?}");
    assert!(matches!(answers.1, Err(AppendError::Internal(_))));
    assert!(matches!(answers.2, Err(AppendError::Internal(_))));
    assert!(
        matches!(answers.3, Err(AppendError::Internal(_))),
        "{:?}",
        answers.3
    );
    assert!(matches!(answers.4, Err(AppendError::Conflict { .. })));
    assert_eq!(stored(&database).await.len(), 2);
}

#[tokio::test]
async fn an_append_can_insist_on_a_version() {
    let database = database::create().await;
    let sequencer = start(&database).await;
    let insist = |expected| {
        let mut command = add(new_id(), &streams(&["a"]), 1, 9);
        command.expected = vec![("counter-a".into(), expected)];
        sequencer.execute(command)
    };
    assert!(insist(Expected::NoStream).await.is_ok());
    assert!(insist(Expected::NoStream).await.is_err());
    assert!(insist(Expected::Exactly(1)).await.is_ok());
    assert!(insist(Expected::Exactly(1)).await.is_err());
    assert!(insist(Expected::Any).await.is_ok());
}

#[tokio::test]
async fn the_database_refuses_to_change_what_is_recorded() {
    let database = database::create().await;
    let sequencer = start(&database).await;
    sequencer
        .execute(add(new_id(), &streams(&["a"]), 1, 9))
        .await
        .unwrap();
    let owner = database::owner(&database);
    for change in [
        "update log.events set payload = '{}'",
        "delete from log.events",
        "truncate log.events",
        "update log.commands set events = 0",
        "delete from log.commands",
        "truncate log.commands",
    ] {
        let refused = sqlx::query(change).execute(&database).await.unwrap_err();
        let said = refused.to_string();
        assert!(said.contains("permission denied"), "{change}: {said}");
        let refused = sqlx::query(change).execute(&owner).await.unwrap_err();
        let said = refused.to_string();
        assert!(said.contains("append-only"), "{change}: {said}");
    }
}
