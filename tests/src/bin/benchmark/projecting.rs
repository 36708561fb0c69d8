//! Events per second through all read models, live and in a rebuild; what a rebuild needs of memory,
//! how it grows with the log, and what writers notice of it.

mod beside;
mod community;
mod limits;
mod recording;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use event_log::{Keyring, Tail};
use projections::{Pace, Projector, Rebuild};
use sqlx::PgPool;
use tests::new_id;

use community::Community;
use recording::Recorder;

/// A rebuild is measured on the whole history, and before on this part of it.
const PART: i64 = 5;

pub async fn measure(
    pool: &PgPool,
    movielens: Option<&Path>,
    events: i64,
    each: Duration,
) -> anyhow::Result<()> {
    let keyring = tests::keyring(pool).await;
    let mut community = Community::new(movielens)?;
    let mut recorder = Recorder::start(pool, &keyring).await?;
    for deed in community.founding() {
        recorder.record(&deed).await?;
    }
    println!("\nEvents per second through all read models");
    grow(&mut recorder, &mut community, events / PART).await?;
    let live = catch_up(pool, &keyring).await?;
    println!("  projected, catching up                  {live:9.0}");
    let part = Rebuilt::measure(pool, &keyring).await?;
    part.tell();

    let begun = Instant::now();
    let from = recorder.position();
    grow(&mut recorder, &mut community, events).await?;
    let recorded = (recorder.position() - from) as f64 / begun.elapsed().as_secs_f64();
    drop((recorder, community));
    let whole = Rebuilt::measure(pool, &keyring).await?;
    whole.tell();
    let growth = whole.taken.as_secs_f64() / part.taken.as_secs_f64();
    let longer = whole.events as f64 / part.events as f64;
    println!("  time for {longer:.2} times the events: {growth:.2} times");
    println!("  (imported, sealed and chained at        {recorded:9.0})");
    limits(pool, &whole).await?;

    let (without, with) = beside::measure(pool, &keyring, each).await?;
    let millis = |taken: Duration| taken.as_secs_f64() * 1_000.0;
    println!(
        "Writers' p99: {:.2} ms; beside a rebuild under default throttling {:.2} ms ({:.2} times)",
        millis(without),
        millis(with),
        millis(with) / millis(without)
    );
    Ok(())
}

/// Until there are so many events.
async fn grow(
    recorder: &mut Recorder,
    community: &mut Community,
    events: i64,
) -> anyhow::Result<()> {
    while recorder.position() < events {
        let deeds = community.next_deeds();
        for deed in deeds.context("there are no ratings left for so many events")? {
            recorder.record(&deed).await?;
        }
    }
    recorder.flush().await
}

/// From nothing, as a node does that starts on a log without read tables.
async fn catch_up(pool: &PgPool, keyring: &Keyring) -> anyhow::Result<f64> {
    let head = event_log::head(pool).await?.position;
    let tail = Tail::start(pool.clone()).await?;
    let begun = Instant::now();
    let projector = Projector::start(pool, keyring.clone(), tail, new_id());
    let mut projected = projector.projected();
    projected.wait_for(|position| *position >= head).await?;
    Ok(head as f64 / begun.elapsed().as_secs_f64())
}

/// What a rebuild of all models at full speed took.
struct Rebuilt {
    events: i64,
    taken: Duration,
    switched_in: Duration,
    /// The most memory that this process had, in MB, before and during it.
    memory: (u64, u64),
}

impl Rebuilt {
    async fn measure(pool: &PgPool, keyring: &Keyring) -> anyhow::Result<Rebuilt> {
        let all = Rebuild {
            models: vec![],
            pace: Pace::Full,
            memory: projections::MEMORY,
            resume: false,
        };
        // from here on the peak is counted anew
        std::fs::write("/proc/self/clear_refs", "5")?;
        let before = peak_memory()?;
        let begun = Instant::now();
        let done = projections::rebuild(pool, keyring, &all, |_| {}).await?;
        Ok(Rebuilt {
            events: done.position,
            taken: begun.elapsed(),
            switched_in: done.switched_in,
            memory: (before, peak_memory()?),
        })
    }

    fn per_second(&self) -> f64 {
        self.events as f64 / self.taken.as_secs_f64()
    }

    fn tell(&self) {
        let (events, (before, peak)) = (self.events, self.memory);
        let switched_in = self.switched_in.as_secs_f64() * 1_000.0;
        println!(
            "  rebuilt beside the live, {events:9}      {:9.0}  (switched in {switched_in:.1} ms; \
             at most {peak} MB, {before} before)",
            self.per_second()
        );
    }
}

async fn limits(pool: &PgPool, whole: &Rebuilt) -> anyhow::Result<()> {
    let reading = limits::copy_events(pool, whole.events).await?;
    let (writing, rows) = limits::copy_rows(pool).await?;
    let per_second = |taken: Duration| whole.events as f64 / taken.as_secs_f64();
    let (read, copied, both) = (
        per_second(reading),
        per_second(writing),
        per_second(reading + writing),
    );
    println!("  limit: events read by COPY              {read:9.0}");
    println!(
        "  limit: {rows:9} rows written by COPY {copied:9.0}  (with the key, without decoding)"
    );
    println!(
        "  limit: one after the other              {both:9.0}  (rebuilt: {:.2} of it)",
        whole.per_second() / both
    );
    Ok(())
}

/// `VmHWM`, in MB.
fn peak_memory() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes: u64 = kilobytes.context("no VmHWM")?.trim().parse()?;
    Ok(kilobytes / 1024)
}
