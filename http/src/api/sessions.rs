//! `/sessions`: signing in and out.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::MemberId;
use projections::Snapshot;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::me::{Me, own_row};
use super::{Answer, App};
use crate::accounts::entry::{self, CameIn, Entry};
use crate::asking::Asking;
use crate::extract::{Json, Path};
use crate::problem::{Problem, ProblemBody};
use crate::reading::{Reading, failed};
use crate::session::{self, Caller};
use crate::vault::{SESSION, Token, sessions};
use crate::{fresh, message};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_in))
        .routes(routes!(sign_out))
        .routes(routes!(list_sessions, end_other_sessions))
        .routes(routes!(end_session))
}

/// A session that has just begun.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// For `Authorization: Bearer …`; told this once, and not to pages, which have it in a cookie that
    /// no script can read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// At the latest; sooner if it is not used for 14 days.
    pub expires_at: DateTime<Utc>,
    pub member: Me,
}

impl Session {
    pub async fn of(
        snapshot: &mut Snapshot,
        member: MemberId,
        token: &Token,
        (is_of_page, at): (bool, DateTime<Utc>),
    ) -> Result<Session, Problem> {
        Ok(Session {
            token: (!is_of_page).then(|| token.reveal().to_owned()),
            expires_at: at + SESSION,
            member: own_row(snapshot, member).await?.into(),
        })
    }
}

/// Who wants to come in.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    #[serde(default)]
    #[schema(required = true, format = "email")]
    email: String,
    #[serde(default)]
    #[schema(required = true, format = "password")]
    password: String,
    /// Of the member's authenticator app, or a recovery code, where they have a second factor.
    #[serde(default)]
    code: Option<String>,
}

/// Signs in.
///
/// A session that came with the request ends.
#[utoipa::path(post, path = "/sessions", tag = "sessions",
    responses(
        (status = 201, description = "Signed in; the session is in a cookie too", body = Session),
        (status = 401, description = "The e-mail address or the password is not right, or a code is asked for",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn sign_in(
    State(app): State<App>,
    mut asking: Asking,
    former: Option<Caller>,
    Json(body): Json<Credentials>,
) -> Answer {
    let entry = entry::sign_in(&app, &asking, &body.email, &body.password).await?;
    let came_in = match (entry, body.code) {
        (Entry::In(came_in), _) => came_in,
        (Entry::Halfway(token), Some(code)) => {
            entry::give_code(&app, &asking, token.reveal(), &code).await?
        }
        (Entry::Halfway(_), None) => return Err(code_is_owed()),
    };
    begun(&app, &mut asking, former, &came_in).await
}

fn code_is_owed() -> Problem {
    let title = message!("problem-second-factor");
    Problem::new(StatusCode::UNAUTHORIZED, "second-factor", title)
        .detail(message!("problem-second-factor-detail"))
}

/// The answer to who has come in; the session that they came with is over.
pub async fn begun(
    app: &App,
    asking: &mut Asking,
    former: Option<Caller>,
    came_in: &CameIn,
) -> Answer {
    if let Some(former) = former {
        app.vault
            .end_session(former.token())
            .await
            .map_err(failed)?;
    }
    // the log knows the member; the read models of this node may be behind
    let head = event_log::head(&app.pool).await.map_err(failed)?;
    let asked = (asking.is_of_page, asking.at());
    let mut snapshot = asking.read_at(head.position).await?;
    let session = Session::of(&mut snapshot, came_in.member, &came_in.token, asked).await?;
    let position = snapshot.position;
    drop(snapshot);
    let mut response = asking.respond(position, (StatusCode::CREATED, Json(session)));
    session::begin(response.headers_mut(), came_in, app.secure_cookies);
    Ok(response)
}

/// Signs out.
#[utoipa::path(delete, path = "/sessions/current", tag = "sessions",
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The session is over")))]
pub async fn sign_out(State(app): State<App>, asking: Asking, caller: Caller) -> Answer {
    app.vault
        .end_session(caller.token())
        .await
        .map_err(failed)?;
    let snapshot = app.reader.snapshot(None).await.map_err(failed)?;
    let mut response = asking.respond(snapshot.position, StatusCode::NO_CONTENT);
    session::end(response.headers_mut(), app.secure_cookies);
    Ok(response)
}

/// A session of the caller's.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct OwnSession {
    pub id: Uuid,
    /// Browser and system; null: unknown.
    #[schema(required = true)]
    pub device: Option<String>,
    pub began_at: DateTime<Utc>,
    /// To some minutes.
    pub last_used_at: DateTime<Utc>,
    /// Unless it is used until then.
    pub expires_at: DateTime<Utc>,
    /// The one that asks.
    pub current: bool,
}

/// Where the caller is signed in.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct OwnSessions {
    /// This one first, then the last used.
    pub items: Vec<OwnSession>,
}

/// Lists the caller's sessions.
#[utoipa::path(get, path = "/me/sessions", tag = "sessions",
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "Where the caller is signed in", body = OwnSessions)))]
pub async fn list_sessions(State(app): State<App>, caller: Caller, reading: Reading) -> Answer {
    let sessions = app
        .vault
        .sessions(caller.member, caller.token(), fresh::now());
    let items = sessions.await.map_err(failed)?.into_iter();
    let items = items.map(OwnSession::from).collect();
    Ok(reading.respond(Json(OwnSessions { items })))
}

/// Ends all sessions of the caller but this one, which must have begun within the last 15 minutes.
#[utoipa::path(delete, path = "/me/sessions", tag = "sessions",
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "They are over"),
        (status = 403, description = "The caller must sign in again first",
            body = ProblemBody, content_type = "application/problem+json")))]
pub async fn end_other_sessions(State(app): State<App>, asking: Asking, caller: Caller) -> Answer {
    entry::end_other_sessions(&app, &caller).await?;
    let position = *app.projector.projected().borrow();
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}

/// Ends one of the caller's sessions; this one must have begun within the last 15 minutes.
#[utoipa::path(delete, path = "/me/sessions/{session}", tag = "sessions",
    params(("session" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 204, description = "It is over"),
        (status = 403, description = "The caller must sign in again first",
            body = ProblemBody, content_type = "application/problem+json")))]
pub async fn end_session(
    State(app): State<App>,
    asking: Asking,
    caller: Caller,
    Path(session): Path<Uuid>,
) -> Answer {
    entry::end_session(&app, &caller, session).await?;
    let position = *app.projector.projected().borrow();
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}

impl From<sessions::Session> for OwnSession {
    fn from(session: sessions::Session) -> OwnSession {
        OwnSession {
            id: session.id,
            device: Some(session.device).filter(|device| !device.is_empty()),
            began_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
            current: session.is_current,
        }
    }
}
