//! Reading a long room: all of the log, a stream, a stream by event type, each decoded and opened,
//! beside `COPY` of the same rows; loading the room for a decision; checking the log.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use commands::Reeltime;
use domain::Event;
use event_log::verify::{Readers, verify};
use event_log::{Filter, Keyring, Model, Order, PAGE, Recorded};
use futures::TryStreamExt;
use sealing::{Keys, Opening};
use sqlx::PgPool;

use crate::Rate;
use crate::appends::FAREWELL;
use crate::costs::signatures;
use crate::cpu::Cpu;
use crate::saying::Saying;
use crate::talk::{Talk, sequencer};

/// Events that are read for each figure.
pub const READ: i64 = 100_000;
const TYPE: &str = "room.message_posted";
const AIM: f64 = 0.5;
const ROUNDS: usize = 3;
const AIM_OF_LOADING: Duration = Duration::from_millis(5);
const LOADS: usize = 11;
const AIM_OF_CHECKING: f64 = 500_000.0;
/// Snapshots are written now and then.
const PATIENCE: Duration = Duration::from_secs(3);

pub async fn measure(pool: &PgPool, events: i64) -> anyhow::Result<()> {
    let talk = Talk::begin(pool).await?;
    let start = Instant::now();
    talk.until(pool, events).await?;
    let head = event_log::head(pool).await?.position;
    let recorded = head as f64 / start.elapsed().as_secs_f64();
    sqlx::query("vacuum analyze log.events")
        .execute(pool)
        .await?;
    println!("\nA room of {head} events, sealed, recorded at {recorded:.0} a second");
    println!("  read, decoded and opened, a second      COPY of the same rows");
    for (name, rate) in rates(pool, &talk, 0).await? {
        let missed = if rate.ratio() < AIM { "!" } else { "" };
        println!(
            "  {name:22} {:9.0}   {:24.0}   {:4.2} {missed}",
            rate.ours,
            rate.limit,
            rate.ratio()
        );
    }
    let (median, worst) = loads(pool, &talk).await?;
    let without = load_without_snapshot(pool, &talk).await?;
    let missed = if median > AIM_OF_LOADING { " !" } else { "" };
    println!(
        "  the room loaded for a decision, by a node that knew nothing: {median:.1?}{missed}, at worst {worst:.1?} (aim: {AIM_OF_LOADING:?}); without its snapshot {without:.1?}"
    );
    let (rate, cpu) = checking(pool).await?;
    let missed = if rate.ours < AIM_OF_CHECKING {
        " !"
    } else {
        ""
    };
    println!(
        "  verify: {:.0} events a second and core{missed} (PostgreSQL on the same cores; aim: {AIM_OF_CHECKING}; {cpu} µs of CPU for each: here + PostgreSQL); as many COPY of the same rows: {:.0}, {:.2} of that",
        rate.ours,
        rate.limit,
        rate.ratio()
    );
    Ok(())
}

/// Of the [`READ`] events behind a position, which are the room's.
pub async fn rates(
    pool: &PgPool,
    talk: &Talk,
    behind: i64,
) -> anyhow::Result<[(&'static str, Rate); 3]> {
    let (positions, versions) = (
        (behind, behind + READ),
        versions_behind(pool, talk, behind).await?,
    );
    let of = format!("stream = '{}'", talk.stream);
    let whole_rows = format!("{} order by position", between("position", positions));
    let stream_rows = format!("{of} and {} order by version", between("version", versions));
    let type_rows = format!("{of} and event_type = '{TYPE}' and {whole_rows}");
    let keyring = &talk.keyring;
    Ok([
        (
            "the log by position",
            best(pool, &whole_rows, async || {
                whole(pool, keyring, positions).await
            })
            .await?,
        ),
        (
            "a stream",
            best(pool, &stream_rows, async || {
                stream(pool, talk, versions).await
            })
            .await?,
        ),
        (
            "a stream by type",
            best(pool, &type_rows, async || {
                by_type(pool, talk, positions).await
            })
            .await?,
        ),
    ])
}

fn between(column: &str, (from, through): (i64, i64)) -> String {
    format!("{column} > {from} and {column} <= {through}")
}

/// As many of the room's versions.
async fn versions_behind(pool: &PgPool, talk: &Talk, behind: i64) -> anyhow::Result<(i64, i64)> {
    let first: i64 = sqlx::query_scalar(
        "select version from log.events where position > $1 and stream = $2
         order by position limit 1",
    )
    .bind(behind)
    .bind(talk.stream.as_str())
    .fetch_one(pool)
    .await?;
    Ok((first - 1, first - 1 + READ))
}

/// Events per second of the best of some rounds, beside the best of `COPY` of these rows.
async fn best(
    pool: &PgPool,
    rows: &str,
    read: impl AsyncFn() -> anyhow::Result<usize>,
) -> anyhow::Result<Rate> {
    let mut best = Rate {
        ours: 0.0,
        limit: 0.0,
    };
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let count = read().await?;
        best.ours = best.ours.max(count as f64 / start.elapsed().as_secs_f64());
        let start = Instant::now();
        let count = copy(pool, rows).await?;
        best.limit = best.limit.max(count as f64 / start.elapsed().as_secs_f64());
    }
    Ok(best)
}

