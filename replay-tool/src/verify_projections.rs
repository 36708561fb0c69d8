//! `verify-projections`: all read tables computed again and compared.

use std::process::ExitCode;

use event_log::Keyring;
use projections::{Difference, Verdict};
use serde_json::json;
use sqlx::PgPool;

use crate::WRONG;
use crate::out::{self, Out};

pub async fn run(pool: &PgPool, keyring: &Keyring, out: &mut Out) -> anyhow::Result<ExitCode> {
    let bar = out::progress_bar();
    let progress = |position, head| out::show(&bar, position, head);
    let verdict = projections::verify(pool, keyring, progress).await?;
    bar.finish_and_clear();
    if out.json {
        tell_programs(&verdict, out)?;
    } else {
        tell_people(&verdict, out)?;
    }
    let same = verdict.differences.is_empty();
    Ok(if same {
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
    } = verdict;
    if differences.is_empty() {
        let right = out.good(format!("{rows} rows in {tables} tables"));
        out.line(format!(
            "{right} are what the log says at position {position}."
        ))?;
        return Ok(());
    }
    let wrong = out.bad("the read models are not what the log says");
    out.line(format!("At position {position} {wrong}:"))?;
    for difference in differences {
        let table = &difference.table;
        match (&difference.live, &difference.rebuilt) {
            (Some(row), _) => out.line(format!("  {table}: the live table alone has {row}"))?,
            (_, Some(row)) => out.line(format!("  {table}: the log alone says {row}"))?,
            (None, None) => {}
        }
    }
    Ok(())
}

fn tell_programs(verdict: &Verdict, out: &mut Out) -> anyhow::Result<()> {
    let difference = |d: &Difference| json!({ "table": d.table, "live": d.live, "log": d.rebuilt });
    let differences: Vec<_> = verdict.differences.iter().map(difference).collect();
    out.object(&json!({
        "same": differences.is_empty(),
        "position": verdict.position,
        "tables": verdict.tables,
        "rows": verdict.rows,
        "differences": differences,
    }))?;
    Ok(())
}
