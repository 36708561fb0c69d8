//! `replay-tool`: computes what is read from the log again, and checks it.
//!
//! Architecture invariant: it does not depend on `commands`; replay cannot decide.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Context;
use clap::{Parser, Subcommand};
use cluster::Cluster;
use indicatif::{ProgressBar, ProgressStyle};
use projections::Verdict;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// Rebuilds and verifies Reeltime's read models from its log.
///
/// Works beside a running Reeltime and alone. Exit codes: 0 done, 1 failed,
/// 2 wrong usage, 3 the read models differ from the log.
#[derive(Parser)]
#[command(name = "replay-tool", version)]
struct Arguments {
    /// The data directory of a Reeltime with a private PostgreSQL
    #[arg(long, env = "REELTIME_DATA_DIR", default_value_os_t = cluster::default_data_dir(), global = true)]
    data_dir: PathBuf,

    /// The PostgreSQL server (postgres://user:password@host/database) of a Reeltime that uses one
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    database_url: Option<String>,

    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Compute all read tables again, beside the live ones, and switch them in
    Rebuild,
    /// Compute all read tables again and compare them with the live ones, row for row
    VerifyProjections,
}

/// The read models are not what the log says.
const DIFFERENT: u8 = 3;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("replay-tool: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let (options, own_cluster) = database(&arguments).await?;
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .connect_with(options.application_name("replay-tool"))
        .await
        .context("can't reach PostgreSQL")?;
    let done = perform(&arguments.task, &pool).await;
    pool.close().await;
    if let Some(cluster) = own_cluster {
        cluster.stop().await?;
    }
    done
}

/// A server that is named, a private one that Reeltime runs, or that one started
/// for the time of the task.
async fn database(arguments: &Arguments) -> anyhow::Result<(PgConnectOptions, Option<Cluster>)> {
    if let Some(url) = &arguments.database_url {
        let options = PgConnectOptions::from_str(url).context("--database-url")?;
        return Ok((options, None));
    }
    let directory = &arguments.data_dir;
    if let Some(options) = Cluster::connect(directory).await? {
        return Ok((options, None));
    }
    anyhow::ensure!(
        directory.join("postgres").is_dir(),
        "{} holds no Reeltime (name its --data-dir or --database-url)",
        directory.display()
    );
    let cluster = Cluster::start(directory).await?;
    Ok((cluster.connect_options(), Some(cluster)))
}

async fn perform(task: &Task, pool: &PgPool) -> anyhow::Result<ExitCode> {
    migrations::MIGRATOR
        .run(pool)
        .await
        .context("bringing the database up to date")?;
    let bar = progress_bar();
    let progress = |position: i64, head: i64| {
        bar.set_length(u64::try_from(head).unwrap_or_default());
        bar.set_position(u64::try_from(position).unwrap_or_default());
    };
    match task {
        Task::Rebuild => {
            let position = projections::rebuild(pool, progress).await?;
            bar.finish_and_clear();
            println!("All read models were computed again; they stand at position {position}.");
            Ok(ExitCode::SUCCESS)
        }
        Task::VerifyProjections => {
            let verdict = projections::verify(pool, progress).await?;
            bar.finish_and_clear();
            Ok(tell(&verdict))
        }
    }
}

fn tell(verdict: &Verdict) -> ExitCode {
    let Verdict {
        position,
        tables,
        rows,
        differences,
    } = verdict;
    if differences.is_empty() {
        println!("{rows} rows in {tables} tables are what the log says at position {position}.");
        return ExitCode::SUCCESS;
    }
    println!("At position {position} the read models are not what the log says:");
    for difference in differences {
        let table = &difference.table;
        match (&difference.live, &difference.rebuilt) {
            (Some(row), _) => println!("  {table}: the live table alone has {row}"),
            (_, Some(row)) => println!("  {table}: the log alone says {row}"),
            (None, None) => {}
        }
    }
    ExitCode::from(DIFFERENT)
}

/// On a terminal; elsewhere nothing.
fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{bar:40} {human_pos}/{human_len} events, {per_sec}, {eta} left";
    let style = ProgressStyle::with_template(template).expect("the template is well-formed");
    ProgressBar::new(0).with_style(style)
}
