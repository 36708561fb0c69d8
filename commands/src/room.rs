//! Rooms: opening and keeping them, coming and going. What is said is in [`message`], order in
//! [`moderation`], and any of its orders by name in [`order`].
//!
//! A room by invitation is not there for others: they are told that there is no such room.

pub mod message;
pub mod moderation;
pub mod order;

use chrono::{DateTime, TimeDelta, Utc};
use domain::room::{
    Admission, Archived, ClosingChosen, Described, Entered, InvitationDeclined, Invited, Leaving,
    Left, Opened, Renamed, Reopened, Role, State,
};
use domain::{Event, FilmId, MemberId, RoomDescription, RoomId, RoomName, Sealed, Stream};

use crate::{Command, Refused, Seen, film, member};

pub use message::{Edit, MAX_MENTIONS, React, Retract, Send};
pub use moderation::{
    Appoint, Ban, Dismiss, MAX_SLOW_MODE_SECONDS, Mute, Remove, SetSlowMode, Unban, Unmute,
};
pub use order::{Act, Order};

/// Members in a room at once; the next is told that it is full.
pub const MAX_PRESENT: usize = 10_000;
/// Invitations to one room that stand.
pub const MAX_INVITED: usize = 1_000;
/// A room that nobody was in for so long is archived.
pub const IDLE: TimeDelta = TimeDelta::hours(24);

#[derive(Clone, Debug)]
pub struct Open {
    pub room: RoomId,
    pub member: MemberId,
    pub film: Option<FilmId>,
    pub name: RoomName,
    pub description: RoomDescription,
    pub admission: Admission,
    pub closes_when_empty: bool,
    pub at: DateTime<Utc>,
}

impl Command for Open {
    fn streams(&self) -> Vec<Stream> {
        let film = self.film.map(FilmId::stream);
        [Some(self.member.stream()), Some(self.room.stream()), film]
            .into_iter()
            .flatten()
            .collect()
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        member::may_write(seen, self.member)?;
        if let Some(film) = self.film {
            film::known(seen, film)?;
        }
        if seen.room(self.room).is_some() {
            return Ok(vec![]);
        }
        Ok(vec![
            Opened {
                room: self.room,
                member: self.member,
                film: self.film,
                name: self.name.clone().into(),
                description: self.description.clone().into(),
                admission: self.admission,
                closes_when_empty: self.closes_when_empty,
                at: self.at,
            }
            .into(),
        ])
    }
}

/// Makes name, description and life of a room be this; what is None stays.
#[derive(Clone, Debug)]
pub struct Rename {
    pub room: RoomId,
    pub member: MemberId,
    pub name: Option<RoomName>,
    pub description: Option<RoomDescription>,
    pub closes_when_empty: Option<bool>,
}

impl Command for Rename {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let state = moderated(seen, self.room, self.member)?;
        let (room, by) = (self.room, self.member);
        let mut events = vec![];
        if let Some(name) = self.name.clone().map(Sealed::from)
            && state.name != name.fingerprint()
        {
            events.push(Renamed { room, by, name }.into());
        }
        if let Some(description) = self.description.clone().map(Sealed::from)
            && state.description != description.fingerprint()
        {
            let described = Described {
                room,
                by,
                description,
            };
            events.push(described.into());
        }
        if let Some(closes_when_empty) = self.closes_when_empty
            && state.closes_when_empty != closes_when_empty
        {
            if state.maker != by {
                return Err(Refused::NotTheMaker);
            }
            let chosen = ClosingChosen {
                room,
                by,
                closes_when_empty,
            };
            events.push(chosen.into());
        }
        Ok(events)
    }
}

/// What is changed of a room at once is changed together, or not at all.
#[derive(Clone, Debug)]
pub struct Change {
    pub naming: Rename,
    pub slow_mode: Option<SetSlowMode>,
}

impl Command for Change {
    fn streams(&self) -> Vec<Stream> {
        self.naming.streams()
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let mut events = self.naming.decide(seen)?;
        if let Some(slow_mode) = &self.slow_mode {
            events.extend(slow_mode.decide(seen)?);
        }
        Ok(events)
    }
}

/// Whoever is still there leaves.
#[derive(Clone, Debug)]
pub struct Archive {
    pub room: RoomId,
    pub member: MemberId,
    pub at: DateTime<Utc>,
}

impl Command for Archive {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let state = moderated(seen, self.room, self.member)?;
        if state.archived {
            return Ok(vec![]);
        }
        let left = state.present.iter().map(|member| {
            let reason = Leaving::Closed;
            left(self.room, *member, reason, self.at)
        });
        let archived = Archived {
            room: self.room,
            by: Some(self.member),
        };
        Ok(left.chain([archived.into()]).collect())
    }
}

/// Archives a room that nobody was in, or spoke in, for [`IDLE`]. Nobody asks for it.
#[derive(Clone, Debug)]
pub struct ArchiveIdle {
    pub room: RoomId,
    pub at: DateTime<Utc>,
}

