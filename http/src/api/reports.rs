//! `/reports`: what was reported to the site's moderators.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use commands::report::CloseReport;
use domain::ReportId;
use domain::report::Outcome;
use projections::reports::{self, ReportCard};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::list::{List, ListQuery};
use super::members::Author;
use super::{Answer, App};
use crate::asking::Asking;
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_reports))
        .routes(routes!(close_report))
}

/// An open report of a message.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Report {
    pub id: Uuid,
    /// The room's id.
    pub room: Uuid,
    #[schema(required = true)]
    pub room_name: Option<String>,
    /// The message's sequence number.
    pub seq: i64,
    pub author: Author,
    /// The message; null: retracted or forgotten since.
    #[schema(required = true)]
    pub text: Option<String>,
    /// Who reports it.
    pub member: Author,
    #[schema(required = true)]
    pub reason: Option<String>,
    pub filed_at: DateTime<Utc>,
}

/// What came of a report.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    pub outcome: OutcomeOf,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeOf {
    /// Something was done about it.
    Upheld,
    Dismissed,
}

/// Lists open reports, oldest first. For the site's moderators.
#[utoipa::path(get, path = "/reports", tag = "reports", params(ListQuery),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "A page of reports", body = List<Report>),
        (status = 404, description = "The caller is no moderator",
            body = crate::problem::ProblemBody, content_type = "application/problem+json")))]
pub async fn list_reports(mut reading: Reading, Query(query): Query<ListQuery>) -> Answer {
    let (after, limit) = query.read()?;
    let page = reports::open(&mut reading.snapshot, after, limit).await;
    let list = List::of(page.map_err(failed)?, Report::from);
    Ok(reading.respond(Json(list)))
}

/// Closes a report. For the site's moderators.
#[utoipa::path(put, path = "/reports/{report}", tag = "reports",
    params(("report" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 204, description = "It is closed")))]
pub async fn close_report(
    asking: Asking,
    caller: Caller,
    Path(report): Path<Uuid>,
    Json(body): Json<Closing>,
) -> Answer {
    let position = close(&asking, &caller, report, body).await?;
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}

/// Also for the page.
pub async fn close(
    asking: &Asking,
    caller: &Caller,
    report: Uuid,
    closing: Closing,
) -> Result<i64, Problem> {
    let command = CloseReport {
        report: ReportId(report),
        by: caller.member,
        outcome: match closing.outcome {
            OutcomeOf::Upheld => Outcome::Upheld,
            OutcomeOf::Dismissed => Outcome::Dismissed,
        },
    };
    let said = (report, closing);
    let accepted = asking
        .execute(Some(caller.member), "close-report", &said, command)
        .await?;
    Ok(accepted.position)
}

impl From<ReportCard> for Report {
    fn from(card: ReportCard) -> Report {
        Report {
            id: card.report,
            room: card.room,
            room_name: card.room_name,
            seq: card.seq,
            author: Author {
                id: card.author,
                name: card.author_name,
            },
            text: card.text,
            member: Author {
                id: card.member,
                name: card.member_name,
            },
            reason: card.reason,
            filed_at: card.filed_at,
        }
    }
}
