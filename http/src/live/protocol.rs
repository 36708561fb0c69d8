//! The frames, as `asyncapi.json` describes them: what a client says and what it is told.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a client says.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "t", rename_all = "snake_case", deny_unknown_fields)]
pub enum Said {
    /// The first frame, within five seconds. Rooms are watched from where the client left off
    /// (`null`: from a snapshot).
    Hello {
        id: u64,
        #[serde(default)]
        rooms: BTreeMap<Uuid, Option<After>>,
    },
    /// Follows a room; with `enter` also makes the member present.
    Sub {
        id: u64,
        room: Uuid,
        #[serde(default)]
        enter: bool,
        #[serde(default)]
        after: Option<After>,
        /// Messages in a snapshot.
        #[serde(default)]
        last: Option<i64>,
    },
    Unsub {
        id: u64,
        room: Uuid,
    },
    Send {
        id: u64,
        room: Uuid,
        cid: Uuid,
        body: String,
        /// The sequence number of the message that is answered.
        #[serde(default)]
        reply_to: Option<i64>,
        #[serde(default)]
        spoiler: bool,
    },
    Edit {
        id: u64,
        room: Uuid,
        cid: Uuid,
        message: i64,
        body: String,
        #[serde(default)]
        spoiler: bool,
    },
    Retract {
        id: u64,
        room: Uuid,
        cid: Uuid,
        message: i64,
    },
    React {
        id: u64,
        room: Uuid,
        cid: Uuid,
        message: i64,
        emoji: String,
        on: bool,
    },
    /// Up to this ordinal the member has read the room.
    Read {
        id: u64,
        room: Uuid,
        n: i64,
    },
    Typing {
        room: Uuid,
    },
    Moderate {
        id: u64,
        room: Uuid,
        cid: Uuid,
        act: Act,
        /// Whom it concerns (not for `slow_mode` and `retract`).
        #[serde(default)]
        member: Option<Uuid>,
        /// The message to retract.
        #[serde(default)]
        message: Option<i64>,
        /// How long; for `slow_mode` the seconds between two messages (0: off).
        #[serde(default)]
        for_s: Option<u32>,
        #[serde(default)]
        reason: Option<String>,
    },
    /// Messages before a sequence number, newest first.
    History {
        id: u64,
        room: Uuid,
        #[serde(default)]
        before: Option<i64>,
        #[serde(default)]
        limit: Option<i64>,
    },
    /// One message.
    Message {
        id: u64,
        room: Uuid,
        message: i64,
    },
    Report {
        id: u64,
        room: Uuid,
        cid: Uuid,
        message: i64,
        reason: String,
    },
    Pong {
        n: u64,
    },
}

impl Said {
    pub fn id(&self) -> Option<u64> {
        match self {
            Said::Hello { id, .. }
            | Said::Sub { id, .. }
            | Said::Unsub { id, .. }
            | Said::Send { id, .. }
            | Said::Edit { id, .. }
            | Said::Retract { id, .. }
            | Said::React { id, .. }
            | Said::Read { id, .. }
            | Said::Moderate { id, .. }
            | Said::History { id, .. }
            | Said::Message { id, .. }
            | Said::Report { id, .. } => Some(*id),
            Said::Typing { .. } | Said::Pong { .. } => None,
        }
    }

    pub fn room(&self) -> Option<Uuid> {
        match self {
            Said::Sub { room, .. }
            | Said::Unsub { room, .. }
            | Said::Send { room, .. }
            | Said::Edit { room, .. }
            | Said::Retract { room, .. }
            | Said::React { room, .. }
            | Said::Read { room, .. }
            | Said::Typing { room }
            | Said::Moderate { room, .. }
            | Said::History { room, .. }
            | Said::Message { room, .. }
            | Said::Report { room, .. } => Some(*room),
            Said::Hello { .. } | Said::Pong { .. } => None,
        }
    }

    /// A command's id, which its client made.
    pub fn cid(&self) -> Option<Uuid> {
        match self {
            Said::Send { cid, .. }
            | Said::Edit { cid, .. }
            | Said::Retract { cid, .. }
            | Said::React { cid, .. }
            | Said::Moderate { cid, .. }
            | Said::Report { cid, .. } => Some(*cid),
            Said::Hello { .. }
            | Said::Sub { .. }
            | Said::Unsub { .. }
            | Said::Read { .. }
            | Said::Typing { .. }
            | Said::History { .. }
            | Said::Message { .. }
            | Said::Pong { .. } => None,
        }
    }
}

/// Where a client left off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct After {
    pub epoch: String,
    pub seq: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Mute,
    Unmute,
    Remove,
    Ban,
    Unban,
    SlowMode,
    Retract,
}

