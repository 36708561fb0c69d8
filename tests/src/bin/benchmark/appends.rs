//! Appends per second, beside what the same client reaches with plain inserts
//! into a table with the log's indexes.

use std::time::Duration;

use event_log::{Sequencer, Tail};
use sqlx::PgPool;
use tests::counter::{Counter, add};
use tests::{clock, new_id};

use crate::rate;

const CONCURRENCY: [usize; 6] = [1, 8, 64, 128, 256, 1_000];
/// Busy streams, as rooms or films are.
const STREAMS: usize = 1_000;
const ROWS_PER_INSERT: usize = 100;

pub async fn measure(pool: &PgPool, each: Duration) -> anyhow::Result<()> {
    sqlx::raw_sql(
        "create table plain (like log.events including defaults);
         alter table plain alter position add generated always as identity;
         alter table plain add primary key (position);
         alter table plain add unique (stream, version);
         create sequence plain_versions;",
    )
    .execute(pool)
    .await?;
    println!("\nAppends per second");
    println!("  at once   one-row inserts   commands through the log   events of ten each");
    let mut best = 0.0_f64;
    let mut lines = Vec::new();
    for tasks in CONCURRENCY {
        let inserts = one_row(pool, tasks, each).await;
        best = best.max(inserts);
        let commands = through_the_log(pool, tasks, each, 1).await?;
        let tens = through_the_log(pool, tasks, each, 10).await?;
        lines.push((tasks, inserts, commands, tens));
    }
    for (tasks, inserts, commands, tens) in lines {
        println!(
            "  {tasks:7}   {inserts:15.0}   {commands:15.0} ({:4.2} × best)   {tens:12.0}",
            commands / best
        );
    }
    let unnest = many_rows(pool, each).await;
    println!("  limit: {unnest:.0} events by {ROWS_PER_INSERT}-row unnest inserts of 4 clients");
    Ok(())
}

const COLUMNS: &str = "stream, version, event_id, event_type, schema_version, payload, actor,
    command_id, correlation_id, occurred_at, recorded_at, hash";

async fn one_row(pool: &PgPool, tasks: usize, each: Duration) -> f64 {
    let pool = pool.clone();
    rate(tasks, each, move |task| {
        let pool = pool.clone();
        async move {
            let sql = format!(
                "insert into plain ({COLUMNS}) values ($1, nextval('plain_versions'), $2,
                 'counter.added', 1, $3::json, $4, $2, $2, now(), now(), $5)"
            );
            let stream = format!("counter-{}", task % STREAMS);
            let inserted = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(&stream)
                .bind(new_id())
                .bind(format!(r#"{{"stream":"{stream}","number":1}}"#))
                .bind(uuid::Uuid::nil())
                .bind([7_u8; 32].as_slice())
                .execute(&pool)
                .await;
            inserted.map_or(0, |done| done.rows_affected())
        }
    })
    .await
}

async fn many_rows(pool: &PgPool, each: Duration) -> f64 {
    let pool = pool.clone();
    rate(4, each, move |task| {
        let pool = pool.clone();
        async move {
            let sql = format!(
                "insert into plain ({COLUMNS})
                 select s, nextval('plain_versions'), i, 'counter.added', 1, p::json, a, i, i,
                        now(), now(), h
                 from unnest($1::text[], $2::uuid[], $3::text[], $4::uuid[], $5::bytea[])
                      as e(s, i, p, a, h)"
            );
            let stream = format!("counter-{task}");
            let payload = format!(r#"{{"stream":"{stream}","number":1}}"#);
            let inserted = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(vec![stream.as_str(); ROWS_PER_INSERT])
                .bind((0..ROWS_PER_INSERT).map(|_| new_id()).collect::<Vec<_>>())
                .bind(vec![payload.as_str(); ROWS_PER_INSERT])
                .bind(vec![uuid::Uuid::nil(); ROWS_PER_INSERT])
                .bind(vec![[7_u8; 32].as_slice(); ROWS_PER_INSERT])
                .execute(&pool)
                .await;
            inserted.map_or(0, |done| done.rows_affected())
        }
    })
    .await
}

/// Commands of so many tasks per second, each with an event in so many streams.
pub async fn through_the_log(
    pool: &PgPool,
    tasks: usize,
    each: Duration,
    streams_each: usize,
) -> anyhow::Result<f64> {
    let tail = Tail::start(pool.clone()).await?;
    let sequencer =
        Sequencer::<Counter>::start(pool.clone(), tests::keyring(pool).await, tail, clock())
            .await?;
    Ok(rate(tasks, each, move |task| {
        let sequencer = sequencer.clone();
        async move {
            let name = |n| format!("counter-{}", (task * streams_each + n) % STREAMS);
            let streams: Vec<String> = (0..streams_each).map(name).collect();
            let accepted = sequencer
                .execute(add(new_id(), &streams, 1, i64::MAX))
                .await;
            accepted.map_or(0, |accepted| u64::try_from(accepted.events).unwrap_or(0))
        }
    })
    .await)
}
