//! Planning: commands become events with positions, versions and hashes, on top
//! of what is planned already. No I/O: the sequencer commits what is planned
//! here, or takes it back.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use lru::LruCache;
use sealing::Keys;
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

use crate::chain;
use crate::event::{Encoded, Recorded, StreamName, stored_time};
use crate::model::{AppendError, Command, DecodeError, Model, Streams};
use crate::store::{Head, StoredCommand};

/// Streams whose state a node keeps; beyond it the longest unused is dropped
/// and loaded again when it is needed.
pub const MAX_CACHED_STREAMS: usize = 65_536;
/// A larger payload is refused: one event must fit everywhere (frames, pages of
/// a read, an export's line).
pub const MAX_PAYLOAD_BYTES: usize = 256 * 1024;

pub(crate) type Answer<M> = Result<crate::event::Accepted, AppendError<<M as Model>::Refusal>>;

/// A decided event beside its stream, its id and its stored form.
type ToRecord<M> = (<M as Model>::Event, StreamName, Uuid, Encoded);

/// The clock that stamps `recorded_at`.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

pub(crate) struct Entry<M: Model> {
    version: i64,
    state: Arc<M::State>,
}

impl<M: Model> Clone for Entry<M> {
    fn clone(&self) -> Self {
        Entry {
            version: self.version,
            state: self.state.clone(),
        }
    }
}

impl<M: Model> Entry<M> {
    fn empty() -> Self {
        Entry {
            version: 0,
            state: Arc::default(),
        }
    }

    fn evolve(&mut self, event: &M::Event) {
        M::evolve(Arc::make_mut(&mut self.state), event);
        self.version += 1;
    }
}

/// A command and who waits for its answer.
pub(crate) struct Request<M: Model> {
    pub command: Command<M>,
    pub reply: oneshot::Sender<Answer<M>>,
    /// After it the answer is *busy*.
    pub deadline: Instant,
}

impl<M: Model> Request<M> {
    pub fn key(&self) -> (Uuid, Uuid) {
        (self.command.id, self.command.actor)
    }
}

/// Commands planned to be committed together. The vectors are shared with the
/// commit while it runs.
pub(crate) struct Batch<M: Model> {
    /// Where the log must stand for this batch to be true.
    pub base: Head,
    /// In the order of planning; each with its verdict, which holds once the
    /// batch is committed (a refusal may rest on an event of this batch).
    pub planned: Vec<(Request<M>, Verdict<M>)>,
    pub commands: Arc<Vec<StoredCommand>>,
    pub events: Arc<Vec<Arc<Recorded>>>,
    /// What the touched streams were before this batch.
    undo: HashMap<StreamName, Entry<M>>,
}

pub(crate) enum Verdict<M: Model> {
    /// Index into `Batch::commands`.
    Accepted(usize),
    Refused(AppendError<M::Refusal>),
}

impl<M: Model> Batch<M> {
    pub fn new(base: Head) -> Self {
        Batch {
            base,
            planned: Vec::new(),
            commands: Arc::default(),
            events: Arc::default(),
            undo: HashMap::new(),
        }
    }

    /// The ids of the refused commands: each may have been accepted before.
    pub fn refused(&self) -> Vec<(Uuid, Uuid)> {
        let refused = |(request, verdict): &(Request<M>, Verdict<M>)| {
            matches!(verdict, Verdict::Refused(_)).then(|| request.key())
        };
        self.planned.iter().filter_map(refused).collect()
    }
}

/// The head and the states as they will be once all that is planned is
/// committed.
pub(crate) struct Planner<M: Model> {
    head: Head,
    cache: LruCache<StreamName, Entry<M>>,
    clock: Clock,
}

impl<M: Model> Planner<M> {
    pub fn new(head: Head, clock: Clock) -> Self {
        Planner {
            head,
            cache: LruCache::unbounded(),
            clock,
        }
    }

    pub fn head(&self) -> Head {
        self.head
    }

    /// Which of these streams must be loaded first.
    pub fn missing(&self, streams: &[StreamName]) -> Vec<StreamName> {
        let unknown = |stream: &&StreamName| !self.cache.contains(*stream);
        streams.iter().filter(unknown).cloned().collect()
    }

