//! `/me/email`, and what the links in letters do: for clients that open them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App};
use crate::accounts::known::known;
use crate::accounts::mailed;
use crate::asking::Asking;
use crate::extract::Json;
use crate::fields::Fields;
use crate::problem::{Problem, ProblemBody};
use crate::reading::Reading;
use crate::session::Caller;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show_email, ask_for_change))
        .routes(routes!(ask_for_verification))
        .routes(routes!(ask_for_reset))
        .routes(routes!(reset_password))
        .routes(routes!(verify_email))
        .routes(routes!(change_email))
}

/// The caller's e-mail address.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnEmail {
    #[schema(format = "email")]
    pub email: String,
    /// Mail is known to reach the caller there.
    pub verified: bool,
}

/// Another address; the password shows that it is the caller who asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailChange {
    #[serde(default)]
    #[schema(required = true, format = "email")]
    email: String,
    #[serde(default)]
    #[schema(format = "password")]
    password: String,
}

/// Whose password is to be another one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forgotten {
    #[serde(default)]
    #[schema(required = true, format = "email")]
    email: String,
}

/// The new password, and what the letter's link holds.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordReset {
    #[serde(default)]
    #[schema(required = true)]
    token: String,
    /// At least 8 characters, at most 256 bytes.
    #[serde(default)]
    #[schema(required = true, format = "password", min_length = 8, max_length = 256)]
    new_password: String,
}

/// What a letter's link holds.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkToken {
    #[serde(default)]
    #[schema(required = true)]
    token: String,
}

/// Shows the caller's address.
#[utoipa::path(get, path = "/me/email", tag = "me", security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The address", body = OwnEmail)))]
pub async fn show_email(State(app): State<App>, caller: Caller, reading: Reading) -> Answer {
    let known = known(&app, caller.member).await?;
    let known = known.ok_or_else(Problem::unauthenticated)?;
    Ok(reading.respond(Json(OwnEmail {
        email: known.email.as_str().to_owned(),
        verified: known.email_verified,
    })))
}

/// Asks for another address.
///
/// A letter goes there; the address becomes the caller's when the link in it is followed, and the
/// former one is told then.
#[utoipa::path(put, path = "/me/email", tag = "me", security(("session" = []), ("token" = [])),
    responses((status = 204, description = "A letter is on its way")))]
pub async fn ask_for_change(
    State(app): State<App>,
    asking: Asking,
    caller: Caller,
    Json(body): Json<EmailChange>,
) -> Answer {
    let mut fields = Fields::default();
    let email = fields.email("email", &body.email);
    let email = fields.finish(|| email)?;
    mailed::ask_for_change(&app, &asking, &caller, (email, &body.password)).await?;
    accepted(&app, &asking).await
}

/// Asks for the letter that verifies the caller's address, once more.
#[utoipa::path(post, path = "/me/email/verification", tag = "me",
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "A letter is on its way, unless it is verified")))]
pub async fn ask_for_verification(
    State(app): State<App>,
    asking: Asking,
    caller: Caller,
) -> Answer {
    mailed::ask_for_verification(&app, &asking, &caller).await?;
    accepted(&app, &asking).await
}

/// Asks for a letter with which a new password can be chosen.
///
/// The answer is the same for an address that is no member's.
#[utoipa::path(post, path = "/password-resets", tag = "sessions",
    responses((status = 204, description = "If the address is a member's, a letter is on its way")))]
pub async fn ask_for_reset(
    State(app): State<App>,
    asking: Asking,
    Json(body): Json<Forgotten>,
) -> Answer {
    let mut fields = Fields::default();
    let email = fields.email("email", &body.email);
    mailed::ask_for_reset(&app, &asking, &fields.finish(|| email)?).await?;
    accepted(&app, &asking).await
}

/// Chooses a new password.
///
/// All sessions of the member end. The link is good for this once.
#[utoipa::path(put, path = "/password", tag = "sessions",
    responses((status = 204, description = "The password is changed"),
        (status = 410, description = "The link is not good for anything, or not any more",
            body = ProblemBody, content_type = "application/problem+json")))]
pub async fn reset_password(
    State(app): State<App>,
    asking: Asking,
    Json(body): Json<PasswordReset>,
) -> Answer {
    let mut fields = Fields::default();
    let new = fields.password("new_password", body.new_password);
    let new = fields.finish(|| new)?;
    let chosen = mailed::reset(&app, &asking, &body.token, &new).await?;
    let known = [(SET_COOKIE, chosen.known)];
    Ok(asking.respond(chosen.position, (StatusCode::NO_CONTENT, known)))
}

/// Verifies an address, with the link that was mailed there.
#[utoipa::path(put, path = "/verified-email", tag = "sessions",
    responses((status = 204, description = "The address is verified"),
        (status = 410, description = "The link is not good for anything, or not any more",
            body = ProblemBody, content_type = "application/problem+json")))]
pub async fn verify_email(
    State(app): State<App>,
    asking: Asking,
    Json(body): Json<LinkToken>,
) -> Answer {
    let position = mailed::verify(&app, &asking, &body.token).await?;
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}

/// Makes a new address the member's, with the link that was mailed there.
#[utoipa::path(put, path = "/changed-email", tag = "sessions",
    responses((status = 204, description = "The address is the member's"),
        (status = 409, description = "Another member has it by now",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "The link is not good for anything, or not any more",
            body = ProblemBody, content_type = "application/problem+json")))]
pub async fn change_email(
    State(app): State<App>,
    asking: Asking,
    Json(body): Json<LinkToken>,
) -> Answer {
    let position = mailed::change_email(&app, &asking, &body.token).await?;
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}

/// Nothing is recorded by it; the answer is as new as the node.
async fn accepted(app: &App, asking: &Asking) -> Answer {
    let position = *app.projector.projected().borrow();
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}
