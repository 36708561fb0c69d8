//! Which states are kept beside the log, and their form there: those of streams that grow as long
//! as people use them. Whoever finds none, or another form, reads the stream.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::{Fingerprint, State, notifications, read_marker, room};

/// Categories of streams that become long.
pub const LONG_STREAMS: [&str; 3] = ["room", "read_marker", "notifications"];

/// The states that every event of the golden file leaves behind: a state that has another form,
/// or means something else, is another shape. A test keeps this true.
pub const SNAPSHOT_SHAPE: &str = include_str!("../tests/snapshots.txt");

/// Holds no words, but of a room's name what tells whether another is the same.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Nothing,
    Room {
        state: Box<room::State>,
        // what a room's state shows to nobody
        name: Option<[u8; 16]>,
        description: Option<[u8; 16]>,
        recent: VecDeque<room::Sent>,
    },
    ReadMarker(read_marker::State),
    Notifications(notifications::State),
}

impl State {
    /// # Panics
    /// Of a stream that is not among the long ones.
    pub fn to_snapshot(&self) -> String {
        let kept = match self {
            Self::Nothing => Kept::Nothing,
            Self::Room(state) => Kept::Room {
                state: Box::new(state.clone()),
                name: state.name.0,
                description: state.description.0,
                recent: state.recent.clone(),
            },
            Self::ReadMarker(state) => Kept::ReadMarker(state.clone()),
            Self::Notifications(state) => Kept::Notifications(state.clone()),
            Self::Message(_)
            | Self::Film(_)
            | Self::Reservation(_)
            | Self::Member(_)
            | Self::Review(_)
            | Self::Like(_)
            | Self::Watchlist(_)
            | Self::Follow(_)
            | Self::Comment(_)
            | Self::Forgetting(_)
            | Self::Report(_)
            | Self::Measure(_)
            | Self::Audit(_) => unreachable!("of {self:?} no snapshots are kept"),
        };
        serde_json::to_string(&kept).expect("its maps have ids as keys")
    }

    /// None: it is in another form.
    pub fn from_snapshot(text: &str) -> Option<Self> {
        let kept = serde_json::from_str(text).ok()?;
        Some(match kept {
            Kept::Nothing => Self::Nothing,
            Kept::Room {
                state,
                name,
                description,
                recent,
            } => Self::Room(room::State {
                name: Fingerprint(name),
                description: Fingerprint(description),
                recent,
                ..*state
            }),
            Kept::ReadMarker(state) => Self::ReadMarker(state),
            Kept::Notifications(state) => Self::Notifications(state),
        })
    }
}
