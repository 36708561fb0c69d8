//! Reading a long room: all of the log, a stream, a stream by event type, each decoded and opened,
//! beside `COPY` of the same rows; loading the room for a decision; checking the log.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use commands::Reeltime;
use domain::Event;
use event_log::verify::{Readers, Signatures, verify};
use event_log::{Filter, Keyring, Model, Order, PAGE, Recorded};
use futures::TryStreamExt;
use sealing::Opening;
use sqlx::PgPool;

use crate::talk::{Talk, sequencer};

/// Events that are read for each figure.
const READ: i64 = 100_000;
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
    rates(pool, &talk).await?;
    loading(pool, &talk).await?;
    checking(pool, head).await
}

async fn rates(pool: &PgPool, talk: &Talk) -> anyhow::Result<()> {
    println!("  read, decoded and opened, a second      COPY of the same rows");
    let of = format!("stream = '{}'", talk.stream);
    let versions = format!("{of} and version <= {READ} order by version");
    let positions = format!("position <= {READ} order by position");
    let typed = format!("{of} and event_type = '{TYPE}' and position <= {READ} order by position");
    for (name, rows) in [
        ("the log by position", positions),
        ("a stream", versions),
        ("a stream by type", typed),
    ] {
        let (mut ours, mut limit) = (0.0_f64, 0.0_f64);
        for _ in 0..ROUNDS {
            let start = Instant::now();
            let count = match name {
                "the log by position" => whole(pool, &talk.keyring).await?,
                "a stream" => stream(pool, talk).await?,
                _ => by_type(pool, talk).await?,
            };
            ours = ours.max(count as f64 / start.elapsed().as_secs_f64());
            let start = Instant::now();
            let count = copy(pool, &rows).await?;
            limit = limit.max(count as f64 / start.elapsed().as_secs_f64());
        }
        let ratio = ours / limit;
        let missed = if ratio < AIM { "!" } else { "" };
        println!("  {name:22} {ours:9.0}   {limit:24.0}   {ratio:4.2} {missed}");
    }
    Ok(())
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

async fn whole(pool: &PgPool, keyring: &Keyring) -> anyhow::Result<usize> {
    let mut connection = pool.acquire().await?;
    let (mut position, mut count) = (0, 0);
    while position < READ {
        let events = event_log::copy_page(&mut connection, position, PAGE).await?;
        position += PAGE;
        count += opened(keyring, &events).await?;
    }
    Ok(count)
}

async fn stream(pool: &PgPool, talk: &Talk) -> anyhow::Result<usize> {
    let mut connection = pool.acquire().await?;
    let (mut version, mut count) = (0, 0);
    while version < READ {
        let events = event_log::copy_stream(&mut connection, &talk.stream, version, PAGE).await?;
        version += PAGE;
        count += opened(&talk.keyring, &events).await?;
    }
    Ok(count)
}

async fn by_type(pool: &PgPool, talk: &Talk) -> anyhow::Result<usize> {
    let filter = Filter {
        stream: Some(talk.stream.clone()),
        event_type: Some(TYPE.to_owned()),
        ..Filter::default()
    };
    let mut connection = pool.acquire().await?;
    let (mut range, mut count) = ((0, READ), 0);
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

async fn loading(pool: &PgPool, talk: &Talk) -> anyhow::Result<()> {
    tokio::time::sleep(PATIENCE).await;
    let (median, worst) = loads(pool, talk, true).await?;
    let (without, _) = loads(pool, talk, false).await?;
    let missed = if median > AIM_OF_LOADING { " !" } else { "" };
    println!(
        "  the room loaded for a decision, by a node that knew nothing: {median:.1?}{missed}, at worst {worst:.1?} (aim: {AIM_OF_LOADING:?}); without its snapshot {without:.1?}"
    );
    Ok(())
}

/// What a decision takes at the median and at worst, by nodes that have just started.
async fn loads(
    pool: &PgPool,
    talk: &Talk,
    with_snapshots: bool,
) -> anyhow::Result<(Duration, Duration)> {
    let mut times = Vec::new();
    for _ in 0..if with_snapshots { LOADS } else { 1 } {
        if !with_snapshots {
            event_log::delete_snapshots(pool).await?;
        }
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
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok((times[times.len() / 2], times[times.len() - 1]))
}

async fn checking(pool: &PgPool, head: i64) -> anyhow::Result<()> {
    let cores = std::thread::available_parallelism()?;
    let start = Instant::now();
    let readers = Readers::new(NonZeroUsize::new(cores.get()).expect("not zero"));
    let readable = |event: &Recorded| {
        let stored = event.stored();
        let (name, version) = (stored.event_type, stored.schema_version);
        let read = Event::from_stored(name, version, stored.payload, Opening::Closed);
        read.map(drop).map_err(|error| error.to_string())
    };
    let verdict = verify(pool, readers, &Signatures::default(), readable, |_, _| {}).await?;
    anyhow::ensure!(verdict.damage.is_none(), "the log is damaged");
    let per_core =
        |start: Instant| head as f64 / start.elapsed().as_secs_f64() / cores.get() as f64;
    let ours = per_core(start);
    let start = Instant::now();
    let each = head / i64::try_from(cores.get())?;
    let parts = (0..head).step_by(usize::try_from(each + 1)?).map(|from| {
        let rows = format!(
            "position > {from} and position <= {} order by position",
            from + each + 1
        );
        async move { copy(pool, &rows).await }
    });
    futures::future::try_join_all(parts).await?;
    let limit = per_core(start);
    let missed = if ours < AIM_OF_CHECKING { " !" } else { "" };
    println!(
        "  verify: {ours:.0} events a second and core{missed} (PostgreSQL on the same {cores} cores; aim: {AIM_OF_CHECKING}); as many COPY of the same rows: {limit:.0}, {:.2} of that",
        ours / limit
    );
    Ok(())
}
