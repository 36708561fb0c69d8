//! `/measures`: what the site's moderators did, and what is said against it.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use projections::measures::{self, MeasureCard};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::list::{List, ListQuery};
use super::members::Author;
use super::reports::About;
use super::{Answer, App};
use crate::asking::Asking;
use crate::extract::{Json, Path, Query};
use crate::fields::Fields;
use crate::moderation::{self, Term};
use crate::problem::{Problem, ProblemBody};
use crate::reading::{Reading, failed};
use crate::session::Caller;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_measures, take_measure))
        .routes(routes!(lift_measure))
        .routes(routes!(decide_appeal))
        .routes(routes!(list_own_measures))
        .routes(routes!(appeal))
}

/// What moderators did, and what became of it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Measure {
    pub id: Uuid,
    /// A member is suspended, anything else hidden.
    pub about: About,
    /// Whose it is.
    pub member: Author,
    /// The moderator; null for who it is against.
    #[schema(required = true)]
    pub by: Option<Author>,
    #[schema(required = true)]
    pub reason: Option<String>,
    pub taken_at: DateTime<Utc>,
    /// Of a suspension.
    #[schema(required = true)]
    pub until: Option<DateTime<Utc>>,
    /// Null: it holds.
    #[schema(required = true)]
    pub lifted_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub lifted_reason: Option<String>,
    /// What its member says against it.
    #[schema(required = true)]
    pub appeal: Option<String>,
    #[schema(required = true)]
    pub appealed_at: Option<DateTime<Utc>>,
    /// Null: not decided.
    #[schema(required = true)]
    pub granted: Option<bool>,
    #[schema(required = true)]
    pub decision: Option<String>,
}

/// What is to be done about what, and why.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMeasure {
    about: About,
    #[serde(default)]
    #[schema(required = true, max_length = 300)]
    reason: String,
    /// Of a suspension.
    #[serde(default)]
    until: Option<DateTime<Utc>>,
}

/// A measure that was taken.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TakenMeasure {
    pub id: Uuid,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Lifting {
    #[serde(default)]
    #[schema(max_length = 300)]
    reason: Option<String>,
}

/// What the member says against it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAppeal {
    #[serde(default)]
    #[schema(required = true, max_length = 2_000)]
    text: String,
}

/// What comes of an appeal.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    granted: bool,
    #[serde(default)]
    #[schema(required = true, max_length = 300)]
    reason: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Appeals {
    /// Only those whose appeals wait for a decision.
    #[serde(default)]
    open_appeals: bool,
}

/// Lists measures, newest first. For the site's moderators.
#[utoipa::path(get, path = "/measures", tag = "measures", params(ListQuery, Appeals),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "A page of measures", body = List<Measure>),
        (status = 404, description = "The caller is no moderator",
            body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_measures(
    mut reading: Reading,
    Query(query): Query<ListQuery>,
    Query(appeals): Query<Appeals>,
) -> Answer {
    let (after, limit) = query.read()?;
    let page = measures::newest(&mut reading.snapshot, appeals.open_appeals, after, limit).await;
    let list = List::of(page.map_err(failed)?, Measure::from);
    Ok(reading.respond(Json(list)))
}

/// Hides a review or a comment from all but its author, takes a message back, or suspends a member
/// until some time. Open reports about it are closed. For the site's moderators.
#[utoipa::path(post, path = "/measures", tag = "measures",
    security(("session" = []), ("token" = [])),
    responses((status = 201, description = "The measure is taken", body = TakenMeasure),
        (status = 404, description = "There is no such thing, or the caller is no moderator",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Something was done about it already, or the member has a role",
            body = ProblemBody, content_type = "application/problem+json")))]
pub async fn take_measure(
    mut asking: Asking,
    caller: Caller,
    Json(body): Json<NewMeasure>,
) -> Answer {
    let mut fields = Fields::default();
    let reason = fields.given_reason("reason", &body.reason);
    let reason = fields.finish(|| reason)?;
    let about = &body.about;
    let about = moderation::thing(&about.kind, about.id, about.seq);
    let about = about.ok_or_else(Problem::not_found)?;
    let how = (reason, body.until.map_or(Term::Unsaid, Term::Until));
    let taken = moderation::take(&mut asking, &caller, about, how).await?;
    let (measure, position) = taken;
    let answer = (StatusCode::CREATED, Json(TakenMeasure { id: measure.0 }));
    Ok(asking.respond(position, answer))
}

