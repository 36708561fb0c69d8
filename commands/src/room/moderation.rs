//! Order in a room: its maker and the moderators whom the maker appoints keep it. The maker is
//! above it, moderators are above it for one another.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::room::{
    Banned, Leaving, ModeratorAppointed, ModeratorDismissed, Muted, Removed, Role, SlowModeSet,
    State, Unbanned, Unmuted,
};
use domain::{Event, MemberId, Reason, RoomId, Stream};

use super::{leaving, moderated};
use crate::{Command, Refused, Seen, member};

/// Beyond an hour a room is better archived.
pub const MAX_SLOW_MODE_SECONDS: u32 = 3_600;
/// Mutes, and bans, that a room remembers; beyond it another is refused.
pub const MAX_HELD: usize = 1_000;
pub const MAX_MODERATORS: usize = 50;

/// The member may read, but not write.
#[derive(Clone, Debug)]
pub struct Mute {
    pub room: RoomId,
    pub by: MemberId,
    pub member: MemberId,
    /// None: until it is lifted.
    pub until: Option<DateTime<Utc>>,
    pub reason: Option<Reason>,
    pub at: DateTime<Utc>,
}

impl Command for Mute {
    fn streams(&self) -> Vec<Stream> {
        vec![self.by.stream(), self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let state = over(seen, self.room, self.by, self.member)?;
        if state.mutes.get(&self.member) == Some(&self.until) {
            return Ok(vec![]);
        }
        if held(&state.mutes, self.at) >= MAX_HELD {
            return Err(Refused::RoomFull);
        }
        Ok(vec![
            Muted {
                room: self.room,
                member: self.member,
                by: self.by,
                until: self.until,
                reason: self.reason.clone().map(Into::into),
                at: self.at,
            }
            .into(),
        ])
    }
}

#[derive(Clone, Debug)]
pub struct Unmute {
    pub room: RoomId,
    pub by: MemberId,
    pub member: MemberId,
}

impl Command for Unmute {
    fn streams(&self) -> Vec<Stream> {
        vec![self.by.stream(), self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self { room, by, member } = *self;
        let state = moderated(seen, room, by)?;
        if !state.mutes.contains_key(&member) {
            return Ok(vec![]);
        }
        Ok(vec![Unmuted { room, member, by }.into()])
    }
}

/// Out of the room; into a public one they may come again.
#[derive(Clone, Debug)]
pub struct Remove {
    pub room: RoomId,
    pub by: MemberId,
    pub member: MemberId,
    pub reason: Option<Reason>,
    pub at: DateTime<Utc>,
}

impl Command for Remove {
    fn streams(&self) -> Vec<Stream> {
        vec![self.by.stream(), self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let state = over(seen, self.room, self.by, self.member)?;
        if !state.present.contains(&self.member) && !state.invited.contains(&self.member) {
            return Ok(vec![]);
        }
        let removed = Removed {
            room: self.room,
            member: self.member,
            by: self.by,
            reason: self.reason.clone().map(Into::into),
        };
        let left = leaving(state, self.room, self.member, Leaving::Removed, self.at);
        Ok([removed.into()].into_iter().chain(left).collect())
    }
}

/// Out of the room, and not in again before that time.
#[derive(Clone, Debug)]
pub struct Ban {
    pub room: RoomId,
    pub by: MemberId,
    pub member: MemberId,
    /// None: until it is lifted.
    pub until: Option<DateTime<Utc>>,
    pub reason: Option<Reason>,
    pub at: DateTime<Utc>,
}

impl Command for Ban {
    fn streams(&self) -> Vec<Stream> {
        vec![self.by.stream(), self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let state = over(seen, self.room, self.by, self.member)?;
        if state.bans.get(&self.member) == Some(&self.until) {
            return Ok(vec![]);
        }
        if held(&state.bans, self.at) >= MAX_HELD {
            return Err(Refused::RoomFull);
        }
        let banned = Banned {
            room: self.room,
            member: self.member,
            by: self.by,
            until: self.until,
            reason: self.reason.clone().map(Into::into),
            at: self.at,
        };
        let left = leaving(state, self.room, self.member, Leaving::Removed, self.at);
        Ok([banned.into()].into_iter().chain(left).collect())
    }
}

#[derive(Clone, Debug)]
pub struct Unban {
    pub room: RoomId,
    pub by: MemberId,
    pub member: MemberId,
}

impl Command for Unban {
    fn streams(&self) -> Vec<Stream> {
        vec![self.by.stream(), self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self { room, by, member } = *self;
        let state = moderated(seen, room, by)?;
        if !state.bans.contains_key(&member) {
            return Ok(vec![]);
        }
        Ok(vec![Unbanned { room, member, by }.into()])
    }
}

/// So many seconds between two messages of a member; 0: as they like.
#[derive(Clone, Debug)]
pub struct SetSlowMode {
    pub room: RoomId,
    pub by: MemberId,
    /// At most [`MAX_SLOW_MODE_SECONDS`]: more is taken for that.
    pub seconds: u32,
}

impl Command for SetSlowMode {
    fn streams(&self) -> Vec<Stream> {
        vec![self.by.stream(), self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let (room, by) = (self.room, self.by);
        let state = moderated(seen, room, by)?;
        let seconds = self.seconds.min(MAX_SLOW_MODE_SECONDS);
        if state.slow_mode_seconds == seconds {
            return Ok(vec![]);
        }
        Ok(vec![SlowModeSet { room, by, seconds }.into()])
    }
}

#[derive(Clone, Debug)]
pub struct Appoint {
    pub room: RoomId,
    pub by: MemberId,
    pub member: MemberId,
}

impl Command for Appoint {
    fn streams(&self) -> Vec<Stream> {
        let mut streams = vec![self.by.stream(), self.room.stream()];
        if self.member != self.by {
            streams.push(self.member.stream());
        }
        streams
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self { room, by, member } = *self;
        let state = made(seen, room, by)?;
        member::active(seen, member).map_err(|_| Refused::NoSuchMember)?;
        if state.role(member) > Role::Member {
            return Ok(vec![]);
        }
        if state.moderators.len() >= MAX_MODERATORS {
            return Err(Refused::RoomFull);
        }
        Ok(vec![ModeratorAppointed { room, member, by }.into()])
    }
}

#[derive(Clone, Debug)]
pub struct Dismiss {
    pub room: RoomId,
    pub by: MemberId,
    pub member: MemberId,
}

impl Command for Dismiss {
    fn streams(&self) -> Vec<Stream> {
        vec![self.by.stream(), self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self { room, by, member } = *self;
        if !made(seen, room, by)?.moderators.contains(&member) {
            return Ok(vec![]);
        }
        Ok(vec![ModeratorDismissed { room, member, by }.into()])
    }
}

/// Those that are not over by then.
fn held(members: &BTreeMap<MemberId, Option<DateTime<Utc>>>, at: DateTime<Utc>) -> usize {
    let untils = members.values();
    untils
        .filter(|until| until.is_none_or(|until| until > at))
        .count()
}

/// The room, if `by` may do something to the member there: whoever keeps order is dismissed first.
fn over(seen: &impl Seen, room: RoomId, by: MemberId, member: MemberId) -> Result<&State, Refused> {
    let state = moderated(seen, room, by)?;
    if state.role(member) > Role::Member {
        return Err(Refused::KeepsOrder);
    }
    Ok(state)
}

/// The room, if the member is its maker.
fn made(seen: &impl Seen, room: RoomId, member: MemberId) -> Result<&State, Refused> {
    let state = moderated(seen, room, member)?;
    if state.maker != member {
        return Err(Refused::NotTheMaker);
    }
    Ok(state)
}
