//! What the site's moderators do about what breaks the rules: hide it, or suspend who did it; lift
//! that again; and decide what members say against it.
//!
//! For others there are no measures. Nobody judges their own.

use chrono::{DateTime, Utc};
use domain::measure::{Appealed, Decided, Ended, Lifted, State, Taken};
use domain::member::{Reinstated, Suspended};
use domain::report::Outcome;
use domain::room::MessageRetracted;
use domain::{
    AppealText, Event, MeasureId, MemberId, Reason, ReportId, Role, Sealed, Stream, Thing, comment,
    review,
};

use crate::{Command, Refused, Seen, member, report};

/// Reports of the same thing that are closed with it; more stay open.
pub const MOST_REPORTS: usize = 30;

/// Hides a review or a comment from others, takes a message back, or suspends a member.
#[derive(Clone, Debug)]
pub struct TakeMeasure {
    pub measure: MeasureId,
    pub about: Thing,
    /// Whose it is.
    pub member: MemberId,
    pub by: MemberId,
    pub reason: Reason,
    /// Of a suspension; anything else is hidden until that is lifted.
    pub until: Option<DateTime<Utc>>,
    /// Open ones about the thing: they are upheld.
    pub reports: Vec<ReportId>,
    pub at: DateTime<Utc>,
}

impl Command for TakeMeasure {
    fn streams(&self) -> Vec<Stream> {
        let mut streams = both(self.about, self.member, self.by);
        streams.push(self.measure.stream());
        streams.extend(self.reports.iter().map(|report| report.stream()));
        streams
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        judge(seen, self.by, self.member)?;
        if seen.measure(self.measure).is_some() {
            return Ok(vec![]);
        }
        let effect = self.effect(seen)?;
        let taken = Taken {
            measure: self.measure,
            about: self.about,
            member: self.member,
            by: self.by,
            reason: self.reason.clone().into(),
            until: self.until.filter(|_| is_suspension(self.about)),
        };
        let open = self.reports.iter().copied().filter(|report| {
            let state = seen.report(*report);
            state.is_some_and(|state| state.about == self.about && state.closed.is_none())
        });
        let closed = open.map(|id| report::closed(id, self.by, Outcome::Upheld, None));
        Ok([taken.into(), effect].into_iter().chain(closed).collect())
    }
}

impl TakeMeasure {
    fn effect(&self, seen: &impl Seen) -> Result<Event, Refused> {
        let (member, measure) = (self.member, self.measure);
        match self.about {
            Thing::Review { review } => {
                let state = crate::review::standing(seen, review)?;
                own(state.author, member, Refused::NoSuchReview)?;
                not_yet(state.hidden)?;
                let hidden = review::Hidden {
                    review,
                    member,
                    measure,
                };
                Ok(hidden.into())
            }
            Thing::Comment { comment } => {
                let state = crate::comment::standing(seen, comment)?;
                own(state.author, member, Refused::NoSuchComment)?;
                not_yet(state.hidden)?;
                let hidden = comment::Hidden {
                    comment,
                    review: state.review,
                    posting: state.posting,
                    member,
                    measure,
                };
                Ok(hidden.into())
            }
            Thing::Message { room, message } => {
                let state = seen.message(room, message);
                let state = state.ok_or(Refused::NoSuchMessage)?;
                own(state.author, member, Refused::NoSuchMessage)?;
                if state.retracted {
                    return Err(Refused::AlreadyModerated);
                }
                let retracted = MessageRetracted {
                    room,
                    message,
                    author: member,
                    by: self.by,
                    reason: Some(self.reason.clone().into()),
                    measure: Some(measure),
                };
                Ok(retracted.into())
            }
            Thing::Member { member: suspended } => {
                own(suspended, member, Refused::NoSuchMember)?;
                let state = member::standing(seen, member)?;
                // an operator takes the role first
                if !state.roles.is_empty() {
                    return Err(Refused::HasRole);
                }
                not_yet(state.suspended)?;
                let until = self.until.filter(|until| *until > self.at);
                let suspended = Suspended {
                    member,
                    measure,
                    until: until.ok_or(Refused::NoTime)?,
                };
                Ok(suspended.into())
            }
        }
    }
}

/// Shows again what was hidden, lets a member write again.
#[derive(Clone, Debug)]
pub struct LiftMeasure {
    pub measure: MeasureId,
    /// As the measure has it.
    pub about: Thing,
    pub member: MemberId,
    pub by: MemberId,
    pub reason: Option<Reason>,
}

impl Command for LiftMeasure {
    fn streams(&self) -> Vec<Stream> {
        let mut streams = both(self.about, self.member, self.by);
        streams.push(self.measure.stream());
        streams
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        judge(seen, self.by, self.member)?;
        let state = taken(seen, self.measure, self.about, self.member)?;
        if matches!(self.about, Thing::Message { .. }) {
            return Err(Refused::GoneForGood);
        }
        if state.lifted {
            return Ok(vec![]);
        }
        let lifted = Lifted {
            measure: self.measure,
            member: self.member,
            by: self.by,
            reason: self.reason.clone().map(Into::into),
        };
        let undone = undone(seen, state, self.measure);
        Ok([lifted.into()].into_iter().chain(undone).collect())
    }
}

/// Says against a measure what its member has to say; once.
#[derive(Clone, Debug)]
pub struct Appeal {
    pub measure: MeasureId,
    pub member: MemberId,
    pub text: AppealText,
}