/// Shows again what was hidden, lets a member write again. For the site's moderators.
#[utoipa::path(delete, path = "/measures/{measure}", tag = "measures",
    params(("measure" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 204, description = "It holds no more"),
        (status = 409, description = "A message that was taken back stays so",
            body = ProblemBody, content_type = "application/problem+json")))]
pub async fn lift_measure(
    mut asking: Asking,
    caller: Caller,
    Path(measure): Path<Uuid>,
    Json(body): Json<Lifting>,
) -> Answer {
    let mut fields = Fields::default();
    let reason = fields.reason("reason", body.reason.as_deref().unwrap_or_default());
    let reason = fields.finish(|| reason)?;
    let found = moderation::find(&mut *asking.read_now().await?, measure).await?;
    let position = moderation::lift(&asking, &caller, found, reason).await?;
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}

/// Decides an appeal; granted, the measure is lifted. For the site's moderators, but for who took
/// the measure.
#[utoipa::path(put, path = "/measures/{measure}/decision", tag = "measures",
    params(("measure" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 204, description = "It is decided"),
        (status = 409, description = "It was decided otherwise",
            body = ProblemBody, content_type = "application/problem+json")))]
pub async fn decide_appeal(
    mut asking: Asking,
    caller: Caller,
    Path(measure): Path<Uuid>,
    Json(body): Json<Decision>,
) -> Answer {
    let mut fields = Fields::default();
    let reason = fields.given_reason("reason", &body.reason);
    let reason = fields.finish(|| reason)?;
    let found = moderation::find(&mut *asking.read_now().await?, measure).await?;
    let decision = (body.granted, reason);
    let position = moderation::decide(&asking, &caller, found, decision).await?;
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}

/// Lists what moderators did about what is the caller's, newest first.
#[utoipa::path(get, path = "/me/measures", tag = "measures", params(ListQuery),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "A page of measures", body = List<Measure>)))]
pub async fn list_own_measures(
    mut reading: Reading,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Answer {
    let (after, limit) = query.read()?;
    let member = caller.member.0;
    let page = measures::of_member(&mut reading.snapshot, member, after, limit).await;
    let unnamed = |card| Measure {
        by: None,
        ..Measure::from(card)
    };
    let list = List::of(page.map_err(failed)?, unnamed);
    Ok(reading.respond(Json(list)))
}

/// Says what the caller has to say against a measure, once.
#[utoipa::path(put, path = "/me/measures/{measure}/appeal", tag = "measures",
    params(("measure" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 204, description = "Moderators will look at it"),
        (status = 409, description = "The caller has appealed already, or it holds no more",
            body = ProblemBody, content_type = "application/problem+json")))]
pub async fn appeal(
    asking: Asking,
    caller: Caller,
    Path(measure): Path<Uuid>,
    Json(body): Json<NewAppeal>,
) -> Answer {
    let mut fields = Fields::default();
    let text = fields.appeal("text", &body.text);
    let text = fields.finish(|| text)?;
    let position = moderation::appeal(&asking, &caller, measure, text).await?;
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}

impl From<MeasureCard> for Measure {
    fn from(card: MeasureCard) -> Measure {
        let row = card.row;
        Measure {
            id: row.measure,
            about: About {
                kind: row.kind,
                id: row.subject,
                seq: row.seq,
            },
            member: Author {
                id: row.member,
                name: card.member_name,
            },
            by: Some(Author {
                id: row.by,
                name: card.by_name,
            }),
            reason: row.reason,
            taken_at: row.taken_at,
            until: row.until,
            lifted_at: row.lifted_at,
            lifted_reason: row.lifted_reason,
            appeal: row.appeal,
            appealed_at: row.appealed_at,
            granted: row.granted,
            decision: row.decided_reason,
        }
    }
}
