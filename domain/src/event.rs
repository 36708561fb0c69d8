//! The closed list of all that can happen, its stored form, and the state that it adds up to.

use std::borrow::Cow;

use sealing::{Keys, Opening};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::upcast::{UPCASTS, upcast};
use crate::{
    MemberId, Stream, audit, comment, film, follow, forgetting, like, measure, member,
    notifications, read_marker, report, reservation, review, room, sealed, watchlist,
};

/// A stored event that this program can't read. It must stop whoever reads: an event that is
/// skipped is a wrong answer for ever after.
#[derive(Debug, Error)]
pub enum DecodeError {
    #[error("unknown event type {type_name:?}")]
    UnknownType { type_name: String },
    #[error("event {type_name} has schema version {stored}, this program reads {known}")]
    UnknownVersion {
        type_name: &'static str,
        stored: i16,
        known: i16,
    },
    #[error("event {type_name} can't be read: {cause}")]
    Malformed {
        type_name: &'static str,
        cause: serde_json::Error,
    },
    /// Never an erasure: those are told by the vault.
    #[error("its key {0} is missing from the vault, though nobody had it destroyed")]
    MissingKey(Uuid),
}

/// An event that can't be stored, since what must be sealed can't be.
#[derive(Debug, Error)]
#[error("event {type_name} can't be sealed: {cause}")]
pub struct SealError {
    type_name: &'static str,
    cause: serde_json::Error,
}

/// One aggregate's events: a line each, of payload, type name and schema version.
///
/// `Review by review` makes the module's `Event` the variant `Review` of [`Event`], in the stream
/// of the id that every payload has in its field `review`. An event with [`Sealed`](crate::Sealed)
/// fields says whose they are: `Posted = ("review.posted", 1, sealed for member)`.
macro_rules! events {
    ($aggregate:ident by $id:ident {
        $($name:ident = ($type_name:literal, $version:literal $(, sealed for $owner:ident)?),)+
    }) => {
        #[derive(Clone, Debug, PartialEq)]
        pub enum Event {
            $($name($name),)+
        }

        impl Event {
            pub fn stream(&self) -> $crate::Stream {
                match self {
                    $(Self::$name(event) => event.$id.stream(),)+
                }
            }

            pub fn type_name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $type_name,)+
                }
            }

            pub fn schema_version(&self) -> i16 {
                match self {
                    $(Self::$name(_) => $version,)+
                }
            }

            pub(crate) const TYPES: &[(&str, i16)] = &[$(($type_name, $version),)+];

            /// Whose keys its sealed fields are under.
            pub(crate) fn owner(&self) -> Option<$crate::MemberId> {
                match self {
                    $(Self::$name(_event) => $crate::event::owner!(_event $($owner)?),)+
                }
            }

            pub(crate) fn to_json(&self) -> serde_json::Result<String> {
                match self {
                    $(Self::$name(event) => serde_json::to_string(event),)+
                }
            }

            /// None: the type is none of this aggregate's.
            pub(crate) fn from_json(
                type_name: &str,
                schema_version: i16,
                json: &str,
            ) -> Option<Result<Self, $crate::DecodeError>> {
                match type_name {
                    $($type_name => Some(
                        $crate::event::decode($type_name, $version, schema_version, json)
                            .map(Self::$name),
                    ),)+
                    _ => None,
                }
            }
        }

        $(impl From<$name> for $crate::Event {
            fn from(event: $name) -> Self {
                Self::$aggregate(Event::$name(event))
            }
        })+
    };
}
pub(crate) use events;

macro_rules! owner {
    ($event:ident) => {
        None
    };
    ($event:ident $owner:ident) => {
        Some($event.$owner)
    };
}
pub(crate) use owner;

pub(crate) fn decode<T: DeserializeOwned>(
    type_name: &'static str,
    known: i16,
    stored: i16,
    json: &str,
) -> Result<T, DecodeError> {
    let malformed = |cause| DecodeError::Malformed { type_name, cause };
    if stored == known {
        return serde_json::from_str(json).map_err(malformed);
    }
    let payload = serde_json::from_str(json).map_err(malformed)?;
    let payload = upcast(UPCASTS, type_name, (stored, known), payload);
    let payload = payload.ok_or(DecodeError::UnknownVersion {
        type_name,
        stored,
        known,
    })?;
    T::deserialize(serde_json::Value::Object(payload)).map_err(malformed)
}