impl Command for Appeal {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.measure.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        member::active(seen, self.member)?;
        let state = seen.measure(self.measure).ok_or(Refused::NoSuchMeasure)?;
        if state.member != self.member {
            return Err(Refused::NoSuchMeasure);
        }
        let text = Sealed::Open(self.text.clone());
        match &state.appeal {
            Some(said) if *said == text.fingerprint() => Ok(vec![]),
            Some(_) => Err(Refused::AlreadyAppealed),
            None if state.lifted => Err(Refused::AlreadyModerated),
            None => Ok(vec![
                Appealed {
                    measure: self.measure,
                    member: self.member,
                    text,
                }
                .into(),
            ]),
        }
    }
}

/// Decides an appeal; granted, the measure holds no more. Not by who took it, unless they operate the
/// site: on a small one there may be nobody else.
#[derive(Clone, Debug)]
pub struct DecideAppeal {
    pub measure: MeasureId,
    /// As the measure has it.
    pub about: Thing,
    pub member: MemberId,
    pub by: MemberId,
    pub granted: bool,
    pub reason: Reason,
}

impl Command for DecideAppeal {
    fn streams(&self) -> Vec<Stream> {
        let mut streams = both(self.about, self.member, self.by);
        streams.push(self.measure.stream());
        streams
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        judge(seen, self.by, self.member)?;
        let state = taken(seen, self.measure, self.about, self.member)?;
        if state.appeal.is_none() {
            return Err(Refused::NoSuchMeasure);
        }
        match state.granted {
            Some(granted) if granted == self.granted => return Ok(vec![]),
            Some(_) => return Err(Refused::AlreadyModerated),
            None => {}
        }
        let operates = member::active(seen, self.by)?
            .roles
            .contains(&Role::Operator);
        if state.by == self.by && !operates {
            return Err(Refused::OwnMeasure);
        }
        let decided = Decided {
            measure: self.measure,
            member: self.member,
            by: self.by,
            granted: self.granted,
            reason: self.reason.clone().into(),
        };
        let undone = undone(seen, state, self.measure).filter(|_| self.granted);
        Ok([decided.into()].into_iter().chain(undone).collect())
    }
}

/// Asked when the time is over.
#[derive(Clone, Debug)]
pub struct EndSuspension {
    pub measure: MeasureId,
    pub member: MemberId,
    pub at: DateTime<Utc>,
}

impl Command for EndSuspension {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.measure.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let about = Thing::Member {
            member: self.member,
        };
        let state = taken(seen, self.measure, about, self.member)?;
        if state.lifted {
            return Ok(vec![]);
        }
        if state.until.is_none_or(|until| until > self.at) {
            return Err(Refused::Outdated);
        }
        let ended = Ended {
            measure: self.measure,
            member: self.member,
        };
        let undone = undone(seen, state, self.measure);
        Ok([ended.into()].into_iter().chain(undone).collect())
    }
}

/// The thing's, the member's and the moderator's, each once.
fn both(about: Thing, member: MemberId, by: MemberId) -> Vec<Stream> {
    let mut streams = about.streams();
    for member in [member, by] {
        if !streams.contains(&member.stream()) {
            streams.push(member.stream());
        }
    }
    streams
}

/// Moderators judge others.
fn judge(seen: &impl Seen, by: MemberId, member: MemberId) -> Result<(), Refused> {
    if !member::may_write(seen, by)?
        .roles
        .contains(&Role::Moderator)
    {
        return Err(Refused::NoSuchMeasure);
    }
    if by == member {
        return Err(Refused::OwnMeasure);
    }
    Ok(())
}

fn taken(
    seen: &impl Seen,
    measure: MeasureId,
    about: Thing,
    member: MemberId,
) -> Result<&State, Refused> {
    seen.measure(measure)
        .filter(|state| (state.about, state.member) == (about, member))
        .ok_or(Refused::NoSuchMeasure)
}

const fn is_suspension(about: Thing) -> bool {
    matches!(about, Thing::Member { .. })
}

fn own(author: MemberId, member: MemberId, why: Refused) -> Result<(), Refused> {
    if author == member { Ok(()) } else { Err(why) }
}

fn not_yet(measure: Option<MeasureId>) -> Result<(), Refused> {
    match measure {
        None => Ok(()),
        Some(_) => Err(Refused::AlreadyModerated),
    }
}

/// What the measure did is undone, where it still is.
fn undone(seen: &impl Seen, state: &State, measure: MeasureId) -> Option<Event> {
    let member = state.member;
    let is_ours = |found: Option<MeasureId>| found == Some(measure);
    match state.about {
        Thing::Review { review } => {
            let found = seen.review(review)?;
            let restored = review::Restored {
                review,
                member,
                measure,
            };
            is_ours(found.hidden).then(|| restored.into())
        }
        Thing::Comment { comment } => {
            let found = seen.comment(comment)?;
            let restored = comment::Restored {
                comment,
                review: found.review,
                posting: found.posting,
                member,
                measure,
            };
            // what was retracted is not counted again; its id is never posted anew
            (is_ours(found.hidden) && found.standing).then(|| restored.into())
        }
        Thing::Message { .. } => None,
        Thing::Member { member } => {
            let found = seen.member(member)?;
            is_ours(found.suspended).then(|| Reinstated { member, measure }.into())
        }
    }
}

#[cfg(test)]
mod tests;
