//! That one member follows another.
//!
//! A stream of its own for each pair: whomever a million follow keeps a small state.

use serde::{Deserialize, Serialize};

use crate::{FollowId, MemberId, event::events};

events! {
    Follow by follow {
        Followed = ("follow.followed", 1),
        Unfollowed = ("follow.unfollowed", 1),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Followed {
    pub follow: FollowId,
    pub member: MemberId,
    pub followed: MemberId,
    /// They followed them before: they were told.
    pub again: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unfollowed {
    pub follow: FollowId,
    pub member: MemberId,
    pub followed: MemberId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub standing: bool,
}

impl State {
    pub(crate) fn evolve(_: Option<Self>, event: &Event) -> Option<Self> {
        let standing = match event {
            Event::Followed(_) => true,
            Event::Unfollowed(_) => false,
        };
        Some(Self { standing })
    }
}