/// Which part of its stream an event belongs to, where a stream has parts: decisions on one old
/// part of a large whole see that part alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It begins one: others can be about it.
    Begun,
    /// It is about the event of this version, which began one.
    Of(i64),
}

macro_rules! aggregates {
    ($($name:ident in $module:ident,)+) => {
        #[derive(Clone, Debug, PartialEq)]
        pub enum Event {
            $($name($module::Event),)+
        }

        impl Event {
            pub fn stream(&self) -> Stream {
                match self {
                    $(Self::$name(event) => event.stream(),)+
                }
            }

            /// The stored name, such as `review.posted`.
            pub fn type_name(&self) -> &'static str {
                match self {
                    $(Self::$name(event) => event.type_name(),)+
                }
            }

            pub fn schema_version(&self) -> i16 {
                match self {
                    $(Self::$name(event) => event.schema_version(),)+
                }
            }

            /// Every type that there is, with its newest schema version.
            pub fn types() -> impl Iterator<Item = (&'static str, i16)> {
                let all: &[&[(&'static str, i16)]] = &[$($module::Event::TYPES,)+];
                all.iter().copied().flatten().copied()
            }

            /// Whose keys its sealed fields are under.
            pub fn owner(&self) -> Option<MemberId> {
                match self {
                    $(Self::$name(event) => event.owner(),)+
                }
            }

            fn write(&self) -> serde_json::Result<String> {
                match self {
                    $(Self::$name(event) => event.to_json(),)+
                }
            }

            fn read(
                type_name: &str,
                schema_version: i16,
                json: &str,
            ) -> Result<Self, DecodeError> {
                $(if let Some(event) = $module::Event::from_json(type_name, schema_version, json) {
                    return event.map(Self::$name);
                })+
                Err(DecodeError::UnknownType { type_name: type_name.to_owned() })
            }
        }

        /// What the events of one stream add up to, as far as decisions need it.
        #[derive(Clone, Debug, Default, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum State {
            /// The stream has no events.
            #[default]
            Nothing,
            /// Of a part of a room's stream.
            Message(room::Message),
            $($name($module::State),)+
        }

        impl State {
            pub fn evolve(&mut self, event: &Event) {
                let before = std::mem::take(self);
                match event {
                    $(Event::$name(event) => {
                        let before = match before {
                            Self::$name(state) => Some(state),
                            Self::Nothing => None,
                            other => unreachable!("{event:?} in a stream of {other:?}"),
                        };
                        if let Some(state) = $module::State::evolve(before, event) {
                            *self = Self::$name(state);
                        }
                    })+
                }
            }
        }

        /// A state as a snapshot holds it.
        #[derive(Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum Kept<'s> {
            Nothing,
            $($name(Cow<'s, $module::State>),)+
        }

        impl<'s> From<&'s State> for Kept<'s> {
            fn from(state: &'s State) -> Self {
                match state {
                    State::Nothing => Self::Nothing,
                    State::Message(_) => unreachable!("parts of streams are not kept"),
                    $(State::$name(state) => Self::$name(Cow::Borrowed(state)),)+
                }
            }
        }

        impl From<Kept<'_>> for State {
            fn from(kept: Kept<'_>) -> Self {
                match kept {
                    Kept::Nothing => Self::Nothing,
                    $(Kept::$name(state) => Self::$name(state.into_owned()),)+
                }
            }
        }

        $(impl State {
            /// None: nothing happened yet.
            pub fn $module(&self) -> Option<&$module::State> {
                if let Self::$name(state) = self { Some(state) } else { None }
            }
        })+
    };
}

aggregates! {
    Film in film,
    Reservation in reservation,
    Member in member,
    Review in review,
    Like in like,
    Watchlist in watchlist,
    Follow in follow,
    Comment in comment,
    Forgetting in forgetting,
    Room in room,
    ReadMarker in read_marker,
    Report in report,
    Measure in measure,
    Notifications in notifications,
    Audit in audit,
}

impl Event {
    pub fn part(&self) -> Option<Part> {
        match self {
            Self::Room(event) => event.part(),
            Self::Film(_)
            | Self::Reservation(_)
            | Self::Member(_)
            | Self::Review(_)
            | Self::Like(_)
            | Self::Watchlist(_)
            | Self::Follow(_)
            | Self::Comment(_)
            | Self::Forgetting(_)
            | Self::ReadMarker(_)
            | Self::Report(_)
            | Self::Measure(_)
            | Self::Notifications(_)
            | Self::Audit(_) => None,
        }
    }
}

