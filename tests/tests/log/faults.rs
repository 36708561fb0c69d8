//! Faults that a network, a clock and strangers bring: answers cut off between
//! commit and answer, notifications lost, wires frozen, clocks that jump, snapshots
//! and transactions that others hold. Nothing is lost, doubled or out of order. And
//! the same checks reject logs and clients that leave out one guard.
//!
//! `FAULTS=100` gives a hundred times as many commands.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use event_log::{AppendError, Clock, Recorded, Sequencer, Tail, lease};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sqlx::postgres::{PgConnection, PgListener};
use sqlx::{Connection, PgPool};
use tests::counter::{Counter, add};
use tests::proxy::Proxy;
use tests::{database, keyring, new_id, seed};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::history::{check_commands, check_log, check_reader, read_to, stored};

const WRITERS: u64 = 8;
const COMMANDS_EACH: usize = 60;
const STREAMS: usize = 5;

struct Node {
    proxy: Arc<Proxy>,
    sequencer: Sequencer<Counter>,
    tail: Tail,
    /// Seconds that the node's clock is wrong by.
    wrong_by: Arc<AtomicI64>,
}

/// Behind a proxy of its own, with a clock that can be set.
async fn node(database: &PgPool) -> Node {
    let proxy = Proxy::start(&database.connect_options()).await;
    let pool = database::pool(proxy.options());
    let wrong_by = Arc::<AtomicI64>::default();
    let jumping = wrong_by.clone();
    let clock: Clock =
        Arc::new(move || tests::now() + TimeDelta::seconds(jumping.load(Ordering::Relaxed)));
    let tail = Tail::start(pool.clone()).await.unwrap();
    let keyring = keyring(&pool).await;
    let sequencer = Sequencer::start(pool, keyring, tail.clone(), clock);
    Node {
        proxy: Arc::new(proxy),
        sequencer: sequencer.await.unwrap(),
        tail,
        wrong_by,
    }
}

/// How a client asks again when no answer came.
#[derive(Clone, Copy, PartialEq)]
enum Again {
    UnderTheSameId,
    /// The deliberately broken client.
    UnderANewId,
}

/// Gives commands until each is answered. What was meant is told by the correlation;
/// returns what was acknowledged.
async fn write(nodes: [Sequencer<Counter>; 2], again: Again, seed: u64) -> HashSet<Uuid> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut acknowledged = HashSet::new();
    for _ in 0..COMMANDS_EACH * tests::faults() {
        let first = random.random_range(0..STREAMS);
        let second = (first + random.random_range(1..STREAMS)) % STREAMS;
        let streams = [format!("counter-{first}"), format!("counter-{second}")];
        let (meant, mut id) = (new_id(), new_id());
        loop {
            let node = &nodes[random.random_range(0..2)];
            let mut command = add(id, &streams, 1, i64::MAX);
            command.correlation = meant;
            // impatient, as a browser with a dead wire is
            let answer = tokio::time::timeout(Duration::from_millis(300), node.execute(command));
            match answer.await {
                Ok(Ok(_)) => break,
                Ok(Err(AppendError::Busy)) | Err(_) => {}
                Ok(Err(error)) => panic!("unexpected: {error}"),
            }
            if again == Again::UnderANewId {
                id = new_id();
            }
        }
        acknowledged.insert(meant);
    }
    acknowledged
}

/// As [`check_commands`], by what was meant instead of by the command's id.
fn check_meant(events: &[Recorded], acknowledged: &HashSet<Uuid>) -> Result<(), String> {
    let by_meaning = |event: &Recorded| Recorded {
        command: event.correlation,
        ..event.clone()
    };
    let events: Vec<Recorded> = events.iter().map(by_meaning).collect();
    check_commands(&events, acknowledged, 2)
}

#[derive(Default)]
struct Count {
    frozen: u64,
    jumps: u64,
}

