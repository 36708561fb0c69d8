//! `/audit/streams`: one thing as it was, for auditors.

use axum::extract::State;
use domain::audit::KnownStream;
use event_log::StreamName;
use projections::history::{At, Step};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::events::PLACE;
use crate::api::list::ListQuery;
use crate::api::{Answer, App};
use crate::asking::Asking;
use crate::audit::{self, AuditedStream, Names, ShownEvent};
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show_audit_stream))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StreamQuery {
    /// A version, or a time (RFC 3339, or a day); left out: now.
    at: Option<String>,
    /// How many of the last events.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
}

/// Shows one thing at a version or time, with the last events that made it.
///
/// For auditors; recorded as `/audit/events` is, for all whom the state names. 422 for an early
/// version of a very long stream.
#[utoipa::path(get, path = "/audit/streams/{stream}", tag = "audit",
    params(("stream" = String, Path, example = "review-b996553c-5aff-524f-af5c-8d6a037913a8"),
        StreamQuery),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "What it was, and how it came to be",
        body = AuditedStream)))]
pub async fn show_audit_stream(
    State(app): State<App>,
    mut asking: Asking,
    caller: Caller,
    Path(stream): Path<String>,
    Query(query): Query<StreamQuery>,
) -> Answer {
    let (_, limit) = ListQuery::new(None, query.limit).read::<i64>()?;
    let at = read_at(query.at.as_deref())?;
    let stream = read_stream(&stream)?;
    let mut reading = asking.look().await?;
    let connection = &mut *reading.snapshot;
    let version = version(connection, &stream, at).await?;
    let (at, steps) = audit::steps(&app, connection, &stream, (version, limit)).await?;
    let names = Names::of(connection, steps.iter().map(|step| &step.opened)).await;
    let names = names.map_err(failed)?;
    let seen = reading.let_go().await?;
    audit::record_stream(&asking, caller.member, &stream, (&at, &steps)).await?;
    let shown = steps.into_iter();
    let shown = shown.map(|Step { opened, .. }| ShownEvent::of(opened, &names, PLACE));
    let shown = AuditedStream::of(stream.to_string(), &at, shown.collect());
    Ok(seen.respond(Json(shown)))
}

/// Now, if it is left out.
pub fn read_at(text: Option<&str>) -> Result<At, Problem> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(At::Version(i64::MAX)),
        Some(text) => text
            .parse()
            .map_err(|why| Problem::bad_request(format!("at is {why}, and no version."))),
    }
}

/// A stream's name; another text names nothing.
pub fn read_stream(text: &str) -> Result<StreamName, Problem> {
    KnownStream::new(text).ok_or_else(Problem::not_found)?;
    Ok(text.into())
}

/// 404 for a stream to which nothing ever happened.
pub async fn version(
    connection: &mut sqlx::PgConnection,
    stream: &StreamName,
    at: At,
) -> Result<i64, Problem> {
    let last = event_log::stream_version(&mut *connection, stream).await;
    if last.map_err(failed)? == 0 {
        return Err(Problem::not_found());
    }
    at.version(connection, stream).await.map_err(failed)
}
