//! `rebuild`: all read tables computed again and switched in.

use std::process::ExitCode;

use event_log::Keyring;
use serde_json::json;
use sqlx::PgPool;

use crate::out::{self, Out};

pub async fn run(pool: &PgPool, keyring: &Keyring, out: &mut Out) -> anyhow::Result<ExitCode> {
    let bar = out::progress_bar();
    let progress = |position, head| out::show(&bar, position, head);
    let position = projections::rebuild(pool, keyring, progress).await?;
    bar.finish_and_clear();
    if out.json {
        out.object(&json!({ "position": position }))?;
    } else {
        out.line(format!(
            "All read models were computed again; they stand at position {position}."
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
