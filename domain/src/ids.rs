//! What things are called, and the stream in which each thing's events lie.
//!
//! Ids of what must be unique are derived from what makes it unique: where two would meet, there
//! is only one stream.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{KeyKind, Thing};

/// The stream of one aggregate, written `review-<uuid>`, or one part of a large one, written
/// `room-<uuid>@805`: the event of that version and what is about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stream {
    pub category: &'static str,
    pub id: Uuid,
    pub part: Option<i64>,
}

impl Stream {
    pub const fn part(self, version: i64) -> Self {
        Self {
            part: Some(version),
            ..self
        }
    }

    /// The stream that this is a part of.
    pub const fn whole(self) -> Self {
        Self { part: None, ..self }
    }

    /// Whose stream it is, if it is a member's.
    pub fn member(self) -> Option<MemberId> {
        let member = MemberId(self.id);
        (member.stream() == self).then_some(member)
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.category, self.id)?;
        self.part.map_or(Ok(()), |version| write!(f, "@{version}"))
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident in $category:literal;)+) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            pub const fn stream(self) -> Stream {
                Stream { category: $category, id: self.0, part: None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    FilmId in "film";
    MemberId in "member";
    /// The HMAC of a name's or an e-mail's key, so that the log holds neither. Made outside, where
    /// the secret is; names and e-mails never share an id.
    ReservationId in "reservation";
    ReviewId in "review";
    LikeId in "like";
    WatchlistEntryId in "watchlist";
    FollowId in "follow";
    CommentId in "comment";
    RoomId in "room";
    /// Up to where a member has read a room.
    ReadMarkerId in "read_marker";
    ReportId in "report";
    /// What a moderator of the site did about something.
    MeasureId in "measure";
    /// A member's own id: each is forgotten in a stream of its own.
    ForgettingId in "forgetting";
}

// Fixed for ever: another namespace would be another id for everything that was ever derived.
const FILMS: Uuid = Uuid::from_u128(0x965a5ad8_5183_44ac_9010_43fb2c45b619);
const REVIEWS: Uuid = Uuid::from_u128(0xcb64e635_554c_4594_a026_0f2f977b60f4);
const LIKES: Uuid = Uuid::from_u128(0xcc3c0645_466d_4cf1_98df_b28a167abb1e);
const WATCHLIST: Uuid = Uuid::from_u128(0x7c1e5f0a_2b7d_4a59_8d3e_61f4c09b7e25);
const FOLLOWS: Uuid = Uuid::from_u128(0x7a1d_0b3e_52c4_4f86_9c57_1e6b_d8f0_a24c);
const READ_MARKERS: Uuid = Uuid::from_u128(0x5d1cb0c8_5b0e_4b53_9a36_0a7f4a4b1f27);
const REPORTS: Uuid = Uuid::from_u128(0xe3c5a1f4_9c0d_4c9b_8f0b_52a0d6b7c811);
const KEYS: Uuid = Uuid::from_u128(0x3e2f1c66_0d1b_4b6e_9a0d_4c58b1f7a9d3);

impl MemberId {
    /// The vault's name for one of the member's keys.
    pub fn key_id(self, kind: KeyKind) -> Uuid {
        let kind: &[u8] = match kind {
            KeyKind::Identity => b"identity",
            KeyKind::Words => b"words",
        };
        Uuid::new_v5(&KEYS, &[self.0.as_bytes(), kind].concat())
    }

    /// All of them.
    pub fn key_ids(self) -> [Uuid; 2] {
        KeyKind::ALL.map(|kind| self.key_id(kind))
    }
}

impl FilmId {
    /// The film that a catalogue knows by this key, such as `parasite-2019`.
    pub fn of_key(key: &str) -> Self {
        Self(Uuid::new_v5(&FILMS, key.as_bytes()))
    }
}

impl ForgettingId {
    pub const fn of(member: MemberId) -> Self {
        Self(member.0)
    }
}

impl ReviewId {
    /// A member's only review of a film.
    pub fn of(member: MemberId, film: FilmId) -> Self {
        Self(of_both(&REVIEWS, member.0, film.0))
    }
}

impl FollowId {
    /// That a member follows another one.
    pub fn of(member: MemberId, followed: MemberId) -> Self {
        Self(of_both(&FOLLOWS, member.0, followed.0))
    }
}

impl LikeId {
    /// A member's only like of a review.
    pub fn of(review: ReviewId, member: MemberId) -> Self {
        Self(of_both(&LIKES, review.0, member.0))
    }
}

impl WatchlistEntryId {
    /// A member's only entry of a film.
    pub fn of(member: MemberId, film: FilmId) -> Self {
        Self(of_both(&WATCHLIST, member.0, film.0))
    }
}

impl RoomId {
    /// The message of this sequence number, and all that is about it.
    pub const fn message(self, seq: i64) -> Stream {
        self.stream().part(seq)
    }
}

impl ReadMarkerId {
    /// A member's only marker in a room.
    pub fn of(room: RoomId, member: MemberId) -> Self {
        Self(of_both(&READ_MARKERS, room.0, member.0))
    }
}

impl ReportId {
    /// A member's only report of a thing.
    pub fn of(about: Thing, member: MemberId) -> Self {
        let about = match about {
            Thing::Message { room, message } => Uuid::new_v5(&room.0, &message.to_be_bytes()),
            Thing::Review { .. } | Thing::Comment { .. } | Thing::Member { .. } => {
                Uuid::new_v5(&about.subject(), about.kind().as_bytes())
            }
        };
        Self(of_both(&REPORTS, about, member.0))
    }
}

fn of_both(namespace: &Uuid, first: Uuid, second: Uuid) -> Uuid {
    Uuid::new_v5(
        namespace,
        &[first.into_bytes(), second.into_bytes()].concat(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: MemberId = MemberId(Uuid::from_u128(1));
    const PARASITE: FilmId = FilmId(Uuid::from_u128(2));
    const ROOM: RoomId = RoomId(Uuid::from_u128(3));

    #[test]
    fn derived_ids_never_change() {
        let review = ReviewId::of(ANN, PARASITE);
        let message = Thing::Message {
            room: ROOM,
            message: 805,
        };
        assert_eq!(
            [
                FilmId::of_key("parasite-2019").to_string(),
                review.to_string(),
                LikeId::of(review, ANN).to_string(),
                WatchlistEntryId::of(ANN, PARASITE).to_string(),
                ANN.key_id(KeyKind::Identity).to_string(),
                ANN.key_id(KeyKind::Words).to_string(),
                ReadMarkerId::of(ROOM, ANN).to_string(),
                ReportId::of(message, ANN).to_string(),
            ],
            [
                "e17e6323-c130-5260-8148-79c021124e86",
                "b996553c-5aff-524f-af5c-8d6a037913a8",
                "4ddab16c-e61c-5f7d-8abc-c03cfe6dc2a9",
                "84e6e29c-31af-5366-aa76-844c6d1a30f7",
                "eb666e6f-b3b1-5d83-8ad6-30c667910506",
                "5ecb5519-aec5-5640-972a-3f0c6bc6b220",
                "cb19402e-36f7-5997-8a1e-fb4162c7e697",
                "d978a219-4e1d-50bc-944d-fdd16ce4b054",
            ]
        );
    }

    #[test]
    fn a_stream_is_written_as_category_and_id() {
        assert_eq!(
            ANN.stream().to_string(),
            "member-00000000-0000-0000-0000-000000000001"
        );
        assert_eq!(
            ROOM.message(805).to_string(),
            "room-00000000-0000-0000-0000-000000000003@805"
        );
        assert_eq!(ROOM.message(805).whole(), ROOM.stream());
    }
}
