//! `replay-tool`: computes what is read from the log again, checks it, and shows
//! what happened. This file is its command line; each command is a file.
//!
//! Architecture invariant: it does not depend on `commands`; replay cannot decide.

mod archive;
mod as_of;
mod diff;
mod events;
mod export;
mod history;
mod import;
mod lines;
mod out;
mod parked;
mod proofs;
mod rebuild;
mod receipt;
mod status;
mod times;
mod tree;
mod vault;
mod verify;
mod verify_projections;

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, Subcommand};
use cluster::Cluster;
use projections::Standing;
use replay_tool::cloud_event;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgPool};
use tokio::signal::unix::{SignalKind, signal};

use crate::out::{Out, Unread};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ENDING: &str = "\
Exit codes:
  0    done, and what was checked is right
  1    failed; what went wrong is on standard error
  2    wrong usage
  3    the log (or a file of one) is damaged or unguarded, the read models differ from it,
       or one is parked
  130  interrupted (SIGINT)
  143  ended (SIGTERM)

Examples:
  replay-tool status
  replay-tool verify
  replay-tool history member-5c1f0b52-7f0e-4d3c-9a51-2f6a3a1c8e10 --at 2026-07-01
  replay-tool events --type review.posted --since 2026-07-01 --json
  replay-tool events --follow
  replay-tool rebuild --all
  replay-tool as-of 2026-07-01 --name july
  replay-tool export log.ndjson.zst
  replay-tool --database-url postgres://reeltime@db/reeltime verify-projections";

/// The heading of what every command takes, apart from what is its own.
const WHERE: &str = "Where Reeltime is";

/// Shows and checks Reeltime's log, and rebuilds and verifies its read models.
///
/// Works beside a running Reeltime and alone.
#[derive(Parser)]
#[command(name = "replay-tool", version, after_help = ENDING)]
struct Arguments {
    /// The data directory of a Reeltime with a private PostgreSQL
    #[arg(
        long,
        env = "REELTIME_DATA_DIR",
        default_value_os_t = cluster::default_data_dir(),
        value_name = "DIR",
        global = true,
        help_heading = WHERE
    )]
    data_dir: PathBuf,

    /// The PostgreSQL server (postgres://user:password@host/database) of a Reeltime that uses one
    #[arg(
        long,
        env = "DATABASE_URL",
        value_name = "URL",
        hide_env_values = true,
        global = true,
        help_heading = WHERE
    )]
    database_url: Option<String>,

    /// The same database as the one who owns the schema, where that is another role and migrations
    /// are due
    #[arg(
        long,
        env = "REELTIME_OWNER_URL",
        value_name = "URL",
        hide_env_values = true,
        global = true,
        requires = "database_url",
        help_heading = WHERE
    )]
    owner_url: Option<String>,

    #[command(flatten)]
    vault: vault::VaultArguments,

    /// Answer in JSON, one object per line
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    task: Task,
}

impl Arguments {
    fn out(&self) -> Out {
        Out::new(self.json, self.task.unread())
    }
}

#[derive(Subcommand)]
enum Task {
    /// Show the log's head, the read models' position, sizes and leases
    Status,
    /// Check the whole log: positions, versions, times, the hash chain, stored forms, commands, triggers
    Verify(verify::Arguments),
    /// Write a receipt: the proof that an event is in the signed log
    Prove(receipt::Prove),
    /// Check a receipt; needs the public key and no database
    CheckReceipt(receipt::Check),
    /// Write the proof that one signed log is the beginning of another
    ProveConsistency(proofs::Prove),
    /// Check such a proof; needs the public key and no database
    CheckConsistency(proofs::Check),
    /// Show the events of one stream, and the state that they add up to
    History(history::Arguments),
    /// Show events that match, oldest first
    Events(events::Arguments),
    /// Show the read models that stopped at an event, or let one go on
    Parked(parked::Arguments),
    /// Compute read models again, beside the live ones, and switch them in
    Rebuild(rebuild::Arguments),
    /// Take the last switch back: what was live before catches up and is live again
    Rollback(rebuild::KeptArguments),
    /// Drop what was live before the last switch
    Retire(rebuild::KeptArguments),
    /// Compute all read tables again and compare them with the live ones, row for row
    VerifyProjections(verify_projections::Arguments),
    /// Build the whole read side as it was at a position or time
    AsOf(as_of::Arguments),
    /// Show what changed in the read tables between two positions or times
    Diff(diff::Arguments),
    /// Write the whole log into a file: NDJSON of CloudEvents
    Export(export::Arguments),
    /// Record a log from such a file, into an empty one
    Import(import::Arguments),
}

