//! That one member likes one review.
//!
//! A stream of its own for each pair: a review that a million like keeps a small state, and their
//! likes don't wait for each other.

use serde::{Deserialize, Serialize};

use crate::{FilmId, LikeId, MemberId, ReviewId, event::events};

events! {
    Like by like {
        Liked = ("like.liked", 1),
        Unliked = ("like.unliked", 1),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Liked {
    pub like: LikeId,
    pub review: ReviewId,
    /// Of the review: a like does not outlive the posting it was given to.
    pub posting: u32,
    pub film: FilmId,
    pub member: MemberId,
    /// Of the review.
    pub author: MemberId,
    /// They liked this posting before, and took it back: its author was told.
    pub again: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unliked {
    pub like: LikeId,
    pub review: ReviewId,
    pub posting: u32,
    pub film: FilmId,
    pub member: MemberId,
    pub author: MemberId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The posting that is liked, or was last.
    pub posting: u32,
    pub standing: bool,
}

impl State {
    pub(crate) fn evolve(_: Option<Self>, event: &Event) -> Option<Self> {
        let (posting, standing) = match event {
            Event::Liked(liked) => (liked.posting, true),
            Event::Unliked(unliked) => (unliked.posting, false),
        };
        Some(Self { posting, standing })
    }
}
