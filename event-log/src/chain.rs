//! The hash chain: each event's hash covers the one before it, so that any
//! edit, deletion, insertion or reordering changes every hash behind it.

use sha2::{Digest, Sha256};

use crate::event::Recorded;

/// The hash before the first event.
pub const GENESIS: [u8; 32] = [0; 32];

/// SHA-256(previous hash ‖ canonical header ‖ SHA-256(payload)).
///
/// Canonical header: position, version, the version it is about, id, type, schema version, stream, key,
/// actor, command, correlation, causation and both times; numbers big-endian,
/// texts behind their length (u32), absent ids as 16 zero bytes, nothing as version 0, times as
/// microseconds since 1970.
pub fn hash(previous: &[u8; 32], event: &Recorded) -> [u8; 32] {
    hash_header(previous, event, &digest(&event.payload))
}

/// What the chain covers of a payload.
pub fn digest(payload: &str) -> [u8; 32] {
    Sha256::digest(payload.as_bytes()).into()
}

/// As [`hash`], by the payload's digest alone: who shows that an event was recorded
/// need not show what it says.
pub fn hash_header(previous: &[u8; 32], event: &Recorded, payload: &[u8; 32]) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(previous);
    sha.update(event.position.to_be_bytes());
    sha.update(event.version.to_be_bytes());
    sha.update(event.about.unwrap_or_default().to_be_bytes());
    sha.update(event.id.as_bytes());
    update_text(&mut sha, &event.event_type);
    sha.update(event.schema_version.to_be_bytes());
    update_text(&mut sha, event.stream.as_str());
    sha.update(event.key_id.unwrap_or_default().as_bytes());
    sha.update(event.actor.as_bytes());
    sha.update(event.command.as_bytes());
    sha.update(event.correlation.as_bytes());
    sha.update(event.causation.unwrap_or_default().as_bytes());
    sha.update(event.occurred_at.timestamp_micros().to_be_bytes());
    sha.update(event.recorded_at.timestamp_micros().to_be_bytes());
    sha.update(payload);
    sha.finalize().into()
}

fn update_text(sha: &mut Sha256, text: &str) {
    let length = u32::try_from(text.len()).expect("names and types are short");
    sha.update(length.to_be_bytes());
    sha.update(text.as_bytes());
}
