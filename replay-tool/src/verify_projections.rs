//! `verify-projections`: all read tables computed again and compared.

use std::process::ExitCode;

use projections::{Difference, Verdict};
use serde_json::json;
use serde_json::value::RawValue;
use sqlx::PgPool;

use crate::WRONG;
use crate::out::{self, Out};
use crate::rebuild::Speed;
use crate::vault::Keys;

const ENDING: &str = "\
Members read and write meanwhile: both sides are compared at one position. A parked model
is compared where it stands. Exit code 3 when something differs.

Examples:
  replay-tool verify-projections
  replay-tool verify-projections --full-speed --json";

#[derive(clap::Args)]
#[command(after_help = ENDING)]
pub struct Arguments {
    #[command(flatten)]
    speed: Speed,
}

pub async fn run(
    arguments: &Arguments,
    pool: &PgPool,
    keys: &Keys<'_>,
    out: &mut Out,
) -> anyhow::Result<ExitCode> {
    let keyring = keys.open(pool).await?;
    let bar = out::progress_bar();
    let pace = arguments.speed.pace();
    let verdict = projections::verify(pool, &keyring, pace, out::reporter(&bar)).await;
    bar.finish_and_clear();
    let verdict = verdict?;
    if out.json {
        tell_programs(&verdict, out)?;
    } else {
        tell_people(&verdict, out)?;
    }
    Ok(if verdict.is_sound() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(WRONG)
    })
}

fn tell_people(verdict: &Verdict, out: &mut Out) -> anyhow::Result<()> {
    let Verdict {
        position,
        tables,
        rows,
        differences,
        skipped,
    } = verdict;
    if differences.is_empty() {
        let right = out.good(format!("{rows} rows in {tables} tables"));
        out.line(format!(
            "{right} are what the log says at position {position}."
        ))?;
    } else {
        let wrong = out.bad("the read models are not what the log says");
        out.line(format!("At position {position} {wrong}:"))?;
    }
    for difference in differences {
        tell_difference(difference, ("live:", "the log:"), out)?;
    }
    for model in skipped {
        let not = out.bad(format!("{model} was not compared"));
        out.line(format!(
            "{not}: other code wrote it, and it is being rebuilt."
        ))?;
    }
    Ok(())
}

/// A row, as two sides have it.
pub fn tell_difference(
    difference: &Difference,
    (first, second): (&str, &str),
    out: &mut Out,
) -> anyhow::Result<()> {
    let table = out.strong(&difference.table);
    out.line(format!("  {table} {}", difference.key))?;
    let none = "no such row".to_owned();
    for (side, row) in [(first, &difference.live), (second, &difference.rebuilt)] {
        out.line(format!("    {side:9} {}", row.as_ref().unwrap_or(&none)))?;
    }
    if !difference.events.is_empty() {
        let events = difference
            .events
            .iter()
            .map(|position| format!("#{position}"));
        let events = events.collect::<Vec<_>>().join(" ");
        out.line(format!("    {:9} {events}", "events:"))?;
    }
    Ok(())
}

/// A row's JSON, as it is.
pub fn raw(json: Option<&str>) -> Option<Box<RawValue>> {
    RawValue::from_string(json?.to_owned()).ok()
}

fn tell_programs(verdict: &Verdict, out: &mut Out) -> anyhow::Result<()> {
    let difference = |d: &Difference| {
        json!({
            "table": d.table, "key": raw(Some(&d.key)), "live": raw(d.live.as_deref()),
            "log": raw(d.rebuilt.as_deref()), "events": d.events,
        })
    };
    let differences: Vec<_> = verdict.differences.iter().map(difference).collect();
    out.object(&json!({
        "same": verdict.is_sound(),
        "position": verdict.position,
        "tables": verdict.tables,
        "rows": verdict.rows,
        "differences": differences,
        "skipped": verdict.skipped,
    }))?;
    Ok(())
}
