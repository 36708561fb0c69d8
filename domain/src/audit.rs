//! What an auditor read of what members did and wrote. It is told to those whom it concerns.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{MemberId, Stream, event::events};

events! {
    Audit by audit {
        Read = ("audit.read", 1),
    }
}

/// All that one auditor has read: a stream beside the member's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuditBy(pub MemberId);

impl AuditBy {
    pub const fn stream(self) -> Stream {
        Stream {
            category: "audit",
            id: self.0.0,
            part: None,
        }
    }
}

/// One answer that an auditor was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Read {
    pub audit: AuditBy,
    /// A number for the reading itself, by which a repeated one is known.
    pub read: Uuid,
    pub asked: Asked,
    /// The positions of the first and the last event that were shown.
    pub first: i64,
    pub last: i64,
    /// Whose doings and words were among them.
    pub members: BTreeSet<MemberId>,
}

/// A type of event that there is: no other word of who asks is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KnownType(String);

impl KnownType {
    pub fn new(name: &str) -> Option<Self> {
        let mut types = crate::Event::types();
        let is_known = types.any(|(known, _)| known == name);
        is_known.then(|| Self(name.to_owned()))
    }
}

/// A stream's name, of a category that there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownStream {
    category: String,
    id: Uuid,
}

impl KnownStream {
    /// `review-<uuid>`.
    pub fn new(name: &str) -> Option<Self> {
        let (category, id) = name.split_once('-')?;
        let mut types = crate::Event::types();
        let is_known = types.any(|(known, _)| known.split('.').next() == Some(category));
        let id = id.parse().ok()?;
        is_known.then(|| Self {
            category: category.to_owned(),
            id,
        })
    }
}

/// What was asked for; what is `None` was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<Uuid>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub event_type: Option<KnownType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<KnownStream>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub film: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The number of the last reading.
    pub last: Uuid,
}

impl State {
    pub(crate) fn evolve(_: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::Read(read) => Some(Self { last: read.read }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_of_a_question_is_none_of_the_askers_words() {
        assert!(KnownType::new("review.posted").is_some());
        assert!(KnownType::new("what ann did").is_none());
        let stream = |category| format!("{category}-{}", Uuid::from_u128(1));
        assert!(KnownStream::new(&stream("read_marker")).is_some());
        for name in [stream("ann"), "review-ann".to_owned(), "review".to_owned()] {
            assert!(KnownStream::new(&name).is_none(), "{name}");
        }
    }
}
