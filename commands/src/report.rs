//! Reporting something to the site's moderators, and what they make of it.

use domain::report::{Closed, Filed, Outcome};
use domain::{Event, MemberId, Reason, ReportId, Role, Stream, Thing};

use crate::{Command, Refused, Seen, comment, member, review};

/// Each member reports a thing once.
#[derive(Clone, Debug)]
pub struct Report {
    pub about: Thing,
    pub member: MemberId,
    pub reason: Option<Reason>,
}

impl Report {
    pub fn report(&self) -> ReportId {
        ReportId::of(self.about, self.member)
    }
}

impl Command for Report {
    fn streams(&self) -> Vec<Stream> {
        let mut streams = self.about.streams();
        let own = self.member.stream();
        if !streams.contains(&own) {
            streams.push(own);
        }
        streams.push(self.report().stream());
        streams
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        member::active(seen, self.member)?;
        let author = author(seen, self.about, self.member)?;
        if author == self.member {
            return Err(Refused::OwnThing);
        }
        if seen.report(self.report()).is_some() {
            return Ok(vec![]);
        }
        Ok(vec![
            Filed {
                report: self.report(),
                about: self.about,
                author,
                member: self.member,
                reason: self.reason.clone().map(Into::into),
            }
            .into(),
        ])
    }
}

/// Whose the thing is, which the reader sees.
fn author(seen: &impl Seen, about: Thing, reader: MemberId) -> Result<MemberId, Refused> {
    match about {
        Thing::Review { review } => {
            let found = review::standing(seen, review)?;
            let is_seen = found.hidden.is_none() || found.author == reader;
            is_seen.then_some(found.author).ok_or(Refused::NoSuchReview)
        }
        Thing::Comment { comment } => {
            let found = comment::standing(seen, comment)?;
            let is_seen = found.hidden.is_none() || found.author == reader;
            is_seen
                .then_some(found.author)
                .ok_or(Refused::NoSuchComment)
        }
        Thing::Message { room, message } => {
            let state = seen.room(room);
            if !state.is_some_and(|room| room.is_open_to(reader)) {
                return Err(Refused::NoSuchRoom);
            }
            let found = seen.message(room, message);
            Ok(found.ok_or(Refused::NoSuchMessage)?.author)
        }
        Thing::Member { member } => member::standing(seen, member).map(|_| member),
    }
}

/// Asked by a moderator of the site; for others there are no reports.
#[derive(Clone, Debug)]
pub struct CloseReport {
    pub report: ReportId,
    pub by: MemberId,
    pub outcome: Outcome,
    pub reason: Option<Reason>,
}

impl Command for CloseReport {
    fn streams(&self) -> Vec<Stream> {
        vec![self.by.stream(), self.report.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        if !member::may_write(seen, self.by)?
            .roles
            .contains(&Role::Moderator)
        {
            return Err(Refused::NoSuchReport);
        }
        let state = seen.report(self.report).ok_or(Refused::NoSuchReport)?;
        if state.closed.is_some() {
            return Ok(vec![]);
        }
        let reason = self.reason.clone();
        Ok(vec![closed(self.report, self.by, self.outcome, reason)])
    }
}

pub(crate) fn closed(
    report: ReportId,
    by: MemberId,
    outcome: Outcome,
    reason: Option<Reason>,
) -> Event {
    Closed {
        report,
        by,
        outcome,
        reason: reason.map(Into::into),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use domain::RoomId;
    use domain::member::RoleGranted;
    use domain::review::Hidden;
    use uuid::Uuid;

    use super::*;
    use crate::harness::*;

    const REVIEW: fn() -> Thing = || Thing::Review {
        review: anns_review(),
    };

    fn report(about: Thing, member: MemberId) -> Report {
        Report {
            about,
            member,
            reason: None,
        }
    }

    fn filed(about: Thing, member: MemberId) -> Event {
        Filed {
            report: ReportId::of(about, member),
            about,
            author: ANN,
            member,
            reason: None,
        }
        .into()
    }

    fn ann_reviewed() -> History {
        given([
            signed_up(ANN).into(),
            signed_up(BOB).into(),
            posted().into(),
        ])
    }

    #[test]
    fn what_others_wrote_is_reported_once_and_ones_own_is_not() {
        ann_reviewed()
            .when(report(REVIEW(), BOB))
            .then([filed(REVIEW(), BOB)]);
        ann_reviewed()
            .when(report(REVIEW(), ANN))
            .refused(Refused::OwnThing);
    }

    #[test]
    fn a_member_is_reported_too() {
        let ann = Thing::Member { member: ANN };
        ann_reviewed()
            .when(report(ann, BOB))
            .then([filed(ann, BOB)]);
        ann_reviewed()
            .when(report(ann, ANN))
            .refused(Refused::OwnThing);
        let nobody = Thing::Member { member: NOBODY };
        ann_reviewed()
            .when(report(nobody, BOB))
            .refused(Refused::NoSuchMember);
    }

    #[test]
    fn what_one_does_not_see_cannot_be_reported() {
        let mut history = ann_reviewed();
        let hidden = Hidden {
            review: anns_review(),
            member: ANN,
            measure: domain::MeasureId(Uuid::nil()),
        };
        history.record(&[hidden.into()]);
        history
            .when(report(REVIEW(), BOB))
            .refused(Refused::NoSuchReview);
        let message = Thing::Message {
            room: RoomId(Uuid::nil()),
            message: 2,
        };
        ann_reviewed()
            .when(report(message, BOB))
            .refused(Refused::NoSuchRoom);
    }

    #[test]
    fn only_moderators_close_reports() {
        let close = |by| CloseReport {
            report: ReportId::of(REVIEW(), BOB),
            by,
            outcome: Outcome::Dismissed,
            reason: Reason::new("A joke.").unwrap(),
        };
        let history = || {
            let mut history = ann_reviewed();
            let granted = RoleGranted {
                member: ANN,
                role: Role::Moderator,
                by: None,
            };
            history.record(&[filed(REVIEW(), BOB), granted.into()]);
            history
        };
        history().when(close(ANN)).then([closed(
            ReportId::of(REVIEW(), BOB),
            ANN,
            Outcome::Dismissed,
            Reason::new("A joke.").unwrap(),
        )]);
        history().when(close(BOB)).refused(Refused::NoSuchReport);
    }
}
