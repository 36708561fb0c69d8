//! From a command to the log: the one way in which anything is recorded.

use chrono::{DateTime, Utc};
use domain::{Event, KeyKind, MemberId, Part, State, Stream};
use event_log::{
    About, Accepted, AppendError, Decide, DecodeError, Encoded, Keyring, KeyringError, Model,
    NO_DIGEST, Stored, StreamName, Streams,
};
use sealing::{Held, Keys};
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
    /// Keyed digest of the request's body. It is recorded under a key of the member's own: see
    /// [`execute()`].
    pub digest: [u8; 32],
    pub at: DateTime<Utc>,
    /// The request that this belongs to.
    pub correlation: Uuid,
    /// The event that this follows from, when no person asked.
    pub causation: Option<Uuid>,
}

impl Asked {
    fn member(&self) -> Option<MemberId> {
        (!self.actor.is_nil()).then_some(MemberId(self.actor))
    }
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
///
/// The log keeps a digest of what was said under a key that is destroyed when its member is
/// forgotten. From then on nobody can try what it was, nor tell it from anything else: the same id
/// gets the same answer, whatever comes with it.
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
    let introduced = command.introduces();
    let keys = keys(sequencer.keyring(), &asked, introduced, &streams).await?;
    let digest = digest(&asked, introduced, &keys);
    let decide: Decide<Reeltime> = Box::new(move |seen| {
        command.decide(&Declared {
            streams: &streams,
            seen,
        })
    });
    let command = event_log::Command {
        id: asked.id,
        actor: asked.actor,
        digest,
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

/// What its events are sealed under, the keys of the members whose streams it names; and those of who
/// asks.
async fn keys(
    keyring: &Keyring,
    asked: &Asked,
    introduced: Option<MemberId>,
    streams: &[Stream],
) -> Result<Keys, ExecuteError> {
    let named = streams.iter().filter_map(|stream| stream.member());
    let others = named.chain(asked.member());
    let others = others.filter(|member| Some(*member) != introduced);
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

/// What the log keeps to know the body by: under a key of whoever is introduced, else of who asks,
/// and of their two the one that goes however little of them is forgotten. What a member says is
/// never kept under a key that stays.
fn digest(asked: &Asked, introduced: Option<MemberId>, keys: &Keys) -> [u8; 32] {
    let Some(member) = introduced.or(asked.member()) else {
        return asked.digest;
    };
    match keys.get(member.key_id(KeyKind::Identity)) {
        Some(Held::Key(key)) => key.digest(&asked.digest),
        Some(Held::Destroyed | Held::Unusable(_)) | None => NO_DIGEST,
    }
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
        let mut declared = self.streams.iter();
        let index = declared.position(|declared| *declared == stream);
        let index = index.unwrap_or_else(|| panic!("{stream} is not declared"));
        self.seen.nth(index)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sealing::{Key, SECRET_BYTES};

    use super::*;

    const ANN: MemberId = MemberId(Uuid::from_u128(0xA));
    const BEN: MemberId = MemberId(Uuid::from_u128(0xB));

    fn asked(actor: Uuid) -> Asked {
        Asked {
            id: Uuid::from_u128(1),
            actor,
            digest: [7; 32],
            at: DateTime::UNIX_EPOCH,
            correlation: Uuid::nil(),
            causation: None,
        }
    }

    fn key(byte: u8) -> Held {
        Held::Key(Arc::new(Key::new(&[byte; SECRET_BYTES])))
    }

    /// Of each member the one that goes in any case.
    fn keys(held: &[(MemberId, Held)]) -> Keys {
        let held = held.iter().cloned();
        held.map(|(member, held)| (member.key_id(KeyKind::Identity), held))
            .collect()
    }

    fn under(byte: u8) -> [u8; 32] {
        Key::new(&[byte; SECRET_BYTES]).digest(&[7; 32])
    }

    #[test]
    fn what_a_member_says_is_known_again_by_a_key_of_theirs_alone() {
        let keys = keys(&[(ANN, key(1)), (BEN, key(2))]);
        assert_eq!(digest(&asked(ANN.0), None, &keys), under(1));
        assert_eq!(digest(&asked(BEN.0), None, &keys), under(2));
        // a name and an address, of somebody who is nobody yet
        assert_eq!(digest(&asked(Uuid::nil()), Some(BEN), &keys), under(2));
    }

    #[test]
    fn what_nobody_says_stays_as_it_came() {
        let keys = keys(&[(ANN, key(1))]);
        assert_eq!(digest(&asked(Uuid::nil()), None, &keys), [7; 32]);
    }

    #[test]
    fn what_a_forgotten_member_says_is_told_from_nothing() {
        let gone = keys(&[(ANN, Held::Destroyed)]);
        assert_eq!(digest(&asked(ANN.0), None, &gone), NO_DIGEST);
        // nor under any other key, where theirs can't be had
        let damaged = keys(&[(ANN, Held::Unusable("it is too short".into()))]);
        assert_eq!(digest(&asked(ANN.0), None, &damaged), NO_DIGEST);
        assert_eq!(digest(&asked(ANN.0), None, &keys(&[])), NO_DIGEST);
    }

    /// However little is forgotten, the key goes: the digests are of names as well as of words.
    #[test]
    fn the_key_of_digests_goes_with_every_extent() {
        for extent in domain::forgetting::Extent::ALL {
            assert!(extent.kinds().contains(&KeyKind::Identity), "{extent:?}");
        }
    }
}
