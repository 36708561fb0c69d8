//! Bringing films and ratings in from elsewhere, beside a running Reeltime or alone.

pub mod movielens;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use clap::Subcommand;
use commands::{Asked, Command, ExecuteError};
use event_log::Accepted;
use indicatif::{ProgressBar, ProgressStyle};

use crate::app::App;
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
}

/// Brings in what a source has, and says so.
pub async fn import(settings: &Settings, source: &Source) -> anyhow::Result<()> {
    let (pool, cluster) = run::reach(settings).await?;
    let keyring = run::open_vault(settings, &pool).await?;
    let app = App::start(pool.clone(), keyring, run::options(settings)?).await?;
    catalogue::import_into_empty_log(&app).await?;
    let Source::Movielens { directory } = source;
    let done = movielens::import(&app, directory).await;
    drop(app);
    pool.close().await;
    if let Some(cluster) = cluster {
        cluster.stop().await?;
    }
    println!("{}", done?);
    Ok(())
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

/// On a terminal; elsewhere nothing.
fn progress_bar(what: &'static str, length: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{msg:>8} {bar:40} {human_pos}/{human_len}, {per_sec}, {eta} left";
    let style = ProgressStyle::with_template(template).expect("the template is well-formed");
    let length = u64::try_from(length).unwrap_or_default();
    ProgressBar::new(length)
        .with_style(style)
        .with_message(what)
}
