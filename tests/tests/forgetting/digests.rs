//! What the log keeps to know the body of a command by goes with the member who gave it, and the
//! command is exactly once all the same.

use commands::member::SignUp;
use commands::review::Review;
use commands::{Asked, ExecuteError, Forgetter};
use domain::forgetting::Extent;
use domain::{
    Email, KeyKind, Language, MemberId, MemberName, Rating, ReservationId, ReviewText, Role,
};
use event_log::{Accepted, Keyring, NO_DIGEST};
use sealing::Held;
use sqlx::PgPool;
use tests::history::{self, asked};
use tests::{database, new_id};
use tokio::time::Instant;
use uuid::Uuid;

use super::{Node, PATIENCE, held, is_destroyed, node, withdraw};

fn review(member: MemberId) -> Review {
    Review {
        member,
        film: history::film(0),
        rating: Rating::new(7).unwrap(),
        text: ReviewText::new("Yes.").unwrap(),
        spoiler: false,
        watched_on: None,
        moved: None,
        merged: vec![],
    }
}

/// With a body of this digest.
fn saying(actor: MemberId, digest: u8) -> Asked {
    Asked {
        digest: [digest; 32],
        ..asked(actor)
    }
}

async fn kept(database: &PgPool, asked: &Asked) -> Vec<u8> {
    sqlx::query_scalar("select digest from log.commands where id = $1 and actor = $2")
        .bind(asked.id)
        .bind(asked.actor)
        .fetch_one(database)
        .await
        .unwrap()
}

/// Under the key of a member that every extent destroys.
async fn under(keyring: &Keyring, member: MemberId, asked: &Asked) -> [u8; 32] {
    match held(keyring, member.key_id(KeyKind::Identity)).await {
        Some(Held::Key(key)) => key.digest(&asked.digest),
        other => panic!("{other:?}"),
    }
}

async fn is_known(
    node: &Node,
    asked: &Asked,
    command: impl commands::Command + Send + 'static,
    first: &Accepted,
) {
    let again = commands::execute(&node.sequencer, asked.clone(), command).await;
    let again = again.unwrap();
    assert_eq!((again.position, again.again), (first.position, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_is_known_by_a_key_of_its_member_and_told_from_nothing_once_that_is_gone() {
    let database = database::create().await;
    let (here, there) = (node(&database).await, node(&database).await);
    history::begin(&here.sequencer, 1).await.unwrap();
    let ann = history::member(0);
    let said = saying(ann, 7);
    let otherwise = Asked {
        digest: [8; 32],
        ..said.clone()
    };
    let first = commands::execute(&here.sequencer, said.clone(), review(ann)).await;
    let first = first.unwrap();
    let digest = kept(&database, &said).await;
    assert_eq!(digest, under(&there.keyring, ann, &said).await);
    let restarted = node(&database).await;
    for node in [&here, &there, &restarted] {
        is_known(node, &said, review(ann), &first).await;
        let reused = commands::execute(&node.sequencer, otherwise.clone(), review(ann)).await;
        assert!(matches!(reused, Err(ExecuteError::IdReused)), "{reused:?}");
    }

    let forgetters = [&here, &there]
        .map(|node| Forgetter::start(&database, node.keyring.clone(), node.tail.clone()));
    let _forgetters = futures::future::try_join_all(forgetters).await.unwrap();
    let leaving = saying(ann, 9);
    let left = withdraw(0, Extent::Identity);
    let gone = commands::execute(&here.sequencer, leaving.clone(), left.clone()).await;
    let gone = gone.unwrap();
    // each node in its own time, and meanwhile it is asked on and on
    let key = ann.key_id(KeyKind::Identity);
    let deadline = Instant::now() + PATIENCE;
    let mut destroyed = false;
    while !destroyed {
        assert!(Instant::now() < deadline, "the key is still there");
        destroyed =
            is_destroyed(&here.keyring, key).await && is_destroyed(&there.keyring, key).await;
        for node in [&here, &there] {
            is_known(node, &said, review(ann), &first).await;
            is_known(node, &leaving, left.clone(), &gone).await;
        }
    }

    // what she wrote stays, and its key: it makes nothing of the digest
    let words = held(&here.keyring, ann.key_id(KeyKind::Words)).await;
    let Some(Held::Key(words)) = words else {
        panic!("{words:?}");
    };
    assert_ne!(digest, words.digest(&said.digest));
    let restarted = node(&database).await;
    for node in [&here, &there, &restarted] {
        is_known(node, &said, review(ann), &first).await;
        is_known(node, &otherwise, review(ann), &first).await;
        is_known(node, &leaving, left.clone(), &gone).await;
    }
    let later = saying(ann, 9);
    let nothing = commands::execute(&there.sequencer, later.clone(), left.clone()).await;
    assert_eq!(nothing.unwrap().events, 0);
    assert_eq!(kept(&database, &later).await, NO_DIGEST);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_up_is_known_by_a_key_of_who_they_become() {
    let database = database::create().await;
    let (here, there) = (node(&database).await, node(&database).await);
    let new = MemberId(new_id());
    let sign_up = || SignUp {
        member: new,
        name: MemberName::new("Ann").unwrap(),
        email: Email::new("ann@example.org").unwrap(),
        language: Language::En,
        name_reservation: ReservationId(Uuid::from_u128(1)),
        email_reservation: ReservationId(Uuid::from_u128(2)),
    };
    let nobody = MemberId(Uuid::nil());
    let said = saying(nobody, 7);
    let first = commands::execute(&here.sequencer, said.clone(), sign_up()).await;
    let first = first.unwrap();
    assert_eq!(
        kept(&database, &said).await,
        under(&there.keyring, new, &said).await
    );
    let otherwise = Asked {
        digest: [8; 32],
        ..said.clone()
    };
    for node in [&here, &there] {
        is_known(node, &said, sign_up(), &first).await;
        let reused = commands::execute(&node.sequencer, otherwise.clone(), sign_up()).await;
        assert!(matches!(reused, Err(ExecuteError::IdReused)), "{reused:?}");
    }

    // what nobody in particular says is nobody's to be forgotten: here, that she is to be operator
    let granted = saying(nobody, 7);
    let grant = commands::role::GrantRole {
        member: new,
        role: Role::Operator,
        by: None,
    };
    let done = commands::execute(&here.sequencer, granted.clone(), grant).await;
    done.unwrap();
    assert_eq!(kept(&database, &granted).await, [7; 32]);
}