/// What a client is told. A frame with an `id` answers the frame of that `id`; others are news.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Told {
    Welcome {
        id: u64,
        connection: Uuid,
        epoch: String,
        ping_ms: u64,
        retry: Retry,
        limits: Bounds,
    },
    Subscribed {
        id: u64,
        room: Uuid,
        epoch: String,
        /// The room's last sequence number.
        head: i64,
        #[serde(flatten)]
        start: Start,
    },
    Unsubscribed {
        id: u64,
        room: Uuid,
    },
    /// What happened in a room. `seq` is contiguous over all these frames.
    Events {
        room: Uuid,
        e: Vec<Happened>,
        /// The names of members in `e`, but for former ones and those that can't be read at once: of
        /// each, `GET /api/v1/members/{member}` tells.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        names: BTreeMap<Uuid, String>,
    },
    /// It is recorded, and safe.
    Ack {
        id: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        cid: Option<Uuid>,
        /// Its place in the room, if it has one.
        #[serde(skip_serializing_if = "Option::is_none")]
        seq: Option<i64>,
        pos: i64,
        /// It had been recorded before.
        again: bool,
    },
    Error {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<u64>,
        /// Stable, for programs.
        code: String,
        /// For developers.
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_ms: Option<u64>,
        /// The same frame may succeed later.
        temporary: bool,
        /// To who is banned: what was given as the reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// To who is banned: when that is over by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
    },
    History {
        id: u64,
        room: Uuid,
        /// The `seq` that the messages are as of: what events behind it did to them is not in it, and
        /// what events up to it did is.
        at: i64,
        messages: Vec<Message>,
        /// There are older ones.
        more: bool,
    },
    Message {
        id: u64,
        room: Uuid,
        /// The `seq` that the message is as of.
        at: i64,
        message: Message,
    },
    /// Not in the log: worth `ttl_ms` and nothing more.
    Ephemeral {
        room: Uuid,
        k: Passing,
        members: Vec<Uuid>,
        ttl_ms: u64,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        names: BTreeMap<Uuid, String>,
    },
    /// These were too many to stream: fetch them, or subscribe again without `after`.
    Gap {
        room: Uuid,
        from: i64,
        to: i64,
        fetch: String,
    },
    /// How it stands with the member in a room, which nobody else is told: behind `subscribed`, and
    /// when it changes.
    Standing {
        room: Uuid,
        /// They read, but don't write.
        muted: bool,
        /// Null while muted: until it is lifted.
        muted_until: Option<DateTime<Utc>>,
        /// What was given as the reason, while muted; null: nothing.
        reason: Option<String>,
    },
    /// The room is closed to this connection.
    Ended {
        room: Uuid,
        code: String,
        /// What whoever removed or banned the member gave as the reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// When the ban is over by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
    },
    Ping {
        n: u64,
        head: BTreeMap<Uuid, i64>,
    },
    /// Connect again, to whichever node answers, within this time.
    Goaway {
        in_ms: u64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Passing {
    Typing,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Retry {
    pub min_ms: u64,
    pub max_ms: u64,
    pub jitter: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Bounds {
    pub body: usize,
    pub rooms: usize,
    pub send: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum Start {
    /// The room as it was at `snapshot.at`; events follow from there.
    Snapshot { snapshot: Box<Snapshot> },
    /// Events follow from this sequence number.
    Resume { from: i64 },
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    pub at: i64,
    pub room: RoomFacts,
    pub me: Me,
    pub present: Present,
    /// Oldest first.
    pub messages: Vec<Message>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RoomFacts {
    pub name: Option<String>,
    pub description: Option<String>,
    pub film: Option<Uuid>,
    pub public: bool,
    pub archived: bool,
    pub slow_mode_s: u32,
    /// The last message's ordinal.
    pub last_n: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Me {
    /// Null: not signed in.
    pub role: Option<String>,
    /// The ordinal up to which the member has read.
    pub read: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Present {
    pub count: i64,
    pub members: Vec<Named>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Named {
    pub id: Uuid,
    /// Null: a former member, or one whose name can't be read now.
    pub name: Option<String>,
}

/// A message as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    pub seq: i64,
    pub n: i64,
    pub by: Uuid,
    pub name: Option<String>,
    pub at: DateTime<Utc>,
    /// Null: retracted or forgotten.
    pub body: Option<String>,
    pub retracted: bool,
    pub edited: bool,
    pub spoiler: bool,
    pub reply_to: Option<i64>,
    /// Who is named in it, and their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Named>,
    pub reactions: Vec<Reactions>,
    /// What was given as the reason when it was retracted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reactions {
    pub emoji: String,
    pub count: i64,
    pub mine: bool,
}

/// One event of a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Happened {
    pub seq: i64,
    pub pos: i64,
    pub at: DateTime<Utc>,
    /// Who did it. Absent: it came about by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Uuid>,
    #[serde(flatten)]
    pub what: What,
}

/// What happened, and what belongs to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "k", content = "d", rename_all = "snake_case")]
pub enum What {
    Opened {
        name: Option<String>,
        description: Option<String>,
        film: Option<Uuid>,
        public: bool,
        closes_when_empty: bool,
    },
    Renamed {
        name: Option<String>,
    },
    Described {
        description: Option<String>,
    },
    ClosingChosen {
        closes_when_empty: bool,
    },
    /// Whoever was there has left with it, and goes on hearing of the room.
    Archived,
    /// Whoever has stayed is there again by subscribing again, with `enter` and from the place that
    /// they are at.
    Reopened,
    MessagePosted {
        n: i64,
        /// As it is by now; null: retracted or forgotten.
        body: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<i64>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<Uuid>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        spoiler: bool,
    },
    MessageEdited {
        message: i64,
        body: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<Uuid>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        spoiler: bool,
    },
    MessageRetracted {
        message: i64,
        author: Uuid,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    Reacted {
        message: i64,
        emoji: String,
    },
    Unreacted {
        message: i64,
        emoji: String,
    },
    Entered,
    Left {
        reason: Reason,
    },
    /// Somebody was invited or has declined, was muted, removed or banned, or may speak or come
    /// again. Whom it concerns is told so; who keeps order finds whom and until when by
    /// `GET /api/v1/rooms/{room}/members`; nobody else need know more.
    OrderKept,
    SlowModeSet {
        seconds: u32,
    },
    ModeratorAppointed {
        member: Uuid,
    },
    ModeratorDismissed {
        member: Uuid,
    },
}

/// Why somebody left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Closed,
    Timeout,
    Removed,
    NodeLost,
}
