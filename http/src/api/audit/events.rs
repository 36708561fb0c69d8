//! `/audit/events`: what happened, for auditors. What they are shown is recorded first.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::IntoResponse;
use domain::audit::{KnownStream, KnownType};
use event_log::Order;
use futures::{Stream, stream};
use projections::history::{Wanted, parse_time};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::api::caching::Streamed;
use crate::api::list::{List, ListQuery};
use crate::api::{Answer, App};
use crate::asking::Asking;
use crate::audit::{self, Found, Names, ShownEvent};
use crate::cursor;
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;

const NDJSON: &str = "application/x-ndjson";
/// Events of a streamed answer that are recorded as one reading, and in memory at once.
const STREAMED_AT_ONCE: i64 = 250;
pub const PLACE: &str = "/api/v1/audit/events";

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_audit_events))
        .routes(routes!(show_audit_receipt))
}

/// What events must be; what is left out is not asked for. Times are RFC 3339, or a day.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Caused by this member; all zeros: by nobody who was signed in.
    pub actor: Option<Uuid>,
    /// Of this type.
    #[serde(rename = "type")]
    #[param(example = "review.posted")]
    pub event_type: Option<String>,
    /// In this stream.
    #[param(example = "review-b996553c-5aff-524f-af5c-8d6a037913a8")]
    pub stream: Option<String>,
    /// About this film.
    pub film: Option<Uuid>,
    /// About this member or what they wrote, whoever caused it.
    pub member: Option<Uuid>,
    /// Recorded then or later.
    #[param(example = "2026-07-01T12:00:00Z")]
    pub since: Option<String>,
    /// Recorded before then.
    pub until: Option<String>,
    /// Of this request and all that followed from it.
    pub correlation: Option<Uuid>,
    /// Behind this position.
    pub after: Option<i64>,
    /// `oldest` first, or `newest`.
    #[param(default = "oldest")]
    pub order: Option<String>,
    /// `next` of the page before; none for the first page.
    pub cursor: Option<String>,
    /// How many events at most; of a stream of lines, all without it.
    #[param(minimum = 1, default = 20)]
    pub limit: Option<i64>,
}

/// What a query asks for.
pub struct Asked {
    pub wanted: Wanted,
    pub order: Order,
    /// Behind a position, up to another.
    pub range: (i64, i64),
}

impl AuditQuery {
    pub async fn read(&self, reading: &mut Reading, order: Order) -> Result<Asked, Problem> {
        let time = |name: &str, text: &Option<String>| {
            let time = text.as_deref().map(parse_time).transpose();
            time.map_err(|why| Problem::bad_request(format!("{name} is {why}.")))
        };
        if let Some(name) = &self.event_type
            && KnownType::new(name).is_none()
        {
            let why = "type is one that there is, such as review.posted.";
            return Err(Problem::bad_request(why));
        }
        if let Some(name) = &self.stream
            && KnownStream::new(name).is_none()
        {
            let why = "stream is a name such as review-b996553c-5aff-524f-af5c-8d6a037913a8.";
            return Err(Problem::bad_request(why));
        }
        let wanted = Wanted {
            actor: self.actor,
            event_type: self.event_type.clone(),
            stream: self.stream.clone(),
            film: self.film,
            member: self.member,
            correlation: self.correlation,
            since: time("since", &self.since)?,
            until: time("until", &self.until)?,
        };
        let order = match self.order.as_deref() {
            None => order,
            Some("oldest") => Order::OldestFirst,
            Some("newest") => Order::NewestFirst,
            Some(_) => return Err(Problem::bad_request("order is oldest or newest.")),
        };
        let connection = &mut *reading.snapshot;
        let (after, through) = wanted.range(connection).await.map_err(failed)?;
        let range = (after.max(self.after.unwrap_or(0)), through);
        let range = match cursor::decode(self.cursor.as_deref())? {
            Some(seen) => order.rest(range, seen),
            None => range,
        };
        Ok(Asked {
            wanted,
            order,
            range,
        })
    }
}

/// Lists what happened.
///
/// For auditors. What was sealed is opened while its keys exist. A page may be shorter than
/// `limit`, or empty, and not the last: a request looks at a bounded part of the log, and `next`
/// goes on. With `Accept: application/x-ndjson` all events come, one for each line.
///
/// What is shown is recorded before, as an event that says what was asked for and whom it
/// concerns; they see it in their history.
#[utoipa::path(get, path = "/audit/events", tag = "audit", params(AuditQuery),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "A page of events", content(
        (List<ShownEvent> = "application/json"), (ShownEvent = "application/x-ndjson"))),
        (status = 429, description = "Too often",
            body = crate::problem::ProblemBody, content_type = "application/problem+json")))]
