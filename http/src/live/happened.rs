//! From a room's recorded events to what its readers are told.

use bytes::Bytes;
use domain::room::{Admission, Event, Leaving};
use domain::{MemberId, MessageText, Sealed};
use event_log::Recorded;
use memchr::memmem::Finder;
use uuid::Uuid;

use super::frame;
use super::link::Verdict;
use super::protocol::{Happened, Reason, Told, What};

/// What a reader of the room is told of an event. A message's own `cid` is not: it is its
/// author's alone.
pub fn happened(recorded: &Recorded, event: &Event) -> Happened {
    let (by, what) = who_and_what(event);
    Happened {
        seq: recorded.version,
        pos: recorded.position,
        at: recorded.recorded_at,
        by: by.map(|member| member.0),
        what,
    }
}

/// Where the log has retracted or changed a message: its `seq`, and what is left of it.
pub enum Change {
    Edited {
        body: Option<String>,
        mentions: Vec<Uuid>,
        spoiler: bool,
    },
    Retracted,
}

/// Which message an event changes, and how.
pub fn change(event: &Event) -> Option<(i64, Change)> {
    match event {
        Event::MessageEdited(edited) => Some((
            edited.message,
            Change::Edited {
                body: said(&edited.body),
                mentions: ids(&edited.mentions),
                spoiler: edited.spoiler,
            },
        )),
        Event::MessageRetracted(retracted) => Some((retracted.message, Change::Retracted)),
        _ => None,
    }
}

impl Change {
    /// Makes a posted message, or an edit of it, say what it says now.
    pub fn apply(&self, message: i64, happened: &mut Happened) {
        let seq = happened.seq;
        match &mut happened.what {
            What::MessagePosted {
                body,
                mentions,
                spoiler,
                ..
            } if seq == message => self.apply_to(body, mentions, spoiler),
            What::MessageEdited {
                message: edited,
                body,
                mentions,
                spoiler,
            } if *edited == message => self.apply_to(body, mentions, spoiler),
            _ => {}
        }
    }

    fn apply_to(&self, body: &mut Option<String>, mentions: &mut Vec<Uuid>, spoiler: &mut bool) {
        match self {
            Change::Edited {
                body: now,
                mentions: named,
                spoiler: covered,
            } => {
                body.clone_from(now);
                mentions.clone_from(named);
                *spoiler = *covered;
            }
            Change::Retracted => {
                *body = None;
                mentions.clear();
            }
        }
    }

    /// For frames that may have the message.
    pub fn rewriting(&self, message: i64) -> Rewriting<'_> {
        // as it stands in a frame where it was said, and where it was edited
        let places = [
            format!("\"seq\":{message}"),
            format!("\"message\":{message}"),
        ];
        Rewriting {
            change: self,
            message,
            places: places.map(|place| Finder::new(&place).into_owned()),
        }
    }
}

/// A change of one message, to be made in many frames: most don't have it, and aren't parsed.
pub struct Rewriting<'a> {
    change: &'a Change,
    message: i64,
    places: [Finder<'static>; 2],
}

impl Rewriting<'_> {
    /// The frame with the message as it is now; `None`: it stays.
    pub fn rewrite(&self, bytes: &Bytes) -> Option<Bytes> {
        if self.places.iter().all(|place| place.find(bytes).is_none()) {
            return None;
        }
        let mut told: Told = serde_json::from_slice(&frame::payload(bytes)).ok()?;
        let Told::Events { e, .. } = &mut told else {
            return None;
        };
        let before = e.clone();
        for happened in &mut *e {
            self.change.apply(self.message, happened);
        }
        (*e != before).then(|| frame::of(&told))
    }
}

/// A member is forgotten in many frames: most have nothing of them, and aren't parsed.
pub struct Forgetting {
    member: MemberId,
    everything: bool,
    id: Finder<'static>,
    nameless: Finder<'static>,
}

/// As it stands in a frame of what may be somebody's who isn't told.
const NAMELESS: &str = "message_retracted";

impl Forgetting {
    /// `everything`: they take their words along.
    pub fn new(member: MemberId, everything: bool) -> Forgetting {
        Forgetting {
            member,
            everything,
            id: Finder::new(&member.0.to_string()).into_owned(),
            nameless: Finder::new(NAMELESS),
        }
    }

