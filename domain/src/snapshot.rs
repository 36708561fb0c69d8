//! The form in which states are kept beside the log, so that a decision on a long stream reads its
//! newest events alone. Whoever finds none, or another form, reads the stream.

use crate::event::Kept;
use crate::{State, sealed};

/// The states that every event of the golden file leaves behind: a state that has another form,
/// or means something else, is another shape. A test keeps this true.
pub const SNAPSHOT_SHAPE: &str = include_str!("../tests/snapshots.txt");

/// Holds no words, but what tells whether others are the same.
impl State {
    /// # Panics
    /// Of a part of a stream.
    pub fn to_snapshot(&self) -> String {
        let kept = sealed::keeping(|| serde_json::to_string(&Kept::from(self)));
        kept.expect("its maps have ids as keys, and it holds no words")
    }

    /// None: it is in another form.
    pub fn from_snapshot(text: &str) -> Option<Self> {
        let kept: Kept<'_> = sealed::keeping(|| serde_json::from_str(text)).ok()?;
        Some(kept.into())
    }
}
