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
    /// A member's report of a message.
    pub struct Report in reports {
        key { report: Uuid }
        position: i64,
        room: Uuid,
        seq: i64,
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
            | Event::Comment(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Notifications(_)
            | Event::Audit(_) => return,
        };
        match event {
            ReportEvent::Filed(filed) => reports.put(Report {
                report: filed.report.0,
                position: happened.position,
                room: filed.room.0,
                seq: filed.message,
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

/// An open report as the moderators' queue shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReportCard {
    pub report: Uuid,
    pub position: i64,
    pub room: Uuid,
    pub room_name: Option<String>,
    pub seq: i64,
    pub author: Uuid,
    pub author_name: Option<String>,
    pub member: Uuid,
    pub member_name: Option<String>,
    pub reason: Option<String>,
    pub filed_at: DateTime<Utc>,
    /// `None`: retracted or forgotten since.
    pub text: Option<String>,
}

/// Open ones, oldest first; `after` is the last card's position.
pub async fn open(
    connection: &mut PgConnection,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<ReportCard, i64>> {
    let cards = sqlx::query_as(
        "select t.report, t.position, t.room, r.name as room_name, t.seq, t.author,
                author.name as author_name, t.member, reporter.name as member_name, t.reason,
                t.filed_at, m.text
         from reports t
         join rooms r using (room)
         left join messages m on m.room = t.room and m.seq = t.seq
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
