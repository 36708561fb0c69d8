//! Appends per second, sealed, beside what the same client reaches with plain inserts of as long rows
//! into a table with the log's indexes, and what CPU each takes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use event_log::{Sequencer, Tail};
use sqlx::PgPool;
use tests::{clock, new_id};

use crate::cpu::Cpu;
use crate::rate;
use crate::saying::{self, Saying, say};

const CONCURRENCY: [usize; 6] = [1, 8, 64, 128, 256, 1_000];
/// At these the aim is [`AIM`] times the best of one-row inserts.
const AIMED_AT: [usize; 2] = [128, 1_000];
const AIM: f64 = 2.5;
/// Of commands of ten events each, compared with rows of many-row inserts.
const AIM_OF_TENS: f64 = 0.5;
/// Busy streams, as rooms or films are.
pub const STREAMS: usize = 1_000;
const ROWS_PER_INSERT: usize = 100;
/// After which backends whose connections were closed are counted among the ended.
pub const FAREWELL: Duration = Duration::from_millis(100);

struct Line {
    tasks: usize,
    inserts: Measured,
    commands: Measured,
    tens: Measured,
}

pub struct Measured {
    pub per_second: f64,
    cpu: String,
}

pub async fn measure(pool: &PgPool, each: Duration) -> anyhow::Result<()> {
    make_plain(pool).await?;
    let cpu = Cpu::of(pool).await?;
    let mut lines = Vec::new();
    let mut unnest = 0.0_f64;
    for tasks in CONCURRENCY {
        lines.push(Line {
            tasks,
            inserts: measured(cpu, each, one_row(pool, tasks, each)).await,
            commands: measured(cpu, each, prepared(pool, tasks, each, 1).await?).await,
            tens: measured(cpu, each, prepared(pool, tasks, each, 10).await?).await,
        });
        unnest = unnest.max(many_rows(pool, each / 2).await);
    }
    let inserts = lines.iter().map(|line| line.inserts.per_second);
    let best = inserts.fold(0.0, f64::max);
    println!("\nAppends: events per second (µs of CPU for each: client + PostgreSQL)");
    println!(
        "  at once     one-row inserts     commands through the log: of the best   of ten events each: of unnest"
    );
    for line in lines {
        let (commands, tens) = (
            line.commands.per_second / best,
            line.tens.per_second / unnest,
        );
        println!(
            "  {:7}   {} {}   {commands:4.2}{}    {}   {tens:4.2}",
            line.tasks,
            line.inserts,
            line.commands,
            if AIMED_AT.contains(&line.tasks) && commands < AIM {
                " !"
            } else {
                "  "
            },
            line.tens,
        );
    }
    println!(
        "  limits: {best:.0} one-row inserts, {unnest:.0} rows by {ROWS_PER_INSERT}-row unnest inserts of 4 clients"
    );
    println!("  aims: {AIM} at {AIMED_AT:?}, of ten events each {AIM_OF_TENS}; ! misses it");
    Ok(())
}

impl std::fmt::Display for Measured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:8.0} ({})", self.per_second, self.cpu)
    }
}

async fn measured(cpu: Cpu, each: Duration, running: impl Future<Output = f64>) -> Measured {
    let before = cpu.used();
    let per_second = running.await;
    tokio::time::sleep(FAREWELL).await;
    let events = per_second * each.as_secs_f64();
    Measured {
        per_second,
        cpu: cpu.per_event(before, events),
    }
}

/// A table with the log's columns and indexes that numbers its rows by itself.
pub async fn make_plain(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "create table plain (like log.events including defaults including indexes);
         alter table plain alter position add generated always as identity;
         create sequence plain_versions;",
    )
    .execute(pool)
    .await?;
    Ok(())
}

const COLUMNS: &str = "stream, version, event_id, event_type, schema_version, payload, key_id,
    actor, command_id, correlation_id, occurred_at, recorded_at, hash";

pub async fn one_row(pool: &PgPool, tasks: usize, each: Duration) -> f64 {
    let pool = pool.clone();
    rate(tasks, each, move |task| {
        let pool = pool.clone();
        async move {
            let sql = format!(
                "insert into plain ({COLUMNS}) values ($1, nextval('plain_versions'), $2,
                 'saying.said', 1, $3::json, $6, $4, $2, $2, now(), now(), $5)"
            );
            let stream = format!("saying-{}", task % STREAMS);
            let inserted = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(&stream)
                .bind(new_id())
                .bind(saying::unsealed(&stream))
                .bind(uuid::Uuid::nil())
                .bind([7_u8; 32].as_slice())
                .bind(saying::KEY)
                .execute(&pool)
                .await;
            inserted.map_or(0, |done| done.rows_affected())
        }
    })
    .await
}

pub async fn many_rows(pool: &PgPool, each: Duration) -> f64 {
    let pool = pool.clone();
    rate(4, each, move |task| {
        let pool = pool.clone();
        async move {
            let sql = format!(
                "insert into plain ({COLUMNS})
                 select s, nextval('plain_versions'), i, 'saying.said', 1, p::json, $6, a, i,
                        i, now(), now(), h
                 from unnest($1::text[], $2::uuid[], $3::text[], $4::uuid[], $5::bytea[])
                      as e(s, i, p, a, h)"
            );
            let stream = format!("saying-{task}");
            let payload = saying::unsealed(&stream);
            let inserted = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(vec![stream.as_str(); ROWS_PER_INSERT])
                .bind((0..ROWS_PER_INSERT).map(|_| new_id()).collect::<Vec<_>>())
                .bind(vec![payload.as_str(); ROWS_PER_INSERT])
                .bind(vec![uuid::Uuid::nil(); ROWS_PER_INSERT])
                .bind(vec![[7_u8; 32].as_slice(); ROWS_PER_INSERT])
                .bind(saying::KEY)
                .execute(&pool)
                .await;
            inserted.map_or(0, |done| done.rows_affected())
        }
    })
    .await
}

/// Events per second of commands on streams that the node knows, of so many events each.
pub async fn through_the_log(
    pool: &PgPool,
    tasks: usize,
    each: Duration,
    events: usize,
) -> anyhow::Result<f64> {
    Ok(prepared(pool, tasks, each, events).await?.await)
}

/// As [`through_the_log`], when all but the commands themselves is done.
async fn prepared(
    pool: &PgPool,
    tasks: usize,
    each: Duration,
    events: usize,
) -> anyhow::Result<impl Future<Output = f64> + use<>> {
    /// Streams that begin here: what a stream takes to be loaded is measured elsewhere.
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    let name = move |number: usize| format!("saying-{run}-{}", number % STREAMS);
    let tail = Tail::start(pool.clone()).await?;
    let keyring = tests::keyring(pool).await;
    let sequencer = Sequencer::<Saying>::start(pool.clone(), keyring, tail, clock()).await?;
    let all: Vec<String> = (0..STREAMS).map(name).collect();
    let _ = sequencer.execute(say(new_id(), &all)).await;
    Ok(rate(tasks, each, move |task| {
        let sequencer = sequencer.clone();
        async move {
            let streams: Vec<String> = (0..events).map(|n| name(task * events + n)).collect();
            let accepted = sequencer.execute(say(new_id(), &streams)).await;
            accepted.map_or(0, |accepted| u64::try_from(accepted.events).unwrap_or(0))
        }
    }))
}
