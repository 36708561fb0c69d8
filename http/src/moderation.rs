//! What members report, what the site's moderators do about it, and what is said against that: as
//! the API and the pages ask for it alike.

use chrono::{DateTime, TimeDelta, Utc};
use commands::measure::{Appeal, DecideAppeal, LiftMeasure, MOST_REPORTS, TakeMeasure};
use commands::report::{CloseReport, Report};
use domain::report::Outcome;
use domain::{
    AppealText, CommentId, MeasureId, MemberId, Reason, ReportId, ReviewId, RoomId, Thing,
};
use projections::measures::{self, MeasureCard};
use projections::{Snapshot, comments, members, messages, reports, reviews};
use serde::Serialize;
use uuid::Uuid;

use crate::asking::Asking;
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;

/// As the read models name it.
pub fn thing(kind: &str, subject: Uuid, seq: Option<i64>) -> Option<Thing> {
    match (kind, seq) {
        ("review", None) => Some(Thing::Review {
            review: ReviewId(subject),
        }),
        ("comment", None) => Some(Thing::Comment {
            comment: CommentId(subject),
        }),
        ("message", Some(message)) => Some(Thing::Message {
            room: RoomId(subject),
            message,
        }),
        ("member", None) => Some(Thing::Member {
            member: MemberId(subject),
        }),
        _ => None,
    }
}

/// Tells the site's moderators of something. Where it went.
pub async fn report(
    asking: &Asking,
    caller: &Caller,
    about: Thing,
    reason: Option<Reason>,
) -> Result<i64, Problem> {
    let member = caller.member;
    let said = (about, reason.as_ref().map(|text| text.as_str().to_owned()));
    let command = Report {
        about,
        member,
        reason,
    };
    let accepted = asking.execute(Some(member), "report", &said, command);
    Ok(accepted.await?.position)
}

/// Closes a report without doing anything, or because something was done elsewhere.
pub async fn close(
    asking: &Asking,
    caller: &Caller,
    report: Uuid,
    (outcome, reason): (Outcome, Option<Reason>),
) -> Result<i64, Problem> {
    let text = reason.as_ref().map(|text| text.as_str().to_owned());
    let said = (report, outcome, text);
    let command = CloseReport {
        report: ReportId(report),
        by: caller.member,
        outcome,
        reason,
    };
    let accepted = asking.execute(Some(caller.member), "close-report", &said, command);
    Ok(accepted.await?.position)
}

/// How long a suspension lasts, as the moderator says it: the same request again says the same.
#[derive(Clone, Copy, Debug, Serialize)]
pub enum Term {
    Until(DateTime<Utc>),
    Days(u16),
    /// It is none.
    Unsaid,
}

impl Term {
    fn until(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Term::Until(until) => Some(until),
            Term::Days(days) => Some(now + TimeDelta::days(days.into())),
            Term::Unsaid => None,
        }
    }
}

/// Hides something or suspends somebody, and closes what was reported about it.
pub async fn take(
    asking: &mut Asking,
    caller: &Caller,
    about: Thing,
    (reason, term): (Reason, Term),
) -> Result<(MeasureId, i64), Problem> {
    let by = caller.member;
    let mut snapshot = asking.read_now().await?;
    let member = owner(&mut snapshot, about, by).await?;
    let named = (about.kind(), about.subject(), about.seq());
    let limit = i64::try_from(MOST_REPORTS).unwrap_or(i64::MAX);
    let open = reports::open_about(&mut snapshot, named, limit).await;
    drop(snapshot);
    let reports = open.map_err(failed)?.into_iter().map(ReportId).collect();
    let measure = MeasureId(asking.made_id(Some(by), "measure"));
    let until = term.until(asking.at());
    let said = (about, reason.as_str().to_owned(), term);
    let command = TakeMeasure {
        measure,
        about,
        member,
        by,
        reason,
        until,
        reports,
        at: asking.at(),
    };
    let accepted = asking.execute(Some(by), "take-measure", &said, command);
    Ok((measure, accepted.await?.position))
}

/// Whose it is, hidden or not.
async fn owner(snapshot: &mut Snapshot, about: Thing, by: MemberId) -> Result<MemberId, Problem> {
    let member = match about {
        Thing::Review { review } => reviews::author(snapshot, review.0).await,
        Thing::Comment { comment } => comments::author(snapshot, comment.0).await,
        Thing::Message { room, message } => {
            let card = messages::by_seq(snapshot, room.0, message).await;
            card.map(|card| card.map(|card| card.member))
        }
        Thing::Member { member } => {
            let row = members::by_id(snapshot, member.0).await;
            row.map(|row| row.map(|row| row.member))
        }
    };
    let member = member.map_err(failed)?.ok_or_else(Problem::not_found)?;
    if member == by.0 {
        return Err(Problem::from(commands::Refused::OwnMeasure));
    }
    Ok(MemberId(member))
}

/// A measure and what it is about.
pub async fn find(snapshot: &mut Snapshot, measure: Uuid) -> Result<(MeasureCard, Thing), Problem> {
    let card = measures::by_id(snapshot, measure).await.map_err(failed)?;
    let card = card.ok_or_else(Problem::not_found)?;
    let about = thing(&card.row.kind, card.row.subject, card.row.seq);
    let about = about.ok_or_else(|| Problem::internal("a measure about nothing that there is"))?;
    Ok((card, about))
}

pub async fn lift(
    asking: &Asking,
    caller: &Caller,
    (card, about): (MeasureCard, Thing),
    reason: Option<Reason>,
) -> Result<i64, Problem> {
    let text = reason.as_ref().map(|text| text.as_str().to_owned());
    let said = (card.row.measure, text);
    let command = LiftMeasure {
        measure: MeasureId(card.row.measure),
        about,
        member: MemberId(card.row.member),
        by: caller.member,
        reason,
    };
    let accepted = asking.execute(Some(caller.member), "lift-measure", &said, command);
    Ok(accepted.await?.position)
}

pub async fn appeal(
    asking: &Asking,
    caller: &Caller,
    measure: Uuid,
    text: AppealText,
) -> Result<i64, Problem> {
    let member = caller.member;
    let said = (measure, text.as_str().to_owned());
    let measure = MeasureId(measure);
    let command = Appeal {
        measure,
        member,
        text,
    };
    let accepted = asking.execute(Some(member), "appeal", &said, command);
    Ok(accepted.await?.position)
}

pub async fn decide(
    asking: &Asking,
    caller: &Caller,
    (card, about): (MeasureCard, Thing),
    (granted, reason): (bool, Reason),
) -> Result<i64, Problem> {
    let said = (card.row.measure, granted, reason.as_str().to_owned());
    let command = DecideAppeal {
        measure: MeasureId(card.row.measure),
        about,
        member: MemberId(card.row.member),
        by: caller.member,
        granted,
        reason,
    };
    let accepted = asking.execute(Some(caller.member), "decide-appeal", &said, command);
    Ok(accepted.await?.position)
}
