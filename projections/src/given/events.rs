//! What can be given: Ann reviews Parasite, Bob likes it, they comment, and talk in a room.

use std::sync::Arc;

use domain::*;
use sealing::{Held, Key, Keys};
use uuid::Uuid;

use super::at;

pub const ANN: MemberId = MemberId(Uuid::from_u128(0xA));
pub const BOB: MemberId = MemberId(Uuid::from_u128(0xB));
pub const PARASITE: FilmId = FilmId(Uuid::from_u128(0xF));
pub const COMMENT: CommentId = CommentId(Uuid::from_u128(0xC0));

pub fn anns_review() -> ReviewId {
    ReviewId::of(ANN, PARASITE)
}

pub fn rating(stars: f64) -> Rating {
    Rating::from_stars(stars).unwrap()
}

/// Ann posts her review for the nth time.
pub fn posted(posting: u32, stars: f64) -> Event {
    let text = ReviewText::new("Stairs.").unwrap();
    review::Posted {
        review: anns_review(),
        film: PARASITE,
        member: ANN,
        posting,
        rating: rating(stars),
        text: text.map(Sealed::Open),
        spoiler: false,
        watched_on: None,
    }
    .into()
}

pub fn retracted(posting: u32, stars: f64) -> Event {
    review::Retracted {
        review: anns_review(),
        film: PARASITE,
        member: ANN,
        posting,
        rating: rating(stars),
    }
    .into()
}

pub fn rerated(from: f64, to: f64) -> Event {
    review::Rerated {
        review: anns_review(),
        film: PARASITE,
        member: ANN,
        from: rating(from),
        to: rating(to),
    }
    .into()
}

/// Bob likes Ann's nth posting.
pub fn liked(posting: u32) -> Event {
    like::Liked {
        like: LikeId::of(anns_review(), BOB),
        review: anns_review(),
        posting,
        film: PARASITE,
        member: BOB,
        author: ANN,
        again: false,
    }
    .into()
}

pub fn unliked(posting: u32) -> Event {
    like::Unliked {
        like: LikeId::of(anns_review(), BOB),
        review: anns_review(),
        posting,
        film: PARASITE,
        member: BOB,
        author: ANN,
    }
    .into()
}

/// Bob comments on Ann's nth posting.
pub fn commented(posting: u32) -> Event {
    comment::Posted {
        comment: COMMENT,
        review: anns_review(),
        posting,
        film: PARASITE,
        member: BOB,
        reviewer: ANN,
        text: CommentText::new("And rain.").unwrap().into(),
        mentions: vec![],
        among: vec![],
    }
    .into()
}

pub fn comment_edited(posting: u32) -> Event {
    comment::Edited {
        comment: COMMENT,
        review: anns_review(),
        posting,
        film: PARASITE,
        member: BOB,
        text: CommentText::new("And the rain.").unwrap().into(),
        mentions: vec![],
        newly_named: vec![],
    }
    .into()
}

pub fn comment_retracted(posting: u32) -> Event {
    comment::Retracted {
        comment: COMMENT,
        review: anns_review(),
        posting,
        film: PARASITE,
        member: BOB,
        hidden: false,
    }
    .into()
}

pub fn signed_up() -> Event {
    member::SignedUp {
        member: ANN,
        name: MemberName::new("Ann").unwrap().into(),
        email: Email::new("ann@example.org").unwrap().into(),
        language: Language::Ko,
        name_reservation: ReservationId(Uuid::from_u128(1)),
        email_reservation: ReservationId(Uuid::from_u128(2)),
    }
    .into()
}

pub fn withdrawn() -> Event {
    member::Withdrawn { member: ANN }.into()
}

pub fn listed() -> Event {
    let facts = film::Facts {
        title: film::Translated::both("Parasite", "기생충"),
        original_title: "기생충".to_owned(),
        year: Some(2019),
        runtime_min: Some(132),
        genres: vec![Genre::Comedy, Genre::Thriller],
        countries: vec!["KR".to_owned()],
        overview: film::Translated::both("Two families.", "두 가족이 있다."),
        ..film::Facts::default()
    };
    let (film, key) = (PARASITE, "parasite-2019".to_owned());
    let facts = facts.into();
    film::Listed { film, key, facts }.into()
}

pub fn revised(facts: Vec<film::Fact>) -> Event {
    let film = PARASITE;
    film::Revised { film, facts }.into()
}

/// Ann's review has this text from now on, or none.
pub fn rewritten(text: Option<&str>) -> Event {
    let text = text.and_then(|text| ReviewText::new(text).unwrap());
    review::Rewritten {
        review: anns_review(),
        film: PARASITE,
        member: ANN,
        text: text.map(Sealed::Open),
        spoiler: false,
    }
    .into()
}

