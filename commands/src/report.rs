//! Reporting a message to the site's moderators, and what they make of it.

use domain::report::{Closed, Filed, Outcome};
use domain::{Event, MemberId, Reason, ReportId, Role, RoomId, Stream};

use crate::{Command, Refused, Seen, member};

/// Each member reports a message once.
#[derive(Clone, Debug)]
pub struct Report {
    pub room: RoomId,
    /// The message's sequence number.
    pub message: i64,
    pub member: MemberId,
    pub reason: Option<Reason>,
}

impl Report {
    pub fn report(&self) -> ReportId {
        ReportId::of(self.room, self.message, self.member)
    }
}

impl Command for Report {
    fn streams(&self) -> Vec<Stream> {
        vec![
            self.member.stream(),
            self.room.stream(),
            self.room.message(self.message),
            self.report().stream(),
        ]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        member::active(seen, self.member)?;
        let room = seen.room(self.room);
        if !room.is_some_and(|room| room.is_open_to(self.member)) {
            return Err(Refused::NoSuchRoom);
        }
        if seen.report(self.report()).is_some() {
            return Ok(vec![]);
        }
        let message = seen
            .message(self.room, self.message)
            .ok_or(Refused::NoSuchMessage)?;
        if message.author == self.member {
            return Err(Refused::OwnMessage);
        }
        Ok(vec![
            Filed {
                report: self.report(),
                room: self.room,
                message: self.message,
                author: message.author,
                member: self.member,
                reason: self.reason.clone().map(Into::into),
            }
            .into(),
        ])
    }
}

/// Asked by a moderator of the site; for others there are no reports.
#[derive(Clone, Debug)]
pub struct CloseReport {
    pub report: ReportId,
    pub by: MemberId,
    pub outcome: Outcome,
}

impl Command for CloseReport {
    fn streams(&self) -> Vec<Stream> {
        vec![self.by.stream(), self.report.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let Self {
            report,
            by,
            outcome,
        } = *self;
        if !member::active(seen, by)?.roles.contains(&Role::Moderator) {
            return Err(Refused::NoSuchReport);
        }
        let state = seen.report(report).ok_or(Refused::NoSuchReport)?;
        if state.closed.is_some() {
            return Ok(vec![]);
        }
        Ok(vec![
            Closed {
                report,
                by,
                outcome,
            }
            .into(),
        ])
    }
}
