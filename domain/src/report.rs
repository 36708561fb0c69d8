//! A member's report of a message to the site's moderators.
//!
//! A stream of its own: the room does not see it.

use serde::{Deserialize, Serialize};

use crate::{MemberId, Reason, ReportId, RoomId, Sealed, event::events};

events! {
    Report by report {
        Filed = ("report.filed", 1, sealed for member),
        Closed = ("report.closed", 1),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filed {
    pub report: ReportId,
    pub room: RoomId,
    /// The message's sequence number.
    pub message: i64,
    /// Who wrote it.
    pub author: MemberId,
    /// Who reports it.
    pub member: MemberId,
    pub reason: Option<Sealed<Reason>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Closed {
    pub report: ReportId,
    /// The moderator.
    pub by: MemberId,
    pub outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something was done about it.
    Upheld,
    Dismissed,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct State {
    pub room: RoomId,
    pub message: i64,
    pub closed: Option<Outcome>,
}

impl State {
    pub(crate) fn evolve(before: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::Filed(filed) => Some(Self {
                room: filed.room,
                message: filed.message,
                closed: None,
            }),
            Event::Closed(closed) => before.map(|report| Self {
                closed: Some(closed.outcome),
                ..report
            }),
        }
    }
}