    /// The frame without the member's name and, if they take them along, without their words;
    /// `None`: it stays.
    pub fn rewrite(&self, bytes: &Bytes) -> Option<Bytes> {
        let is_nameless = self.everything && self.nameless.find(bytes).is_some();
        if !is_nameless && self.id.find(bytes).is_none() {
            return None;
        }
        let mut told: Told = serde_json::from_slice(&frame::payload(bytes)).ok()?;
        let (Told::Events { names, .. } | Told::Ephemeral { names, .. }) = &mut told else {
            return None;
        };
        let mut is_changed = names.remove(&self.member.0).is_some();
        if let Told::Events { e, .. } = &mut told
            && self.everything
        {
            let may_be_theirs = |one: &&mut Happened| match one.what {
                What::MessageRetracted { .. } => one.by.is_none_or(|by| by == self.member.0),
                _ => one.by == Some(self.member.0),
            };
            let own = e.iter_mut().filter(may_be_theirs);
            is_changed |= own.map(|one| take_words(&mut one.what)).count() > 0;
        }
        is_changed.then(|| frame::of(&told))
    }
}

fn take_words(what: &mut What) {
    match what {
        What::MessagePosted { body: words, .. }
        | What::MessageEdited { body: words, .. }
        | What::MessageRetracted { reason: words, .. }
        | What::Renamed { name: words }
        | What::Described { description: words } => *words = None,
        What::Opened {
            name, description, ..
        } => (*name, *description) = (None, None),
        What::ClosingChosen { .. }
        | What::Archived
        | What::Reopened
        | What::Reacted { .. }
        | What::Unreacted { .. }
        | What::Entered
        | What::Left { .. }
        | What::OrderKept
        | What::SlowModeSet { .. }
        | What::ModeratorAppointed { .. }
        | What::ModeratorDismissed { .. } => {}
    }
}

/// Whose names a reader wants to know with it.
pub fn named(happened: &Happened) -> impl Iterator<Item = Uuid> {
    let about = match &happened.what {
        What::ModeratorAppointed { member } | What::ModeratorDismissed { member } => {
            std::slice::from_ref(member)
        }
        What::MessagePosted { mentions, .. } | What::MessageEdited { mentions, .. } => mentions,
        _ => &[],
    };
    happened.by.into_iter().chain(about.iter().copied())
}

pub const REMOVED: &str = "removed";

/// Whether the room may be closed to somebody from then on, who is not sent away from it: they
/// kept order there, or were invited.
pub fn may_close(event: &Event) -> bool {
    matches!(
        event,
        Event::ModeratorDismissed(_) | Event::InvitationDeclined(_)
    )
}

/// Whether somebody may be sent away by an event.
pub fn sends_away(event: &Event) -> bool {
    may_close(event) || matches!(event, Event::Removed(_) | Event::Banned(_))
}

/// Who is sent away by an event, and what they are told.
pub fn sent_away(event: &Event) -> Option<(MemberId, Verdict)> {
    let (member, code, reason, until) = match event {
        Event::Removed(removed) => (removed.member, REMOVED, &removed.reason, None),
        Event::Banned(banned) => (banned.member, "banned", &banned.reason, banned.until),
        _ => return None,
    };
    let reason = reason.as_ref().and_then(Sealed::open);
    let verdict = Verdict {
        code,
        reason: reason.map(|reason| reason.as_str().to_owned()),
        until,
    };
    Some((member, verdict))
}

/// Who may write from then on, or may not any more: told to nobody else.
pub fn stands_otherwise(event: &Event) -> Option<MemberId> {
    match event {
        Event::Muted(muted) => Some(muted.member),
        Event::Unmuted(unmuted) => Some(unmuted.member),
        _ => None,
    }
}

fn who_and_what(event: &Event) -> (Option<MemberId>, What) {
    match event {
        Event::Opened(_)
        | Event::Renamed(_)
        | Event::Described(_)
        | Event::ClosingChosen(_)
        | Event::Archived(_)
        | Event::Reopened(_)
        | Event::SlowModeSet(_) => of_the_room(event),
        Event::MessagePosted(_)
        | Event::MessageEdited(_)
        | Event::MessageRetracted(_)
        | Event::Reacted(_)
        | Event::Unreacted(_) => of_a_message(event),
        Event::Entered(_)
        | Event::Left(_)
        | Event::Invited(_)
        | Event::InvitationDeclined(_)
        | Event::Muted(_)
        | Event::Unmuted(_)
        | Event::Removed(_)
        | Event::Banned(_)
        | Event::Unbanned(_)
        | Event::ModeratorAppointed(_)
        | Event::ModeratorDismissed(_) => of_a_member(event),
    }
}

