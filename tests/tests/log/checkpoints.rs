//! Signed checkpoints: what is signed continues what was signed, whoever signs and
//! whatever is killed; proofs hold at any size; and a log that does not hold what
//! was signed is signed no more.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use event_log::checkpoint::{
    self, Checkpoint, Checkpointer, Hash, Note, Outside, SigningKey, check_consistency,
    check_inclusion, prove_consistency, prove_inclusion,
};
use event_log::{Sequencer, Tail};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use tests::counter::{Counter, add};
use tests::guards::unguarded;
use tests::{clock, database, keyring, new_id, seed, until};
use tokio::time::Instant;

use super::history::stored;

/// How long signing may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn key() -> SigningKey {
    SigningKey::from_seed("reeltime.test/log", [7; 32]).unwrap()
}

async fn node(database: &PgPool) -> (PgPool, Tail, Sequencer<Counter>) {
    let pool = database::pool((*database.connect_options()).clone());
    let tail = Tail::start(pool.clone()).await.unwrap();
    let keyring = keyring(&pool).await;
    let sequencer = Sequencer::start(pool.clone(), keyring, tail.clone(), clock());
    (pool, tail, sequencer.await.unwrap())
}

/// Signs as a node does, until it is dropped.
async fn signs(database: &PgPool, outside: Option<PathBuf>) -> Checkpointer {
    let (pool, tail, _) = node(database).await;
    let signing = (key(), outside.map(Outside::at));
    Checkpointer::start(&pool, tail, new_id(), signing, clock())
}

async fn append(sequencer: &Sequencer<Counter>, commands: usize) {
    let asking = (0..commands).map(|number| {
        let streams = [format!("counter-{}", number % 7)];
        async move {
            let command = add(new_id(), &streams, 1, i64::MAX);
            sequencer.execute(command).await.unwrap();
        }
    });
    futures::future::join_all(asking).await;
}

async fn newest(database: &PgPool) -> Option<Checkpoint> {
    let note = checkpoint::latest_note(database).await.unwrap()?;
    Some(Checkpoint::open(&note, &[key().public()]).unwrap())
}

