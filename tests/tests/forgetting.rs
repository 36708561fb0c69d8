//! Keys and what is forgotten with them: nothing opens it any more, and everything else goes on.

mod cluster;
mod copies;

use std::path::Path;
use std::time::Duration;

use commands::{Forgetter, member};
use domain::forgetting::Extent;
use domain::{KeyKind, MemberId, ReservationId, ReviewText};
use event_log::{Keyring, KeyringError, Master, Tail};
use sealing::{Held, MasterKeys};
use sqlx::PgPool;
use tests::history::{self, asked, film};
use tests::site::{Site, parasite};
use tests::{clock, database, new_id};
use tokio::time::Instant;
use uuid::Uuid;

/// How long keys may take to be destroyed.
const PATIENCE: Duration = Duration::from_secs(20);

fn given(secrets: &[u8]) -> Master {
    let text = secrets.iter().map(|byte| MasterKeys::text(&[*byte; 32]));
    let text = text.collect::<Vec<_>>().join("\n");
    Master::Given(MasterKeys::parse(&text).unwrap())
}

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

#[tokio::test]
async fn a_vault_is_opened_with_its_own_master_key_alone() {
    let vault = database::create().await;
    let keyring = Keyring::open(vault.clone(), given(&[1])).await.unwrap();
    let (member, key) = (new_id(), new_id());
    keyring.make(member, &[key]).await.unwrap();
    let secret = keyring.secret("digests").await.unwrap();

    let other = Keyring::open(vault.clone(), given(&[2])).await;
    assert!(matches!(other, Err(KeyringError::AnotherMaster { .. })));
    let again = Keyring::open(vault.clone(), given(&[1])).await.unwrap();
    assert!(matches!(held(&again, key).await, Some(Held::Key(_))));
    assert_eq!(again.secret("digests").await.unwrap(), secret);
    let stored: Vec<u8> = sqlx::query_scalar("select secret from vault.secrets")
        .fetch_one(&vault)
        .await
        .unwrap();
    assert!(!stored.windows(32).any(|window| window == secret));
}

#[tokio::test]
async fn a_key_that_was_destroyed_is_never_made_again() {
    let vault = database::create().await;
    let keyring = Keyring::open(vault.clone(), given(&[1])).await.unwrap();
    let (member, key) = (new_id(), new_id());
    keyring.make(member, &[key]).await.unwrap();
    keyring.destroy(member, &[key]).await.unwrap();
    keyring.make(member, &[key]).await.unwrap();
    assert!(is_destroyed(&keyring, key).await);
    let elsewhere = Keyring::open(vault, given(&[1])).await.unwrap();
    assert!(is_destroyed(&elsewhere, key).await);
}

/// Whoever was not recorded is swept out, and may join after all.
#[tokio::test]
async fn keys_that_were_swept_out_are_made_anew_for_all_nodes() {
    let vault = database::create().await;
    let keyring = Keyring::open(vault.clone(), given(&[1])).await.unwrap();
    let (member, key) = (new_id(), new_id());
    keyring.make(member, &[key]).await.unwrap();
    sqlx::query("delete from vault.keys")
        .execute(&vault)
        .await
        .unwrap();
    let made = keyring.make(member, &[key]).await.unwrap();
    let elsewhere = Keyring::open(vault, given(&[1])).await.unwrap();
    let sealed = match made.get(key) {
        Some(Held::Key(key)) => key.seal(b"here", b"Ann"),
        other => panic!("{other:?}"),
    };
    for keyring in [&elsewhere, &keyring] {
        let Some(Held::Key(key)) = held(keyring, key).await else {
            panic!("there is no key");
        };
        assert_eq!(key.open(b"here", &sealed).unwrap(), b"Ann");
    }
}

#[tokio::test]
async fn a_master_key_is_rotated_while_nodes_go_on_and_after_a_break() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deeper/master-key");
    let vault = database::create().await;
    let file = || Master::File(path.clone());
    std::fs::create_dir(path.parent().unwrap()).unwrap();
    let running = Keyring::open(vault.clone(), file()).await.unwrap();
    assert_eq!(mode(&path), 0o600);
    let first = std::fs::read_to_string(&path).unwrap();
    let member = new_id();
    let keys: Vec<Uuid> = (0..2_500).map(|_| new_id()).collect();
    running.make(member, &keys).await.unwrap();
    let secret = running.secret("digests").await.unwrap();

    // broken off: the new key is written, one key is wrapped under it
    let new = MasterKeys::text(&[9; 32]);
    std::fs::write(&path, format!("{new}\n{first}")).unwrap();
    let rotating = Keyring::open(vault.clone(), file()).await.unwrap();
    let (newest, rotated) = rotating.rotate().await.unwrap();
    assert_eq!(rotated, 2_500);
    assert_eq!(std::fs::read_to_string(&path).unwrap().trim(), new);
    assert_eq!(mode(&path), 0o600);
    let old: i64 = sqlx::query_scalar("select count(*) from vault.keys where master <> $1")
        .bind(newest)
        .fetch_one(&vault)
        .await
        .unwrap();
    assert_eq!(old, 0);

    // a node that began before: makes and reads under the new one
    let late = new_id();
    running.make(member, &[late]).await.unwrap();
    let after = Keyring::open(vault.clone(), file()).await.unwrap();
    for key in [late, keys[0], keys[2_499]] {
        assert!(matches!(held(&after, key).await, Some(Held::Key(_))));
    }
    assert_eq!(after.secret("digests").await.unwrap(), secret);
    // the old one alone opens nothing any more
    let old = Master::Given(MasterKeys::parse(&first).unwrap());
    assert!(Keyring::open(vault.clone(), old).await.is_err());
    // and again, from the beginning
    let (again, rotated) = after.rotate().await.unwrap();
    assert!(again != newest && rotated == 2_501);
}

#[tokio::test]
async fn of_two_rotations_at_once_one_is_refused_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master-key");
    let vault = database::create().await;
    let file = || Master::File(path.clone());
    let keyring = Keyring::open(vault.clone(), file()).await.unwrap();
    let (member, key) = (new_id(), new_id());
    keyring.make(member, &[key]).await.unwrap();
    let before = std::fs::read_to_string(&path).unwrap();
    let mut other = vault.acquire().await.unwrap();
    let taken: bool = sqlx::query_scalar(event_log::ROTATION_LOCK)
        .fetch_one(&mut *other)
        .await
        .unwrap();
    assert!(taken);
    let refused = keyring.rotate().await;
    assert!(matches!(refused, Err(KeyringError::NoRotation(_))));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
    // before the connection ends: that takes the server a while
    sqlx::query("select pg_advisory_unlock_all()")
        .execute(&mut *other)
        .await
        .unwrap();
    let (_, rotated) = keyring.rotate().await.unwrap();
    assert_eq!(rotated, 1);
    let after = Keyring::open(vault, file()).await.unwrap();
    assert!(matches!(held(&after, key).await, Some(Held::Key(_))));
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_lost_master_key_is_not_replaced_by_a_new_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master-key");
    let vault = database::create().await;
    let file = || Master::File(path.clone());
    Keyring::open(vault.clone(), file()).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(Keyring::open(vault, file()).await.is_err());
    assert!(!path.exists());
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
        .execute(&site.pool)
        .await
        .unwrap();
    let keyring = tests::keyring(&site.pool).await;
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
