//! `rebuild`: read models computed again beside the live ones and switched in; and
//! `rollback` and `retire` of what was live before.

use std::num::NonZeroU32;
use std::process::ExitCode;

use indicatif::{HumanBytes, HumanCount};
use projections::{Build, Cancelled, MEMORY, Pace, Rebuild, RebuildError, Rebuilt};
use serde_json::json;
use sqlx::PgPool;

use crate::out::{self, Out};
use crate::vault::Keys;

const MEGABYTE: usize = 1024 * 1024;

const ENDING: &str = "\
Members read and write meanwhile. Everything done so far is in the database: broken off
anywhere (Ctrl-C, kill -9, a lost connection), it goes on with --resume. One rebuild runs
at a time. The tables that were live are kept, standing still, until `retire`; `rollback`
lets them catch up and switches them back.

By default it works for a few milliseconds at a time and rests three times as long, so that members
hardly notice.

Examples:
  replay-tool rebuild --all --dry-run
  replay-tool rebuild reviews film_ratings
  replay-tool rebuild --all --full-speed
  replay-tool rebuild --resume --limit-rate 5000
  replay-tool rebuild --cancel";

#[derive(clap::Args)]
#[command(after_help = ENDING)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true)
    .args(["models", "all", "resume", "cancel"]))]
pub struct Arguments {
    /// Names of read models, as `status` shows them
    #[arg(value_name = "MODEL")]
    models: Vec<String>,

    /// All read models
    #[arg(long, conflicts_with = "models")]
    all: bool,

    /// Only say what would be done
    #[arg(long, conflicts_with_all = ["resume", "cancel"])]
    dry_run: bool,

    #[command(flatten)]
    speed: Speed,

    /// Of rows, so much is kept in memory; the rest is written and read again
    #[arg(long, value_name = "MB", default_value_t = MEMORY / MEGABYTE)]
    memory: usize,

    /// Go on with a rebuild that was broken off
    #[arg(long, conflicts_with_all = ["models", "all", "cancel"])]
    resume: bool,

    /// Drop what a rebuild that was broken off has done
    #[arg(long, conflicts_with_all = ["models", "all"])]
    cancel: bool,
}

#[derive(clap::Args, Clone, Copy)]
pub struct Speed {
    /// At most so many events per second
    #[arg(long, value_name = "EVENTS")]
    limit_rate: Option<NonZeroU32>,

    /// As fast as the machine goes; members notice
    #[arg(long, conflicts_with = "limit_rate")]
    full_speed: bool,
}

impl Speed {
    pub fn pace(self) -> Pace {
        match self.limit_rate {
            Some(rate) => Pace::Rate(rate),
            None if self.full_speed => Pace::Full,
            None => Pace::Gentle,
        }
    }
}

const KEPT_ENDING: &str = "\
Examples:
  replay-tool rollback
  replay-tool rollback reviews
  replay-tool retire reviews";

#[derive(clap::Args)]
#[command(after_help = KEPT_ENDING)]
pub struct KeptArguments {
    /// Names of read models; none: all of which something is kept
    #[arg(value_name = "MODEL")]
    models: Vec<String>,
}

pub async fn run(
    arguments: &Arguments,
    pool: &PgPool,
    keys: &Keys<'_>,
    out: &mut Out,
) -> anyhow::Result<ExitCode> {
    if arguments.dry_run {
        return dry_run(&arguments.models, pool, out).await;
    }
    if arguments.cancel {
        let cancelled = projections::cancel(pool).await?;
        tell_cancelled(&cancelled, out)?;
        return Ok(ExitCode::SUCCESS);
    }
    let wanted = Rebuild {
        models: arguments.models.clone(),
        pace: arguments.speed.pace(),
        memory: arguments.memory.saturating_mul(MEGABYTE),
        resume: arguments.resume,
    };
    let bar = out::progress_bar();
    let keyring = keys.open(pool).await?;
    let rebuilt = projections::rebuild(pool, &keyring, &wanted, out::reporter(&bar)).await;
    bar.finish_and_clear();
    tell(&advise(rebuilt)?, "computed again", out)?;
    Ok(ExitCode::SUCCESS)
}