/// Waits until all that is there is signed.
async fn signed(database: &PgPool) -> Checkpoint {
    let head = event_log::head(database).await.unwrap().position;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match newest(database).await {
            Some(checkpoint) if checkpoint.size >= head => return checkpoint,
            other => assert!(Instant::now() < deadline, "not signed: {other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// As RFC 6962 defines it, word for word.
fn tree_hash(leaves: &[Hash]) -> Hash {
    let mut sha = Sha256::new();
    match leaves {
        [] => {}
        [leaf] => {
            sha.update([0]);
            sha.update(leaf);
        }
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            sha.update([1]);
            sha.update(tree_hash(left));
            sha.update(tree_hash(right));
        }
    }
    sha.finalize().into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_signs_continues_what_was_signed() {
    let mut random = StdRng::seed_from_u64(seed());
    let database = database::create().await;
    let directory = tempfile::tempdir().unwrap();
    let kept = directory.path().join("kept");
    let (_, _, sequencer) = node(&database).await;
    let nodes = [
        signs(&database, Some(kept.clone())).await,
        signs(&database, Some(kept.clone())).await,
    ];
    for _ in 0..8 {
        append(&sequencer, random.random_range(1..700)).await;
        sqlx::query(
            "select pg_terminate_backend(backend) from coordination.leases
             where name = 'checkpoints' and $1",
        )
        .bind(random.random_bool(0.5))
        .execute(&database)
        .await
        .unwrap();
        if random.random_bool(0.5) {
            signed(&database).await;
        }
    }
    let last = signed(&database).await;
    let leaves: Vec<Hash> = stored(&database).await.iter().map(|e| e.hash).collect();
    assert_eq!(last.root, tree_hash(&leaves));

    let notes: Vec<String> = sqlx::query_scalar("select note from audit.checkpoints order by size")
        .fetch_all(&database)
        .await
        .unwrap();
    let open = |note: &String| Checkpoint::open(note, &[key().public()]).unwrap();
    let checkpoints: Vec<Checkpoint> = notes.iter().map(open).collect();
    let mut connection = database.acquire().await.unwrap();
    for pair in checkpoints.windows(2) {
        let (old, new) = (&pair[0], &pair[1]);
        assert!(old.size < new.size);
        let proof = prove_consistency(&mut connection, old.size, new.size).await;
        check_consistency(old, new, &proof.unwrap()).unwrap();
    }
    let all: HashSet<&String> = notes.iter().collect();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let outside = Outside::at(kept.clone()).read().unwrap();
        let outside: HashSet<String> = outside.into_iter().map(|found| found.text).collect();
        if outside.iter().collect::<HashSet<_>>() == all {
            break;
        }
        assert!(Instant::now() < deadline, "not all are kept outside");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(nodes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proofs_hold_at_any_size_and_nowhere_else() {
    let mut random = StdRng::seed_from_u64(seed());
    let database = database::create().await;
    let (_, _, sequencer) = node(&database).await;
    append(&sequencer, random.random_range(1_400..1_700)).await;
    let signing = signs(&database, None).await;
    let head = signed(&database).await.size;
    drop(signing);
    let leaves: Vec<Hash> = stored(&database).await.iter().map(|e| e.hash).collect();
    let at = |size: i64| Checkpoint {
        origin: "reeltime.test/log".into(),
        size,
        root: tree_hash(&leaves[..usize::try_from(size).unwrap()]),
    };
    let mut connection = database.acquire().await.unwrap();
    for round in 0..150 {
        let size = match round {
            0 => 1,
            1 => 256,
            2 => 257,
            3 => 1_024,
            _ => random.random_range(1..=head),
        };
        let position = random.random_range(1..=size);
        let event = leaves[usize::try_from(position - 1).unwrap()];
        let proof = prove_inclusion(&mut connection, position, size).await;
        let proof = proof.unwrap();
        assert!(proof.len() <= 11);
        check_inclusion(&event, position, &at(size), &proof).unwrap();
        let elsewhere = position % size + 1;
        if elsewhere != position {
            assert!(check_inclusion(&event, elsewhere, &at(size), &proof).is_err());
        }
        assert!(check_inclusion(&[7; 32], position, &at(size), &proof).is_err());

        let proof = prove_consistency(&mut connection, position, size).await;
        let proof = proof.unwrap();
        check_consistency(&at(position), &at(size), &proof).unwrap();
        let mut other = at(position);
        other.root[0] ^= 1;
        assert!(check_consistency(&other, &at(size), &proof).is_err());
        let mut other = at(size);
        other.root[31] ^= 1;
        assert!(check_consistency(&at(position), &other, &proof).is_err());
    }
    assert!(
        prove_inclusion(&mut connection, head + 1, head)
            .await
            .is_err()
    );
    assert!(
        prove_inclusion(&mut connection, 1, head + 300)
            .await
            .is_err()
    );
    assert!(prove_consistency(&mut connection, 0, head).await.is_err());
}

/// Adds a checkpoint that nobody signed who may, as whoever has the application's role can.
async fn lie(database: &PgPool, size: i64) {
    let stranger = SigningKey::from_seed("reeltime.test/log", [8; 32]).unwrap();
    let lie = Checkpoint {
        origin: "reeltime.test/log".into(),
        size,
        root: [7; 32],
    };
    sqlx::query("insert into audit.checkpoints (size, note, signed_at) values ($1, $2, now())")
        .bind(size)
        .bind(lie.sign(&stranger))
        .execute(database)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_signed_halts_no_signing() {
    let database = database::create().await;
    let directory = tempfile::tempdir().unwrap();
    let kept = directory.path().join("kept");
    let (_, _, sequencer) = node(&database).await;
    append(&sequencer, 30).await;
    let signing = signs(&database, Some(kept.clone())).await;
    signed(&database).await;
    drop(signing);
    append(&sequencer, 3).await;
    for size in [32, 9_000_000_000_000_000_000] {
        lie(&database, size).await;
    }
    // the second time they may be outside, too
    for _ in 0..2 {
        append(&sequencer, 10).await;
        let head = event_log::head(&database).await.unwrap().position;
        let signing = signs(&database, Some(kept.clone())).await;
        let sizes = || -> Vec<i64> {
            let outside = Outside::at(kept.clone()).read().unwrap().into_iter();
            let notes = outside.map(|found| Note::parse(&found.text).unwrap());
            let read = notes.map(|note| Checkpoint::read(&note).unwrap().size);
            read.collect()
        };
        until("it is signed, here and outside", || async {
            sizes().last() == Some(&head)
        })
        .await;
        assert!(sizes().iter().all(|size| *size <= head), "{:?}", sizes());
        let leaves: Vec<Hash> = stored(&database).await.iter().map(|e| e.hash).collect();
        let newest = newest(&database).await.unwrap();
        assert_eq!((newest.size, newest.root), (head, tree_hash(&leaves)));
        drop(signing);
    }
    // a key that has signed nothing can't tell a lie from the end of a log that was cut off
    let (pool, tail, _) = node(&database).await;
    let another = SigningKey::from_seed("reeltime.test/log", [9; 32]).unwrap();
    let taken = attempts(&database).await;
    let before = newest(&database).await;
    let _signing = Checkpointer::start(&pool, tail, new_id(), (another, None), clock());
    append(&sequencer, 1).await;
    until("it has tried twice", || async {
        attempts(&database).await >= taken + 2
    })
    .await;
    assert_eq!(newest(&database).await, before);
}

/// How often somebody took the lease.
async fn attempts(database: &PgPool) -> i64 {
    let epoch =
        "select coalesce(max(epoch), 0) from coordination.leases where name = 'checkpoints'";
    sqlx::query_scalar(epoch).fetch_one(database).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stored_hashes_that_were_lost_or_changed_are_computed_again() {
    let database = database::create().await;
    let (_, _, sequencer) = node(&database).await;
    append(&sequencer, 700).await;
    let signing = signs(&database, None).await;
    let before = signed(&database).await;
    for damage in [
        "delete from audit.subtrees",
        "update audit.subtrees set hash = sha256('')",
    ] {
        sqlx::query(damage).execute(&database).await.unwrap();
        let taken = attempts(&database).await;
        sqlx::query(
            "select pg_terminate_backend(backend) from coordination.leases
             where name = 'checkpoints'",
        )
        .execute(&database)
        .await
        .unwrap();
        append(&sequencer, 10).await;
        let after = signed(&database).await;
        assert!(attempts(&database).await > taken);
        let mut connection = database.acquire().await.unwrap();
        let proof = prove_consistency(&mut connection, before.size, after.size).await;
        check_consistency(&before, &after, &proof.unwrap()).unwrap();
    }
    drop(signing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_does_not_hold_what_was_signed_is_signed_no_more() {
    for (damage, keeps) in [
        ("delete from log.events where position > 20", false),
        (
            "update log.events set hash = sha256('') where position = 7",
            false,
        ),
        // with everything that the database knows of it: what was kept outside is more
        (
            "delete from log.events where position > 20; delete from audit.checkpoints",
            true,
        ),
    ] {
        let database = database::create().await;
        let directory = tempfile::tempdir().unwrap();
        let kept = keeps.then(|| directory.path().join("kept"));
        let (_, _, sequencer) = node(&database).await;
        append(&sequencer, 30).await;
        let signing = signs(&database, kept.clone()).await;
        signed(&database).await;
        drop((signing, sequencer));
        sqlx::raw_sql(sqlx::AssertSqlSafe(unguarded(damage)))
            .execute(&database::owner(&database))
            .await
            .unwrap();
        let before = newest(&database).await;
        let (_, _, sequencer) = node(&database).await;
        // other commands: those that were cut off are still answered
        for _ in 0..3 {
            let command = add(new_id(), &["counter-new".to_owned()], 1, i64::MAX);
            sequencer.execute(command).await.unwrap();
        }
        let taken = attempts(&database).await;
        let _signing = signs(&database, kept).await;
        let deadline = Instant::now() + PATIENCE;
        while attempts(&database).await < taken + 2 {
            assert!(Instant::now() < deadline, "it does not try");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(newest(&database).await, before, "{damage}");
    }
}
