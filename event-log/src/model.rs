//! What the log must know of its user: how events fold into the state of a
//! stream, and their stored form. The log itself knows nothing of films.

use std::fmt;

use sealing::Keys;
use thiserror::Error;
use uuid::Uuid;

use crate::event::{About, Encoded, Expected, Stored, StreamName};

/// The user's events and states. All functions are pure.
pub trait Model: Send + Sync + 'static {
    type Event: Send + Sync;
    /// The state of one stream; `Default` is the state before its first event.
    /// It is cloned once per batch that touches it, so it stays small.
    type State: Clone + Default + Send + Sync;
    /// Why a rule said no.
    type Refusal: fmt::Debug + Send;

    /// The stream that an event belongs to.
    fn stream(event: &Self::Event) -> StreamName;
    fn evolve(state: &mut Self::State, event: &Self::Event);
    /// Which part of its stream the event belongs to, where streams have parts. A part is
    /// decided on like a small stream of its own. A whole stream is loaded with its newest
    /// [`RECENT_PARTS`](crate::RECENT_PARTS) beginnings of parts alone, so older ones and what
    /// else is about a part must not matter to its state.
    fn about(_: &Self::Event) -> Option<About> {
        None
    }
    /// As `evolve`, for the state of a part.
    fn evolve_part(state: &mut Self::State, event: &Self::Event) {
        Self::evolve(state, event);
    }
    /// The stored form under this id. `keys` are those of the command; an error is a bug, as
    /// that command should have brought the key.
    fn encode(event: &Self::Event, id: Uuid, keys: &Keys) -> Result<Encoded, String>;
    fn decode(stored: Stored<'_>, keys: &Keys) -> Result<Self::Event, DecodeError>;

    /// Says which form and meaning the states in snapshots have: those of another shape are not
    /// used. It must change when a state's form does, and when `evolve` makes something else of
    /// the same events. Empty: no snapshots are kept. States that are hold no members' words:
    /// snapshots outlive keys.
    const SNAPSHOT_SHAPE: &'static str = "";
    fn write_snapshot(_: &Self::State) -> String {
        String::new()
    }
    /// None: it can't be read, and the stream is read instead.
    fn read_snapshot(_: &str) -> Option<Self::State> {
        None
    }
}

/// An event that is stored in a form which the running code does not know.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct DecodeError(pub String);

/// A pure decision: from the states of the declared streams to the events that
/// are to be recorded. No events: the command changes nothing. It may be asked
/// again (when another node was faster), and must then decide anew.
pub type Decide<M> =
    Box<dyn Fn(&Streams<'_, M>) -> Result<Vec<<M as Model>::Event>, <M as Model>::Refusal> + Send>;

/// In the place of a digest: nothing tells what was asked from anything else, as there is no body, or
/// as it was forgotten.
pub const NO_DIGEST: [u8; 32] = [0; 32];

/// A command on its way to the sequencer.
pub struct Command<M: Model> {
    /// Made by the client; the same id of the same actor is the same command.
    pub id: Uuid,
    pub actor: Uuid,
    /// Keyed digest of the body: the same id with another body is refused. Beside [`NO_DIGEST`] any
    /// body is the same.
    pub digest: [u8; 32],
    pub correlation: Uuid,
    pub causation: Option<Uuid>,
    pub occurred_at: chrono::DateTime<chrono::Utc>,
    /// All streams and parts of streams that `decide` looks at, or that its events belong to.
    pub streams: Vec<StreamName>,
    /// Versions that the caller insists on, checked before `decide`.
    pub expected: Vec<(StreamName, Expected)>,
    /// Those under which its events are sealed: what is decided waits for no vault.
    pub keys: Keys,
    pub decide: Decide<M>,
}

/// What a decision sees: the declared streams, as they are at its turn.
pub struct Streams<'a, M: Model> {
    pub(crate) entries: &'a [(StreamName, i64, std::sync::Arc<M::State>)],
}

impl<M: Model> Streams<'_, M> {
    /// The state of a declared stream.
    pub fn state(&self, stream: &StreamName) -> &M::State {
        &self.entry(stream).2
    }

    /// The state of the stream that was declared as this one, counted from 0.
    pub fn nth(&self, index: usize) -> &M::State {
        &self.entries[index].2
    }

    /// The version of a declared stream (of a part: its last event's); 0 when it has no event.
    pub fn version(&self, stream: &StreamName) -> i64 {
        self.entry(stream).1
    }

    fn entry(&self, stream: &StreamName) -> &(StreamName, i64, std::sync::Arc<M::State>) {
        self.entries
            .iter()
            .find(|(name, _, _)| name == stream)
            .expect("a decision looks only at streams that its command declares")
    }
}

/// Why a command was not accepted.
#[derive(Debug, Error)]
pub enum AppendError<R: fmt::Debug> {
    /// A rule said no.
    #[error("refused: {0:?}")]
    Refused(R),
    /// A stream is not where the caller insisted that it be.
    #[error("{stream} is at version {actual}, not as expected ({expected:?})")]
    Conflict {
        stream: StreamName,
        expected: Expected,
        actual: i64,
    },
    /// The id was used for another body before.
    #[error("this command id was used for another request")]
    IdReused,
    /// Not accepted in time. It may have been recorded all the same: ask again
    /// with the same id.
    #[error("the log is busy; ask again with the same command id")]
    Busy,
    /// A bug or an unforeseen state; concerns this command alone.
    #[error("{0}")]
    Internal(String),
}
