//! A room in which members talk, now.
//!
//! The stream holds exactly what every reader of the room may see, so that the sequence number of
//! what is seen is the stream's version: contiguous, and a client can prove that it has all. What
//! is somebody's own (read markers, reports) has streams of its own.

mod message;
mod state;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::event::events;
use crate::{
    FilmId, MeasureId, MemberId, MessageText, Part, Reaction, Reason, RoomDescription, RoomId,
    RoomName, Sealed,
};

pub use message::Message;
pub use state::{RECENT_SENDS, Role, Sent, State};

events! {
    Room by room {
        Opened = ("room.opened", 1, sealed for member),
        Renamed = ("room.renamed", 1, sealed for by),
        Described = ("room.described", 1, sealed for by),
        ClosingChosen = ("room.closing_chosen", 1),
        Archived = ("room.archived", 1),
        Reopened = ("room.reopened", 1),
        MessagePosted = ("room.message_posted", 1, sealed for member),
        MessageEdited = ("room.message_edited", 1, sealed for member),
        MessageRetracted = ("room.message_retracted", 1, sealed for by),
        Reacted = ("room.reacted", 1),
        Unreacted = ("room.unreacted", 1),
        Entered = ("room.entered", 1),
        Left = ("room.left", 1),
        Invited = ("room.invited", 1),
        InvitationDeclined = ("room.invitation_declined", 1),
        Muted = ("room.muted", 1, sealed for by),
        Unmuted = ("room.unmuted", 1),
        Removed = ("room.removed", 1, sealed for by),
        Banned = ("room.banned", 1, sealed for by),
        Unbanned = ("room.unbanned", 1),
        SlowModeSet = ("room.slow_mode_set", 1),
        ModeratorAppointed = ("room.moderator_appointed", 1),
        ModeratorDismissed = ("room.moderator_dismissed", 1),
    }
}

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    Public,
    /// Nobody else is told that the room is there.
    Invitation,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    pub room: RoomId,
    /// Who makes it.
    pub member: MemberId,
    /// What it is about; None: a free room.
    pub film: Option<FilmId>,
    pub name: Sealed<RoomName>,
    pub description: Sealed<RoomDescription>,
    pub admission: Admission,
    /// It is archived as soon as the last member leaves.
    pub closes_when_empty: bool,
    pub at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Renamed {
    pub room: RoomId,
    pub by: MemberId,
    pub name: Sealed<RoomName>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Described {
    pub room: RoomId,
    pub by: MemberId,
    pub description: Sealed<RoomDescription>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClosingChosen {
    pub room: RoomId,
    pub by: MemberId,
    pub closes_when_empty: bool,
}

/// Its history stays; entering opens it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Archived {
    pub room: RoomId,
    /// None: by itself, as it was empty.
    pub by: Option<MemberId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reopened {
    pub room: RoomId,
    pub by: MemberId,
    pub at: DateTime<Utc>,
}

/// Its sequence number, by which others refer to it, is its version in the stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessagePosted {
    pub room: RoomId,
    /// Ordinal among the room's messages: unread = the last one's − the reader's marker.
    pub n: i64,
    pub member: MemberId,
    /// The author's own id of the sending, told to nobody else.
    pub cid: Uuid,
    pub body: Sealed<MessageText>,
    pub reply_to: Option<Reply>,
    /// Who is named in it and may read it.
    pub mentions: Vec<MemberId>,
    pub spoiler: bool,
    pub at: DateTime<Utc>,
}

/// What is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The message's sequence number.
    pub message: i64,
    pub author: MemberId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageEdited {
    pub room: RoomId,
    /// The message's sequence number.
    pub message: i64,
    /// The author.
    pub member: MemberId,
    pub body: Sealed<MessageText>,
    /// All that are named now.
    pub mentions: Vec<MemberId>,
    /// Those of them who had not been named in it before.
    pub newly_named: Vec<MemberId>,
    pub spoiler: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageRetracted {
    pub room: RoomId,
    pub message: i64,
    pub author: MemberId,
    /// The author or a moderator.
    pub by: MemberId,
    pub reason: Option<Sealed<Reason>>,
    /// The measure of a moderator of the site that it is. Who that was isn't told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<MeasureId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reacted {
    pub room: RoomId,
    pub message: i64,
    pub member: MemberId,
    pub reaction: Reaction,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unreacted {
    pub room: RoomId,
    pub message: i64,
    pub member: MemberId,
    pub reaction: Reaction,
}

/// The member's first connection is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entered {
    pub room: RoomId,
    pub member: MemberId,
}

/// The member's last connection is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Left {
    pub room: RoomId,
    pub member: MemberId,
    pub reason: Leaving,
    pub at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaving {
    /// The member went.
    Closed,
    /// Nothing was heard of them any more.
    Timeout,
    /// A moderator removed or banned them, or they lost their account.
    Removed,
    /// The node that they were connected to died.
    NodeLost,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invited {
    pub room: RoomId,
    pub member: MemberId,
    pub by: MemberId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InvitationDeclined {
    pub room: RoomId,
    pub member: MemberId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Muted {
    pub room: RoomId,
    pub member: MemberId,
    pub by: MemberId,
    /// None: until it is lifted.
    pub until: Option<DateTime<Utc>>,
    pub reason: Option<Sealed<Reason>>,
    pub at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unmuted {
    pub room: RoomId,
    pub member: MemberId,
    pub by: MemberId,
}

/// Out of the room, and no longer invited; where it is public they may come again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Removed {
    pub room: RoomId,
    pub member: MemberId,
    pub by: MemberId,
    pub reason: Option<Sealed<Reason>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Banned {
    pub room: RoomId,
    pub member: MemberId,
    pub by: MemberId,
    /// None: until it is lifted.
    pub until: Option<DateTime<Utc>>,
    pub reason: Option<Sealed<Reason>>,
    pub at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unbanned {
    pub room: RoomId,
    pub member: MemberId,
    pub by: MemberId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SlowModeSet {
    pub room: RoomId,
    pub by: MemberId,
    /// Between two messages of a member; 0: off.
    pub seconds: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModeratorAppointed {
    pub room: RoomId,
    pub member: MemberId,
    pub by: MemberId,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModeratorDismissed {
    pub room: RoomId,
    pub member: MemberId,
    pub by: MemberId,
}

impl Event {
    pub(crate) fn part(&self) -> Option<Part> {
        match self {
            Self::MessagePosted(_) => Some(Part::Begun),
            Self::MessageEdited(MessageEdited { message, .. })
            | Self::MessageRetracted(MessageRetracted { message, .. })
            | Self::Reacted(Reacted { message, .. })
            | Self::Unreacted(Unreacted { message, .. }) => Some(Part::Of(*message)),
            Self::Opened(_)
            | Self::Renamed(_)
            | Self::Described(_)
            | Self::ClosingChosen(_)
            | Self::Archived(_)
            | Self::Reopened(_)
            | Self::Entered(_)
            | Self::Left(_)
            | Self::Invited(_)
            | Self::InvitationDeclined(_)
            | Self::Muted(_)
            | Self::Unmuted(_)
            | Self::Removed(_)
            | Self::Banned(_)
            | Self::Unbanned(_)
            | Self::SlowModeSet(_)
            | Self::ModeratorAppointed(_)
            | Self::ModeratorDismissed(_) => None,
        }
    }
}
