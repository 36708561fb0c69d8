//! `benchmark`: speed, as figures of one run beside limits measured in the same
//! run, on a private PostgreSQL of its own. Machines differ; ratios less.

mod appends;
mod auditing;
mod catalogue;
mod costs;
mod cpu;
mod few;
mod fitting;
mod growth;
mod latency;
mod live;
mod pages;
mod projecting;
mod reading;
mod recommending;
mod saying;
mod searching;
mod talk;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;
use cluster::Cluster;
use live::LivePart;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// As `reeltime` itself has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures Reeltime on this machine.
#[derive(Parser)]
struct Arguments {
    /// Seconds for each figure
    #[arg(long, default_value_t = 3)]
    seconds: u64,

    /// A folder of MovieLens (latest-small): also measures the recommender's models on it, and
    /// projects a history of its ratings
    #[arg(long, value_name = "DIR")]
    movielens: Option<PathBuf>,

    /// What to measure: recommending, appends, few-writers, latency, costs, reading, growth, live
    /// (or of it fan-out, sends, idle, moving), projecting, pages, searching, auditing; all without
    /// one
    parts: Vec<String>,

    /// Of idle and moving: members with connections
    #[arg(long, default_value_t = 5_000)]
    visitors: u128,

    /// Of the fan-out: only so many rooms
    #[arg(long)]
    rooms: Option<usize>,

    /// Of the fan-out: only rooms of so many members
    #[arg(long)]
    members: Option<usize>,

    /// Events of the history that is projected; a million is what MovieLens' ratings give
    #[arg(long, default_value_t = 200_000)]
    events: i64,

    /// Events of the long room that is read
    #[arg(long, default_value_t = 1_000_000)]
    room: i64,

    /// Up to how many events the log grows
    #[arg(long, default_value_t = 1_000_000)]
    growth: i64,

    /// Films to search in
    #[arg(long, default_value_t = 100_000)]
    films: u32,

    /// Events of the log that is audited
    #[arg(long, default_value_t = 1_000_000)]
    audited: u32,
}

impl Arguments {
    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|wanted| wanted == part)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if live::process::is_asked_for() {
        return live::process::serve().await;
    }
    let arguments = Arguments::parse();
    if arguments.wants("recommending") {
        recommending::measure(arguments.movielens.as_deref())?;
        fitting::measure();
    }
    if arguments.parts == ["recommending"] {
        return Ok(());
    }
    let directory = tempfile::Builder::new()
        .prefix("reeltime-benchmark-")
        .tempdir_in("/tmp")?;
    tests::database::open_to_others(directory.path())?;
    let cluster = Cluster::start(directory.path()).await?;
    let options = cluster.connect_options().username(cluster::OWNER);
    let each = Duration::from_secs(arguments.seconds);
    log(&arguments, &options, each).await?;
    let of_live = LivePart::ALL
        .map(|(name, part)| (arguments.wants("live") || arguments.wants(name)).then_some(part));
    let of_live: Vec<LivePart> = of_live.into_iter().flatten().collect();
    if !of_live.is_empty() {
        let shapes = live::shapes(arguments.rooms, arguments.members);
        let pool = database(&options, "live").await?;
        live::measure(pool, each, (&shapes, arguments.visitors), &of_live).await?;
    }
    if arguments.wants("projecting") {
        let pool = database(&options, "projecting").await?;
        let movielens = arguments.movielens.as_deref();
        projecting::measure(&pool, movielens, arguments.events, each).await?;
    }
    if arguments.wants("pages") {
        pages::measure(database(&options, "pages").await?, each).await?;
    }
    if arguments.wants("searching") {
        searching::measure(
            database(&options, "searching").await?,
            arguments.films,
            each,
        )
        .await?;
    }
    if arguments.wants("auditing") {
        let pool = database(&options, "auditing").await?;
        auditing::measure(pool, i64::from(arguments.audited), each).await?;
    }
    cluster.stop().await?;
    Ok(())
}

/// What the log alone does.
async fn log(
    arguments: &Arguments,
    options: &PgConnectOptions,
    each: Duration,
) -> anyhow::Result<()> {
    if arguments.wants("appends") {
        appends::measure(&database(options, "appends").await?, each).await?;
    }
    if arguments.wants("few-writers") {
        println!("\nFew writers");
        few::measure(&database(options, "few").await?, each).await?;
        few::measure_on_a_slow_disk(each)?;
    }
    if arguments.parts == ["this-disk"] {
        few::measure(&database(options, "few").await?, each).await?;
    }
    if arguments.wants("latency") {
        latency::measure(&database(options, "latency").await?, each).await?;
    }
    if arguments.wants("costs") {
        costs::measure(&database(options, "costs").await?, each).await?;
    }
    if arguments.wants("reading") {
        reading::measure(&database(options, "reading").await?, arguments.room).await?;
    }
    if arguments.wants("growth") {
        growth::measure(&database(options, "growth").await?, arguments.growth, each).await?;
    }
    Ok(())
}

/// A new, migrated database with a pool that is large enough to be no bottleneck.
async fn database(options: &PgConnectOptions, name: &'static str) -> anyhow::Result<PgPool> {
    let admin = PgPool::connect_with(options.clone().database("postgres")).await?;
    let statement = sqlx::AssertSqlSafe(format!("create database {name}"));
    sqlx::query(statement).execute(&admin).await?;
    admin.close().await;
    let pool = PgPoolOptions::new()
        .max_connections(32)
        .acquire_timeout(Duration::from_secs(60))
        .connect_with(options.clone().database(name))
        .await?;
    migrations::MIGRATOR.run(&pool).await?;
    Ok(pool)
}

/// A rate beside its limit, which was measured in the same run.
struct Rate {
    ours: f64,
    limit: f64,
}

impl Rate {
    fn ratio(&self) -> f64 {
        self.ours / self.limit
    }
}

/// How often `work` was done in a second by so many tasks at once.
async fn rate<W, F>(tasks: usize, each: Duration, work: W) -> f64
where
    W: Fn(usize) -> F + Clone + Send + 'static,
    F: Future<Output = u64> + Send,
{
    let start = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    for task in 0..tasks {
        let work = work.clone();
        running.spawn(async move {
            let mut done = 0;
            while start.elapsed() < each {
                done += work(task).await;
            }
            done
        });
    }
    let done: u64 = running.join_all().await.into_iter().sum();
    done as f64 / start.elapsed().as_secs_f64()
}
