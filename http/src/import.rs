//! Bringing films and ratings in from elsewhere, beside a running Reeltime or alone.

pub mod journal;
mod known;
pub mod movielens;
pub mod own;
mod progress;
pub mod running;
pub mod tmdb;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Subcommand;
use commands::{Asked, Command, ExecuteError};
use event_log::Accepted;
use sqlx::PgPool;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::App;
use crate::databases::{open_vault, reach};
use crate::settings::Settings;
use crate::{catalogue, run};

/// Between attempts while the log is busy.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Debug, Subcommand)]
pub enum Source {
    /// MovieLens: films, and ratings as reviews without words by members of its own
    ///
    /// Can be broken off and started again at any time: what is there is not brought in twice.
    Movielens {
        /// The folder with MovieLens' movies.csv, links.csv and ratings.csv
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
    /// TMDB: films with texts in Korean and English, people, votes and pictures
    ///
    /// Needs --tmdb-token-file. Can be broken off at any time: it goes on when the same is asked
    /// for again. Films that are here already are revised.
    Tmdb {
        #[command(subcommand)]
        asked: tmdb::Asked,
    },
}

impl Source {
    /// What is missing is told before anything is started for it.
    fn check(&self, settings: &Settings) -> anyhow::Result<()> {
        match self {
            Source::Movielens { directory } => {
                for name in movielens::FILES {
                    let (is_there, place) = (directory.join(name).is_file(), directory.display());
                    anyhow::ensure!(is_there, "{place} holds no {name} of MovieLens");
                }
            }
            Source::Tmdb { .. } => {
                access(settings)?;
            }
        }
        Ok(())
    }
}

fn access(settings: &Settings) -> anyhow::Result<tmdb::Access> {
    tmdb::Access::of(&settings.tmdb)?.context(
        "this needs TMDB's API Read Access Token: put it into a file and name it with \
         --tmdb-token-file, or into REELTIME_TMDB_TOKEN",
    )
}

/// Brings in what a source has, and says so. Interrupted, it leaves no PostgreSQL running that it
/// has started.
pub async fn import(settings: &Settings, source: &Source) -> anyhow::Result<()> {
    source.check(settings)?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (pool, cluster) = reach(settings).await?;
    let done = with_a_node(settings, &pool, source, &mut interrupt).await;
    pool.close().await;
    if let Some(cluster) = cluster {
        cluster.stop().await?;
    }
    run::say(done?)?;
    Ok(())
}

/// Which ends with it, also when it is interrupted.
async fn with_a_node(
    settings: &Settings,
    pool: &PgPool,
    source: &Source,
    interrupt: &mut Signal,
) -> anyhow::Result<String> {
    let starting = async {
        let keyring = open_vault(settings, pool).await?;
        App::start_for_a_while(pool.clone(), keyring, run::options(settings)?).await
    };
    let app = unless_interrupted(interrupt, starting).await?;
    let done = unless_interrupted(interrupt, bring_in(settings, source, &app)).await;
    app.end().await;
    done
}

async fn unless_interrupted<T>(
    interrupt: &mut Signal,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    tokio::select! {
        done = work => done,
        _ = interrupt.recv() => {
            Err(anyhow::anyhow!("interrupted: the same command goes on where this one ended"))
        }
    }
}

async fn bring_in(settings: &Settings, source: &Source, app: &App) -> anyhow::Result<String> {
    catalogue::import_into_empty_log(app).await?;
    let told = match source {
        Source::Movielens { directory } => movielens::import(app, directory).await?.to_string(),
        Source::Tmdb { asked } => {
            let access = access(settings)?;
            let imported = tmdb::import(app, &access, asked.clone()).await?;
            imported.to_string()
        }
    };
    // whoever looks next shall see it; where nobody projects in time, it is recorded all the same
    let head = event_log::head(&app.pool).await?.position;
    app.reader.snapshot(Some(head)).await?;
    Ok(told)
}

/// Executes a command, however busy the log is: it has an id, so it is done once.
async fn execute<C>(app: &App, asked: Asked, command: C) -> Result<Accepted, ExecuteError>
where
    C: Command + Clone + Send + 'static,
{
    loop {
        match commands::execute(&app.sequencer, asked.clone(), command.clone()).await {
            Err(ExecuteError::Busy) => tokio::time::sleep(PAUSE).await,
            done => return done,
        }
    }
}