/// Rows as text, thrown away.
async fn copy(pool: &PgPool, rows: &str) -> anyhow::Result<usize> {
    let mut connection = pool.acquire().await?;
    let sql = format!("copy (select * from log.events where {rows}) to stdout");
    let copying = connection.copy_out_raw(&sql).await?;
    let counted = copying.try_fold(0, async |count, chunk| {
        Ok(count + chunk.iter().filter(|byte| **byte == b'\n').count())
    });
    Ok(counted.await?)
}

async fn whole(
    pool: &PgPool,
    keyring: &Keyring,
    (mut position, through): (i64, i64),
) -> anyhow::Result<usize> {
    let mut connection = pool.acquire().await?;
    let mut count = 0;
    while position < through {
        let events = event_log::copy_page(&mut connection, position, PAGE).await?;
        position += PAGE;
        count += opened(keyring, &events).await?;
    }
    Ok(count)
}

async fn stream(
    pool: &PgPool,
    talk: &Talk,
    (mut version, through): (i64, i64),
) -> anyhow::Result<usize> {
    let mut connection = pool.acquire().await?;
    let mut count = 0;
    while version < through {
        let events = event_log::copy_stream(&mut connection, &talk.stream, version, PAGE).await?;
        version += PAGE;
        count += opened(&talk.keyring, &events).await?;
    }
    Ok(count)
}

async fn by_type(pool: &PgPool, talk: &Talk, mut range: (i64, i64)) -> anyhow::Result<usize> {
    let filter = Filter {
        stream: Some(talk.stream.clone()),
        event_type: Some(TYPE.to_owned()),
        ..Filter::default()
    };
    let mut connection = pool.acquire().await?;
    let mut count = 0;
    loop {
        let order = Order::OldestFirst;
        let found = event_log::read_matching(&mut connection, &filter, range, order, PAGE).await?;
        count += opened(&talk.keyring, &found.events).await?;
        let Some(next) = found.next else {
            return Ok(count);
        };
        range = order.rest(range, next);
    }
}

async fn opened(keyring: &Keyring, events: &[Recorded]) -> anyhow::Result<usize> {
    let keys = keyring.fetch(events.iter().filter_map(|event| event.key_id));
    let keys = keys.await?;
    for event in events {
        std::hint::black_box(Reeltime::decode(event.stored(), &keys)?);
    }
    Ok(events.len())
}

/// What a decision on the room takes at the median and at worst, by nodes that have just started.
pub async fn loads(pool: &PgPool, talk: &Talk) -> anyhow::Result<(Duration, Duration)> {
    tokio::time::sleep(PATIENCE).await;
    let mut times = Vec::new();
    for _ in 0..LOADS {
        times.push(load(pool, talk).await?);
    }
    times.sort_unstable();
    Ok((times[LOADS / 2], times[LOADS - 1]))
}

async fn load_without_snapshot(pool: &PgPool, talk: &Talk) -> anyhow::Result<Duration> {
    event_log::delete_snapshots(pool, i64::MAX).await?;
    load(pool, talk).await
}

async fn load(pool: &PgPool, talk: &Talk) -> anyhow::Result<Duration> {
    let sequencer = sequencer(pool, &talk.keyring).await?;
    // its connections are there
    let elsewhere = event_log::Command {
        streams: vec![],
        decide: Box::new(|_| Err(commands::Refused::RoomArchived)),
        ..talk.asking()
    };
    let _ = sequencer.execute(elsewhere).await;
    let start = Instant::now();
    let _ = sequencer.execute(talk.asking()).await;
    Ok(start.elapsed())
}

/// Events that are checked per second and core, beside as many `COPY` of them all; and what CPU
/// checking one takes.
pub async fn checking(pool: &PgPool) -> anyhow::Result<(Rate, String)> {
    let cores = std::thread::available_parallelism()?;
    let cpu = Cpu::of(pool).await?;
    let before = cpu.used();
    let start = Instant::now();
    let readers = Readers::new(NonZeroUsize::new(cores.get()).expect("not zero"));
    let verdict = verify(pool, readers, &signatures(), readable, |_, _| {}).await?;
    anyhow::ensure!(verdict.damage.is_none(), "the log is damaged");
    let head = verdict.head;
    let per_core =
        |start: Instant| head as f64 / start.elapsed().as_secs_f64() / cores.get() as f64;
    let ours = per_core(start);
    tokio::time::sleep(FAREWELL).await;
    let cpu = cpu.per_event(before, head as f64);
    let start = Instant::now();
    let each = head / i64::try_from(cores.get())? + 1;
    let parts = (0..head).step_by(usize::try_from(each)?).map(|from| {
        let rows = between("position", (from, from + each));
        async move { copy(pool, &format!("{rows} order by position")).await }
    });
    futures::future::try_join_all(parts).await?;
    let limit = per_core(start);
    Ok((Rate { ours, limit }, cpu))
}

/// Reeltime's events, and those by which appends are measured.
fn readable(event: &Recorded) -> Result<(), String> {
    let stored = event.stored();
    if stored.event_type.starts_with("saying.") {
        let read = Saying::decode(stored, &Keys::default());
        return read.map(drop).map_err(|error| error.to_string());
    }
    let (name, version) = (stored.event_type, stored.schema_version);
    let read = Event::from_stored(name, version, stored.payload, Opening::Closed);
    read.map(drop).map_err(|error| error.to_string())
}
