//! What can be reported to the site's moderators, and what they can take measures against.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{CommentId, MemberId, ReviewId, RoomId, Stream};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Thing {
    Review {
        review: ReviewId,
    },
    Comment {
        comment: CommentId,
    },
    Message {
        room: RoomId,
        /// Its sequence number.
        message: i64,
    },
    Member {
        member: MemberId,
    },
}

impl Thing {
    /// Its stored form's `kind`.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Review { .. } => "review",
            Self::Comment { .. } => "comment",
            Self::Message { .. } => "message",
            Self::Member { .. } => "member",
        }
    }

    /// What it is, or is in.
    pub const fn subject(self) -> Uuid {
        match self {
            Self::Review { review } => review.0,
            Self::Comment { comment } => comment.0,
            Self::Message { room, .. } => room.0,
            Self::Member { member } => member.0,
        }
    }

    /// Of a message.
    pub const fn seq(self) -> Option<i64> {
        match self {
            Self::Message { message, .. } => Some(message),
            Self::Review { .. } | Self::Comment { .. } | Self::Member { .. } => None,
        }
    }

    /// What is known of it, for a decision.
    pub fn streams(self) -> Vec<Stream> {
        match self {
            Self::Review { review } => vec![review.stream()],
            Self::Comment { comment } => vec![comment.stream()],
            Self::Message { room, message } => vec![room.stream(), room.message(message)],
            Self::Member { member } => vec![member.stream()],
        }
    }
}