impl Command for ArchiveIdle {
    fn streams(&self) -> Vec<Stream> {
        vec![self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let state = seen.room(self.room).ok_or(Refused::NoSuchRoom)?;
        let is_quiet = state.present.is_empty() && state.quiet_since + IDLE <= self.at;
        if state.archived || !is_quiet {
            return Ok(vec![]);
        }
        let (room, by) = (self.room, None);
        Ok(vec![Archived { room, by }.into()])
    }
}

/// Opens an archived room again; entering does so too.
#[derive(Clone, Debug)]
pub struct Reopen {
    pub room: RoomId,
    pub member: MemberId,
    pub at: DateTime<Utc>,
}

impl Command for Reopen {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let state = admitted(seen, self.room, self.member, self.at)?;
        if !state.archived {
            return Ok(vec![]);
        }
        Ok(vec![reopened(self.room, self.member, self.at)])
    }
}

/// A member is there. Opens an archived room again.
#[derive(Clone, Debug)]
pub struct Enter {
    pub room: RoomId,
    pub member: MemberId,
    pub at: DateTime<Utc>,
}

impl Command for Enter {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let (room, member) = (self.room, self.member);
        let state = admitted(seen, room, member, self.at)?;
        if state.present.contains(&member) {
            return Ok(vec![]);
        }
        if state.present.len() >= MAX_PRESENT {
            return Err(Refused::RoomFull);
        }
        let reopened = state.archived.then(|| reopened(room, member, self.at));
        let entered = Entered { room, member }.into();
        Ok(reopened.into_iter().chain([entered]).collect())
    }
}

/// A member is there no more; asked by them, or found out. Whoever is not there leaves nothing.
#[derive(Clone, Debug)]
pub struct Leave {
    pub room: RoomId,
    pub member: MemberId,
    pub reason: Leaving,
    pub at: DateTime<Utc>,
}

impl Command for Leave {
    fn streams(&self) -> Vec<Stream> {
        vec![self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let state = seen.room(self.room).ok_or(Refused::NoSuchRoom)?;
        Ok(leaving(state, self.room, self.member, self.reason, self.at))
    }
}

/// Lets a member into a room by invitation, and tells them of it. It stands until it is declined
/// or they are removed.
#[derive(Clone, Debug)]
pub struct Invite {
    pub room: RoomId,
    pub member: MemberId,
    pub invited: MemberId,
    pub at: DateTime<Utc>,
}

impl Command for Invite {
    fn streams(&self) -> Vec<Stream> {
        let mut streams = vec![self.member.stream(), self.room.stream()];
        if self.invited != self.member {
            streams.push(self.invited.stream());
        }
        streams
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let state = moderated(seen, self.room, self.member)?;
        member::active(seen, self.invited).map_err(|_| Refused::NoSuchMember)?;
        let is_in = state.role(self.invited) > Role::Member;
        if is_in || state.invited.contains(&self.invited) {
            return Ok(vec![]);
        }
        if state.is_banned(self.invited, self.at) {
            return Err(Refused::MemberBanned);
        }
        if state.invited.len() >= MAX_INVITED {
            return Err(Refused::RoomFull);
        }
        Ok(vec![
            Invited {
                room: self.room,
                member: self.invited,
                by: self.member,
            }
            .into(),
        ])
    }
}

/// Gives an invitation back; in a room by invitation that is the end of it for the member.
#[derive(Clone, Debug)]
pub struct Decline {
    pub room: RoomId,
    pub member: MemberId,
    pub at: DateTime<Utc>,
}

impl Command for Decline {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let (room, member) = (self.room, self.member);
        member::active(seen, member)?;
        let state = seen.room(room).ok_or(Refused::NoSuchRoom)?;
        if !state.invited.contains(&member) {
            return Ok(vec![]);
        }
        let mut events = vec![InvitationDeclined { room, member }.into()];
        if state.admission == Admission::Invitation && state.role(member) == Role::Member {
            events.extend(leaving(state, room, member, Leaving::Closed, self.at));
        }
        Ok(events)
    }
}

/// The room, if it is there for the member.
fn visible(seen: &impl Seen, room: RoomId, member: MemberId) -> Result<&State, Refused> {
    member::active(seen, member)?;
    seen.room(room)
        .filter(|room| room.is_open_to(member))
        .ok_or(Refused::NoSuchRoom)
}

/// The room, if the member may come in.
fn admitted(
    seen: &impl Seen,
    room: RoomId,
    member: MemberId,
    at: DateTime<Utc>,
) -> Result<&State, Refused> {
    let state = visible(seen, room, member)?;
    if state.is_banned(member, at) {
        return Err(Refused::Banned);
    }
    Ok(state)
}

/// The room, if the member keeps order in it.
fn moderated(seen: &impl Seen, room: RoomId, member: MemberId) -> Result<&State, Refused> {
    let state = visible(seen, room, member)?;
    if state.role(member) == Role::Member {
        return Err(Refused::NotAModerator);
    }
    member::may_write(seen, member)?;
    Ok(state)
}

/// With the last member, a room may close.
fn leaving(
    state: &State,
    room: RoomId,
    member: MemberId,
    reason: Leaving,
    at: DateTime<Utc>,
) -> Vec<Event> {
    if !state.present.contains(&member) {
        return vec![];
    }
    let mut events = vec![left(room, member, reason, at)];
    if state.closes_when_empty && state.present.len() == 1 && !state.archived {
        events.push(Archived { room, by: None }.into());
    }
    events
}

fn left(room: RoomId, member: MemberId, reason: Leaving, at: DateTime<Utc>) -> Event {
    Left {
        room,
        member,
        reason,
        at,
    }
    .into()
}

fn reopened(room: RoomId, by: MemberId, at: DateTime<Utc>) -> Event {
    Reopened { room, by, at }.into()
}

#[cfg(test)]
mod tests;
