//! What is said in a room. A message is named by its sequence number; what is asked of it is
//! decided on it alone, however much was said since.

use chrono::{DateTime, TimeDelta, Utc};
use domain::room::{
    Message, MessageEdited, MessagePosted, MessageRetracted, Reacted, Reply, Role, Sent, State,
    Unreacted,
};
use domain::{Event, MemberId, MessageText, Reaction, Reason, RoomId, Sealed, Stream};
use uuid::Uuid;

use super::{admitted, visible};
use crate::{Command, Refused, Seen, member};

/// Sends of a member in [`SEND_WINDOW`]; the next has to wait.
pub const SENDS: usize = 5;
pub const SEND_WINDOW: TimeDelta = TimeDelta::seconds(5);
/// Members that one message may name; the rest is text.
pub const MAX_MENTIONS: usize = 10;
/// Reactions that one message may have.
pub const MAX_REACTIONS: usize = 1_000;
/// Edits and reactions, given and taken back, after which a message stays as it is; it may still
/// be retracted. Whoever reads it reads all of them.
pub const MAX_CHANGES: u32 = 2_000;
/// Of one member, so that a few can't make a message dear to read, or end it for all.
pub const MAX_OWN_CHANGES: u32 = 20;

#[derive(Clone, Debug)]
pub struct Send {
    pub room: RoomId,
    pub member: MemberId,
    /// The author's own id of the sending: the same again is the same message.
    pub cid: Uuid,
    pub body: MessageText,
    /// The sequence number of what is answered.
    pub reply_to: Option<i64>,
    /// Who is named; those who can't read it are left out.
    pub mentions: Vec<MemberId>,
    pub spoiler: bool,
    pub at: DateTime<Utc>,
}

impl Command for Send {
    fn streams(&self) -> Vec<Stream> {
        let answered = self.reply_to.map(|message| self.room.message(message));
        let own = [self.member.stream(), self.room.stream()];
        own.into_iter().chain(answered).collect()
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let (room, member) = (self.room, self.member);
        let state = admitted(seen, room, member, self.at)?;
        let own = state
            .recent
            .iter()
            .rev()
            .filter(|sent| sent.member == member);
        let own: Vec<&Sent> = own.collect();
        if own.iter().any(|sent| sent.cid == self.cid) {
            return Ok(vec![]);
        }
        member::may_write(seen, member)?;
        may_speak(state, member, self.at)?;
        may_send_now(state, &own, member, self.at)?;
        let reply_to = match self.reply_to {
            Some(message) => Some(Reply {
                message,
                author: standing(seen, room, message)?.author,
            }),
            None => None,
        };
        Ok(vec![
            MessagePosted {
                room,
                n: state.last_n + 1,
                member,
                cid: self.cid,
                body: self.body.clone().into(),
                reply_to,
                mentions: readers(state, &self.mentions),
                spoiler: self.spoiler,
                at: self.at,
            }
            .into(),
        ])
    }
}

/// Makes a message of one's own say this.
#[derive(Clone, Debug)]
pub struct Edit {
    pub room: RoomId,
    pub member: MemberId,
    /// The message's sequence number.
    pub message: i64,
    pub body: MessageText,
    pub mentions: Vec<MemberId>,
    pub spoiler: bool,
    pub at: DateTime<Utc>,
}

impl Command for Edit {
    fn streams(&self) -> Vec<Stream> {
        streams(self.room, self.member, self.message)
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let state = admitted(seen, self.room, self.member, self.at)?;
        let message = standing(seen, self.room, self.message)?;
        if message.author != self.member {
            return Err(Refused::NotYourMessage);
        }
        member::may_write(seen, self.member)?;
        may_speak(state, self.member, self.at)?;
        let body = Sealed::from(self.body.clone());
        if message.body == body.fingerprint() && message.spoiler == self.spoiler {
            return Ok(vec![]);
        }
        may_change(message, self.member)?;
        let mentions = readers(state, &self.mentions);
        let newly_named = mentions.iter().copied();
        let newly_named = newly_named.filter(|member| !message.named.contains(member));
        Ok(vec![
            MessageEdited {
                room: self.room,
                message: self.message,
                member: self.member,
                body,
                newly_named: newly_named.collect(),
                mentions,
                spoiler: self.spoiler,
            }
            .into(),
        ])
    }
}

/// Takes a message back: one's own, or, with a reason, another's as a moderator.
#[derive(Clone, Debug)]
pub struct Retract {
    pub room: RoomId,
    pub member: MemberId,
    /// The message's sequence number.
    pub message: i64,
    pub reason: Option<Reason>,
}

