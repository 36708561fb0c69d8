//! Orders about a member of a room, for whoever is told by a word which one is meant.

use chrono::{DateTime, Utc};
use domain::{Event, MemberId, Reason, RoomId, Stream};

use super::{Appoint, Ban, Dismiss, Mute, Remove, Unban, Unmute};
use crate::{Command, Refused, Seen};

/// What may be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Mute,
    Unmute,
    Remove,
    Ban,
    Unban,
    Appoint,
    Dismiss,
}

impl Act {
    pub const ALL: [Act; 7] = [
        Act::Mute,
        Act::Unmute,
        Act::Remove,
        Act::Ban,
        Act::Unban,
        Act::Appoint,
        Act::Dismiss,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Act::Mute => "mute",
            Act::Unmute => "unmute",
            Act::Remove => "remove",
            Act::Ban => "ban",
            Act::Unban => "unban",
            Act::Appoint => "appoint",
            Act::Dismiss => "dismiss",
        }
    }

    pub fn named(name: &str) -> Option<Act> {
        Act::ALL.into_iter().find(|act| act.name() == name)
    }
}

/// The order whose act it has: decided as that one is.
#[derive(Clone, Debug)]
pub struct Order {
    pub act: Act,
    pub room: RoomId,
    pub by: MemberId,
    pub member: MemberId,
    /// None: until it is lifted. Of acts that last.
    pub until: Option<DateTime<Utc>>,
    /// Of acts that somebody is told of.
    pub reason: Option<Reason>,
    pub at: DateTime<Utc>,
}

impl Command for Order {
    fn streams(&self) -> Vec<Stream> {
        let mut streams = vec![self.by.stream(), self.room.stream()];
        if self.act == Act::Appoint && self.member != self.by {
            streams.push(self.member.stream());
        }
        streams
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Order {
            act,
            room,
            by,
            member,
            until,
            reason,
            at,
        } = self.clone();
        match act {
            Act::Mute => Mute {
                room,
                by,
                member,
                until,
                reason,
                at,
            }
            .decide(seen),
            Act::Ban => Ban {
                room,
                by,
                member,
                until,
                reason,
                at,
            }
            .decide(seen),
            Act::Remove => Remove {
                room,
                by,
                member,
                reason,
                at,
            }
            .decide(seen),
            Act::Unmute => Unmute { room, by, member }.decide(seen),
            Act::Unban => Unban { room, by, member }.decide(seen),
            Act::Appoint => Appoint { room, by, member }.decide(seen),
            Act::Dismiss => Dismiss { room, by, member }.decide(seen),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_has_a_name_of_its_own() {
        for act in Act::ALL {
            assert_eq!(Act::named(act.name()), Some(act));
        }
        assert_eq!(Act::named("shoot"), None);
    }
}
