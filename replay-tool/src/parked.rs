//! `parked`: read models that stand alone because their code failed at an event; and
//! bringing one back to the others.

use std::process::ExitCode;

use clap::Subcommand;
use event_log::Keyring;
use projections::{RejoinError, Standing, State};
use serde_json::json;
use sqlx::PgPool;

use crate::out::{self, Out};
use crate::vault::Keys;
use crate::{WRONG, times};

const ENDING: &str = "\
A model whose code fails at an event stops in front of it, alone; answers that show it
say its lower position (Reeltime-Detached). Mend the data or the code, then retry. Code
with another version is not retried: `rebuild` computes the model anew.

Exit code 3 while a model is parked, or when a retried one still fails.

Examples:
  replay-tool parked
  replay-tool parked retry reviews";

#[derive(clap::Args)]
#[command(after_help = ENDING, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Let a parked model go on from where it stopped and join the others
    Retry {
        /// Its name, as `parked` shows it
        model: String,
    },
}

pub async fn run(
    arguments: &Arguments,
    pool: &PgPool,
    keys: &Keys<'_>,
    out: &mut Out,
) -> anyhow::Result<ExitCode> {
    match &arguments.task {
        None => list(pool, out).await,
        Some(Task::Retry { model }) => retry(model, (pool, &keys.open(pool).await?), out).await,
    }
}

async fn list(pool: &PgPool, out: &mut Out) -> anyhow::Result<ExitCode> {
    let mut standings = crate::standings(pool).await?;
    standings.retain(|standing| standing.state == State::Parked);
    for Standing {
        name,
        version,
        position,
        failure,
        since,
        ..
    } in &standings
    {
        let (failed_at, error) = failure.clone().unwrap_or_default();
        if out.json {
            out.object(&json!({
                "model": name, "version": version, "position": position, "failed_at": failed_at,
                "error": error, "since": since,
            }))?;
            continue;
        }
        let name = out.bad(name);
        let since = times::shown(*since);
        out.line(format!(
            "{name} stands at position {position} since {since}"
        ))?;
        out.line(format!("  event {failed_at}: {error}"))?;
    }
    if standings.is_empty() {
        if !out.json {
            out.line("No read model is parked.")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::from(WRONG))
}

async fn retry(
    model: &str,
    (pool, keyring): (&PgPool, &Keyring),
    out: &mut Out,
) -> anyhow::Result<ExitCode> {
    let bar = out::progress_bar();
    let moving = bar.clone();
    let progress = move |position, live| out::show(&moving, position, live);
    let done = projections::rejoin(pool, keyring, model, progress).await;
    bar.finish_and_clear();
    match done {
        Ok(position) if out.json => {
            out.object(&json!({ "model": model, "joined": true, "position": position }))?;
        }
        Ok(position) => {
            let joined = out.good(format!("{model} is live again"));
            out.line(format!("{joined}, at position {position}."))?;
        }
        Err(RejoinError::StillFails {
            position, error, ..
        }) => {
            if out.json {
                out.object(&json!({
                    "model": model, "joined": false, "failed_at": position, "error": error,
                }))?;
            } else {
                let fails = out.bad(format!("{model} still fails"));
                out.line(format!("{fails} at event {position}: {error}"))?;
            }
            return Ok(ExitCode::from(WRONG));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(ExitCode::SUCCESS)
}