impl Task {
    const fn unread(&self) -> Unread {
        match self {
            Task::History(_) | Task::Events(_) => Unread::Ends,
            Task::Status
            | Task::Verify(_)
            | Task::Prove(_)
            | Task::CheckReceipt(_)
            | Task::ProveConsistency(_)
            | Task::CheckConsistency(_)
            | Task::Parked(_)
            | Task::Rebuild(_)
            | Task::Rollback(_)
            | Task::Retire(_)
            | Task::VerifyProjections(_)
            | Task::AsOf(_)
            | Task::Diff(_)
            | Task::Export(_)
            | Task::Import(_) => Unread::GoesOn,
        }
    }

    /// How to go on with what was broken off; nothing where there is nothing left to do.
    const fn broken_off(&self) -> Option<&'static str> {
        match self {
            Task::Rebuild(_) | Task::Rollback(_) => Some(
                "`rebuild --resume` goes on with what was begun, `rebuild --cancel` drops it \
                 (`status` shows it)",
            ),
            Task::AsOf(_) => Some("the same command builds it from the beginning"),
            Task::Import(_) => Some("the same command goes on where this one ended"),
            Task::Export(_) => {
                Some("what is in FILE.part is no whole log; the next export replaces it")
            }
            Task::Status
            | Task::Verify(_)
            | Task::Prove(_)
            | Task::CheckReceipt(_)
            | Task::ProveConsistency(_)
            | Task::CheckConsistency(_)
            | Task::History(_)
            | Task::Events(_)
            | Task::Parked(_)
            | Task::Retire(_)
            | Task::VerifyProjections(_)
            | Task::Diff(_) => None,
        }
    }
}

/// What was checked is not right.
const WRONG: u8 = 3;
const INTERRUPTED: u8 = 130;
const ENDED: u8 = 143;
/// What one command needs at once; `verify` has connections of its own.
const CONNECTIONS: u32 = 4;
/// With a server that has no room for them.
const PATIENCE: Duration = Duration::from_secs(30);
/// A PostgreSQL that says nothing for so long is not there.
const KNOCK: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let may_end_early = arguments.task.unread() == Unread::Ends;
    let done = run(arguments).await;
    // what a task had begun when it was interrupted
    projections::nothing_aside().await;
    match done {
        Ok(code) => code,
        Err(error) if may_end_early && is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            out::complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Whoever reads the output has seen enough.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    if let Some(checked) = check_alone(&arguments)? {
        return Ok(checked);
    }
    // from now on: a PostgreSQL that is being started is stopped again
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (options, own_cluster) = database(&arguments).await?;
    let options = options.application_name("replay-tool");
    let pool = event_log::pool(options.clone(), CONNECTIONS, PATIENCE);
    let working = async {
        knock(&options).await.context("can't reach PostgreSQL")?;
        perform(&arguments, &pool).await
    };
    let broken_off = |code: u8| {
        if let Some(advice) = arguments.task.broken_off() {
            out::complain(&anyhow::anyhow!("interrupted: {advice}"));
        }
        Ok(ExitCode::from(code))
    };
    let done = tokio::select! {
        done = working => done,
        _ = interrupt.recv() => broken_off(INTERRUPTED),
        _ = terminate.recv() => broken_off(ENDED),
    };
    pool.close().await;
    if let Some(cluster) = own_cluster {
        cluster.stop().await?;
    }
    done
}

/// Asks without a pool, which hides why it has no connection.
async fn knock(options: &PgConnectOptions) -> anyhow::Result<()> {
    let knocking = async { options.connect().await?.close().await };
    let slow = || format!("no answer within {} s", KNOCK.as_secs());
    tokio::time::timeout(KNOCK, knocking)
        .await
        .with_context(slow)??;
    Ok(())
}

/// Of PostgreSQL alone; what stands in it is a secret.
fn named(url: &str, setting: &'static str) -> anyhow::Result<PgConnectOptions> {
    let is_ours = url.starts_with("postgres://") || url.starts_with("postgresql://");
    anyhow::ensure!(is_ours, "{setting} begins with postgres://");
    PgConnectOptions::from_str(url).context(setting)
}