/// One fault after another, until told to stop.
async fn harm(
    proxies: [Arc<Proxy>; 2],
    clocks: [Arc<AtomicI64>; 2],
    stop: Arc<AtomicBool>,
    seed: u64,
) -> Count {
    let mut random = StdRng::seed_from_u64(seed);
    let mut count = Count::default();
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(random.random_range(5..60))).await;
        let victim = random.random_range(0..2);
        match random.random_range(0..6) {
            0..4 => proxies[victim].cut_next_commit(),
            4 => {
                proxies[victim].freeze(true);
                tokio::time::sleep(Duration::from_millis(random.random_range(50..400))).await;
                proxies[victim].freeze(false);
                count.frozen += 1;
            }
            _ => {
                let seconds = random.random_range(-90_000..90_000);
                clocks[victim].store(seconds, Ordering::Relaxed);
                count.jumps += 1;
            }
        }
    }
    count
}

/// A snapshot of the log's database and a write in another one, held as long as the
/// value lives. What waits for strangers' transactions would stall.
async fn hold(database: &PgPool) -> [PgConnection; 2] {
    let elsewhere = database::create().await;
    let mut writer = elsewhere.acquire().await.unwrap().detach();
    for statement in [
        "create schema scratch",
        "create table scratch.t ()",
        "begin",
        "insert into scratch.t default values",
    ] {
        sqlx::query(statement).execute(&mut writer).await.unwrap();
    }
    let mut reader = database.acquire().await.unwrap().detach();
    for statement in [
        "begin isolation level repeatable read",
        "select count(*) from log.events",
    ] {
        sqlx::query(statement).execute(&mut reader).await.unwrap();
    }
    [writer, reader]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_cut_lost_frozen_or_held_nothing_is_lost_doubled_or_out_of_order() {
    let seed = seed();
    let database = database::create().await;
    let nodes = [node(&database).await, node(&database).await];
    nodes
        .iter()
        .for_each(|node| node.proxy.lose_notifications());
    let held = hold(&database).await;
    let (harm_ends, end) = (Arc::<AtomicBool>::default(), Arc::<AtomicI64>::default());
    let readers: Vec<_> = nodes
        .iter()
        .map(|node| tokio::spawn(read_to(node.tail.clone(), end.clone())))
        .collect();
    let harming = tokio::spawn(harm(
        [nodes[0].proxy.clone(), nodes[1].proxy.clone()],
        [nodes[0].wrong_by.clone(), nodes[1].wrong_by.clone()],
        harm_ends.clone(),
        seed,
    ));
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let sequencers = [nodes[0].sequencer.clone(), nodes[1].sequencer.clone()];
        let seed = seed.wrapping_add(writer);
        writers.spawn(write(sequencers, Again::UnderTheSameId, seed));
    }
    let acknowledged: HashSet<Uuid> = writers.join_all().await.into_iter().flatten().collect();
    harm_ends.store(true, Ordering::Relaxed);
    let count = harming.await.unwrap();

    let events = stored(&database).await;
    end.store(events.last().unwrap().position, Ordering::Relaxed);
    let all: Vec<_> = events
        .iter()
        .map(|event| (event.position, event.id))
        .collect();
    // while the strangers still hold on
    for reader in readers {
        check_reader(&reader.await.unwrap(), &all).unwrap();
    }
    drop(held);
    check_log(&events).unwrap();
    check_meant(&events, &acknowledged).unwrap();
    let cuts: u64 = nodes.iter().map(|node| node.proxy.cuts()).sum();
    let lost: u64 = nodes.iter().map(|node| node.proxy.lost()).sum();
    println!(
        "{} events; {cuts} answers cut off behind their commit, {lost} notifications lost, \
         {} freezes, {} clock jumps; 0 lost, 0 doubled, 0 out of order",
        events.len(),
        count.frozen,
        count.jumps
    );
    assert!(cuts > 0, "no answer was cut off");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_never_comes_stops_no_tail() {
    let database = database::create().await;
    let (deaf, other) = (node(&database).await, node(&database).await);
    deaf.proxy.lose_notifications();
    deaf.proxy.swallow_next_answer();
    // until the tail has asked for what is new, in vain
    tokio::time::sleep(Duration::from_millis(600)).await;
    let streams = ["counter-a".to_owned()];
    let adding = other
        .sequencer
        .execute(add(new_id(), &streams, 1, i64::MAX));
    adding.await.unwrap();
    let seen = tokio::time::timeout(Duration::from_secs(30), deaf.tail.wait_past(0)).await;
    assert!(seen.is_ok(), "the tail waits for ever");
}

/// As behind a failover: no connection is closed, none answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_vanished_without_a_word_stops_no_commands() {
    let database = database::create().await;
    let node = node(&database).await;
    let adding = |stream: &str| {
        let command = add(new_id(), &[stream.to_owned()], 1, i64::MAX);
        node.sequencer.execute(command)
    };
    adding("counter-a").await.unwrap();
    node.proxy.vanish();
    // one stream that the node has in mind, and one that it must load
    for stream in ["counter-a", "counter-b"] {
        let answered = async { while adding(stream).await.is_err() {} };
        let answered = tokio::time::timeout(Duration::from_secs(40), answered).await;
        assert!(answered.is_ok(), "{stream}: busy for ever");
    }
}

