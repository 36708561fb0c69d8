//! That one member wants to see one film.
//!
//! A stream of its own for each pair, as for likes. Posting a review of the film takes it off the
//! list: that is an event, too, so that the list is what the log says.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{FilmId, MemberId, WatchlistEntryId, event::events};

events! {
    Watchlist by entry {
        Added = ("watchlist.added", 1),
        Removed = ("watchlist.removed", 1),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Added {
    pub entry: WatchlistEntryId,
    pub film: FilmId,
    pub member: MemberId,
    /// Of one that followed its film into another: when the member added it. Null: now.
    pub since: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Removed {
    pub entry: WatchlistEntryId,
    pub film: FilmId,
    pub member: MemberId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub listed: bool,
}

impl State {
    pub(crate) fn evolve(_: Option<Self>, event: &Event) -> Option<Self> {
        let listed = match event {
            Event::Added(_) => true,
            Event::Removed(_) => false,
        };
        Some(Self { listed })
    }
}
