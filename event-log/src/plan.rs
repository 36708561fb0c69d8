//! Planning: commands become events with positions, versions and hashes, on top
//! of what is planned already. No I/O: the sequencer commits what is planned
//! here, or takes it back.

mod deciding;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use lru::LruCache;
use sealing::Keys;
use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

use crate::event::{Recorded, StreamName};
use crate::load::Loaded;
use crate::model::{AppendError, Command, DecodeError, Model};
use crate::snapshot::{SNAPSHOT_EVERY, Snapshot};
use crate::store::{Head, StoredCommand};

/// Streams and parts of streams whose state a node keeps; beyond it the longest unused is dropped
/// and loaded again when it is needed.
pub const MAX_CACHED_STREAMS: usize = 65_536;
/// A larger payload is refused: one event must fit everywhere (frames, pages of
/// a read, an export's line).
pub const MAX_PAYLOAD_BYTES: usize = 256 * 1024;
/// Payloads that are committed at once; behind so many a command waits for the next batch. What one
/// command records is never parted: a batch may be larger by the events of its last.
pub const MAX_BATCH_BYTES: usize = 8 * 1024 * 1024;

pub(crate) type Answer<M> = Result<crate::event::Accepted, AppendError<<M as Model>::Refusal>>;

/// The clock that stamps `recorded_at`.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

pub(crate) struct Entry<M: Model> {
    version: i64,
    state: Arc<M::State>,
    /// Who was forgotten up to this position is not in it.
    forgotten: i64,
}

impl<M: Model> Clone for Entry<M> {
    fn clone(&self) -> Self {
        Entry {
            state: self.state.clone(),
            ..*self
        }
    }
}

impl<M: Model> Entry<M> {
    fn empty(forgotten: i64) -> Self {
        Entry {
            version: 0,
            state: Arc::default(),
            forgotten,
        }
    }

    fn of(snapshot: &Snapshot<M>, forgotten: i64) -> Self {
        Entry {
            version: snapshot.version,
            state: snapshot.state.clone(),
            forgotten,
        }
    }

    /// Takes in the event of a version of the stream `name`, or of one of its parts.
    fn evolve(&mut self, name: &StreamName, event: &M::Event, version: i64) {
        let state = Arc::make_mut(&mut self.state);
        match name.split() {
            (_, None) => M::evolve(state, event),
            (_, Some(_)) => M::evolve_part(state, event),
        }
        self.version = version;
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
    /// Of the events' payloads.
    bytes: usize,
    /// What the touched streams and parts were before this batch; `None`: not known.
    undo: HashMap<StreamName, Option<Entry<M>>>,
    /// To be kept once the batch is committed.
    pub snapshots: Vec<Snapshot<M>>,
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
            bytes: 0,
            undo: HashMap::new(),
            snapshots: Vec::new(),
        }
    }

    /// Whether it may take another command.
    pub fn has_room(&self) -> bool {
        self.bytes < MAX_BATCH_BYTES
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
    /// Up to this position members were forgotten, as far as it has been told.
    forgotten: i64,
    /// States from before, which could not be dropped yet.
    stale: Vec<StreamName>,
    clock: Clock,
}

