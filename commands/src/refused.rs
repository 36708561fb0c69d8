//! Every way in which a rule says no.

use thiserror::Error;

/// The text is for the member. What they may not see or touch is told as *not found*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Refused {
    #[error("there is no such film")]
    NoSuchFilm,
    #[error("a film can't be joined with itself")]
    SameFilm,
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
    #[error("the name was changed too often; a former one must be let go first")]
    TooManyNames,
    #[error("this e-mail address is taken")]
    EmailTaken,
    /// The command was made from what is no longer so: read again, make it again.
    #[error("the account was changed in the meantime")]
    Outdated,
    #[error("another member signs in with this account")]
    IdentityTaken,
    #[error("there can't be more linked accounts")]
    TooManyIdentities,
    #[error("the last way to sign in stays")]
    LastWayIn,
    /// Only operators grant roles; to everybody else there is nothing to grant.
    #[error("there is no such role")]
    NoSuchRole,
    #[error("operators may not revoke their own role")]
    OwnRole,
    #[error("authors may not like their own review")]
    OwnReview,
    #[error("nobody follows themselves")]
    Oneself,
    #[error("there is no such room")]
    NoSuchRoom,
    #[error("there is no such message")]
    NoSuchMessage,
    #[error("there is no such measure")]
    NoSuchMeasure,
    #[error("there is no such report")]
    NoSuchReport,
    #[error("the room is archived; enter it to open it again")]
    RoomArchived,
    /// Whatever there would be too many of in it: members, invitations, moderators, mutes.
    #[error("the room is full")]
    RoomFull,
    #[error("you were banned from this room")]
    Banned,
    #[error("you were muted in this room")]
    Muted,
    #[error("this member was banned from the room")]
    MemberBanned,
    #[error("wait a moment before you send more")]
    TooFast { retry_ms: u64 },
    #[error("this message is someone else's")]
    NotYourMessage,
    #[error("this is your own")]
    OwnThing,
    #[error("you may not write at the moment")]
    Suspended,
    #[error("moderators have hidden this review")]
    Hidden,
    #[error("moderators have done something about this already")]
    AlreadyModerated,
    #[error("you have appealed already")]
    AlreadyAppealed,
    #[error("nobody judges themselves")]
    OwnMeasure,
    #[error("who has a role can't be suspended")]
    HasRole,
    #[error("a suspension ends at some time from now")]
    NoTime,
    #[error("what was taken back can't be shown again")]
    GoneForGood,
    #[error("this message was changed too often")]
    TooManyChanges,
    #[error("only moderators of the room may do this")]
    NotAModerator,
    #[error("only the room's maker may do this")]
    NotTheMaker,
    #[error("this can't be done to those who keep order in the room")]
    KeepsOrder,
}

impl Refused {
    /// Stable: the name in API answers and in translations.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::NoSuchFilm => "no-such-film",
            Self::SameFilm => "same-film",
            Self::NoSuchMember => "no-such-member",
            Self::NoSuchReview => "no-such-review",
            Self::NoSuchComment => "no-such-comment",
            Self::Withdrawn => "withdrawn",
            Self::NameTaken => "name-taken",
            Self::TooManyNames => "too-many-names",
            Self::EmailTaken => "email-taken",
            Self::Outdated => "outdated",
            Self::IdentityTaken => "identity-taken",
            Self::TooManyIdentities => "too-many-identities",
            Self::LastWayIn => "last-way-in",
            Self::NoSuchRole => "no-such-role",
            Self::OwnRole => "own-role",
            Self::OwnReview => "own-review",
            Self::NoSuchRoom => "no-such-room",
            Self::NoSuchMessage => "no-such-message",
            Self::NoSuchMeasure => "no-such-measure",
            Self::NoSuchReport => "no-such-report",
            Self::RoomArchived => "room-archived",
            Self::RoomFull => "room-full",
            Self::Banned => "banned",
            Self::Muted => "muted",
            Self::MemberBanned => "member-banned",
            Self::TooFast { .. } => "too-fast",
            Self::NotYourMessage => "not-your-message",
            Self::Oneself => "oneself",
            Self::OwnThing => "own-thing",
            Self::Suspended => "suspended",
            Self::Hidden => "hidden",
            Self::AlreadyModerated => "already-moderated",
            Self::AlreadyAppealed => "already-appealed",
            Self::OwnMeasure => "own-measure",
            Self::HasRole => "has-role",
            Self::NoTime => "no-time",
            Self::GoneForGood => "gone-for-good",
            Self::TooManyChanges => "too-many-changes",
            Self::NotAModerator => "not-a-moderator",
            Self::NotTheMaker => "not-the-maker",
            Self::KeepsOrder => "keeps-order",
        }
    }
}
