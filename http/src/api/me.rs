//! `/me`: the caller's own account.

use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::MemberId;
use domain::forgetting::Extent;
use projections::{Snapshot, members};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{Answer, App};
use crate::accounts::{self, ProfileChange};
use crate::asking::Asking;
use crate::extract::Json;
use crate::fields::Fields;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::{self, Caller};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show_me, change_me, withdraw))
        .routes(routes!(change_password))
}

/// The caller.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Me {
    pub id: Uuid,
    #[schema(required = true)]
    pub name: Option<String>,
    pub about: String,
    /// `en` or `ko`.
    pub language: String,
    pub joined_at: DateTime<Utc>,
    /// `moderator`, `auditor`, `operator`: what the caller may do beyond what members may.
    pub roles: Vec<String>,
}

/// What the caller changes; what is left out or null stays.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    #[schema(min_length = 1, max_length = 30)]
    name: Option<String>,
    #[schema(max_length = 1_000)]
    about: Option<String>,
    /// `en` or `ko`.
    language: Option<String>,
}

impl Change {
    fn check(&self) -> Result<ProfileChange, Problem> {
        let mut fields = Fields::default();
        let name = self.name.as_ref().map(|name| fields.name("name", name));
        let about = self
            .about
            .as_ref()
            .map(|about| fields.about("about", about));
        let language = self
            .language
            .as_ref()
            .map(|code| fields.language("language", code));
        fields.finish(|| {
            Some(ProfileChange {
                name: name.flatten(),
                about: about.flatten(),
                language: language.flatten(),
            })
        })
    }
}

/// The password that opens the account, and the one that shall.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    #[serde(default)]
    #[schema(required = true, format = "password")]
    current_password: String,
    /// At least 8 characters, at most 256 bytes.
    #[serde(default)]
    #[schema(required = true, format = "password", min_length = 8, max_length = 256)]
    new_password: String,
}

/// The password, again: an open browser is not enough to end a membership.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    #[serde(default)]
    #[schema(required = true, format = "password")]
    password: String,
    /// `identity` (the default): who the member was is forgotten, and what they wrote stays as by
    /// a former member. `everything`: what they wrote is forgotten, too, for good.
    forget: Option<String>,
}

/// Shows the caller.
#[utoipa::path(get, path = "/me", tag = "me", security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The caller", body = Me)))]
pub async fn show_me(caller: Caller, mut reading: Reading) -> Answer {
    let me = Me::from(own_row(&mut reading.snapshot, caller.member).await?);
    Ok(reading.respond(Json(me)))
}

/// Changes the caller's name, about or language.
#[utoipa::path(patch, path = "/me", tag = "me", security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The caller, changed", body = Me),
        (status = 409, description = "The name is taken, or was changed in the meantime",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn change_me(
    State(app): State<App>,
    mut asking: Asking,
    caller: Caller,
    Json(body): Json<Change>,
) -> Answer {
    let change = body.check()?;
    let row = current_row(&app, caller.member).await?;
    let position = accounts::change_profile(&app, &asking, &caller, &row, change).await?;
    let mut snapshot = asking.read_at(position).await?;
    let me = Me::from(own_row(&mut snapshot, caller.member).await?);
    // nothing was asked for: where it was read
    let position = if position == 0 {
        snapshot.position
    } else {
        position
    };
    drop(snapshot);
    Ok(asking.respond(position, Json(me)))
}

/// Changes the caller's password.
///
/// All other sessions of the caller end.
#[utoipa::path(put, path = "/me/password", tag = "me",
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The password is changed")))]
pub async fn change_password(
    State(app): State<App>,
    asking: Asking,
    caller: Caller,
    Json(body): Json<PasswordChange>,
) -> Answer {
    let mut fields = Fields::default();
    let new = fields.password("new_password", body.new_password);
    let new = fields.finish(|| new)?;
    let current = &body.current_password;
    let position = accounts::change_password(&app, &asking, &caller, current, &new).await?;
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}

/// Withdraws.
///
/// After some days in which signing in takes it back (seven, unless the server says otherwise),
/// the account goes for good, with name, e-mail and about. Reviews and comments stay, as by a
/// former member, or are forgotten, too: then their texts are null, and `removed`. Ratings stay.
#[utoipa::path(delete, path = "/me", tag = "me", security(("session" = []), ("token" = [])),
    responses(
        (status = 204, description = "The account is gone, or will be; all sessions are over"),
        (status = 409, description = "The account was changed in the meantime",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn withdraw(
    State(app): State<App>,
    asking: Asking,
    caller: Caller,
    Json(body): Json<Withdrawal>,
) -> Answer {
    let mut fields = Fields::default();
    let extent = match &body.forget {
        None => Some(Extent::Identity),
        Some(slug) => fields.extent("forget", slug),
    };
    let extent = fields.finish(|| extent)?;
    let row = current_row(&app, caller.member).await?;
    let chosen = (body.password.as_str(), extent);
    let position = accounts::withdraw(&app, &asking, &caller, &row, chosen).await?;
    let mut response = asking.respond(position, StatusCode::NO_CONTENT);
    session::end(response.headers_mut(), app.secure_cookies);
    Ok(response)
}

/// In a snapshot that is closed again: hashing passwords takes long.
async fn current_row(app: &App, member: MemberId) -> Result<members::Member, Problem> {
    let mut snapshot = app.reader.snapshot(None).await.map_err(failed)?;
    own_row(&mut snapshot, member).await
}

/// The row of whoever is signed in; 401 for a session that outlived its member.
pub async fn own_row(
    snapshot: &mut Snapshot,
    member: MemberId,
) -> Result<members::Member, Problem> {
    let row = members::by_id(snapshot, member.0).await.map_err(failed)?;
    row.ok_or_else(Problem::unauthenticated)
}

impl From<members::Member> for Me {
    fn from(row: members::Member) -> Me {
        Me {
            id: row.member,
            name: row.name,
            about: row.about,
            language: row.language,
            joined_at: row.joined_at,
            roles: super::roles::slugs(&row.roles),
        }
    }
}
