//! What one member thinks of one film.
//!
//! Its id is derived from both, so there is only one. It may be retracted and posted again: each
//! time is a *posting*, counted 1, 2, 3 …; likes and comments belong to a posting.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::event::events;
use crate::{FilmId, Fingerprint, MeasureId, MemberId, Rating, ReviewId, ReviewText, Sealed};

events! {
    Review by review {
        Posted = ("review.posted", 1, sealed for member),
        Rerated = ("review.rerated", 1),
        Rewritten = ("review.rewritten", 1, sealed for member),
        Dated = ("review.dated", 1),
        Retracted = ("review.retracted", 1),
        Moved = ("review.moved", 1),
        Hidden = ("review.hidden", 1),
        Restored = ("review.restored", 1),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Posted {
    pub review: ReviewId,
    pub film: FilmId,
    pub member: MemberId,
    pub posting: u32,
    pub rating: Rating,
    pub text: Option<Sealed<ReviewText>>,
    pub spoiler: bool,
    /// The day on which the member saw the film, as they say.
    pub watched_on: Option<NaiveDate>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rerated {
    pub review: ReviewId,
    pub film: FilmId,
    pub member: MemberId,
    pub from: Rating,
    pub to: Rating,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rewritten {
    pub review: ReviewId,
    pub film: FilmId,
    pub member: MemberId,
    pub text: Option<Sealed<ReviewText>>,
    pub spoiler: bool,
}

/// It says another day on which the film was seen, or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dated {
    pub review: ReviewId,
    pub film: FilmId,
    pub member: MemberId,
    pub watched_on: Option<NaiveDate>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retracted {
    pub review: ReviewId,
    pub film: FilmId,
    pub member: MemberId,
    pub posting: u32,
    /// The last one: it no longer counts.
    pub rating: Rating,
}

/// Its film was merged into another one, of which it is a review now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    pub review: ReviewId,
    pub film: FilmId,
    pub into: FilmId,
    pub member: MemberId,
    pub rating: Rating,
    pub posted_at: DateTime<Utc>,
    /// When it was rated so; null where the author is no member any more, and has no opinion.
    pub rated_at: Option<DateTime<Utc>>,
}

/// By a measure: only its author sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hidden {
    pub review: ReviewId,
    pub member: MemberId,
    pub measure: MeasureId,
}

/// The measure was lifted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restored {
    pub review: ReviewId,
    pub member: MemberId,
    pub measure: MeasureId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub film: FilmId,
    pub author: MemberId,
    /// The latest one.
    pub posting: u32,
    pub rating: Rating,
    pub text: Option<Fingerprint>,
    pub spoiler: bool,
    pub watched_on: Option<NaiveDate>,
    /// Posted and not retracted since.
    pub standing: bool,
    pub hidden: Option<MeasureId>,
}

impl State {
    pub(crate) fn evolve(before: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::Posted(posted) => Some(Self {
                film: posted.film,
                author: posted.member,
                posting: posted.posting,
                rating: posted.rating,
                text: posted.text.as_ref().map(Sealed::fingerprint),
                spoiler: posted.spoiler,
                watched_on: posted.watched_on,
                standing: true,
                hidden: None,
            }),
            Event::Rerated(rerated) => before.map(|review| Self {
                rating: rerated.to,
                ..review
            }),
            Event::Rewritten(rewritten) => before.map(|review| Self {
                text: rewritten.text.as_ref().map(Sealed::fingerprint),
                spoiler: rewritten.spoiler,
                ..review
            }),
            Event::Dated(dated) => before.map(|review| Self {
                watched_on: dated.watched_on,
                ..review
            }),
            Event::Retracted(_) => before.map(|review| Self {
                standing: false,
                ..review
            }),
            Event::Moved(moved) => before.map(|review| Self {
                film: moved.into,
                ..review
            }),
            Event::Hidden(hidden) => before.map(|review| Self {
                hidden: Some(hidden.measure),
                ..review
            }),
            Event::Restored(_) => before.map(|review| Self {
                hidden: None,
                ..review
            }),
        }
    }
}
