//! `prove` and `check-receipt`: that an event was recorded, shown to somebody who
//! has nothing but the log's public key.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use event_log::checkpoint::{Checkpoint, PublicKey, Receipt, Receipts};
use serde_json::json;
use serde_json::value::RawValue;
use sqlx::PgPool;

use crate::WRONG;
use crate::out::Out;
use crate::proofs::read_file;

#[derive(clap::Args)]
pub struct Prove {
    /// The event's position
    position: i64,

    /// Show what the event says, too, not its digest alone
    #[arg(long)]
    with_payload: bool,
}

#[derive(clap::Args)]
pub struct Check {
    /// What `prove` said, or several receipts one behind the other (-: standard input)
    file: PathBuf,

    /// Who signs for the log (`reeltime public-key` shows it)
    #[arg(long, required = true)]
    public_key: Vec<PublicKey>,
}

pub async fn prove(arguments: &Prove, pool: &PgPool, out: &mut Out) -> anyhow::Result<ExitCode> {
    let position = arguments.position;
    let mut connection = pool.acquire().await?;
    let events = event_log::read_positions(&mut *connection, &[position]).await?;
    anyhow::ensure!(!events.is_empty(), "the log has no position {position}");
    let receipts = Receipts::covering(&mut connection, position).await?;
    let mut receipts =
        receipts.with_context(|| format!("no checkpoint covers position {position} yet"))?;
    let with_payload = arguments.with_payload;
    for receipt in receipts
        .write(&mut connection, &events, with_payload)
        .await?
    {
        out.document(&receipt)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Needs no database.
pub fn check(arguments: &Check, out: &mut Out) -> anyhow::Result<ExitCode> {
    let text = read_file(&arguments.file)?;
    let receipts = serde_json::Deserializer::from_str(&text).into_iter::<Box<RawValue>>();
    let mut proven = 0_usize;
    for receipt in receipts {
        let checked = receipt
            .context("it is no receipt")
            .and_then(|receipt| Ok(Receipt::accept(receipt.get(), &arguments.public_key)?));
        let (receipt, checkpoint) = match checked {
            Ok(accepted) => accepted,
            Err(error) => return not_proven(&error, out),
        };
        proven += 1;
        tell(&receipt, &checkpoint, out)?;
    }
    if proven == 0 {
        return not_proven(&anyhow::anyhow!("there is no receipt"), out);
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(receipt: &Receipt, checkpoint: &Checkpoint, out: &mut Out) -> anyhow::Result<()> {
    let (event, origin, size) = (&receipt.event, &checkpoint.origin, checkpoint.size);
    if out.json {
        out.object(&json!({
            "proven": true, "position": event.position, "origin": origin,
            "type": event.event_type, "stream": event.stream, "version": event.version,
            "recorded_at": event.recorded_at, "tree_size": size,
        }))?;
        return Ok(());
    }
    let told = format!(
        "{}: position {} of {origin} is {}, version {} of {}, recorded at {}.",
        out.good("Proven"),
        event.position,
        event.event_type,
        event.version,
        event.stream,
        event.recorded_at.to_rfc3339()
    );
    out.line(told)?;
    let signed = format!("It is in the signed tree of {size} events.");
    out.line(out.dim(signed))?;
    Ok(())
}

/// What was shown proves nothing, and why.
pub fn not_proven(why: &anyhow::Error, out: &mut Out) -> anyhow::Result<ExitCode> {
    if out.json {
        out.object(&json!({ "proven": false, "why": format!("{why:#}") }))?;
    } else {
        out.line(format!("{}: {why:#}", out.bad("Not proven")))?;
    }
    Ok(ExitCode::from(WRONG))
}
