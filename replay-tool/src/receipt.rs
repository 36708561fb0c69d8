//! `prove` and `check-receipt`: that an event was recorded, shown to somebody who
//! has nothing but the log's public key.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use chrono::{DateTime, Utc};
use event_log::checkpoint::{self, Checkpoint, Note, PublicKey};
use event_log::{Recorded, chain};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use crate::WRONG;
use crate::out::Out;
use crate::proofs::{Bytes, read_file};

const FORMAT: &str = "reeltime-receipt/1";

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
    /// What `prove` said (-: standard input)
    file: PathBuf,

    /// Who signs for the log (`reeltime public-key` shows it)
    #[arg(long, required = true)]
    public_key: Vec<PublicKey>,
}

/// Everything that is needed to see that an event is in a signed log.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Receipt {
    format: String,
    event: Header,
    /// From the event to the root of the checkpoint's tree.
    proof: Vec<Bytes>,
    /// A signed note.
    checkpoint: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    position: i64,
    stream: String,
    version: i64,
    about: Option<i64>,
    id: Uuid,
    #[serde(rename = "type")]
    event_type: String,
    schema_version: i16,
    key_id: Option<Uuid>,
    actor: Uuid,
    command: Uuid,
    correlation: Uuid,
    causation: Option<Uuid>,
    occurred_at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    /// The hash of the event before it.
    previous: Bytes,
    /// SHA-256 of the payload.
    digest: Bytes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payload: Option<String>,
}

impl Header {
    fn of(event: Recorded, previous: [u8; 32], with_payload: bool) -> Header {
        Header {
            position: event.position,
            stream: event.stream.to_string(),
            version: event.version,
            about: event.about,
            id: event.id,
            event_type: event.event_type,
            schema_version: event.schema_version,
            key_id: event.key_id,
            actor: event.actor,
            command: event.command,
            correlation: event.correlation,
            causation: event.causation,
            occurred_at: event.occurred_at,
            recorded_at: event.recorded_at,
            previous: Bytes(previous),
            digest: Bytes(chain::digest(&event.payload)),
            payload: with_payload.then_some(event.payload),
        }
    }

    /// What the chain makes of it; an error when it is not written as `prove` writes.
    fn hash(&self) -> anyhow::Result<[u8; 32]> {
        if let Some(payload) = &self.payload {
            let is_its = chain::digest(payload) == self.digest.0;
            ensure!(is_its, "the payload is not the one of this digest");
        }
        // the chain takes these for something else that is the same to it
        let exact = |time: DateTime<Utc>| time.timestamp_subsec_nanos().is_multiple_of(1_000);
        ensure!(
            self.about != Some(0)
                && self.key_id != Some(Uuid::nil())
                && self.causation != Some(Uuid::nil())
                && exact(self.occurred_at)
                && exact(self.recorded_at),
            "it is not written as receipts are"
        );
        let event = Recorded {
            position: self.position,
            stream: self.stream.as_str().into(),
            version: self.version,
            about: self.about,
            id: self.id,
            event_type: self.event_type.clone(),
            schema_version: self.schema_version,
            payload: String::new(),
            key_id: self.key_id,
            actor: self.actor,
            command: self.command,
            correlation: self.correlation,
            causation: self.causation,
            occurred_at: self.occurred_at,
            recorded_at: self.recorded_at,
            hash: [0; 32],
        };
        Ok(chain::hash_header(&self.previous.0, &event, &self.digest.0))
    }
}

pub async fn prove(arguments: &Prove, pool: &PgPool, out: &mut Out) -> anyhow::Result<ExitCode> {
    let position = arguments.position;
    let mut connection = pool.acquire().await?;
    let mut events = event_log::read_after(&mut *connection, position - 2, 2).await?;
    let event = events.pop().filter(|event| event.position == position);
    let event = event.with_context(|| format!("the log has no position {position}"))?;
    let previous = events.pop().map_or(chain::GENESIS, |before| before.hash);
    let note = checkpoint::note_covering(&mut *connection, position).await?;
    let note = note.with_context(|| format!("no checkpoint covers position {position} yet"))?;
    let checkpoint = Checkpoint::read(&Note::parse(&note)?)?;
    let proof = checkpoint::prove_inclusion(&mut connection, position, checkpoint.size).await?;
    checkpoint::check_inclusion(&event.hash, position, &checkpoint, &proof)
        .context("the log is not what was signed, see `replay-tool verify`")?;
    let receipt = Receipt {
        format: FORMAT.to_owned(),
        event: Header::of(event, previous, arguments.with_payload),
        proof: proof.into_iter().map(Bytes).collect(),
        checkpoint: note,
    };
    out.document(&receipt)?;
    Ok(ExitCode::SUCCESS)
}

/// Needs no database.
pub fn check(arguments: &Check, out: &mut Out) -> anyhow::Result<ExitCode> {
    let text = read_file(&arguments.file)?;
    let (receipt, checkpoint) = match accept(&text, &arguments.public_key) {
        Ok(accepted) => accepted,
        Err(error) => {
            out.line(format!("{}: {error:#}", out.bad("Not proven")))?;
            return Ok(ExitCode::from(WRONG));
        }
    };
    let event = receipt.event;
    let proven = format!(
        "{}: position {} of {} is {}, version {} of {}, recorded at {}.",
        out.good("Proven"),
        event.position,
        checkpoint.origin,
        event.event_type,
        event.version,
        event.stream,
        event.recorded_at.to_rfc3339()
    );
    out.line(proven)?;
    let signed = format!("It is in the signed tree of {} events.", checkpoint.size);
    out.line(out.dim(signed))?;
    Ok(ExitCode::SUCCESS)
}

fn accept(text: &str, keys: &[PublicKey]) -> anyhow::Result<(Receipt, Checkpoint)> {
    let receipt: Receipt = serde_json::from_str(text).context("it is no receipt")?;
    ensure!(receipt.format == FORMAT, "it is no receipt of this kind");
    let same = serde_json::to_value(&receipt)? == serde_json::from_str::<Value>(text)?;
    ensure!(same, "it is not written as receipts are");
    let checkpoint = Checkpoint::open(&receipt.checkpoint, keys)?;
    let proof: Vec<[u8; 32]> = receipt.proof.iter().map(|hash| hash.0).collect();
    let hash = receipt.event.hash()?;
    checkpoint::check_inclusion(&hash, receipt.event.position, &checkpoint, &proof)
        .context("the event is not in the tree")?;
    Ok((receipt, checkpoint))
}
