//! The ways in: the WebSocket, tickets for clients without cookies, and events over HTTP.

use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::Response;
use axum::routing::get;
use chrono::{DateTime, Utc};
use domain::MemberId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::connections::{Guest, NoSeat, Seat, Session};
use super::conversation::{Conversation, Speaker};
use super::upgrade::Upgrade;
use super::{asyncapi, events, posted, socket};
use crate::address::{ClientAddress, household};
use crate::app::App;
use crate::asking::Asking;
use crate::extract::{Json, Query};
use crate::fresh;
use crate::message;
use crate::problem::Problem;
use crate::reading::failed;
use crate::security::PublicOrigin;
use crate::session::Caller;
use crate::vault::{TICKET, Vault};

/// To who is turned away because there are too many connections.
const COME_BACK_SECONDS: u32 = 5;
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// For `Router::merge`. They stand beside the API's other routes, since what they answer is
/// neither cached nor complete.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/asyncapi.json", get(asyncapi::asyncapi))
        .route("/api/v1/live", get(connect).post(posted::say))
        .route("/api/v1/rooms/{room}/events", get(events::events))
}

/// What the API's document describes; the rest is in `asyncapi.json`.
pub fn described() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ticket))
}

/// Who comes in, with a place on this node.
pub struct Entrance {
    pub speaker: Speaker,
    pub seat: Seat,
}

#[derive(Deserialize)]
struct Presented {
    ticket: Option<String>,
}

impl FromRequestParts<App> for Entrance {
    type Rejection = Problem;

    /// By a ticket, or by the session. A browser sends its cookie to us also from other sites'
    /// pages, so these must not come in with it.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Entrance, Problem> {
        let Ok(address) = ClientAddress::from_request_parts(parts, app).await;
        let Query(Presented { ticket }) = Query::from_request_parts(parts, app).await?;
        let (member, session) = match ticket {
            Some(ticket) => {
                let redeemed = app.vault.redeem_ticket(&ticket, fresh::now()).await;
                let (member, session) = redeemed
                    .map_err(failed)?
                    .ok_or_else(Problem::unauthenticated)?;
                (Some(member), Some(session))
            }
            None => by_session(parts)?,
        };
        let guest = Guest {
            member,
            session,
            address: household(address.0),
        };
        let per_address = app.limits.live_connections;
        let seat = app.live.connections.take(fresh::id(), guest, per_address);
        let seat = seat.map_err(|none| match none {
            NoSeat::Here => Problem::busy(COME_BACK_SECONDS),
            NoSeat::ForThem => Problem::too_many_requests(COME_BACK_SECONDS),
        })?;
        let speaker = Speaker { member, address };
        Ok(Entrance { speaker, seat })
    }
}

fn by_session(parts: &Parts) -> Result<(Option<MemberId>, Option<Session>), Problem> {
    let caller = parts.extensions.get::<Caller>();
    let by_cookie = caller.is_some() && !parts.headers.contains_key(AUTHORIZATION);
    let public = parts.extensions.get::<PublicOrigin>();
    let public = public.and_then(|PublicOrigin(origin)| origin.as_deref());
    let is_ours = comes_from_us(&parts.headers, public);
    if is_ours == Some(false) || by_cookie && is_ours.is_none() {
        let title = message!("problem-cross-site");
        return Err(Problem::new(StatusCode::FORBIDDEN, "cross-site", title));
    }
    let session = caller.map(|caller| Vault::session_digest(caller.token()));
    Ok((caller.map(|caller| caller.member), session))
}

/// Whether one of our pages asks; `None`: it is no page of anybody's. A page's request for events
/// of its own site has no `Origin`, but says that it is of the same.
fn comes_from_us(headers: &HeaderMap, public: Option<&str>) -> Option<bool> {
    let Some(origin) = headers.get(ORIGIN) else {
        return headers
            .get(SEC_FETCH_SITE)
            .map(|site| site == "same-origin");
    };
    let origin = origin.to_str().unwrap_or_default();
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let is_host = authority.is_some_and(|authority| host == Some(authority));
    Some(is_host || public == Some(origin))
}

/// `GET /api/v1/live`: 101, or 400, 401, 403, 426, 429, 503.
async fn connect(
    State(app): State<App>,
    upgrade: Upgrade,
    Entrance { speaker, seat }: Entrance,
) -> Response {
    let talk = Conversation::new(app, speaker, seat, upgrade.packs);
    upgrade.then(move |stream, early| socket::serve(stream, early, talk))
}

/// A ticket for one connection, for clients that can't send a header with it.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Ticket {
    /// For `GET /api/v1/live?ticket=…`, once.
    pub ticket: String,
    pub expires_at: DateTime<Utc>,
}

/// Gives out a ticket for one live connection.
///
/// It is worth something for 30 seconds, on every node.
#[utoipa::path(post, path = "/live/ticket", tag = "sessions",
    security(("session" = []), ("token" = [])),
    responses((status = 201, description = "A ticket", body = Ticket)))]
pub async fn ticket(State(app): State<App>, asking: Asking, caller: Caller) -> Answer {
    let now = asking.at();
    let ticket = app.vault.begin_ticket(caller.member, caller.token(), now);
    let ticket = Ticket {
        ticket: ticket.await.map_err(failed)?.reveal().to_owned(),
        expires_at: now + TICKET,
    };
    let snapshot = app.reader.snapshot(None).await.map_err(failed)?;
    Ok(asking.respond(snapshot.position, (StatusCode::CREATED, Json(ticket))))
}

type Answer = Result<Response, Problem>;

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(origin: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("reeltime.example:8080"));
        headers.insert(ORIGIN, HeaderValue::from_static(origin));
        headers
    }

    #[test]
    fn other_sites_pages_are_told_apart() {
        let public = Some("https://films.example");
        for (origin, ours) in [
            ("http://reeltime.example:8080", true),
            ("https://films.example", true),
            ("http://reeltime.example", false),
            ("https://evil.example", false),
            ("https://films.example.evil.example", false),
            ("null", false),
        ] {
            assert_eq!(
                comes_from_us(&headers(origin), public),
                Some(ours),
                "{origin}"
            );
        }
        assert_eq!(comes_from_us(&HeaderMap::new(), public), None);
        for (site, ours) in [
            ("same-origin", true),
            ("same-site", false),
            ("cross-site", false),
            ("none", false),
        ] {
            let mut without_origin = HeaderMap::new();
            without_origin.insert(SEC_FETCH_SITE, HeaderValue::from_static(site));
            assert_eq!(comes_from_us(&without_origin, public), Some(ours), "{site}");
            let mut forged = headers("https://evil.example");
            forged.insert(SEC_FETCH_SITE, HeaderValue::from_static(site));
            assert_eq!(comes_from_us(&forged, public), Some(false), "{site}");
        }
    }
}
