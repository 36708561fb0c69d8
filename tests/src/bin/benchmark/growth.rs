//! The same figures in a log of 10⁵, 10⁶ … events: a room that talks on and on.

use std::fmt::Display;
use std::time::{Duration, Instant};

use event_log::checkpoint::newest_up_to;
use sqlx::PgPool;

use crate::appends::{make_plain, many_rows, one_row, through_the_log};
use crate::costs::signing;
use crate::few::{self, CONCURRENCY};
use crate::reading::{READ, checking, loads, rates};
use crate::talk::Talk;
use crate::{Rate, latency};

const SMALLEST: i64 = 100_000;
const TASKS: usize = 128;
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A line for each figure, with a column for each size.
#[derive(Default)]
struct Table(Vec<(String, Vec<String>)>);

impl Table {
    fn put(&mut self, what: &str, figure: impl Display) {
        let figure = figure.to_string();
        eprintln!("  {what}: {figure}");
        match self.0.iter_mut().find(|(name, _)| name == what) {
            Some((_, figures)) => figures.push(figure),
            None => self.0.push((what.to_owned(), vec![figure])),
        }
    }

    fn put_rate(&mut self, what: &str, rate: &Rate) {
        self.put(what, format_args!("{:.0} ({:.2})", rate.ours, rate.ratio()));
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (what, figures) in &self.0 {
            writeln!(f, "| {what} | {} |", figures.join(" | "))?;
        }
        Ok(())
    }
}

pub async fn measure(pool: &PgPool, largest: i64, each: Duration) -> anyhow::Result<()> {
    println!("\nGrowth: rates a second (of a limit in the same run)");
    make_plain(pool).await?;
    let talk = Talk::begin(pool).await?;
    let mut table = Table::default();
    let mut size = SMALLEST.min(largest);
    while size <= largest {
        let before = event_log::head(pool).await?.position;
        let start = Instant::now();
        let signing = signing(pool).await?;
        talk.until(pool, size).await?;
        let filled = event_log::head(pool).await?.position;
        table.put("events", filled);
        let rate = (filled - before) as f64 / start.elapsed().as_secs_f64();
        until_signed(pool, filled).await?;
        drop(signing);
        table.put(
            "recorded, a hundred by each command",
            format_args!("{rate:.0}"),
        );
        sqlx::query("vacuum analyze log.events, log.commands")
            .execute(pool)
            .await?;
        // neither the newest nor what was appended while it was measured
        let behind = (i64::midpoint(before, filled) - READ / 2).max(before);
        read(pool, &talk, behind, &mut table).await?;
        append(pool, each, &mut table).await?;
        size *= 10;
    }
    println!("{table}");
    Ok(())
}

async fn until_signed(pool: &PgPool, events: i64) -> anyhow::Result<()> {
    loop {
        let newest = newest_up_to(pool, i64::MAX).await?;
        if newest.is_some_and(|signed| signed.size >= events) {
            return Ok(());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

async fn read(pool: &PgPool, talk: &Talk, behind: i64, table: &mut Table) -> anyhow::Result<()> {
    let bytes: i64 = sqlx::query_scalar(
        "select (pg_total_relation_size('log.events')
                 + pg_total_relation_size('log.commands'))::bigint",
    )
    .fetch_one(pool)
    .await?;
    table.put("on the disk", format_args!("{} MiB", bytes / 1024 / 1024));
    for (what, rate) in rates(pool, talk, behind).await? {
        table.put_rate(what, &rate);
    }
    let (median, _) = loads(pool, talk).await?;
    table.put(
        "the room loaded for a decision",
        format_args!("{median:.1?}"),
    );
    let (checked, _) = checking(pool).await?;
    table.put_rate("verify, for each core", &checked);
    Ok(())
}

async fn append(pool: &PgPool, each: Duration, table: &mut Table) -> anyhow::Result<()> {
    for tasks in CONCURRENCY {
        let rate = few::rate(pool, tasks, each).await?;
        table.put_rate(&format!("commands, {tasks} at once"), &rate);
    }
    let rate = Rate {
        ours: through_the_log(pool, TASKS, each, 1).await?,
        limit: one_row(pool, TASKS, each).await,
    };
    table.put_rate(&format!("commands, {TASKS} at once"), &rate);
    let rate = Rate {
        ours: through_the_log(pool, TASKS, each, 10).await?,
        limit: many_rows(pool, each).await,
    };
    table.put_rate(
        &format!("events, ten by each of {TASKS} commands at once"),
        &rate,
    );
    let delays = latency::delays(pool, each).await?;
    table.put(
        "append's call to another node's subscriber, p50, p99",
        format_args!("{:.1?}, {:.1?}", delays.p50, delays.p99),
    );
    Ok(())
}
