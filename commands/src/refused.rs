//! Every way in which a rule says no.

use thiserror::Error;

/// The text is for the member. What they may not see or touch is told as *not found*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Refused {
    #[error("there is no such film")]
    NoSuchFilm,
    #[error("there is no such member")]
    NoSuchMember,
    #[error("there is no such review")]
    NoSuchReview,
    #[error("there is no such comment")]
    NoSuchComment,
    #[error("this account was withdrawn")]
    Withdrawn,
    #[error("this name is taken")]
    NameTaken,
    #[error("this e-mail address is taken")]
    EmailTaken,
    /// The command was made from what is no longer so: read again, make it again.
    #[error("the account was changed in the meantime")]
    Outdated,
    /// Only operators grant roles; to everybody else there is nothing to grant.
    #[error("there is no such role")]
    NoSuchRole,
    #[error("operators may not revoke their own role")]
    OwnRole,
    #[error("authors may not like their own review")]
    OwnReview,
}

impl Refused {
    /// Stable: the name in API answers and in translations.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::NoSuchFilm => "no-such-film",
            Self::NoSuchMember => "no-such-member",
            Self::NoSuchReview => "no-such-review",
            Self::NoSuchComment => "no-such-comment",
            Self::Withdrawn => "withdrawn",
            Self::NameTaken => "name-taken",
            Self::EmailTaken => "email-taken",
            Self::Outdated => "outdated",
            Self::NoSuchRole => "no-such-role",
            Self::OwnRole => "own-role",
            Self::OwnReview => "own-review",
        }
    }
}
