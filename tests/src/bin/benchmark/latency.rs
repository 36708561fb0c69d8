//! From the call of an append to another node's subscriber, at a steady rate.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use event_log::{Sequencer, Tail};
use futures::StreamExt;
use sqlx::PgPool;
use tests::{clock, new_id};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::appends::STREAMS;
use crate::saying::{Saying, say};

const PER_SECOND: f64 = 5_000.0;
const TICK: Duration = Duration::from_millis(1);
const AIM_P50: Duration = Duration::from_millis(5);
const AIM_P99: Duration = Duration::from_millis(50);
/// How long the last ones may be on their way.
const PATIENCE: Duration = Duration::from_secs(1);
const COMMITS: usize = 200;

type Times = Arc<Mutex<HashMap<Uuid, Instant>>>;

/// What was called, how much of it was seen, and after how long.
pub struct Delays {
    pub p50: Duration,
    pub p99: Duration,
    seen: usize,
    called: usize,
}

pub async fn measure(pool: &PgPool, each: Duration) -> anyhow::Result<()> {
    let commit = one_commit(pool).await?;
    let delays = delays(pool, each).await?;
    let missed = |missed: bool| if missed { " !" } else { "" };
    println!("\nFrom an append's call to another node's subscriber, {PER_SECOND} a second");
    println!(
        "  p50 {:.1?}{} (aim: {AIM_P50:?} + one commit, {commit:.1?}), p99 {:.1?}{} (aim: {AIM_P99:?}), {} of {} seen",
        delays.p50,
        missed(delays.p50 > AIM_P50 + commit),
        delays.p99,
        missed(delays.p99 > AIM_P99),
        delays.seen,
        delays.called,
    );
    Ok(())
}

pub async fn delays(pool: &PgPool, each: Duration) -> anyhow::Result<Delays> {
    let options = (*pool.connect_options()).clone();
    let elsewhere = Tail::start(PgPool::connect_with(options).await?).await?;
    let head = elsewhere.head();
    let seen = Times::default();
    let mut subscriber = JoinSet::new();
    let times = seen.clone();
    subscriber.spawn(async move {
        let mut events = std::pin::pin!(elsewhere.follow(head));
        while let Some(Ok(event)) = events.next().await {
            let mut times = times.lock().expect("nobody panics");
            times.insert(event.command, Instant::now());
        }
    });
    let called = append(pool, each).await?;
    tokio::time::sleep(PATIENCE).await;
    let seen = seen.lock().expect("nobody panics");
    let delay = |(id, called): (&Uuid, &Instant)| seen.get(id).map(|seen| *seen - *called);
    let mut delays: Vec<Duration> = called.iter().filter_map(delay).collect();
    delays.sort_unstable();
    let at = |percent: usize| {
        let delay = delays.get(delays.len() * percent / 100);
        delay.copied().unwrap_or(Duration::MAX)
    };
    Ok(Delays {
        p50: at(50),
        p99: at(99),
        seen: delays.len(),
        called: called.len(),
    })
}

/// The calls, each with its command's id.
async fn append(pool: &PgPool, each: Duration) -> anyhow::Result<HashMap<Uuid, Instant>> {
    let tail = Tail::start(pool.clone()).await?;
    let keyring = tests::keyring(pool).await;
    let sequencer = Sequencer::<Saying>::start(pool.clone(), keyring, tail, clock()).await?;
    let start = Instant::now();
    let mut called = HashMap::new();
    let mut calls = JoinSet::new();
    let mut ticks = tokio::time::interval(TICK);
    while start.elapsed() < each {
        ticks.tick().await;
        while (called.len() as f64) < PER_SECOND * start.elapsed().as_secs_f64() {
            let (id, sequencer) = (new_id(), sequencer.clone());
            let stream = format!("saying-{}", called.len() % STREAMS);
            called.insert(id, Instant::now());
            calls.spawn(async move {
                let command = say(id, &[stream]);
                sequencer.execute(command).await
            });
        }
    }
    while let Some(answer) = calls.join_next().await {
        answer?.map_err(|error| anyhow::anyhow!("{error}"))?;
    }
    Ok(called)
}

/// What committing one row takes, at the median.
async fn one_commit(pool: &PgPool) -> anyhow::Result<Duration> {
    sqlx::query("create table committed (id uuid)")
        .execute(pool)
        .await?;
    let mut times = Vec::new();
    for _ in 0..COMMITS {
        let start = Instant::now();
        sqlx::query("insert into committed values ($1)")
            .bind(new_id())
            .execute(pool)
            .await?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times[COMMITS / 2])
}
