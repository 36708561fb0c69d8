//! The same figures in a log of 10⁵, 10⁶ … events.

use std::time::{Duration, Instant};

use event_log::{Sequencer, Tail};
use sqlx::PgPool;
use tests::counter::{Counter, add};
use tests::{clock, new_id};

use crate::appends::{STREAMS, through_the_log};

const SMALLEST: i64 = 100_000;
const TASKS: usize = 128;
/// Events read for each figure.
const READ: i64 = 50_000;
/// Events of a command that fills the log, and such commands at once.
const FILLING: usize = 200;
const FILLERS: usize = 4;

pub async fn measure(pool: &PgPool, largest: i64, each: Duration) -> anyhow::Result<()> {
    println!("\nGrowth");
    println!(
        "     events   commands, {TASKS} at once   of ten events each   read by position   a stream loaded   on the disk   filled at"
    );
    let mut size = SMALLEST;
    while size <= largest {
        let start = Instant::now();
        let before = event_log::head(pool).await?.position;
        fill(pool, size).await?;
        let filled = event_log::head(pool).await?.position;
        let filling = (filled - before) as f64 / start.elapsed().as_secs_f64();
        let commands = through_the_log(pool, TASKS, each, 1).await?;
        let tens = through_the_log(pool, TASKS, each, 10).await?;
        let read = read(pool, filled).await?;
        let loaded = load(pool).await?;
        let bytes: i64 = sqlx::query_scalar(
            "select (pg_total_relation_size('log.events')
                     + pg_total_relation_size('log.commands'))::bigint",
        )
        .fetch_one(pool)
        .await?;
        let mebibytes = bytes / 1024 / 1024;
        println!(
            "  {filled:9}   {commands:21.0}   {tens:18.0}   {read:16.0}   {loaded:15.1?}   {mebibytes:7} MiB   {filling:9.0}"
        );
        size *= 10;
    }
    Ok(())
}

async fn sequencer(pool: &PgPool) -> anyhow::Result<Sequencer<Counter>> {
    let tail = Tail::start(pool.clone()).await?;
    let keyring = tests::keyring(pool).await;
    Ok(Sequencer::start(pool.clone(), keyring, tail, clock()).await?)
}

async fn fill(pool: &PgPool, size: i64) -> anyhow::Result<()> {
    let sequencer = sequencer(pool).await?;
    let head = event_log::head(pool).await?.position;
    let missing = usize::try_from((size - head).max(0))?;
    for round in 0..missing / (FILLING * FILLERS) {
        let several = (0..FILLERS).map(|filler| {
            let first = (round * FILLERS + filler) * FILLING;
            // streams of some thousand events at most
            let name =
                |n: usize| format!("counter-{}-{}", first / 1_000_000, (first + n) % STREAMS);
            let streams: Vec<String> = (0..FILLING).map(name).collect();
            sequencer.execute(add(new_id(), &streams, 1, i64::MAX))
        });
        for answer in futures::future::join_all(several).await {
            answer.map_err(|error| anyhow::anyhow!("{error}"))?;
        }
    }
    Ok(())
}

/// Events a second from the middle of the log.
async fn read(pool: &PgPool, head: i64) -> anyhow::Result<f64> {
    let mut connection = pool.acquire().await?;
    let (start, first) = (Instant::now(), (head / 2 - READ / 2).max(0));
    for position in (first..first + READ).step_by(usize::try_from(event_log::PAGE)?) {
        event_log::copy_page(&mut connection, position, event_log::PAGE).await?;
    }
    Ok(READ as f64 / start.elapsed().as_secs_f64())
}

/// One of the log's first streams, by a node that knew nothing.
async fn load(pool: &PgPool) -> anyhow::Result<Duration> {
    let sequencer = sequencer(pool).await?;
    let one = |stream: &str| sequencer.execute(add(new_id(), &[stream.to_owned()], 1, i64::MAX));
    let _ = one("counter-new").await;
    let start = Instant::now();
    let _ = one("counter-0-1").await;
    Ok(start.elapsed())
}
