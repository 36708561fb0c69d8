//! What is forgotten with its keys: nothing opens it any more, and everything else goes on.

mod cluster;
mod copies;
mod digests;
mod keys;
mod letters;
mod life;
mod words;

use std::time::Duration;

use commands::{Forgetter, member};
use domain::forgetting::Extent;
use domain::{KeyKind, MemberId, ReservationId, ReviewText};
use event_log::{Keyring, Tail};
use sealing::Held;
use sqlx::PgPool;
use tests::history::{self, asked, film};
use tests::site::{Site, parasite};
use tests::{clock, database, new_id};
use tokio::time::Instant;
use uuid::Uuid;

/// How long keys may take to be destroyed.
const PATIENCE: Duration = Duration::from_secs(20);

async fn held(keyring: &Keyring, id: Uuid) -> Option<Held> {
    keyring.fetch([id]).await.unwrap().get(id).cloned()
}

async fn is_destroyed(keyring: &Keyring, id: Uuid) -> bool {
    matches!(held(keyring, id).await, Some(Held::Destroyed))
}

async fn until_destroyed(keyring: &Keyring, id: Uuid) {
    let deadline = Instant::now() + PATIENCE;
    while !is_destroyed(keyring, id).await {
        assert!(Instant::now() < deadline, "the key is still there");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

struct Node {
    sequencer: commands::Sequencer,
    keyring: Keyring,
    tail: Tail,
}

async fn node(database: &PgPool) -> Node {
    let pool = database::pool((*database.connect_options()).clone());
    let keyring = tests::keyring(&pool).await;
    let tail = Tail::start(pool.clone()).await.unwrap();
    let sequencer = commands::Sequencer::start(pool, keyring.clone(), tail.clone(), clock());
    Node {
        sequencer: sequencer.await.unwrap(),
        keyring,
        tail,
    }
}

fn withdraw(number: u128, extent: Extent) -> member::Withdraw {
    member::Withdraw {
        member: history::member(number),
        extent,
        name_reservation: ReservationId(Uuid::from_u128(0xB0_0000 + number)),
        email_reservation: ReservationId(Uuid::from_u128(0xE0_0000 + number)),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_node_forgets_and_a_restored_vault_forgets_again() {
    let database = database::create().await;
    let (here, there) = (node(&database).await, node(&database).await);
    history::begin(&here.sequencer, 1).await.unwrap();
    let [ann, ben] = [0, 1].map(history::member);
    let backup: Vec<(Uuid, Uuid, String, Uuid)> =
        sqlx::query_as("select key, member, wrapped, master from vault.keys")
            .fetch_all(&database)
            .await
            .unwrap();
    let forgetters = [&here, &there]
        .map(|node| Forgetter::start(&database, node.keyring.clone(), node.tail.clone()));
    let forgetters = futures::future::try_join_all(forgetters).await.unwrap();
    // both have them in memory
    for node in [&here, &there] {
        assert!(
            held(&node.keyring, ann.key_id(KeyKind::Words))
                .await
                .is_some()
        );
    }
    commands::execute(&here.sequencer, asked(ann), withdraw(0, Extent::Everything))
        .await
        .unwrap();
    commands::execute(&here.sequencer, asked(ben), withdraw(1, Extent::Identity))
        .await
        .unwrap();
    for node in [&here, &there] {
        for gone in [ann.key_id(KeyKind::Words), ann.key_id(KeyKind::Identity)] {
            until_destroyed(&node.keyring, gone).await;
        }
        until_destroyed(&node.keyring, ben.key_id(KeyKind::Identity)).await;
        let kept = held(&node.keyring, ben.key_id(KeyKind::Words)).await;
        assert!(matches!(kept, Some(Held::Key(_))));
    }

    // one may still be about to destroy what the other has destroyed
    drop(forgetters);
    sqlx::query("delete from vault.keys")
        .execute(&database)
        .await
        .unwrap();
    for (key, member, wrapped, master) in backup {
        sqlx::query(
            "insert into vault.keys (key, member, wrapped, master) values ($1, $2, $3, $4)",
        )
        .bind(key)
        .bind(member)
        .bind(wrapped)
        .bind(master)
        .execute(&database)
        .await
        .unwrap();
    }
    let restarted = node(&database).await;
    let words = ann.key_id(KeyKind::Words);
    assert!(matches!(
        held(&restarted.keyring, words).await,
        Some(Held::Key(_))
    ));
    let (keyring, tail) = (restarted.keyring.clone(), restarted.tail.clone());
    Forgetter::start(&database, keyring, tail).await.unwrap();
    for gone in ann.key_ids() {
        assert!(is_destroyed(&restarted.keyring, gone).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_key_stops_the_projector_and_is_no_erasure() {
    let site = Site::start().await;
    let ann = site.ann().await;
    site.review(&ann, parasite()).await;
    let member = MemberId(ann.id.parse().unwrap());
    let key = member.key_id(KeyKind::Words);
    sqlx::query("delete from vault.keys where key = $1")
        .bind(key)
        .execute(&site.vault)
        .await
        .unwrap();
    let keyring = tests::keyring(&site.vault).await;
    let stopped = projections::verify(&site.pool, &keyring, projections::Pace::Full, |_| {}).await;
    let why = stopped.unwrap_err().to_string();
    assert!(
        why.contains(&format!("its key {key} is missing from the vault")),
        "{why}"
    );

    // nor can anybody else's command go wrong by it
    let bob = site.bob().await;
    site.review(&bob, parasite()).await;
    site.project().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_of_the_forgotten_still_load() {
    let database = database::create().await;
    let here = node(&database).await;
    history::begin(&here.sequencer, 1).await.unwrap();
    let ann = history::member(0);
    let review = || commands::review::Review {
        member: ann,
        film: film(0),
        rating: domain::Rating::new(7).unwrap(),
        text: ReviewText::new("Stairs.").unwrap(),
        spoiler: false,
        watched_on: None,
        moved: None,
        merged: vec![],
    };
    let posted = review().review();
    commands::execute(&here.sequencer, asked(ann), review())
        .await
        .unwrap();
    // the same again changes nothing, also for a node that must open it
    let there = node(&database).await;
    let again = commands::execute(&there.sequencer, asked(ann), review()).await;
    assert_eq!(again.unwrap().events, 0);
    let leaving = withdraw(0, Extent::Everything);
    commands::execute(&here.sequencer, asked(ann), leaving.clone())
        .await
        .unwrap();

    let fresh = node(&database).await;
    let _forgetter = Forgetter::start(&database, fresh.keyring.clone(), fresh.tail.clone())
        .await
        .unwrap();
    let bob = history::member(1);
    let comment = commands::comment::Comment {
        comment: domain::CommentId(new_id()),
        member: bob,
        review: posted,
        text: domain::CommentText::new("I miss her.").unwrap(),
        mentions: vec![],
        among: vec![],
    };
    commands::execute(&fresh.sequencer, asked(bob), comment)
        .await
        .unwrap();
    let again = commands::execute(&fresh.sequencer, asked(ann), leaving).await;
    assert_eq!(again.unwrap().events, 0);
    let refused = commands::execute(&fresh.sequencer, asked(ann), review()).await;
    assert!(matches!(
        refused,
        Err(commands::ExecuteError::Refused(
            commands::Refused::Withdrawn
        ))
    ));
}
