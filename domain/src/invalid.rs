//! Why a value is refused where it enters.

use thiserror::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Invalid {
    #[error("must have at least {min} characters")]
    TooShort { min: usize },
    #[error("must have at most {max} characters")]
    TooLong { max: usize },
    #[error("contains invisible or control characters")]
    InvisibleCharacter,
    #[error("is not an e-mail address")]
    NotAnEmail,
    #[error("must be half a star to five stars, in half stars")]
    NotARating,
    #[error("is not a genre")]
    UnknownGenre,
    #[error("is not a language of Reeltime")]
    UnknownLanguage,
    #[error("is not a role")]
    UnknownRole,
    #[error("is none of the reactions")]
    NotAReaction,
}

impl Invalid {
    /// Stable: the name in API answers and in translations.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::TooShort { .. } => "too-short",
            Self::TooLong { .. } => "too-long",
            Self::InvisibleCharacter => "invisible-character",
            Self::NotAnEmail => "not-an-email",
            Self::NotARating => "not-a-rating",
            Self::UnknownGenre => "unknown-genre",
            Self::UnknownLanguage => "unknown-language",
            Self::UnknownRole => "unknown-role",
            Self::NotAReaction => "not-a-reaction",
        }
    }
}
