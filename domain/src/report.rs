//! A member's report of something to the site's moderators.
//!
//! A stream of its own: a room does not see it.

use serde::{Deserialize, Serialize};

use crate::{MemberId, Reason, ReportId, Sealed, Thing, event::events};

events! {
    Report by report {
        Filed = ("report.filed", 1, sealed for member),
        Closed = ("report.closed", 1, sealed for by),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filed {
    pub report: ReportId,
    pub about: Thing,
    /// Whose it is.
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
    pub reason: Option<Sealed<Reason>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something was done about it.
    Upheld,
    Dismissed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub about: Thing,
    pub closed: Option<Outcome>,
}

impl State {
    pub(crate) fn evolve(before: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::Filed(filed) => Some(Self {
                about: filed.about,
                closed: None,
            }),
            Event::Closed(closed) => before.map(|report| Self {
                closed: Some(closed.outcome),
                ..report
            }),
        }
    }
}
