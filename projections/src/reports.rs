//! What was reported to the site's moderators.

use chrono::{DateTime, Utc};
use domain::forgetting::{self, Extent};
use domain::report::{Event as ReportEvent, Outcome};
use domain::{Event, Reason, Sealed};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::page::{Page, page};
use crate::table::table;

table! {
    /// A member's report of something.
    pub struct Report in reports {
        key { report: Uuid }
        position: i64,
        /// `review`, `comment`, `message` or `member`.
        kind: String,
        /// The review, comment or member, or the room.
        subject: Uuid,
        /// The message's sequence number.
        seq: Option<i64>,
        author: Uuid,
        member: Uuid,
        reason: Option<String>,
        filed_at: DateTime<Utc>,
        /// `None`: open; `upheld` or `dismissed`.
        outcome: Option<String>,
        closed_by: Option<Uuid>,
    }
}

impl ReadModel for Report {
    const VERSION: i32 = 2;

    fn apply(happened: &Happened, reports: &mut Changes<Report>) {
        let event = match &happened.event {
            Event::Report(event) => event,
            Event::Forgetting(forgetting::Event::Forgotten(forgotten)) => {
                if forgotten.extent == Extent::Everything {
                    let member = forgotten.member.0;
                    reports.patch_where("member", member, |report| report.reason = None);
                }
                return;
            }
            Event::Film(_)
            | Event::Reservation(_)
            | Event::Member(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => return,
        };
        match event {
            ReportEvent::Filed(filed) => reports.put(Report {
                report: filed.report.0,
                position: happened.position,
                kind: filed.about.kind().to_owned(),
                subject: filed.about.subject(),
                seq: filed.about.seq(),
                author: filed.author.0,
                member: filed.member.0,
                reason: reason(filed.reason.as_ref()),
                filed_at: happened.at,
                outcome: None,
                closed_by: None,
            }),
            ReportEvent::Closed(closed) => {
                let (by, outcome) = (closed.by.0, closed.outcome);
                reports.patch((closed.report.0,), move |report| {
                    report.outcome = Some(told(outcome).to_owned());
                    report.closed_by = Some(by);
                });
            }
        }
    }
}

fn reason(reason: Option<&Sealed<Reason>>) -> Option<String> {
    reason?.open().map(|text| text.as_str().to_owned())
}

fn told(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Upheld => "upheld",
        Outcome::Dismissed => "dismissed",
    }
}

/// A reported thing with what is needed to judge it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReportCard {
    pub report: Uuid,
    pub position: i64,
    pub kind: String,
    pub subject: Uuid,
    pub seq: Option<i64>,
    pub author: Uuid,
    pub author_name: Option<String>,
    pub member: Uuid,
    pub member_name: Option<String>,
    pub reason: Option<String>,
    pub filed_at: DateTime<Utc>,
    /// What was written, or what a member says of themselves; `None`: retracted or forgotten since.
    pub text: Option<String>,
    /// Of a message.
    pub room_name: Option<String>,
    /// Of a review, or of what a comment is under.
    pub film: Option<Uuid>,
    pub title_en: Option<String>,
    pub title_ko: Option<String>,
    /// Of a comment.
    pub review: Option<Uuid>,
    /// Open ones about the same, this one among them.
    pub alike: i64,
    /// From others, by a measure.
    pub is_hidden: bool,
    /// Whose it is.
    pub is_suspended: bool,
}

/// Open ones, oldest first; `after` is the last card's position.
pub async fn open(
    connection: &mut PgConnection,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<ReportCard, i64>> {
    let cards = sqlx::query_as(
        "select t.report, t.position, t.kind, t.subject, t.seq, t.author,
                author.name as author_name, t.member, reporter.name as member_name, t.reason,
                t.filed_at,
                case t.kind when 'review' then rv.text when 'comment' then c.text
                            when 'message' then m.text else author.about end as text,
                r.name as room_name, f.film, f.title_en, f.title_ko, c.review,
                (select count(*) from reports same
                 where same.outcome is null and same.kind = t.kind and same.subject = t.subject
                   and same.seq is not distinct from t.seq) as alike,
                coalesce(rv.hidden_by, c.hidden_by) is not null as is_hidden,
                author.suspended_until is not null as is_suspended
         from reports t
         left join reviews rv on t.kind = 'review' and rv.review = t.subject
         left join comments c on t.kind = 'comment' and c.comment = t.subject
         left join rooms r on t.kind = 'message' and r.room = t.subject
         left join messages m on t.kind = 'message' and m.room = t.subject and m.seq = t.seq
         left join films f on f.film = coalesce(rv.film, c.film)
         left join members author on author.member = t.author
         left join members reporter on reporter.member = t.member
         where t.outcome is null and ($1::bigint is null or t.position > $1)
         order by t.position limit $2 + 1",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &ReportCard| card.position))
}

/// Open ones about one thing.
pub async fn open_about(
    connection: &mut PgConnection,
    (kind, subject, seq): (&str, Uuid, Option<i64>),
    limit: i64,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar(
        "select report from reports
         where outcome is null and kind = $1 and subject = $2 and seq is not distinct from $3
         order by position limit $4",
    )
    .bind(kind)
    .bind(subject)
    .bind(seq)
    .bind(limit)
    .fetch_all(connection)
    .await
}