async fn is_so(database: &PgPool, question: &'static str) -> bool {
    let asking = sqlx::query_scalar(question).fetch_one(database);
    asking.await.unwrap()
}

/// It answers no more in the middle of a re-plan: here while the node waits for the log's lock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_vanished_under_a_replan_stops_no_commands() {
    let database = database::create().await;
    let node = node(&database).await;
    let streams = ["counter-a".to_owned()];
    let adding = || {
        let command = add(new_id(), &streams, 1, i64::MAX);
        node.sequencer.execute(command)
    };
    adding().await.unwrap();
    let mut stranger = database.begin().await.unwrap();
    sqlx::query("select log.lock()")
        .execute(&mut *stranger)
        .await
        .unwrap();
    // the commit is ended by the server, and what is planned behind it is planned again
    let commits = "select exists (select from pg_stat_activity
                                  where datname = current_database() and state = 'active'
                                    and query like 'select log.append%'
                                    and query_start < now() - interval '1 s')";
    let replans = "select exists (select from pg_stat_activity
                                  where datname = current_database() and state = 'active'
                                    and wait_event_type = 'Lock' and query = 'select log.lock()')";
    let behind = async {
        tests::until("it commits", || is_so(&database, commits)).await;
        adding().await
    };
    let planned_again = tests::until("it is planned again", || is_so(&database, replans));
    let (first, second, ()) = tokio::join!(adding(), behind, planned_again);
    for answer in [first, second] {
        assert!(matches!(answer, Err(AppendError::Busy)), "{answer:?}");
    }
    node.proxy.vanish();
    stranger.rollback().await.unwrap();
    let answered = async { while adding().await.is_err() {} };
    let answered = tokio::time::timeout(Duration::from_secs(40), answered).await;
    assert!(answered.is_ok(), "busy for ever");
}

/// What is loaded may be a while on its way, and the other node is faster.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_far_away_loads_streams_beside_one_that_writes_without_a_pause() {
    let database = database::create().await;
    let near = node(&database).await;
    let (proxy, keyring) = (
        Proxy::start(&database.connect_options()).await,
        keyring(&database).await,
    );
    // it hears of each batch at once
    let tail = Tail::start(database.clone()).await.unwrap();
    let far = Sequencer::start(
        database::pool(proxy.options()),
        keyring,
        tail,
        tests::clock(),
    );
    let far = far.await.unwrap();
    let mut writing = JoinSet::new();
    let sequencer = near.sequencer.clone();
    writing.spawn(async move {
        let streams = ["counter-near".to_owned()];
        loop {
            // it waits while the other one has the lock
            let _ = sequencer
                .execute(add(new_id(), &streams, 1, i64::MAX))
                .await;
        }
    });
    proxy.delay(Duration::from_millis(30));
    for number in 0..3 {
        let streams = [format!("counter-{number}"), format!("counter-{number}-too")];
        let answer = far.execute(add(new_id(), &streams, 1, i64::MAX)).await;
        assert!(answer.is_ok(), "{answer:?}");
    }
    writing.shutdown().await;
    check_log(&stored(&database).await).unwrap();
}