/// What needs no database.
fn check_alone(arguments: &Arguments) -> anyhow::Result<Option<ExitCode>> {
    let mut out = arguments.out();
    let checked = match &arguments.task {
        Task::CheckReceipt(check) => receipt::check(check, &mut out)?,
        Task::CheckConsistency(check) => proofs::check(check, &mut out)?,
        _ => return Ok(None),
    };
    out.flush()?;
    Ok(Some(checked))
}

/// A server that is named, a private one that Reeltime runs, or that one started
/// for the time of the task.
async fn database(arguments: &Arguments) -> anyhow::Result<(PgConnectOptions, Option<Cluster>)> {
    if let Some(url) = &arguments.database_url {
        return Ok((named(url, "--database-url")?, None));
    }
    let directory = &arguments.data_dir;
    if let Some(options) = Cluster::connect(directory).await? {
        return Ok((options, None));
    }
    // an import may be the first that happens to a Reeltime
    let may_be_new = matches!(arguments.task, Task::Import(_));
    anyhow::ensure!(
        may_be_new || directory.join("postgres").is_dir(),
        "{} holds no Reeltime (name its --data-dir or --database-url)",
        directory.display()
    );
    let cluster = Cluster::start(directory).await?;
    Ok((cluster.connect_options(), Some(cluster)))
}

async fn perform(arguments: &Arguments, pool: &PgPool) -> anyhow::Result<ExitCode> {
    let mut out = arguments.out();
    match &arguments.task {
        Task::Status
        | Task::Verify(_)
        | Task::Prove(_)
        | Task::ProveConsistency(_)
        | Task::History(_)
        | Task::Events(_)
        | Task::Export(_) => {
            expect_log(pool).await?;
        }
        _ => migrate(arguments, pool).await?,
    }
    let own = arguments.database_url.is_none();
    let data_dir = own.then_some(arguments.data_dir.as_path());
    let out = &mut out;
    let keys = &vault::Keys {
        vault: &arguments.vault,
        data_dir: &arguments.data_dir,
    };
    let done = match &arguments.task {
        Task::Status => status::run(pool, out).await,
        Task::Verify(arguments) => verify::run(arguments, data_dir, pool, out).await,
        Task::Prove(arguments) => receipt::prove(arguments, pool, out).await,
        Task::ProveConsistency(arguments) => proofs::prove(arguments, pool, out).await,
        Task::History(arguments) => history::run(arguments, pool, out).await,
        Task::Events(arguments) => events::run(arguments, pool, out).await,
        Task::CheckReceipt(_) | Task::CheckConsistency(_) => unreachable!("they read no log"),
        Task::Parked(arguments) => parked::run(arguments, pool, keys, out).await,
        Task::Rebuild(arguments) => rebuild::run(arguments, pool, keys, out).await,
        Task::Rollback(arguments) => rebuild::roll_back(arguments, pool, keys, out).await,
        Task::Retire(arguments) => rebuild::retire(arguments, pool, out).await,
        Task::VerifyProjections(arguments) => {
            verify_projections::run(arguments, pool, keys, out).await
        }
        Task::AsOf(arguments) => as_of::run(arguments, pool, keys, out).await,
        Task::Diff(arguments) => diff::run(arguments, pool, keys, out).await,
        Task::Export(arguments) => export::run(arguments, pool, out).await,
        Task::Import(arguments) => import::run(arguments, data_dir, pool, out).await,
    }?;
    out.flush()?;
    Ok(done)
}

async fn migrate(arguments: &Arguments, pool: &PgPool) -> anyhow::Result<()> {
    let owner = match (&arguments.database_url, &arguments.owner_url) {
        (None, _) => Some((*pool.connect_options()).clone().username(cluster::OWNER)),
        (Some(_), Some(url)) => Some(named(url, "--owner-url")?),
        (Some(_), None) => None,
    };
    migrations::bring_up_to_date(pool, owner.as_ref())
        .await
        .context("bringing the database up to date")
}

/// How the live read models stand.
async fn standings(pool: &PgPool) -> anyhow::Result<Vec<Standing>> {
    let mut reading = pool.begin().await?;
    let path = "set local search_path to read";
    sqlx::query(path).execute(&mut *reading).await?;
    Ok(projections::standings(&mut reading).await?)
}

async fn expect_log(pool: &PgPool) -> anyhow::Result<()> {
    let there: bool = sqlx::query_scalar(
        "select to_regclass('log.events') is not null and to_regclass('log.commands') is not null",
    )
    .fetch_one(pool)
    .await?;
    anyhow::ensure!(there, "the database holds no log of Reeltime");
    Ok(())
}
