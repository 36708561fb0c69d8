//! That a member is to be forgotten, and how far: the keys of what was theirs are destroyed, and
//! what is read is rewritten.
//!
//! A stream and an aggregate of its own, so that the compiler asks every read model what it holds
//! of the member.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ForgettingId, KeyKind, MemberId, event::events};

events! {
    Forgetting by forgetting {
        Forgotten = ("forgetting.forgotten", 1),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forgotten {
    pub forgetting: ForgettingId,
    pub member: MemberId,
    pub extent: Extent,
}

impl Forgotten {
    /// The keys that are destroyed for it.
    pub fn key_ids(&self) -> impl Iterator<Item = Uuid> {
        let kinds = self.extent.kinds().iter();
        kinds.map(|kind| self.member.key_id(*kind))
    }
}

/// What goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// Who they were: name, e-mail, what they said about themselves. What they wrote stays, as by
    /// a former member.
    Identity,
    /// What they wrote, too.
    Everything,
}

impl Extent {
    pub const ALL: [Self; 2] = [Self::Identity, Self::Everything];

    /// Its stored form, and its name in requests.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Everything => "everything",
        }
    }

    pub const fn kinds(self) -> &'static [KeyKind] {
        match self {
            Self::Identity => &[KeyKind::Identity],
            Self::Everything => &KeyKind::ALL,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub extent: Extent,
}

impl State {
    pub(crate) fn evolve(before: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::Forgotten(forgotten) => Some(Self {
                extent: before.map_or(forgotten.extent, |state| state.extent.max(forgotten.extent)),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slug_and_stored_form_are_the_same_word() {
        for extent in Extent::ALL {
            let stored = format!("\"{}\"", extent.slug());
            assert_eq!(serde_json::to_string(&extent).unwrap(), stored);
        }
    }

    #[test]
    fn everything_is_more_than_who_one_was() {
        assert!(Extent::Everything > Extent::Identity);
        let kinds = Extent::Everything.kinds();
        assert!(
            Extent::Identity
                .kinds()
                .iter()
                .all(|kind| kinds.contains(kind))
        );
        assert_eq!(kinds, KeyKind::ALL);
    }
}