pub async fn roll_back(
    arguments: &KeptArguments,
    pool: &PgPool,
    keys: &Keys<'_>,
    out: &mut Out,
) -> anyhow::Result<ExitCode> {
    let keyring = keys.open(pool).await?;
    let bar = out::progress_bar();
    let models = &arguments.models;
    let done =
        projections::roll_back(pool, &keyring, models, Pace::Gentle, out::reporter(&bar)).await;
    bar.finish_and_clear();
    tell(&advise(done)?, "taken back", out)?;
    Ok(ExitCode::SUCCESS)
}

pub async fn retire(
    arguments: &KeptArguments,
    pool: &PgPool,
    out: &mut Out,
) -> anyhow::Result<ExitCode> {
    let models = projections::retire(pool, &arguments.models).await?;
    tell_list(
        "retired",
        "Dropped the tables that were kept of",
        &models,
        out,
    )?;
    Ok(ExitCode::SUCCESS)
}

/// What to do about it, where the error doesn't say.
fn advise(done: Result<Rebuilt, RebuildError>) -> anyhow::Result<Rebuilt> {
    done.map_err(|error| match error {
        RebuildError::Unfinished(_) => {
            anyhow::anyhow!("{error} (rebuild --resume or rebuild --cancel)")
        }
        RebuildError::Unknown(_) => anyhow::anyhow!("{error} (status shows all)"),
        error => error.into(),
    })
}

fn tell(rebuilt: &Rebuilt, what: &str, out: &mut Out) -> anyhow::Result<()> {
    let millis = rebuilt.switched_in.as_secs_f64() * 1_000.0;
    if out.json {
        out.object(&json!({
            "models": rebuilt.models, "position": rebuilt.position, "switched_in_ms": millis,
        }))?;
        return Ok(());
    }
    let models = out.good(rebuilt.models.join(", "));
    let position = rebuilt.position;
    out.line(format!("{models}: {what}, live at position {position}."))?;
    let told =
        format!("The switch took {millis:.1} ms. `rollback` takes it back, `retire` ends that.");
    out.line(out.dim(told))?;
    Ok(())
}

fn tell_cancelled(cancelled: &Cancelled, out: &mut Out) -> anyhow::Result<()> {
    let Cancelled { dropped, kept } = cancelled;
    if out.json {
        out.object(&json!({ "cancelled": dropped, "kept": kept }))?;
        return Ok(());
    }
    for (said, models) in [
        ("Dropped what was done so far of", dropped),
        ("Kept as before:", kept),
    ] {
        if !models.is_empty() {
            out.line(format!("{said} {}.", models.join(", ")))?;
        }
    }
    Ok(())
}

fn tell_list(key: &str, said: &str, models: &[String], out: &mut Out) -> anyhow::Result<()> {
    if out.json {
        out.object(&json!({ key: models }))?;
    } else {
        out.line(format!("{said} {}.", models.join(", ")))?;
    }
    Ok(())
}

async fn dry_run(models: &[String], pool: &PgPool, out: &mut Out) -> anyhow::Result<ExitCode> {
    let chosen = projections::chosen(models)?;
    let standings = crate::standings(pool).await?;
    let mut connection = pool.acquire().await?;
    let begun = projections::builds(&mut connection).await?;
    let events = event_log::head(&mut *connection).await?.position;
    let mut total = 0;
    for (model, version) in &chosen {
        let size = "select pg_total_relation_size(('read.' || $1)::regclass)";
        let bytes: i64 = sqlx::query_scalar(size)
            .bind(model)
            .fetch_one(&mut *connection)
            .await?;
        total += bytes;
        let live = standings.iter().find(|standing| standing.name == *model);
        let live = live.map(|standing| standing.version);
        if out.json {
            out.object(&json!({
                "model": model, "live_version": live, "version": version, "bytes": bytes,
                "events": events,
            }))?;
            continue;
        }
        let from = live.map_or("v–".to_owned(), |live| format!("v{live}"));
        let size = HumanBytes(bytes.unsigned_abs()).to_string();
        out.line(format!("  {model:20} {from} → v{version} {size:>12}"))?;
    }
    if !out.json {
        let (events, space) = (
            HumanCount(events.unsigned_abs()),
            HumanBytes(total.unsigned_abs()),
        );
        out.line(format!(
            "{} models from {events} events; about {space} more on the disk until `retire`.",
            chosen.len()
        ))?;
        for Build {
            model, position, ..
        } in begun
        {
            let blocked = out.bad(format!("A rebuild of {model} was broken off"));
            out.line(format!(
                "{blocked} at position {position}: resume or cancel it first."
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