impl State {
    /// As [`State::evolve`], for the state of a part of a stream.
    pub fn evolve_part(&mut self, event: &Event) {
        let Event::Room(event) = event else {
            unreachable!("{event:?} is in a stream without parts")
        };
        let before = match std::mem::take(self) {
            Self::Message(message) => Some(message),
            Self::Nothing => None,
            other => unreachable!("{event:?} in a part of {other:?}"),
        };
        *self = room::Message::evolve(before, event).map_or(Self::Nothing, Self::Message);
    }

    /// None: there is no such message.
    pub fn message(&self) -> Option<&room::Message> {
        if let Self::Message(message) = self {
            Some(message)
        } else {
            None
        }
    }
}

impl Event {
    /// The stored form, with its fields sealed under keys of their member, and the id of the key.
    pub fn to_stored(&self, id: Uuid, keys: &Keys) -> Result<(String, Option<Uuid>), SealError> {
        let (written, key_id) = sealed::sealing(id, self.owner(), keys, || self.write());
        let json = written.map_err(|cause| SealError {
            type_name: self.type_name(),
            cause,
        })?;
        Ok((json, key_id))
    }

    /// Reads a stored form, opening what is sealed.
    pub fn from_stored(
        type_name: &str,
        schema_version: i16,
        json: &str,
        opening: Opening,
    ) -> Result<Self, DecodeError> {
        if let Opening::Missing(id) = opening {
            return Err(DecodeError::MissingKey(id));
        }
        sealed::opening(opening, || Self::read(type_name, schema_version, json))
    }

    /// As it would be stored if nothing were sealed: for golden files and tests of rules.
    pub fn to_json(&self) -> String {
        self.write()
            .expect("a payload has no keys but strings and nothing that fails to serialize")
    }

    /// Reads what `to_json` wrote.
    pub fn from_json(
        type_name: &str,
        schema_version: i16,
        json: &str,
    ) -> Result<Self, DecodeError> {
        Self::read(type_name, schema_version, json)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{MemberId, ReservationId, Sealed, member, reservation};

    fn renamed() -> Event {
        member::Renamed {
            member: MemberId(Uuid::from_u128(1)),
            name: Sealed::Forgotten,
            reservation: ReservationId(Uuid::from_u128(2)),
            former: ReservationId(Uuid::from_u128(3)),
        }
        .into()
    }

    #[test]
    fn an_event_knows_its_stream_and_its_type() {
        let event = renamed();
        assert_eq!(event.stream(), MemberId(Uuid::from_u128(1)).stream());
        assert_eq!(event.type_name(), "member.renamed");
        assert_eq!(event.schema_version(), 1);
    }

    #[test]
    fn the_stored_form_is_read_back() {
        let json = renamed().to_json();
        assert_eq!(
            json,
            r#"{"member":"00000000-0000-0000-0000-000000000001","name":{"forgotten":true},"reservation":"00000000-0000-0000-0000-000000000002","former":"00000000-0000-0000-0000-000000000003"}"#
        );
        assert_eq!(
            Event::from_json("member.renamed", 1, &json).unwrap(),
            renamed()
        );
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let error = |type_name, version, json| {
            Event::from_json(type_name, version, json)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            error("member.rnamed", 1, "{}"),
            "unknown event type \"member.rnamed\""
        );
        assert_eq!(
            error("member.renamed", 2, "{}"),
            "event member.renamed has schema version 2, this program reads 1"
        );
        assert_eq!(
            error("member.renamed", 1, "{}"),
            "event member.renamed can't be read: missing field `member` at line 1 column 2"
        );
    }

    #[test]
    fn a_state_is_nothing_until_the_first_event() {
        let reservation = ReservationId(Uuid::from_u128(2));
        let member = MemberId(Uuid::from_u128(1));
        let mut state = State::default();
        assert_eq!(state.reservation(), None);

        let kind = reservation::Kind::Name;
        state.evolve(
            &reservation::Reserved {
                reservation,
                kind,
                member,
            }
            .into(),
        );
        assert_eq!(state.reservation().unwrap().holder, Some(member));
        assert_eq!(state.member(), None);

        state.evolve(
            &reservation::Released {
                reservation,
                member,
            }
            .into(),
        );
        assert_eq!(state.reservation().unwrap().holder, None);
    }

    #[test]
    #[should_panic(expected = "in a stream of")]
    fn a_stream_holds_one_aggregate() {
        let mut state = State::Like(like::State {
            posting: 1,
            standing: false,
        });
        state.evolve(&renamed());
    }
}