impl<M: Model> Planner<M> {
    pub fn new(head: Head, clock: Clock) -> Self {
        Planner {
            head,
            cache: LruCache::unbounded(),
            forgotten: 0,
            stale: Vec::new(),
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

    /// Takes in loaded streams and parts. Those without any events are empty. One with an
    /// event that this code can't read stays unloaded; the error names the first. One that is
    /// there by now was begun by what is planned: it stays.
    ///
    /// Gives snapshots of those that were long to read.
    pub fn load(&mut self, read: &Loaded<M>) -> (Vec<Snapshot<M>>, Result<(), DecodeError>) {
        let mut loaded: HashMap<&StreamName, Entry<M>> = read
            .streams
            .iter()
            .map(|s| (s, Entry::empty(read.forgotten)))
            .collect();
        for snapshot in &read.snapshots {
            loaded.insert(&snapshot.stream, Entry::of(snapshot, read.forgotten));
        }
        let mut read_events: HashMap<&StreamName, (i64, &Recorded)> = HashMap::new();
        let mut unreadable = Ok(());
        for (name, event) in &read.events {
            match M::decode(event.stored(), &read.keys) {
                Ok(decoded) => {
                    if let Some(entry) = loaded.get_mut(name) {
                        entry.evolve(name, &decoded, event.version);
                        let count = read_events.get(name).map_or(1, |(count, _)| count + 1);
                        read_events.insert(name, (count, event));
                    }
                }
                Err(error) => {
                    loaded.remove(name);
                    unreadable = unreadable.and(Err(error));
                }
            }
        }
        let mut long = Vec::new();
        for (name, entry) in loaded {
            if let Some((SNAPSHOT_EVERY.., last)) = read_events.get(name) {
                long.extend(Snapshot::of(name, last, (&entry.state, entry.forgotten)));
            }
            self.cache.get_or_insert(name.clone(), || entry);
        }
        (long, unreadable)
    }

    /// Takes in an event that another node committed. Without its key the stream is loaded
    /// again when it is needed.
    pub fn fold(&mut self, event: &Recorded, keys: &Keys) {
        self.head = Head::of(event);
        let part = event.about.map(|version| event.stream.part(version));
        for name in [Some(event.stream.clone()), part].into_iter().flatten() {
            let Some(entry) = self.cache.peek_mut(&name) else {
                continue;
            };
            if entry.version >= event.version {
                continue; // it was loaded after this event
            }
            // a part has only some of its stream's versions
            let follows = name != event.stream || entry.version + 1 == event.version;
            match M::decode(event.stored(), keys) {
                Ok(decoded) if follows => entry.evolve(&name, &decoded, event.version),
                // loading it again says what is wrong
                _ => drop(self.cache.pop(&name)),
            }
        }
    }

    /// Forgets these states, of which nothing is planned.
    pub fn forget(&mut self, streams: &[StreamName]) {
        for stream in streams {
            self.cache.pop(stream);
        }
    }

    /// Forgets all states and stands at `head`.
    pub fn reset(&mut self, head: Head) {
        self.cache.clear();
        self.head = head;
    }

    /// Takes a batch back: the states are what they were before it. Batches are
    /// taken back in the reverse order of planning.
    pub fn take_back(&mut self, batch: &mut Batch<M>) {
        for (name, before) in batch.undo.drain() {
            match before {
                Some(entry) => drop(self.cache.put(name, entry)),
                None => drop(self.cache.pop(&name)),
            }
        }
        self.head = batch.base;
    }

    /// Drops the longest unused states beyond the bound, and those that were read before somebody was
    /// forgotten, which no snapshot may be made of. But none that an uncommitted batch has touched:
    /// the table does not have those yet. Nor one that is being loaded: it was begun since, and the
    /// load may not have that.
    pub fn trim(&mut self, uncommitted: &[&Batch<M>], loading: &[StreamName], forgotten: i64) {
        let is_held = |stream: &StreamName| {
            let touched = |batch: &&Batch<M>| batch.undo.contains_key(stream);
            uncommitted.iter().any(touched) || loading.contains(stream)
        };
        if forgotten != self.forgotten {
            self.forgotten = forgotten;
            let all = self.cache.iter();
            let stale = all.filter(|(_, entry)| entry.forgotten < forgotten);
            self.stale = stale.map(|(name, _)| name.clone()).collect();
        }
        let (held, free): (Vec<_>, Vec<_>) = self.stale.drain(..).partition(is_held);
        self.stale = held;
        self.forget(&free);
        let mut kept = Vec::new();
        while self.cache.len() + kept.len() > MAX_CACHED_STREAMS {
            let Some((stream, entry)) = self.cache.pop_lru() else {
                break;
            };
            if is_held(&stream) {
                kept.push((stream, entry));
            }
        }
        for (stream, entry) in kept {
            self.cache.put(stream, entry);
        }
    }

    /// The state that is about to change, after the batch has noted what it was. A part
    /// that nobody knows yet begins here: its stream had no such version.
    fn touch(&mut self, batch: &mut Batch<M>, name: &StreamName) -> &mut Entry<M> {
        if !batch.undo.contains_key(name) {
            let before = self.cache.peek(name).cloned();
            batch.undo.insert(name.clone(), before);
        }
        let forgotten = self.forgotten;
        self.cache
            .get_or_insert_mut(name.clone(), || Entry::empty(forgotten))
    }
}

#[cfg(test)]
mod tests;
