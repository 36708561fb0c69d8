//! What a member says under a review.

use serde::{Deserialize, Serialize};

use crate::event::events;
use crate::{CommentId, CommentText, FilmId, Fingerprint, MeasureId, MemberId, ReviewId, Sealed};

events! {
    Comment by comment {
        Posted = ("comment.posted", 1, sealed for member),
        Edited = ("comment.edited", 1, sealed for member),
        Retracted = ("comment.retracted", 1),
        Hidden = ("comment.hidden", 1),
        Restored = ("comment.restored", 1),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Posted {
    pub comment: CommentId,
    pub review: ReviewId,
    /// Of the review: a comment does not outlive the posting that it is about.
    pub posting: u32,
    pub film: FilmId,
    pub member: MemberId,
    /// Who wrote the review.
    pub reviewer: MemberId,
    pub text: Sealed<CommentText>,
    /// Who is named in it.
    pub mentions: Vec<MemberId>,
    /// Others who spoke there last, and are told that somebody went on.
    pub among: Vec<MemberId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edited {
    pub comment: CommentId,
    pub review: ReviewId,
    pub posting: u32,
    pub film: FilmId,
    pub member: MemberId,
    pub text: Sealed<CommentText>,
    /// Who is named in it now.
    pub mentions: Vec<MemberId>,
    /// Who was not named in it before, and is told.
    pub newly_named: Vec<MemberId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retracted {
    pub comment: CommentId,
    pub review: ReviewId,
    /// Without it, a comment under an earlier posting would be counted off the present one.
    pub posting: u32,
    pub film: FilmId,
    pub member: MemberId,
    /// It was hidden, and is not counted any more.
    pub hidden: bool,
}

/// By a measure: only its author sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hidden {
    pub comment: CommentId,
    pub review: ReviewId,
    pub posting: u32,
    pub member: MemberId,
    pub measure: MeasureId,
}

/// The measure was lifted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restored {
    pub comment: CommentId,
    pub review: ReviewId,
    pub posting: u32,
    pub member: MemberId,
    pub measure: MeasureId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub review: ReviewId,
    /// Of the review.
    pub posting: u32,
    pub film: FilmId,
    pub author: MemberId,
    pub text: Fingerprint,
    /// Who was ever named in it.
    pub named: Vec<MemberId>,
    /// Posted and not retracted.
    pub standing: bool,
    pub hidden: Option<MeasureId>,
}

impl State {
    pub(crate) fn evolve(before: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::Posted(posted) => Some(Self {
                review: posted.review,
                posting: posted.posting,
                film: posted.film,
                author: posted.member,
                text: posted.text.fingerprint(),
                named: posted.mentions.clone(),
                standing: true,
                hidden: None,
            }),
            Event::Edited(edited) => before.map(|mut comment| {
                comment.named.extend(&edited.newly_named);
                Self {
                    text: edited.text.fingerprint(),
                    ..comment
                }
            }),
            Event::Retracted(_) => before.map(|comment| Self {
                standing: false,
                ..comment
            }),
            Event::Hidden(hidden) => before.map(|comment| Self {
                hidden: Some(hidden.measure),
                ..comment
            }),
            Event::Restored(_) => before.map(|comment| Self {
                hidden: None,
                ..comment
            }),
        }
    }
}
