//! Sixteen writers on two nodes, connections killed under them, readers that
//! tail: nothing is lost, doubled or out of order. And the same checks reject a
//! log that takes its positions from a sequence.
//!
//! `FAULTS=200` gives two hundred times as many commands.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use event_log::{AppendError, Sequencer, Tail};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sqlx::PgPool;
use tests::counter::{Counter, add};
use tests::{clock, database, new_id, seed};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::history::{check_commands, check_log, check_reader, check_refused, read_to, stored};

const WRITERS: u64 = 16;
const COMMANDS_EACH: usize = 150;
const STREAMS: usize = 6;

struct Node {
    sequencer: Sequencer<Counter>,
    tail: Tail,
}

async fn node(database: &PgPool) -> Node {
    let pool = database::pool((*database.connect_options()).clone());
    let tail = Tail::start(pool.clone()).await.unwrap();
    let keyring = tests::keyring(&pool).await;
    let sequencer = Sequencer::start(pool, keyring, tail.clone(), clock());
    let sequencer = sequencer.await.unwrap();
    Node { sequencer, tail }
}

/// Sends commands, some of them again under the same id, until each is answered;
/// gives up those that it has "forgotten". Returns the ids of the acknowledged, and of those that
/// must be refused.
async fn write(nodes: [Sequencer<Counter>; 2], seed: u64) -> (HashSet<Uuid>, HashSet<Uuid>) {
    let mut random = StdRng::seed_from_u64(seed);
    let (mut acknowledged, mut refused) = (HashSet::new(), HashSet::new());
    for _ in 0..COMMANDS_EACH * tests::faults() {
        let first = random.random_range(0..STREAMS);
        let second = (first + random.random_range(1..STREAMS)) % STREAMS;
        let streams = [format!("counter-{first}"), format!("counter-{second}")];
        let id = new_id();
        let limit = if random.random_bool(0.1) { 0 } else { i64::MAX };
        if limit == 0 {
            refused.insert(id);
        }
        let forgets = random.random_bool(0.05);
        loop {
            let node = &nodes[random.random_range(0..2)];
            let asked = node.execute(add(id, &streams, 1, limit));
            if forgets {
                let _ = tokio::time::timeout(Duration::from_micros(500), asked).await;
                break;
            }
            match asked.await {
                Ok(accepted) => {
                    assert_eq!(accepted.events, 2);
                    acknowledged.insert(id);
                    if random.random_bool(0.8) {
                        break;
                    }
                }
                Err(AppendError::Refused(_)) => break,
                Err(AppendError::Busy) => {}
                Err(error) => panic!("unexpected: {error}"),
            }
        }
    }
    (acknowledged, refused)
}

/// Ends the connections that append, again and again.
async fn kill_connections(pool: PgPool, stop: Arc<AtomicBool>, seed: u64) -> u64 {
    let mut random = StdRng::seed_from_u64(seed);
    let mut killed = 0;
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(random.random_range(5..60))).await;
        let ended: i64 = sqlx::query_scalar(
            "select count(*) filter (where pg_terminate_backend(pid)) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()
               and (query like '%log.append%' or query like '%log.lock%')",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        killed += u64::try_from(ended).unwrap();
    }
    killed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_under_fire_lose_nothing_double_nothing_and_keep_the_order() {
    let seed = seed();
    let database = database::create().await;
    let nodes = [node(&database).await, node(&database).await];
    let (fire_ends, end) = (Arc::<AtomicBool>::default(), Arc::<AtomicI64>::default());
    let fire = tokio::spawn(kill_connections(database.clone(), fire_ends.clone(), seed));
    let readers: Vec<_> = nodes
        .iter()
        .map(|node| tokio::spawn(read_to(node.tail.clone(), end.clone())))
        .collect();
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let sequencers = [nodes[0].sequencer.clone(), nodes[1].sequencer.clone()];
        writers.spawn(write(sequencers, seed.wrapping_add(writer)));
    }
    let (mut acknowledged, mut refused) = (HashSet::new(), HashSet::new());
    for (some, others) in writers.join_all().await {
        acknowledged.extend(some);
        refused.extend(others);
    }
    fire_ends.store(true, Ordering::Relaxed);
    let killed = fire.await.unwrap();

    let events = stored(&database).await;
    end.store(events.last().unwrap().position, Ordering::Relaxed);
    println!("{} events, {killed} connections killed", events.len());
    check_log(&events).unwrap();
    check_commands(&events, &acknowledged, 2).unwrap();
    check_refused(&events, &refused).unwrap();
    let all: Vec<_> = events
        .iter()
        .map(|event| (event.position, event.id))
        .collect();
    for reader in readers {
        check_reader(&reader.await.unwrap(), &all).unwrap();
    }
    assert!(killed > 0, "the fire never hit");
}

/// The deliberately broken log: positions drawn from a sequence, commits in any
/// order, readers that ask for `position > last`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_with_positions_from_a_sequence_is_rejected_by_the_same_check() {
    let database = database::create().await;
    sqlx::raw_sql("create schema scratch; create table scratch.broken (position bigserial primary key, id uuid not null);")
        .execute(&database)
        .await
        .unwrap();
    let end = Arc::<AtomicBool>::default();
    let reader = tokio::spawn(read_broken(database.clone(), end.clone()));
    let mut writers = JoinSet::new();
    for writer in 0..4_u32 {
        let pool = database.clone();
        writers.spawn(async move {
            for round in 0..40 {
                let mut transaction = pool.begin().await.unwrap();
                sqlx::query("insert into scratch.broken (id) values ($1)")
                    .bind(new_id())
                    .execute(&mut *transaction)
                    .await
                    .unwrap();
                let pause = f64::from((round + writer) % 4) / 500.0;
                sqlx::query("select pg_sleep($1)")
                    .bind(pause)
                    .execute(&mut *transaction)
                    .await
                    .unwrap();
                transaction.commit().await.unwrap();
            }
        });
    }
    writers.join_all().await;
    end.store(true, Ordering::Relaxed);
    let all: Vec<(i64, Uuid)> =
        sqlx::query_as("select position, id from scratch.broken order by position")
            .fetch_all(&database)
            .await
            .unwrap();
    let verdict = check_reader(&reader.await.unwrap(), &all);
    assert!(verdict.is_err(), "the check accepted a reader that skips");
}

async fn read_broken(pool: PgPool, end: Arc<AtomicBool>) -> Vec<(i64, Uuid)> {
    let mut seen: Vec<(i64, Uuid)> = Vec::new();
    loop {
        let ends = end.load(Ordering::Relaxed);
        let last = seen.last().map_or(0, |(position, _)| *position);
        let more: Vec<(i64, Uuid)> = sqlx::query_as(
            "select position, id from scratch.broken where position > $1 order by position",
        )
        .bind(last)
        .fetch_all(&pool)
        .await
        .unwrap();
        if ends && more.is_empty() {
            return seen;
        }
        seen.extend(more);
    }
}
