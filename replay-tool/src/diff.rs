//! `diff`: what changed in the read tables between two points.

use std::process::ExitCode;

use projections::{Diff, Difference};
use serde_json::{Map, Value, json};
use sqlx::PgPool;

use crate::out::{self, Out};
use crate::times::Point;
use crate::vault::Keys;
use crate::verify_projections::raw;

const ENDING: &str = "\
Each row: + added, - removed, ~ changed with its fields, and the events in between that
touched it.

Examples:
  replay-tool diff 1200 1300
  replay-tool diff 2026-07-01 2026-07-02 --model film_ratings --json";

#[derive(clap::Args)]
#[command(after_help = ENDING)]
pub struct Arguments {
    /// The first position or time (of recording)
    #[arg(value_name = "POSITION|TIME")]
    from: Point,

    /// The second one
    #[arg(value_name = "POSITION|TIME")]
    to: Point,

    /// In this read model alone; may be given several times
    #[arg(long = "model", value_name = "MODEL")]
    models: Vec<String>,

    /// No more rows of each model than so many
    #[arg(
        long,
        value_name = "ROWS",
        default_value_t = 100,
        value_parser = clap::value_parser!(i64).range(1..)
    )]
    limit: i64,
}

pub async fn run(
    arguments: &Arguments,
    pool: &PgPool,
    keys: &Keys<'_>,
    out: &mut Out,
) -> anyhow::Result<ExitCode> {
    let keyring = keys.open(pool).await?;
    let from = arguments.from.position(pool).await?;
    let to = arguments.to.position(pool).await?;
    let head = event_log::head(&mut *pool.acquire().await?).await?.position;
    anyhow::ensure!(
        from.max(to) <= head,
        "the log ends at position {head}, before {}",
        from.max(to)
    );
    let bar = out::progress_bar();
    let (models, limit) = (&arguments.models, arguments.limit);
    let reporter = out::reporter(&bar);
    let diffs = projections::diff(pool, &keyring, (from, to), models, limit, reporter).await;
    bar.finish_and_clear();
    let diffs = diffs?;
    for diff in &diffs {
        match out.json {
            true => tell_programs(diff, out)?,
            false => tell_people(diff, out)?,
        }
    }
    if diffs.is_empty() && !out.json {
        let positions = format!("between positions {from} and {to}");
        out.line(format!("Nothing that is read changed {positions}."))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn tell_people(diff: &Diff, out: &mut Out) -> anyhow::Result<()> {
    out.line(out.strong(&diff.model))?;
    for row in &diff.rows {
        let events = row.events.iter().map(|position| format!(" #{position}"));
        let events = out.dim(events.collect::<String>());
        match (&row.live, &row.rebuilt) {
            (None, Some(after)) => out.line(format!("{} {after}{events}", out.good("+")))?,
            (Some(before), None) => out.line(format!("{} {before}{events}", out.bad("-")))?,
            _ => {
                let fields = changed(row)
                    .into_iter()
                    .map(|(name, before, after)| format!(" {name}: {before} → {after}"));
                let fields = fields.collect::<Vec<_>>().join(",");
                let mark = out.strong("~");
                out.line(format!("{mark} {}{fields}{events}", row.key))?;
            }
        }
    }
    if diff.more {
        out.line(out.dim("… and more (--limit)"))?;
    }
    Ok(())
}

/// Fields with their values before and after, in the order of their names.
fn changed(row: &Difference) -> Vec<(String, Value, Value)> {
    let columns = |json: &Option<String>| -> Map<String, Value> {
        let json = json.as_deref().unwrap_or_default();
        serde_json::from_str(json).unwrap_or_default()
    };
    let (before, mut after) = (columns(&row.live), columns(&row.rebuilt));
    let fields = before.into_iter().filter_map(|(name, before)| {
        let after = after.remove(&name).unwrap_or_default();
        (before != after).then_some((name, before, after))
    });
    fields.collect()
}

fn tell_programs(diff: &Diff, out: &mut Out) -> anyhow::Result<()> {
    for row in &diff.rows {
        out.object(&json!({
            "model": diff.model,
            "key": raw(Some(&row.key)),
            "before": raw(row.live.as_deref()),
            "after": raw(row.rebuilt.as_deref()),
            "events": row.events,
        }))?;
    }
    if diff.more {
        out.object(&json!({ "model": diff.model, "more": true }))?;
    }
    Ok(())
}
