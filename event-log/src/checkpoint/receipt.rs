//! Receipts: that an event was recorded, shown to somebody who has nothing but the log's
//! public key.

use std::collections::HashMap;
use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;
use sqlx::postgres::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::proof::Known;
use super::{Checkpoint, Hash, Note, NoteError, ProofError, PublicKey, proof, store};
use crate::chain;
use crate::event::Recorded;

const FORMAT: &str = "reeltime-receipt/1";

#[derive(Debug, Error)]
pub enum ReceiptError {
    #[error("{0}")]
    Malformed(&'static str),
    #[error("it is no receipt: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error(transparent)]
    Note(#[from] NoteError),
    #[error("the event is not in the tree: {0}")]
    NotInTheTree(ProofError),
    #[error("the log is not what was signed, see `replay-tool verify`: {0}")]
    NotWhatWasSigned(ProofError),
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl From<sqlx::Error> for ReceiptError {
    fn from(error: sqlx::Error) -> ReceiptError {
        ReceiptError::Proof(ProofError::Database(error))
    }
}

/// Everything that is needed to see that an event is in a signed log.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    format: String,
    pub event: Header,
    /// From the event to the root of the checkpoint's tree.
    proof: Vec<Bytes>,
    /// A signed note.
    checkpoint: String,
}

/// An event without what it says, or with it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    pub position: i64,
    pub stream: String,
    pub version: i64,
    about: Option<i64>,
    id: Uuid,
    #[serde(rename = "type")]
    pub event_type: String,
    schema_version: i16,
    key_id: Option<Uuid>,
    actor: Uuid,
    command: Uuid,
    correlation: Uuid,
    causation: Option<Uuid>,
    occurred_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
    /// The hash of the event before it.
    previous: Bytes,
    /// SHA-256 of the payload.
    digest: Bytes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payload: Option<String>,
}

impl Header {
    fn of(event: &Recorded, previous: Hash, with_payload: bool) -> Header {
        Header {
            position: event.position,
            stream: event.stream.to_string(),
            version: event.version,
            about: event.about,
            id: event.id,
            event_type: event.event_type.clone(),
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
            payload: with_payload.then(|| event.payload.clone()),
        }
    }

    /// What the chain makes of it; an error when it is not written as receipts are.
    fn hash(&self) -> Result<Hash, ReceiptError> {
        if let Some(payload) = &self.payload
            && chain::digest(payload) != self.digest.0
        {
            let why = "the payload is not the one of this digest";
            return Err(ReceiptError::Malformed(why));
        }
        // the chain takes these for something else that is the same to it
        let exact = |time: DateTime<Utc>| time.timestamp_subsec_nanos().is_multiple_of(1_000);
        let is_exact = self.about != Some(0)
            && self.key_id != Some(Uuid::nil())
            && self.causation != Some(Uuid::nil())
            && exact(self.occurred_at)
            && exact(self.recorded_at);
        if !is_exact {
            return Err(ReceiptError::Malformed("it is not written as receipts are"));
        }
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

impl Receipt {
    /// A receipt that somebody shows, and the checkpoint that one of these keys has signed.
    pub fn accept(text: &str, keys: &[PublicKey]) -> Result<(Receipt, Checkpoint), ReceiptError> {
        let receipt: Receipt = serde_json::from_str(text)?;
        if receipt.format != FORMAT {
            return Err(ReceiptError::Malformed("it is no receipt of this kind"));
        }
        if serde_json::to_value(&receipt)? != serde_json::from_str::<Value>(text)? {
            return Err(ReceiptError::Malformed("it is not written as receipts are"));
        }
        let checkpoint = Checkpoint::open(&receipt.checkpoint, keys)?;
        let hashes: Vec<Hash> = receipt.proof.iter().map(|hash| hash.0).collect();
        let hash = receipt.event.hash()?;
        proof::check_inclusion(&hash, receipt.event.position, &checkpoint, &hashes)
            .map_err(ReceiptError::NotInTheTree)?;
        Ok((receipt, checkpoint))
    }
}

/// Writes receipts under one checkpoint.
pub struct Receipts {
    note: String,
    checkpoint: Checkpoint,
    known: Known,
}

impl Receipts {
    /// Under the first checkpoint that covers a position; none: it is not signed yet.
    pub async fn covering(
        connection: &mut PgConnection,
        position: i64,
    ) -> Result<Option<Receipts>, ReceiptError> {
        Receipts::under(store::note_covering(connection, position).await?)
    }

    /// Under the newest checkpoint.
    pub async fn newest(connection: &mut PgConnection) -> Result<Option<Receipts>, ReceiptError> {
        Receipts::under(store::latest_note(connection).await?)
    }

    fn under(note: Option<String>) -> Result<Option<Receipts>, ReceiptError> {
        let Some(note) = note else { return Ok(None) };
        Ok(Some(Receipts {
            checkpoint: Checkpoint::read(&Note::parse(&note)?)?,
            note,
            known: Known::default(),
        }))
    }

    /// Events of the checkpoint's tree: later ones have no receipt here.
    pub fn size(&self) -> i64 {
        self.checkpoint.size
    }

    /// A receipt for each of some events, which the checkpoint must cover.
    pub async fn write(
        &mut self,
        connection: &mut PgConnection,
        events: &[Recorded],
        with_payload: bool,
    ) -> Result<Vec<Receipt>, ReceiptError> {
        let before: Vec<i64> = events.iter().map(|event| event.position - 1).collect();
        let mut previous: HashMap<i64, Hash> = store::hashes_at(connection, &before)
            .await?
            .into_iter()
            .collect();
        previous.insert(0, chain::GENESIS);
        let mut receipts = Vec::with_capacity(events.len());
        for event in events {
            let position = event.position;
            let hashes =
                proof::prove(connection, position, self.checkpoint.size, &mut self.known).await?;
            proof::check_inclusion(&event.hash, position, &self.checkpoint, &hashes)
                .map_err(ReceiptError::NotWhatWasSigned)?;
            let previous = previous.get(&(position - 1)).copied();
            receipts.push(Receipt {
                format: FORMAT.to_owned(),
                event: Header::of(event, previous.ok_or(ProofError::Incomplete)?, with_payload),
                proof: hashes.into_iter().map(Bytes).collect(),
                checkpoint: self.note.clone(),
            });
        }
        Ok(receipts)
    }
}

/// A hash, in base64.
pub struct Bytes(pub Hash);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        deserializer.deserialize_str(Base64)
    }
}

struct Base64;

impl de::Visitor<'_> for Base64 {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("32 bytes in base64")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Bytes, E> {
        let bytes = BASE64_STANDARD.decode(text).ok();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(Bytes)
            .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}