pub fn forgotten(member: MemberId, extent: forgetting::Extent) -> Event {
    forgetting::Forgotten {
        forgetting: ForgettingId::of(member),
        member,
        extent,
    }
    .into()
}

/// As it is read when the keys of its member are destroyed.
pub fn without_keys(event: Event) -> Event {
    let id = Uuid::from_u128(1);
    let ids = || event.owner().into_iter().flat_map(MemberId::key_ids);
    let key = |id| (id, Held::Key(Arc::new(Key::new(&[1; 32]))));
    let (json, key_id) = event.to_stored(id, &ids().map(key).collect()).unwrap();
    let destroyed: Keys = ids().map(|id| (id, Held::Destroyed)).collect();
    let opening = destroyed.opening(id, key_id);
    Event::from_stored(event.type_name(), event.schema_version(), &json, opening).unwrap()
}

pub const ROOM: RoomId = RoomId(Uuid::from_u128(0x200));

/// Ann opens a room about Parasite.
pub fn room_opened() -> Event {
    room::Opened {
        room: ROOM,
        member: ANN,
        film: Some(PARASITE),
        name: RoomName::new("Stairs").unwrap().into(),
        description: RoomDescription::default().into(),
        admission: room::Admission::Public,
        closes_when_empty: false,
        at: at(1),
    }
    .into()
}

pub fn entered(member: MemberId) -> Event {
    room::Entered { room: ROOM, member }.into()
}

pub fn left(member: MemberId) -> Event {
    room::Left {
        room: ROOM,
        member,
        reason: room::Leaving::Closed,
        at: at(1),
    }
    .into()
}

/// Bob says something in the room, the nth time, naming Ann.
pub fn message_posted(n: i64) -> Event {
    room::MessagePosted {
        room: ROOM,
        n,
        member: BOB,
        cid: Uuid::nil(),
        body: MessageText::new("Rain, @Ann.").unwrap().into(),
        reply_to: None,
        mentions: vec![ANN],
        spoiler: false,
        at: at(1),
    }
    .into()
}

/// Bob edits the second thing that happened, which names these now, some of them for the first time.
pub fn naming_edit(mentions: &[MemberId], newly_named: &[MemberId]) -> Event {
    room::MessageEdited {
        room: ROOM,
        message: 2,
        member: BOB,
        body: MessageText::new("Rain, all of you.").unwrap().into(),
        mentions: mentions.to_vec(),
        newly_named: newly_named.to_vec(),
        spoiler: false,
    }
    .into()
}

/// Ann answers what Bob said.
pub fn answered(n: i64, message: i64) -> Event {
    room::MessagePosted {
        room: ROOM,
        n,
        member: ANN,
        cid: Uuid::nil(),
        body: MessageText::new("Yes.").unwrap().into(),
        reply_to: Some(room::Reply {
            message,
            author: BOB,
        }),
        mentions: vec![],
        spoiler: false,
        at: at(1),
    }
    .into()
}

pub fn reacted(message: i64, member: MemberId) -> Event {
    room::Reacted {
        room: ROOM,
        message,
        member,
        reaction: Reaction::new("🔥").unwrap(),
    }
    .into()
}

pub fn unreacted(message: i64, member: MemberId) -> Event {
    room::Unreacted {
        room: ROOM,
        message,
        member,
        reaction: Reaction::new("🔥").unwrap(),
    }
    .into()
}

/// By Ann, as the room's maker.
pub fn message_retracted(message: i64) -> Event {
    room::MessageRetracted {
        room: ROOM,
        message,
        author: BOB,
        by: ANN,
        reason: None,
        measure: None,
    }
    .into()
}

pub const MEASURE: MeasureId = MeasureId(Uuid::from_u128(0x3E));

/// Ann's review.
pub fn review_hidden() -> Event {
    review::Hidden {
        review: ReviewId::of(ANN, PARASITE),
        member: ANN,
        measure: MEASURE,
    }
    .into()
}

pub fn review_restored() -> Event {
    review::Restored {
        review: ReviewId::of(ANN, PARASITE),
        member: ANN,
        measure: MEASURE,
    }
    .into()
}

/// Bob's comment.
pub fn comment_hidden(posting: u32) -> Event {
    comment::Hidden {
        comment: COMMENT,
        review: ReviewId::of(ANN, PARASITE),
        posting,
        member: BOB,
        measure: MEASURE,
    }
    .into()
}

pub fn comment_restored(posting: u32) -> Event {
    comment::Restored {
        comment: COMMENT,
        review: ReviewId::of(ANN, PARASITE),
        posting,
        member: BOB,
        measure: MEASURE,
    }
    .into()
}

pub fn hidden_comment_retracted(posting: u32) -> Event {
    let Event::Comment(comment::Event::Retracted(retracted)) = comment_retracted(posting) else {
        unreachable!("it is a retraction")
    };
    comment::Retracted {
        hidden: true,
        ..retracted
    }
    .into()
}
