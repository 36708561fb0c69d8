//! `/reports`: what was reported to the site's moderators.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::report::Outcome;
use domain::{CommentId, MemberId, ReviewId, Thing};
use projections::reports::{self, ReportCard};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::list::{List, ListQuery};
use super::members::Author;
use super::rooms::messages::Why;
use super::{Answer, App};
use crate::asking::Asking;
use crate::extract::{Json, Path, Query};
use crate::fields::Fields;
use crate::moderation;
use crate::reading::{Reading, failed};
use crate::session::Caller;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_reports))
        .routes(routes!(close_report))
        .routes(routes!(report_review))
        .routes(routes!(report_comment))
        .routes(routes!(report_member))
}

/// An open report, with what it is about.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Report {
    pub id: Uuid,
    pub about: About,
    pub author: Author,
    /// What was written, or what a member says of themselves; null: retracted or forgotten since.
    #[schema(required = true)]
    pub text: Option<String>,
    /// Who reports it.
    pub member: Author,
    #[schema(required = true)]
    pub reason: Option<String>,
    pub filed_at: DateTime<Utc>,
    /// Open reports about the same, this one among them.
    pub alike: i64,
}

/// What a report or a measure is about.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct About {
    /// `review`, `comment`, `message` or `member`.
    pub kind: String,
    /// Of the review, comment or member, or of the room.
    pub id: Uuid,
    /// The message's sequence number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<i64>,
}

/// What came of a report.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    pub outcome: OutcomeOf,
    #[serde(default)]
    #[schema(max_length = 300)]
    pub reason: Option<String>,
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
    let mut fields = Fields::default();
    let reason = fields.reason("reason", body.reason.as_deref().unwrap_or_default());
    let reason = fields.finish(|| reason)?;
    let outcome = match body.outcome {
        OutcomeOf::Upheld => Outcome::Upheld,
        OutcomeOf::Dismissed => Outcome::Dismissed,
    };
    let position = moderation::close(&asking, &caller, report, (outcome, reason)).await?;
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}

/// Reports a review to the site's moderators. Each member reports it once.
#[utoipa::path(post, path = "/reviews/{review}/reports", tag = "reports",
    params(("review" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 204, description = "It is reported")))]
pub async fn report_review(
    asking: Asking,
    caller: Caller,
    Path(review): Path<Uuid>,
    Json(why): Json<Why>,
) -> Answer {
    let review = ReviewId(review);
    told(&asking, &caller, Thing::Review { review }, &why).await
}

/// Reports a comment to the site's moderators. Each member reports it once.
#[utoipa::path(post, path = "/comments/{comment}/reports", tag = "reports",
    params(("comment" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 204, description = "It is reported")))]
pub async fn report_comment(
    asking: Asking,
    caller: Caller,
    Path(comment): Path<Uuid>,
    Json(why): Json<Why>,
) -> Answer {
    let comment = CommentId(comment);
    told(&asking, &caller, Thing::Comment { comment }, &why).await
}

/// Reports a member to the site's moderators. Each member reports another once.
#[utoipa::path(post, path = "/members/{member}/reports", tag = "reports",
    params(("member" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 204, description = "They are reported")))]
pub async fn report_member(
    asking: Asking,
    caller: Caller,
    Path(member): Path<Uuid>,
    Json(why): Json<Why>,
) -> Answer {
    let member = MemberId(member);
    told(&asking, &caller, Thing::Member { member }, &why).await
}

async fn told(asking: &Asking, caller: &Caller, about: Thing, why: &Why) -> Answer {
    let position = moderation::report(asking, caller, about, why.check()?).await?;
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}

impl From<ReportCard> for Report {
    fn from(card: ReportCard) -> Report {
        Report {
            id: card.report,
            about: About {
                kind: card.kind,
                id: card.subject,
                seq: card.seq,
            },
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
            alike: card.alike,
        }
    }
}
