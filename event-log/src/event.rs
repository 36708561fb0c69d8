//! What is appended and what is read: streams, events, commands' answers.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

/// The name of a stream, `category-id`. A stream is an aggregate: its versions
/// are 1, 2, 3 … without a gap.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamName(Arc<str>);

impl StreamName {
    pub fn new(category: &str, id: Uuid) -> StreamName {
        StreamName(format!("{category}-{id}").into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of one part of this stream: the event of that version and all that is
    /// about it. It stands where a stream's name stands in a command.
    pub fn part(&self, version: i64) -> StreamName {
        StreamName(format!("{self}@{version}").into())
    }

    /// The stream's own name and, of a part, the version.
    pub(crate) fn split(&self) -> (&str, Option<i64>) {
        let part = self.0.rsplit_once('@');
        let part = part.and_then(|(stream, version)| Some((stream, version.parse().ok()?)));
        part.map_or((self.as_str(), None), |(stream, version)| {
            (stream, Some(version))
        })
    }
}

impl From<String> for StreamName {
    fn from(text: String) -> StreamName {
        StreamName(text.into())
    }
}

impl From<&str> for StreamName {
    fn from(text: &str) -> StreamName {
        StreamName(text.into())
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An event as it is stored: never changed, read the same by everyone for ever.
#[derive(Clone, PartialEq)]
pub struct Recorded {
    /// 1, 2, 3 … over the whole log, in commit order.
    pub position: i64,
    pub stream: StreamName,
    /// 1, 2, 3 … in the stream.
    pub version: i64,
    /// The version in its stream that it is about; its own, if it begins a part.
    pub about: Option<i64>,
    /// UUIDv7.
    pub id: Uuid,
    pub event_type: String,
    pub schema_version: i16,
    /// JSON, byte for byte as it was appended.
    pub payload: String,
    pub key_id: Option<Uuid>,
    pub actor: Uuid,
    pub command: Uuid,
    pub correlation: Uuid,
    pub causation: Option<Uuid>,
    /// When it happened, as the command says.
    pub occurred_at: DateTime<Utc>,
    /// When it was recorded; never decreases from position to position.
    pub recorded_at: DateTime<Utc>,
    /// SHA-256 over the previous event's hash and this event.
    pub hash: [u8; 32],
}

/// Says where and what, never the payload: it may hold a member's words.
impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "#{} {}@{} {}",
            self.position, self.stream, self.version, self.event_type
        )
    }
}

/// What an event of a large stream is about: which part of the stream it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// It begins a part: others can be about it.
    Itself,
    /// The event of this version, which began a part.
    Version(i64),
}

impl About {
    pub(crate) fn version(self, own: i64) -> i64 {
        match self {
            About::Itself => own,
            About::Version(version) => version,
        }
    }
}

/// An event's stored form, as its model writes it.
#[derive(Clone, Debug)]
pub struct Encoded {
    pub event_type: &'static str,
    pub schema_version: i16,
    /// A JSON text.
    pub payload: String,
    pub key_id: Option<Uuid>,
}

/// An event's stored form, as its model reads it.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    pub id: Uuid,
    /// Of the key under which its fields are sealed.
    pub key_id: Option<Uuid>,
    pub event_type: &'a str,
    pub schema_version: i16,
    pub payload: &'a str,
}

impl Recorded {
    pub fn stored(&self) -> Stored<'_> {
        Stored {
            id: self.id,
            key_id: self.key_id,
            event_type: &self.event_type,
            schema_version: self.schema_version,
            payload: &self.payload,
        }
    }
}

/// What a stream must look like for a command to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The stream has no event yet.
    NoStream,
    /// The stream is at this version.
    Exactly(i64),
    /// Anything goes: only where no event can invalidate another.
    Any,
}

impl Expected {
    pub fn holds_at(self, version: i64) -> bool {
        match self {
            Expected::NoStream => version == 0,
            Expected::Exactly(expected) => version == expected,
            Expected::Any => true,
        }
    }
}

/// The answer to an accepted command, stored for ever under its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Where the log stood: whoever reads at this position sees the effect.
    pub position: i64,
    /// How many events it recorded; they end at `position`. None: unchanged.
    pub events: i32,
    /// The command had been accepted before; this is the stored answer.
    pub again: bool,
}

/// PostgreSQL keeps microseconds; a hash over more would not verify.
pub(crate) fn stored_time(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(6)
}