impl Command for Retract {
    fn streams(&self) -> Vec<Stream> {
        streams(self.room, self.member, self.message)
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let state = visible(seen, self.room, self.member)?;
        let message = seen
            .message(self.room, self.message)
            .ok_or(Refused::NoSuchMessage)?;
        let is_own = message.author == self.member;
        if !is_own && state.role(self.member) == Role::Member {
            return Err(Refused::NotYourMessage);
        }
        if !is_own {
            member::may_write(seen, self.member)?;
        }
        if message.retracted {
            return Ok(vec![]);
        }
        let reason = self.reason.clone().filter(|_| !is_own);
        Ok(vec![
            MessageRetracted {
                room: self.room,
                message: self.message,
                author: message.author,
                by: self.member,
                reason: reason.map(Into::into),
                measure: None,
            }
            .into(),
        ])
    }
}

/// Gives a reaction, or takes it back.
#[derive(Clone, Debug)]
pub struct React {
    pub room: RoomId,
    pub member: MemberId,
    /// The message's sequence number.
    pub message: i64,
    pub reaction: Reaction,
    pub on: bool,
    pub at: DateTime<Utc>,
}

impl Command for React {
    fn streams(&self) -> Vec<Stream> {
        streams(self.room, self.member, self.message)
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self {
            room,
            member,
            message,
            reaction,
            on,
            at,
        } = *self;
        let state = admitted(seen, room, member, at)?;
        let about = standing(seen, room, message)?;
        if about.has(reaction, member) == on {
            return Ok(vec![]);
        }
        member::may_write(seen, member)?;
        may_speak(state, member, at)?;
        may_change(about, member)?;
        if !on {
            let unreacted = Unreacted {
                room,
                message,
                member,
                reaction,
            };
            return Ok(vec![unreacted.into()]);
        }
        if about.reactions_given() >= MAX_REACTIONS {
            return Err(Refused::TooManyChanges);
        }
        Ok(vec![
            Reacted {
                room,
                message,
                member,
                reaction,
            }
            .into(),
        ])
    }
}

fn streams(room: RoomId, member: MemberId, message: i64) -> Vec<Stream> {
    vec![member.stream(), room.stream(), room.message(message)]
}

fn standing(seen: &impl Seen, room: RoomId, message: i64) -> Result<&Message, Refused> {
    seen.message(room, message)
        .filter(|message| !message.retracted)
        .ok_or(Refused::NoSuchMessage)
}

fn may_speak(state: &State, member: MemberId, at: DateTime<Utc>) -> Result<(), Refused> {
    if state.archived {
        return Err(Refused::RoomArchived);
    }
    if state.is_muted(member, at) {
        return Err(Refused::Muted);
    }
    Ok(())
}

/// After what they sent lately, the newest first. Whoever keeps order is not slowed down by it.
fn may_send_now(
    state: &State,
    own: &[&Sent],
    member: MemberId,
    at: DateTime<Utc>,
) -> Result<(), Refused> {
    if let Some(first_of_window) = own.get(SENDS - 1) {
        wait_until(first_of_window.at + SEND_WINDOW, at)?;
    }
    let seconds = i64::from(state.slow_mode_seconds);
    // where it is off, a node whose clock is behind another's slows nobody down
    if let Some(last) = own.first()
        && seconds > 0
        && state.role(member) == Role::Member
    {
        wait_until(last.at + TimeDelta::seconds(seconds), at)?;
    }
    Ok(())
}

fn wait_until(time: DateTime<Utc>, at: DateTime<Utc>) -> Result<(), Refused> {
    match (time - at).num_milliseconds() {
        wait if wait > 0 => Err(Refused::TooFast {
            retry_ms: wait.unsigned_abs(),
        }),
        _ => Ok(()),
    }
}

fn may_change(message: &Message, member: MemberId) -> Result<(), Refused> {
    let all: u32 = message.changes.values().sum();
    if all >= MAX_CHANGES || message.changes_by(member) >= MAX_OWN_CHANGES {
        return Err(Refused::TooManyChanges);
    }
    Ok(())
}

/// Each once.
fn readers(state: &State, named: &[MemberId]) -> Vec<MemberId> {
    let mut readers: Vec<MemberId> = Vec::new();
    for member in named {
        if state.is_open_to(*member) && !readers.contains(member) && readers.len() < MAX_MENTIONS {
            readers.push(*member);
        }
    }
    readers
}
