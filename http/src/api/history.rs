//! `/me/events` and `/me/export`: all that the caller did, wrote and is called, with receipts.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use event_log::Order;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::list::{List, ListQuery};
use super::{Answer, App};
use crate::audit::{
    self, Found, Names, ShownEvent, export, is_all_shown, names_a_moderator, own_data,
};
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;

pub const PLACE: &str = "/api/v1/me/events";

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_my_events))
        .routes(routes!(show_my_receipt))
        .routes(routes!(export_me))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OwnQuery {
    /// `newest` first, or `oldest`.
    #[param(default = "newest")]
    order: Option<String>,
    /// `next` of the page before; none for the first page.
    cursor: Option<String>,
    /// How many events at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
}

/// Lists what the caller did, what was done about them, and who read it as an auditor.
#[utoipa::path(get, path = "/me/events", tag = "me", params(OwnQuery),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "A page of events", body = List<ShownEvent>)))]
pub async fn list_my_events(
    State(app): State<App>,
    caller: Caller,
    mut reading: Reading,
    Query(query): Query<OwnQuery>,
) -> Answer {
    let order = match query.order.as_deref() {
        None | Some("newest") => Order::NewestFirst,
        Some("oldest") => Order::OldestFirst,
        Some(_) => return Err(Problem::bad_request("order is oldest or newest.")),
    };
    let (seen, limit) = ListQuery::new(query.cursor, query.limit).read::<i64>()?;
    let (found, names) = page(&app, &mut reading, &caller, (seen, order), limit).await?;
    let shown = super::audit::events::page(found, &names, PLACE);
    Ok(reading.respond(Json(shown)))
}

/// Also for the page.
pub async fn page(
    app: &App,
    reading: &mut Reading,
    caller: &Caller,
    (seen, order): (Option<i64>, Order),
    limit: i64,
) -> Result<(Found, Names), Problem> {
    let whole = (0, i64::MAX);
    let range = seen.map_or(whole, |seen| order.rest(whole, seen));
    let connection = &mut *reading.snapshot;
    let mut found = audit::own(app, connection, caller.member, (range, order), limit).await?;
    let events = found.events.into_iter();
    found.events = events
        .map(|opened| own_data(opened, caller.member))
        .collect();
    let names = Names::of(connection, found.events.iter()).await;
    Ok((found, names.map_err(failed)?))
}

/// Shows the receipt of an event of the caller's history.
///
/// `replay-tool check-receipt` accepts it. 503 while no checkpoint covers the event yet. Of an
/// auditor's reading, which concerns others, too, it has the digest alone.
#[utoipa::path(get, path = "/me/events/{position}/receipt", tag = "me",
    params(("position" = i64, Path)), security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The receipt", body = serde_json::Value)))]
pub async fn show_my_receipt(
    State(app): State<App>,
    caller: Caller,
    mut reading: Reading,
    Path(position): Path<i64>,
) -> Answer {
    let alone = (position.saturating_sub(1), position);
    let how = (alone, Order::OldestFirst);
    let found = audit::own(&app, &mut reading.snapshot, caller.member, how, 1).await?;
    let event = found.events.into_iter().next();
    let event = event.ok_or_else(Problem::not_found)?.recorded;
    if names_a_moderator(&event, caller.member) {
        return Err(Problem::not_found());
    }
    let whole = is_all_shown(&event, caller.member);
    let receipt = audit::receipt(&app, &mut reading.snapshot, event, whole).await?;
    Ok(reading.respond(Json(receipt).into_response()))
}

/// Gives the caller all of it, as JSON and CSV in a zip, with a receipt for each event.
#[utoipa::path(get, path = "/me/export", tag = "me", security(("session" = []), ("token" = [])),
    responses((status = 200, description = "A zip file", body = Vec<u8>,
            content_type = "application/zip"),
        (status = 429, description = "Too often; `Retry-After` says when to come back",
            body = crate::problem::ProblemBody, content_type = "application/problem+json")))]
pub async fn export_me(
    State(app): State<App>,
    caller: Caller,
    reading: Reading,
) -> Result<Response, Problem> {
    // it may wait for a signature
    let seen = reading.let_go().await?;
    let file = export::export(app, &caller, seen.visitor.language).await?;
    Ok(seen.respond(file))
}
