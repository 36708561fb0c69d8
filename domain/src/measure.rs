//! What a moderator of the site did about something, and why; what its member has to say to that;
//! and what came of it.
//!
//! A stream of its own for each measure. What it does is in the streams of the thing and the member,
//! by the same command.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::event::events;
use crate::{AppealText, Fingerprint, MeasureId, MemberId, Reason, Sealed, Thing};

events! {
    Measure by measure {
        Taken = ("measure.taken", 1, sealed for by),
        Lifted = ("measure.lifted", 1, sealed for by),
        Ended = ("measure.ended", 1),
        Appealed = ("measure.appealed", 1, sealed for member),
        Decided = ("measure.decided", 1, sealed for by),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    pub measure: MeasureId,
    /// A member is suspended, anything else hidden.
    pub about: Thing,
    /// Whose it is.
    pub member: MemberId,
    pub by: MemberId,
    pub reason: Sealed<Reason>,
    /// Of a suspension.
    pub until: Option<DateTime<Utc>>,
}

/// It holds no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lifted {
    pub measure: MeasureId,
    pub member: MemberId,
    pub by: MemberId,
    pub reason: Option<Sealed<Reason>>,
}

/// Its time is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    pub measure: MeasureId,
    pub member: MemberId,
}

/// The member's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Appealed {
    pub measure: MeasureId,
    pub member: MemberId,
    pub text: Sealed<AppealText>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    pub measure: MeasureId,
    pub member: MemberId,
    pub by: MemberId,
    /// The measure holds no more.
    pub granted: bool,
    pub reason: Sealed<Reason>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub about: Thing,
    pub member: MemberId,
    pub by: MemberId,
    pub until: Option<DateTime<Utc>>,
    pub lifted: bool,
    pub appeal: Option<Fingerprint>,
    pub granted: Option<bool>,
}

impl State {
    pub(crate) fn evolve(before: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::Taken(taken) => Some(Self {
                about: taken.about,
                member: taken.member,
                by: taken.by,
                until: taken.until,
                lifted: false,
                appeal: None,
                granted: None,
            }),
            Event::Lifted(_) | Event::Ended(_) => before.map(|measure| Self {
                lifted: true,
                ..measure
            }),
            Event::Appealed(appealed) => before.map(|measure| Self {
                appeal: Some(appealed.text.fingerprint()),
                ..measure
            }),
            Event::Decided(decided) => before.map(|measure| Self {
                granted: Some(decided.granted),
                lifted: measure.lifted || decided.granted,
                ..measure
            }),
        }
    }
}
