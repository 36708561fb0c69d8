//! The reactions that a message can get: a closed list, so that what hangs under a message is
//! bounded and looks the same everywhere.

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// One of [`Reaction::ALL`]: its place there. Stored as the emoji.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub struct Reaction(u8);

impl Reaction {
    /// In the order in which they are offered. Only ever added to: each may be in the log.
    pub const ALL: [&str; 24] = [
        "👍", "❤️", "😂", "😮", "😢", "🔥", "👏", "🎬", "🍿", "🤔", "👀", "😍", "😱", "🤯", "😭",
        "💯", "🙏", "🎉", "😴", "😡", "👎", "⭐", "💀", "🥹",
    ];

    pub fn new(typed: &str) -> Result<Self, Invalid> {
        (0..)
            .zip(Self::ALL)
            .find(|(_, known)| bare(known) == bare(typed))
            .map(|(place, _)| Self(place))
            .ok_or(Invalid::NotAReaction)
    }

    pub const fn as_str(self) -> &'static str {
        Self::ALL[self.0 as usize]
    }
}

/// Keyboards send a heart with or without the selector that makes it a picture.
fn bare(emoji: &str) -> &str {
    emoji.trim_end_matches('\u{FE0F}')
}

impl TryFrom<String> for Reaction {
    type Error = Invalid;

    fn try_from(stored: String) -> Result<Self, Invalid> {
        Self::new(&stored)
    }
}

impl From<Reaction> for &'static str {
    fn from(reaction: Reaction) -> &'static str {
        reaction.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reaction_is_one_of_the_list() {
        assert_eq!(Reaction::new("🔥").unwrap().as_str(), "🔥");
        assert_eq!(Reaction::new("❤"), Reaction::new("❤\u{FE0F}"));
        for typed in ["", "🔥🔥", "fire", "🇰🇷", "\u{FE0F}"] {
            assert_eq!(Reaction::new(typed), Err(Invalid::NotAReaction), "{typed}");
        }
    }

    #[test]
    fn no_reaction_is_there_twice() {
        let mut all = Reaction::ALL.map(bare).to_vec();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), Reaction::ALL.len());
    }
}