fn of_the_room(event: &Event) -> (Option<MemberId>, What) {
    match event {
        Event::Opened(opened) => (
            Some(opened.member),
            What::Opened {
                name: opened.name.open().map(|name| name.as_str().to_owned()),
                description: opened
                    .description
                    .open()
                    .map(|text| text.as_str().to_owned()),
                film: opened.film.map(|film| film.0),
                public: opened.admission == Admission::Public,
                closes_when_empty: opened.closes_when_empty,
            },
        ),
        Event::Renamed(renamed) => {
            let name = renamed.name.open().map(|name| name.as_str().to_owned());
            (Some(renamed.by), What::Renamed { name })
        }
        Event::Described(described) => {
            let description = described.description.open();
            let description = description.map(|text| text.as_str().to_owned());
            (Some(described.by), What::Described { description })
        }
        Event::ClosingChosen(chosen) => {
            let closes_when_empty = chosen.closes_when_empty;
            (Some(chosen.by), What::ClosingChosen { closes_when_empty })
        }
        Event::Archived(archived) => (archived.by, What::Archived),
        Event::Reopened(reopened) => (Some(reopened.by), What::Reopened),
        Event::SlowModeSet(set) => {
            let seconds = set.seconds;
            (Some(set.by), What::SlowModeSet { seconds })
        }
        _ => unreachable!("sorted out above"),
    }
}

fn of_a_message(event: &Event) -> (Option<MemberId>, What) {
    match event {
        Event::MessagePosted(posted) => (
            Some(posted.member),
            What::MessagePosted {
                n: posted.n,
                body: said(&posted.body),
                reply_to: posted.reply_to.map(|reply| reply.message),
                mentions: ids(&posted.mentions),
                spoiler: posted.spoiler,
            },
        ),
        Event::MessageEdited(edited) => (
            Some(edited.member),
            What::MessageEdited {
                message: edited.message,
                body: said(&edited.body),
                mentions: ids(&edited.mentions),
                spoiler: edited.spoiler,
            },
        ),
        Event::MessageRetracted(retracted) => (
            // who of the site's moderators it was isn't told
            Some(retracted.by).filter(|_| retracted.measure.is_none()),
            What::MessageRetracted {
                message: retracted.message,
                author: retracted.author.0,
                reason: why(retracted.reason.as_ref()),
            },
        ),
        Event::Reacted(reacted) => (
            Some(reacted.member),
            What::Reacted {
                message: reacted.message,
                emoji: reacted.reaction.as_str().to_owned(),
            },
        ),
        Event::Unreacted(unreacted) => (
            Some(unreacted.member),
            What::Unreacted {
                message: unreacted.message,
                emoji: unreacted.reaction.as_str().to_owned(),
            },
        ),
        _ => unreachable!("sorted out above"),
    }
}

fn of_a_member(event: &Event) -> (Option<MemberId>, What) {
    match event {
        Event::Entered(entered) => (Some(entered.member), What::Entered),
        Event::Left(left) => {
            let reason = left.reason.into();
            (Some(left.member), What::Left { reason })
        }
        // whom it concerns and who did it is for those who keep order
        Event::Invited(_)
        | Event::InvitationDeclined(_)
        | Event::Muted(_)
        | Event::Unmuted(_)
        | Event::Removed(_)
        | Event::Banned(_)
        | Event::Unbanned(_) => (None, What::OrderKept),
        Event::ModeratorAppointed(appointed) => {
            let member = appointed.member.0;
            (Some(appointed.by), What::ModeratorAppointed { member })
        }
        Event::ModeratorDismissed(dismissed) => {
            let member = dismissed.member.0;
            (Some(dismissed.by), What::ModeratorDismissed { member })
        }
        _ => unreachable!("sorted out above"),
    }
}

fn ids(members: &[MemberId]) -> Vec<Uuid> {
    members.iter().map(|member| member.0).collect()
}

fn said(body: &Sealed<MessageText>) -> Option<String> {
    body.open().map(|text| text.as_str().to_owned())
}

/// What was given as the reason; `None` also: forgotten.
pub fn why(reason: Option<&Sealed<domain::Reason>>) -> Option<String> {
    reason?.open().map(|text| text.as_str().to_owned())
}

impl From<Leaving> for Reason {
    fn from(leaving: Leaving) -> Reason {
        match leaving {
            Leaving::Closed => Reason::Closed,
            Leaving::Timeout => Reason::Timeout,
            Leaving::Removed => Reason::Removed,
            Leaving::NodeLost => Reason::NodeLost,
        }
    }
}
