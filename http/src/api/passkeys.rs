//! `/sessions/passkey` and `/me/passkeys`: signing in with a passkey, and adding one.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::sessions::{Session, begun};
use super::{Answer, App};
use crate::accounts::entry::Entry;
use crate::accounts::passkeys::{self, Ceremony};
use crate::asking::Asking;
use crate::extract::Json;
use crate::fields::Fields;
use crate::problem::{Problem, ProblemBody};
use crate::session::Caller;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ask_for_passkey))
        .routes(routes!(sign_in_with_passkey))
        .routes(routes!(ask_for_new_passkey))
        .routes(routes!(add_passkey))
}

/// What an authenticator is asked to sign.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Challenge {
    /// Comes back with the answer, once, within five minutes.
    pub token: String,
    /// For `navigator.credentials`; bytes are in base64url.
    #[schema(value_type = Object)]
    pub options: Value,
}

/// What an authenticator signed.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    #[serde(default)]
    #[schema(required = true)]
    token: String,
    /// As `navigator.credentials.get` gives it; bytes are in base64url.
    #[serde(default)]
    #[schema(required = true, value_type = Object)]
    credential: Value,
}

/// A new passkey.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskey {
    #[serde(default)]
    #[schema(required = true)]
    token: String,
    /// What the caller calls it; empty: after the browser.
    #[serde(default)]
    #[schema(max_length = 40)]
    name: String,
    /// As `navigator.credentials.create` gives it; bytes are in base64url.
    #[serde(default)]
    #[schema(required = true, value_type = Object)]
    credential: Value,
}

impl From<Ceremony> for Challenge {
    fn from(ceremony: Ceremony) -> Challenge {
        Challenge {
            token: ceremony.token.reveal().to_owned(),
            options: ceremony.options,
        }
    }
}

/// Asks for a passkey of this site's, to sign in.
#[utoipa::path(post, path = "/sessions/passkey/challenge", tag = "sessions",
    responses((status = 200, description = "What to sign", body = Challenge),
        (status = 409, description = "There are no passkeys under the address that was asked",
            body = ProblemBody, content_type = "application/problem+json")))]
pub async fn ask_for_passkey(State(app): State<App>, headers: HeaderMap, asking: Asking) -> Answer {
    let ceremony = passkeys::begin_sign_in(&app, &asking, &headers).await?;
    answer(&app, &asking, ceremony)
}

/// Signs in with a passkey.
///
/// A session that came with the request ends.
#[utoipa::path(post, path = "/sessions/passkey", tag = "sessions",
    responses((status = 201, description = "Signed in; the session is in a cookie too", body = Session),
        (status = 400, description = "It is not what was to be signed",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Nobody has this passkey",
            body = ProblemBody, content_type = "application/problem+json")))]
pub async fn sign_in_with_passkey(
    State(app): State<App>,
    headers: HeaderMap,
    mut asking: Asking,
    former: Option<Caller>,
    Json(body): Json<Signed>,
) -> Answer {
    let signed = (body.token.as_str(), body.credential);
    match passkeys::sign_in(&app, &asking, &headers, signed).await? {
        Entry::In(came_in) => begun(&app, &mut asking, former, &came_in).await,
        Entry::Halfway(_) => Err(Problem::internal("a code was asked for after a passkey")),
    }
}

/// Asks for a new passkey of the caller's, who must have signed in within the last 15 minutes.
#[utoipa::path(post, path = "/me/passkeys/challenge", tag = "me",
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "What to sign", body = Challenge),
        (status = 403, description = "The caller must sign in again first",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "There are no passkeys under the address that was asked",
            body = ProblemBody, content_type = "application/problem+json")))]
pub async fn ask_for_new_passkey(
    State(app): State<App>,
    headers: HeaderMap,
    asking: Asking,
    caller: Caller,
) -> Answer {
    let ceremony = passkeys::begin_adding(&app, &asking, &headers, &caller).await?;
    answer(&app, &asking, ceremony)
}

/// Adds a passkey to the ways in which the caller signs in.
#[utoipa::path(post, path = "/me/passkeys", tag = "me",
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "It is added"),
        (status = 400, description = "It is not what was to be signed",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The caller must sign in again first",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It is somebody's already, or the caller has too many ways in",
            body = ProblemBody, content_type = "application/problem+json")))]
pub async fn add_passkey(
    State(app): State<App>,
    headers: HeaderMap,
    asking: Asking,
    caller: Caller,
    Json(body): Json<NewPasskey>,
) -> Answer {
    let mut fields = Fields::default();
    let name = match body.name.trim() {
        "" if asking.device.is_empty() => "Passkey",
        "" => asking.device.as_str(),
        name => name,
    };
    let label = fields.label("name", name);
    let label = fields.finish(|| label)?;
    let signed = (body.token.as_str(), label, body.credential);
    let position = passkeys::add(&app, &asking, &headers, &caller, signed).await?;
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}

fn answer(app: &App, asking: &Asking, ceremony: Ceremony) -> Answer {
    let position = *app.projector.projected().borrow();
    Ok(asking.respond(position, Json(Challenge::from(ceremony))))
}