pub async fn list_audit_events(
    State(app): State<App>,
    mut asking: Asking,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<AuditQuery>,
) -> Answer {
    let mut reading = asking.look().await?;
    let asked = query.read(&mut reading, Order::OldestFirst).await?;
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.starts_with(NDJSON)) {
        let left = query.limit.unwrap_or(i64::MAX);
        if left < 1 {
            return Err(Problem::bad_request("limit is a whole number, at least 1."));
        }
        let seen = reading.let_go().await?;
        let lines = Lines {
            app,
            asking,
            caller,
            asked,
            left,
        };
        let media = [(CONTENT_TYPE, NDJSON)];
        let body = Body::from_stream(lines.stream());
        return Ok(seen.respond((Streamed::mark(), media, body)));
    }
    let (_, limit) = ListQuery::new(None, query.limit).read::<i64>()?;
    let how = (asked.range, asked.order);
    let found = audit::find(&app, &mut reading.snapshot, &asked.wanted, how, limit).await?;
    let names = Names::of(&mut reading.snapshot, found.events.iter()).await;
    let names = names.map_err(failed)?;
    let seen = reading.let_go().await?;
    audit::record(&asking, caller.member, &asked.wanted, found.events.iter()).await?;
    Ok(seen.respond(Json(page(found, &names, PLACE))))
}

/// Also of members' own events.
pub fn page(found: Found, names: &Names, place: &str) -> List<ShownEvent> {
    let shown = found.events.into_iter();
    List {
        items: shown
            .map(|opened| ShownEvent::of(opened, names, place))
            .collect(),
        next: found.next.as_ref().map(cursor::encode),
    }
}

/// An answer in lines, as far as it was not given yet.
struct Lines {
    app: App,
    asking: Asking,
    caller: Caller,
    asked: Asked,
    left: i64,
}

impl Lines {
    /// Part after part, each recorded before it is given. An error breaks the answer off, which no
    /// client can take for its end.
    fn stream(self) -> impl Stream<Item = Result<String, std::io::Error>> + Send {
        stream::try_unfold(self, async |mut lines| {
            let text = lines.next().await;
            let text = text.map_err(|problem| std::io::Error::other(problem.slug()))?;
            Ok(text.map(|text| (text, lines)))
        })
    }

    async fn next(&mut self) -> Result<Option<String>, Problem> {
        let (after, through) = self.asked.range;
        if after >= through || self.left < 1 {
            return Ok(None);
        }
        let mut snapshot = self.asking.read_now().await?;
        let limit = STREAMED_AT_ONCE.min(self.left);
        let Asked {
            wanted,
            order,
            range,
        } = &self.asked;
        let found = audit::find(&self.app, &mut snapshot, wanted, (*range, *order), limit).await?;
        let names = Names::of(&mut snapshot, found.events.iter()).await;
        let names = names.map_err(failed)?;
        drop(snapshot);
        audit::record(
            &self.asking,
            self.caller.member,
            wanted,
            found.events.iter(),
        )
        .await?;
        self.left -= i64::try_from(found.events.len()).unwrap_or(i64::MAX);
        self.asked.range = match found.next {
            Some(seen) => order.rest(*range, seen),
            None => (0, 0),
        };
        let mut text = String::new();
        for opened in found.events {
            let shown = ShownEvent::of(opened, &names, PLACE);
            text += &serde_json::to_string(&shown).map_err(Problem::internal)?;
            text.push('\n');
        }
        Ok(Some(text))
    }
}

/// Shows an event's receipt, which `replay-tool check-receipt` accepts.
///
/// For auditors; recorded as `/audit/events` is. It has what is stored of the event, sealed. 503
/// while no checkpoint covers it yet.
#[utoipa::path(get, path = "/audit/events/{position}/receipt", tag = "audit",
    params(("position" = i64, Path)), security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The receipt", body = serde_json::Value)))]
pub async fn show_audit_receipt(
    State(app): State<App>,
    mut asking: Asking,
    caller: Caller,
    Path(position): Path<i64>,
) -> Answer {
    let mut reading = asking.look().await?;
    let snapshot = &mut reading.snapshot;
    let alone = (position.saturating_sub(1), position);
    let (wanted, how) = (Wanted::default(), (alone, Order::OldestFirst));
    let found = audit::find(&app, snapshot, &wanted, how, 1).await?;
    let opened = found.events.first().ok_or_else(Problem::not_found)?;
    let receipt = audit::receipt(&app, snapshot, opened.recorded.clone(), true).await?;
    let seen = reading.let_go().await?;
    audit::record(&asking, caller.member, &wanted, found.events.iter()).await?;
    Ok(seen.respond(Json(receipt).into_response()))
}
