//! Up to which message a member has read a room.
//!
//! A stream of its own for each pair: it is nobody else's business.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{MemberId, ReadMarkerId, RoomId, event::events};

events! {
    ReadMarker by marker {
        Moved = ("read_marker.moved", 1),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    pub marker: ReadMarkerId,
    pub room: RoomId,
    pub member: MemberId,
    /// The last message that was read. It only grows.
    pub n: i64,
    pub at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub n: i64,
    pub at: DateTime<Utc>,
}

impl State {
    pub(crate) fn evolve(_: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::Moved(moved) => Some(Self {
                n: moved.n,
                at: moved.at,
            }),
        }
    }
}