    /// Takes in the events of loaded streams. Streams without any are empty.
    /// A stream with an event that this code can't read stays unloaded; the
    /// error names the first.
    pub fn load(
        &mut self,
        streams: &[StreamName],
        events: &[Recorded],
        keys: &Keys,
    ) -> Result<(), DecodeError> {
        let mut loaded: HashMap<&StreamName, Entry<M>> =
            streams.iter().map(|name| (name, Entry::empty())).collect();
        let mut unreadable = Ok(());
        for event in events {
            match M::decode(event.stored(), keys) {
                Ok(decoded) => {
                    if let Some(entry) = loaded.get_mut(&event.stream) {
                        entry.evolve(&decoded);
                    }
                }
                Err(error) => {
                    loaded.remove(&event.stream);
                    unreadable = unreadable.and(Err(error));
                }
            }
        }
        for (stream, entry) in loaded {
            self.cache.put(stream.clone(), entry);
        }
        unreadable
    }

    /// Takes in an event that another node committed. Without its key the stream is loaded
    /// again when it is needed.
    pub fn fold(&mut self, event: &Recorded, keys: &Keys) {
        self.head = Head::of(event);
        let Some(entry) = self.cache.peek_mut(&event.stream) else {
            return;
        };
        if entry.version >= event.version {
            return; // it was loaded after this event
        }
        match M::decode(event.stored(), keys) {
            Ok(decoded) if entry.version + 1 == event.version => entry.evolve(&decoded),
            // loading it again says what is wrong
            _ => drop(self.cache.pop(&event.stream)),
        }
    }

    /// Forgets all states and stands at `head`.
    pub fn reset(&mut self, head: Head) {
        self.cache.clear();
        self.head = head;
    }

    /// Plans a command whose streams are all loaded behind what the batch holds.
    pub fn plan(&mut self, batch: &mut Batch<M>, request: Request<M>) {
        let now = stored_time((self.clock)()).max(self.head.recorded_at);
        let verdict = match self.decide(&request.command, now) {
            Ok(events) => Verdict::Accepted(self.accept(batch, &request.command, now, events)),
            Err(error) => Verdict::Refused(error),
        };
        batch.planned.push((request, verdict));
    }

    /// Takes a batch back: the states are what they were before it. Batches are
    /// taken back in the reverse order of planning.
    pub fn take_back(&mut self, batch: &mut Batch<M>) {
        for (stream, entry) in batch.undo.drain() {
            self.cache.put(stream, entry);
        }
        self.head = batch.base;
    }

    /// Drops the longest unused states beyond the bound, but none that an
    /// uncommitted batch has touched: the table does not have those yet.
    pub fn trim(&mut self, uncommitted: &[&Batch<M>]) {
        let mut kept = Vec::new();
        while self.cache.len() + kept.len() > MAX_CACHED_STREAMS {
            let Some((stream, entry)) = self.cache.pop_lru() else {
                break;
            };
            if uncommitted
                .iter()
                .any(|batch| batch.undo.contains_key(&stream))
            {
                kept.push((stream, entry));
            }
        }
        for (stream, entry) in kept {
            self.cache.put(stream, entry);
        }
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
            .map(|(ordinal, event)| checked(command, event_id(command, ordinal, at), event))
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
        for (event, stream, id, encoded) in events {
            let entry = self
                .cache
                .get_mut(&stream)
                .expect("checked: a declared stream");
            batch
                .undo
                .entry(stream.clone())
                .or_insert_with(|| entry.clone());
            entry.evolve(&event);
            let mut recorded = Recorded {
                position: self.head.position + 1,
                stream,
                version: entry.version,
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
    id: Uuid,
    event: M::Event,
) -> Result<ToRecord<M>, AppendError<M::Refusal>> {
    let stream = M::stream(&event);
    if !command.streams.contains(&stream) {
        return Err(AppendError::Internal(format!(
            "an event belongs to {stream}, which its command does not declare"
        )));
    }
    let encoded = M::encode(&event, id, &command.keys).map_err(AppendError::Internal)?;
    if encoded.payload.len() > MAX_PAYLOAD_BYTES {
        return Err(AppendError::Internal(format!(
            "an event of {} bytes is over the bound of {MAX_PAYLOAD_BYTES}",
            encoded.payload.len()
        )));
    }
    Ok((event, stream, id, encoded))
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

#[cfg(test)]
mod tests;