/// The deliberately broken client: what was not answered is asked under a new id.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_without_ids_are_rejected_by_the_same_check() {
    let database = database::create().await;
    let node = node(&database).await;
    let stop = Arc::<AtomicBool>::default();
    let (proxy, stopping) = (node.proxy.clone(), stop.clone());
    let cutting = tokio::spawn(async move {
        while !stopping.load(Ordering::Relaxed) {
            proxy.freeze(true);
            tokio::time::sleep(Duration::from_millis(400)).await;
            proxy.freeze(false);
            proxy.cut_next_commit();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let sequencers = [node.sequencer.clone(), node.sequencer.clone()];
    let acknowledged = write(sequencers, Again::UnderANewId, seed()).await;
    stop.store(true, Ordering::Relaxed);
    cutting.await.unwrap();
    let events = stored(&database).await;
    check_log(&events).unwrap();
    let verdict = check_meant(&events, &acknowledged);
    assert!(verdict.is_err(), "the check accepted what was done twice");
}

/// The server dies under each second command; as it is, and as one that answers before it commits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_acknowledgement_before_the_commit_is_rejected_by_the_same_check() {
    for answers_first in [false, true] {
        let database = database::create().await;
        let mut acknowledged = HashSet::new();
        for _ in 0..3 {
            let node = node(&database).await;
            let streams = ["counter-a".to_owned(), "counter-b".to_owned()];
            let [before, last] = [new_id(), new_id()];
            let adding = |id| node.sequencer.execute(add(id, &streams, 1, i64::MAX));
            adding(before).await.unwrap();
            acknowledged.insert(before);
            match answers_first {
                true => node.proxy.answer_first(),
                false => node.proxy.vanish(),
            }
            let answer = tokio::time::timeout(Duration::from_secs(1), adding(last)).await;
            assert_eq!(matches!(answer, Ok(Ok(_))), answers_first, "{answer:?}");
            acknowledged.extend(answers_first.then_some(last));
        }
        let verdict = check_commands(&stored(&database).await, &acknowledged, 2);
        assert_eq!(verdict.is_err(), answers_first, "{verdict:?}");
    }
}

/// The deliberately broken tail: it is woken by notifications and never looks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_only_listens_is_rejected_by_the_same_check() {
    let database = database::create().await;
    let writing = node(&database).await;
    let proxy = Proxy::start(&database.connect_options()).await;
    let pool = database::pool(proxy.options());
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    listener.listen("reeltime_log").await.unwrap();
    proxy.lose_notifications();
    let tail = Tail::start(pool.clone()).await.unwrap();
    let end = Arc::<AtomicI64>::default();
    let reading = tokio::spawn(read_to(tail, end.clone()));
    let listening = tokio::spawn(async move {
        let mut seen: Vec<(i64, Uuid)> = Vec::new();
        while listener.recv().await.is_ok() {
            let last = seen.last().map_or(0, |(position, _)| *position);
            let events = event_log::read_after(&pool, last, 1_000).await.unwrap();
            seen.extend(events.iter().map(|event| (event.position, event.id)));
        }
        seen
    });
    for _ in 0..20 {
        let command = add(new_id(), &["counter-a".to_owned()], 1, i64::MAX);
        writing.sequencer.execute(command).await.unwrap();
    }
    let all: Vec<_> = stored(&database)
        .await
        .iter()
        .map(|event| (event.position, event.id))
        .collect();
    end.store(20, Ordering::Relaxed);
    check_reader(&reading.await.unwrap(), &all).unwrap();
    assert!(proxy.lost() > 0, "no notification was lost");
    drop(proxy);
    let verdict = check_reader(&listening.await.unwrap(), &all);
    assert!(verdict.is_err(), "the check accepted a reader that sleeps");
}

/// A holder that was stopped in the middle of a fenced transaction keeps the lease's
/// row locked. Whoever looks before its time is over must not wait for it: it would
/// wait as long as the holder is stopped, and never find that the time is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_in_use_is_refused_at_once_and_taken_when_its_time_is_over() {
    let database = database::create().await;
    let mut first = database.acquire().await.unwrap().detach();
    let mut second = database.acquire().await.unwrap().detach();
    let lease = lease::acquire(&mut first, "work", new_id()).await.unwrap();
    let lease = lease.expect("nobody holds it");
    let mut transaction = first.begin().await.unwrap();
    assert!(lease.fence(&mut transaction).await.unwrap());
    let deadline = tokio::time::Instant::now() + lease::TTL * 6;
    loop {
        let asking = lease::acquire(&mut second, "work", new_id());
        let asked = tokio::time::timeout(lease::TTL * 2, asking).await;
        if asked.expect("it waits for the holder").unwrap().is_some() {
            return;
        }
        let now = tokio::time::Instant::now();
        assert!(now < deadline, "the lease is never over");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
