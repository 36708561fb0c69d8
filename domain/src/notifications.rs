//! Up to where a member has seen their notifications. What they are told is computed from what
//! happened (mentions, replies, invitations); that they have seen it happens here.

use serde::{Deserialize, Serialize};

use crate::{MemberId, Stream, event::events};

events! {
    Notifications by list {
        Seen = ("notifications.seen", 1),
    }
}

/// A member's list: a stream beside the member's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ListOf(pub MemberId);

impl ListOf {
    pub const fn stream(self) -> Stream {
        Stream {
            category: "notifications",
            id: self.0.0,
            part: None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub list: ListOf,
    pub member: MemberId,
    /// The log's position of the newest one that was seen. It only grows.
    pub position: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub position: i64,
}

impl State {
    pub(crate) fn evolve(_: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::Seen(seen) => Some(Self {
                position: seen.position,
            }),
        }
    }
}
