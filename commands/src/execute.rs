//! From a command to the log: the one way in which anything is recorded.

use chrono::{DateTime, Utc};
use domain::{Event, MemberId, Part, State, Stream};
use event_log::{
    About, Accepted, AppendError, Decide, DecodeError, Encoded, Keyring, KeyringError, Model,
    Stored, StreamName, Streams,
};
use sealing::Keys;
use uuid::Uuid;

use crate::{Command, Refused, Seen};

/// What the log must know of Reeltime.
pub struct Reeltime;

/// The node's sequencer: decides and records commands.
pub type Sequencer = event_log::Sequencer<Reeltime>;

/// Who asks, under which id, and when: made at the edge, passed in.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The command's id: the same id of the same actor is the same command.
    pub id: Uuid,
    /// Nil: nobody who is signed in.
    pub actor: Uuid,
    /// Keyed digest of the request's body.
    pub digest: [u8; 32],
    pub at: DateTime<Utc>,
    /// The request that this belongs to.
    pub correlation: Uuid,
    /// The event that this follows from, when no person asked.
    pub causation: Option<Uuid>,
}

/// Why a command was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    #[error(transparent)]
    Refused(Refused),
    /// The id was used for another request.
    #[error("this id was used for another request")]
    IdReused,
    /// Not accepted in time; ask again with the same id.
    #[error("busy; ask again with the same id")]
    Busy,
    #[error("{0}")]
    Internal(String),
}

/// Decides a command and records its events. The answer comes when they are
/// durable; its position says where to read to see them.
pub async fn execute<C>(
    sequencer: &Sequencer,
    asked: Asked,
    command: C,
) -> Result<Accepted, ExecuteError>
where
    C: Command + Send + 'static,
{
    let streams = command.streams();
    let names: Vec<StreamName> = streams.iter().map(name).collect();
    let keys = keys(sequencer.keyring(), &command, &streams).await?;
    let decide: Decide<Reeltime> = Box::new(move |seen| {
        command.decide(&Declared {
            streams: &streams,
            seen,
        })
    });
    let command = event_log::Command {
        id: asked.id,
        actor: asked.actor,
        digest: asked.digest,
        correlation: asked.correlation,
        causation: asked.causation,
        occurred_at: asked.at,
        streams: names,
        expected: Vec::new(),
        keys,
        decide,
    };
    sequencer.execute(command).await.map_err(ExecuteError::from)
}

/// What its events are sealed under: the keys of the members whose streams it names.
async fn keys(
    keyring: &Keyring,
    command: &impl Command,
    streams: &[Stream],
) -> Result<Keys, ExecuteError> {
    let introduced = command.introduces();
    let members = streams.iter().filter_map(|stream| stream.member());
    let others = members.filter(|member| Some(*member) != introduced);
    let keys = keyring.fetch(others.flat_map(MemberId::key_ids)).await;
    let mut keys = keys.map_err(KeyringError::from)?;
    if let Some(member) = introduced {
        let ids = member.key_ids();
        let made = keyring.make(member.0, &ids).await?;
        for id in ids {
            let held = made.get(id).expect("it was made, or is there");
            keys.insert(id, held.clone());
        }
    }
    Ok(keys)
}

impl From<KeyringError> for ExecuteError {
    fn from(error: KeyringError) -> ExecuteError {
        match error {
            KeyringError::Database(error) => {
                tracing::warn!(%error, "the vault gives no keys");
                ExecuteError::Busy
            }
            other => ExecuteError::Internal(other.to_string()),
        }
    }
}

impl From<AppendError<Refused>> for ExecuteError {
    fn from(error: AppendError<Refused>) -> ExecuteError {
        match error {
            AppendError::Refused(why) => ExecuteError::Refused(why),
            AppendError::IdReused => ExecuteError::IdReused,
            AppendError::Busy => ExecuteError::Busy,
            conflict @ AppendError::Conflict { .. } => ExecuteError::Internal(conflict.to_string()),
            AppendError::Internal(why) => ExecuteError::Internal(why),
        }
    }
}

/// The states as the sequencer has them at the command's turn.
struct Declared<'a> {
    streams: &'a [Stream],
    seen: &'a Streams<'a, Reeltime>,
}

impl Seen for Declared<'_> {
    fn state(&self, stream: Stream) -> &State {
        debug_assert!(self.streams.contains(&stream), "{stream} is not declared");
        self.seen.state(&name(&stream))
    }
}

fn name(stream: &Stream) -> StreamName {
    let name = StreamName::new(stream.category, stream.id);
    match stream.part {
        Some(version) => name.part(version),
        None => name,
    }
}

impl Model for Reeltime {
    type Event = Event;
    type State = State;
    type Refusal = Refused;

    fn stream(event: &Event) -> StreamName {
        name(&event.stream())
    }

    fn evolve(state: &mut State, event: &Event) {
        state.evolve(event);
    }

    fn about(event: &Event) -> Option<About> {
        event.part().map(|part| match part {
            Part::Begun => About::Itself,
            Part::Of(version) => About::Version(version),
        })
    }

    fn evolve_part(state: &mut State, event: &Event) {
        state.evolve_part(event);
    }

    fn encode(event: &Event, id: Uuid, keys: &Keys) -> Result<Encoded, String> {
        let (payload, key_id) = event
            .to_stored(id, keys)
            .map_err(|error| error.to_string())?;
        Ok(Encoded {
            event_type: event.type_name(),
            schema_version: event.schema_version(),
            payload,
            key_id,
        })
    }

    fn decode(stored: Stored<'_>, keys: &Keys) -> Result<Event, DecodeError> {
        let opening = keys.opening(stored.id, stored.key_id);
        Event::from_stored(
            stored.event_type,
            stored.schema_version,
            stored.payload,
            opening,
        )
        .map_err(|error| DecodeError(error.to_string()))
    }

    const SNAPSHOT_SHAPE: &'static str = domain::SNAPSHOT_SHAPE;

    fn write_snapshot(state: &State) -> String {
        state.to_snapshot()
    }

    fn read_snapshot(text: &str) -> Option<State> {
        State::from_snapshot(text)
    }
}
