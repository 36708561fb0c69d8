//! From a command to its events: decided on the states as they are at its turn, checked, placed and
//! chained.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Batch, MAX_PAYLOAD_BYTES, Planner, Request, Verdict};
use crate::chain;
use crate::event::{About, Encoded, Recorded, StreamName, stored_time};
use crate::model::{AppendError, Command, Model, Streams};
use crate::snapshot::{SNAPSHOT_EVERY, Snapshot};
use crate::store::{Head, StoredCommand};

/// A decided event beside its stream, what it is about, its id and its stored form.
type ToRecord<M> = (
    <M as Model>::Event,
    StreamName,
    Option<About>,
    Uuid,
    Encoded,
);

impl<M: Model> Planner<M> {
    /// Plans a command whose streams are all loaded behind what the batch holds.
    pub fn plan(&mut self, batch: &mut Batch<M>, request: Request<M>) {
        let now = stored_time((self.clock)()).max(self.head.recorded_at);
        let verdict = match self.decide(&request.command, now) {
            Ok(events) => Verdict::Accepted(self.accept(batch, &request.command, now, events)),
            Err(error) => Verdict::Refused(error),
        };
        batch.planned.push((request, verdict));
    }

    fn decide(
        &mut self,
        command: &Command<M>,
        at: DateTime<Utc>,
    ) -> Result<Vec<ToRecord<M>>, AppendError<M::Refusal>> {
        let mut seen = Vec::with_capacity(command.streams.len());
        for name in &command.streams {
            let entry = self.cache.get(name).expect("planned only when loaded");
            seen.push((name.clone(), entry.version, entry.state.clone()));
        }
        for (stream, expected) in &command.expected {
            let found = seen.iter().find(|(name, _, _)| name == stream);
            let actual = found.map_or(0, |(_, version, _)| *version);
            if !expected.holds_at(actual) {
                return Err(AppendError::Conflict {
                    stream: stream.clone(),
                    expected: *expected,
                    actual,
                });
            }
        }
        let streams = Streams { entries: &seen };
        let events = catch_unwind(AssertUnwindSafe(|| (command.decide)(&streams)))
            .map_err(|_| AppendError::Internal("the decision panicked".into()))?
            .map_err(AppendError::Refused)?;
        events
            .into_iter()
            .enumerate()
            .map(|(ordinal, event)| {
                let id = event_id(command, ordinal, at);
                checked(command, &streams, id, event)
            })
            .collect()
    }

    fn accept(
        &mut self,
        batch: &mut Batch<M>,
        command: &Command<M>,
        recorded_at: DateTime<Utc>,
        events: Vec<ToRecord<M>>,
    ) -> usize {
        let count = i32::try_from(events.len()).expect("a command records few events");
        for (event, stream, about, id, encoded) in events {
            let entry = self.touch(batch, &stream);
            let version = entry.version + 1;
            entry.evolve(&stream, &event, version);
            let about = about.map(|about| about.version(version));
            if let Some(part) = about.map(|about| stream.part(about)) {
                self.touch(batch, &part).evolve(&part, &event, version);
            }
            let mut recorded = Recorded {
                position: self.head.position + 1,
                stream,
                version,
                about,
                id,
                event_type: encoded.event_type.to_owned(),
                schema_version: encoded.schema_version,
                payload: encoded.payload,
                key_id: encoded.key_id,
                actor: command.actor,
                command: command.id,
                correlation: command.correlation,
                causation: command.causation,
                occurred_at: stored_time(command.occurred_at),
                recorded_at,
                hash: [0; 32],
            };
            recorded.hash = chain::hash(&self.head.hash, &recorded);
            self.head = Head::of(&recorded);
            batch.bytes += recorded.payload.len();
            if version % SNAPSHOT_EVERY == 0 {
                let entry = self.touch(batch, &recorded.stream);
                let read = (&entry.state, entry.forgotten);
                let snapshot = Snapshot::of(&recorded.stream, &recorded, read);
                batch.snapshots.extend(snapshot);
            }
            Arc::make_mut(&mut batch.events).push(Arc::new(recorded));
        }
        let commands = Arc::make_mut(&mut batch.commands);
        commands.push(StoredCommand {
            id: command.id,
            actor: command.actor,
            position: self.head.position,
            events: count,
            digest: command.digest.to_vec(),
        });
        commands.len() - 1
    }
}

fn checked<M: Model>(
    command: &Command<M>,
    seen: &Streams<'_, M>,
    id: Uuid,
    event: M::Event,
) -> Result<ToRecord<M>, AppendError<M::Refusal>> {
    let stream = M::stream(&event);
    if !command.streams.contains(&stream) {
        return Err(AppendError::Internal(format!(
            "an event belongs to {stream}, which its command does not declare"
        )));
    }
    let about = M::about(&event);
    if let Some(About::Version(version)) = about {
        let part = stream.part(version);
        if !command.streams.contains(&part) || seen.version(&part) == 0 {
            return Err(AppendError::Internal(format!(
                "an event is about {part}, which its command does not declare or which is not there"
            )));
        }
    }
    let encoded = M::encode(&event, id, &command.keys).map_err(AppendError::Internal)?;
    if encoded.payload.len() > MAX_PAYLOAD_BYTES {
        return Err(AppendError::Internal(format!(
            "an event of {} bytes is over the bound of {MAX_PAYLOAD_BYTES}",
            encoded.payload.len()
        )));
    }
    Ok((event, stream, about, id, encoded))
}

/// A UUIDv7 without dice: its random part is derived from the command, so that
/// a batch that is planned again gives its events other times but never two
/// events one id.
fn event_id<M: Model>(command: &Command<M>, ordinal: usize, at: DateTime<Utc>) -> Uuid {
    let mut sha = Sha256::new();
    sha.update(command.id.as_bytes());
    sha.update(command.actor.as_bytes());
    sha.update(ordinal.to_be_bytes());
    let digest = sha.finalize();
    let random: [u8; 10] = digest[..10].try_into().expect("a digest has 32 bytes");
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
