//! `prove-consistency` and `check-consistency`: that one checkpoint's log is the
//! beginning of another's; and what proofs are written in.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use event_log::checkpoint::{self, Bytes, Checkpoint, Note, PublicKey};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgPool;

use crate::out::Out;
use crate::receipt::not_proven;

const FORMAT: &str = "reeltime-consistency/1";

#[derive(clap::Args)]
pub struct Prove {
    /// Events of the older checkpoint
    old: i64,

    /// Events of the newer checkpoint [default: the newest]
    new: Option<i64>,
}

#[derive(clap::Args)]
pub struct Check {
    /// What `prove-consistency` said (-: standard input)
    file: PathBuf,

    /// Who signs for the log (`reeltime public-key` shows it)
    #[arg(long, required = true)]
    public_key: Vec<PublicKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Consistency {
    format: String,
    /// Signed notes.
    old: String,
    new: String,
    proof: Vec<Bytes>,
}

pub async fn prove(arguments: &Prove, pool: &PgPool, out: &mut Out) -> anyhow::Result<ExitCode> {
    let mut connection = pool.acquire().await?;
    let old = checkpoint::note_covering(&mut *connection, arguments.old).await?;
    let new = match arguments.new {
        Some(size) => checkpoint::note_covering(&mut *connection, size).await?,
        None => checkpoint::latest_note(&mut *connection).await?,
    };
    let (Some(old), Some(new)) = (old, new) else {
        anyhow::bail!("no checkpoint of so many events was signed yet");
    };
    let (older, newer) = (read(&old)?, read(&new)?);
    ensure!(older.size <= newer.size, "name the older one first");
    let proof = checkpoint::prove_consistency(&mut connection, older.size, newer.size).await?;
    checkpoint::check_consistency(&older, &newer, &proof)
        .context("the log is not what was signed, see `replay-tool verify`")?;
    out.document(&Consistency {
        format: FORMAT.to_owned(),
        old,
        new,
        proof: proof.into_iter().map(Bytes).collect(),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn read(note: &str) -> anyhow::Result<Checkpoint> {
    Ok(Checkpoint::read(&Note::parse(note)?)?)
}

/// Needs no database.
pub fn check(arguments: &Check, out: &mut Out) -> anyhow::Result<ExitCode> {
    let text = read_file(&arguments.file)?;
    match accept(&text, &arguments.public_key) {
        Ok((old, new)) => {
            let (old, new) = (old.size, new.size);
            if out.json {
                out.object(&json!({ "proven": true, "old_size": old, "new_size": new }))?;
                return Ok(ExitCode::SUCCESS);
            }
            let proven = out.good("Proven");
            out.line(format!(
                "{proven}: the log of {old} events is the beginning of that of {new} events."
            ))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => not_proven(&error, out),
    }
}

fn accept(text: &str, keys: &[PublicKey]) -> anyhow::Result<(Checkpoint, Checkpoint)> {
    let consistency: Consistency = serde_json::from_str(text).context("it is no such proof")?;
    ensure!(consistency.format == FORMAT, "it is no proof of this kind");
    let old = Checkpoint::open(&consistency.old, keys)?;
    let new = Checkpoint::open(&consistency.new, keys)?;
    ensure!(old.origin == new.origin, "they are of different logs");
    let proof: Vec<[u8; 32]> = consistency.proof.iter().map(|hash| hash.0).collect();
    checkpoint::check_consistency(&old, &new, &proof)
        .context("the older log is not the beginning of the newer one")?;
    Ok((old, new))
}

/// A file's text, or what comes in.
pub fn read_file(path: &Path) -> anyhow::Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        return Ok(text);
    }
    std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}
