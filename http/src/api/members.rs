//! `/members`: who is here, what they have written, and becoming one of them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use chrono::{DateTime, Utc};
use projections::{comments, follows, members, review_likes, reviews};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::comments::Comment;
use super::list::{List, ListQuery};
use super::reviews::Review;
use super::sessions::Session;
use super::{Answer, App};
use crate::accounts::joining::{self, Proof};
use crate::accounts::{self, CameIn, Joined};
use crate::asking::Asking;
use crate::extract::{Json, Path, Query};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_up))
        .routes(routes!(join))
        .routes(routes!(show_member))
        .routes(routes!(list_member_reviews))
        .routes(routes!(list_member_comments))
        .routes(routes!(list_member_likes))
        .routes(routes!(show_diary))
}

/// Who wrote something.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Author {
    pub id: Uuid,
    /// Null: a former member.
    #[schema(required = true)]
    pub name: Option<String>,
}

/// A member as others see them.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Member {
    pub id: Uuid,
    /// Null: a former member.
    #[schema(required = true)]
    pub name: Option<String>,
    pub about: String,
    pub joined_at: DateTime<Utc>,
    /// How many follow them. 10,000: that many and maybe more.
    pub followers: i64,
    /// How many they follow, counted likewise.
    pub following: i64,
    /// By the caller.
    pub followed: bool,
}

/// What a new member says.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    #[serde(default)]
    #[schema(required = true, min_length = 1, max_length = 30)]
    name: String,
    #[serde(default)]
    #[schema(required = true, format = "email", max_length = 254)]
    email: String,
    /// At least 8 characters, at most 256 bytes.
    #[serde(default)]
    #[schema(required = true, format = "password", min_length = 8, max_length = 256)]
    password: String,
    /// `en` or `ko`.
    #[serde(default)]
    #[schema(required = true, example = "ko")]
    language: String,
}

impl NewMember {
    fn check(self) -> Result<accounts::NewMember, Problem> {
        let mut fields = Fields::default();
        let name = fields.name("name", &self.name);
        let email = fields.email("email", &self.email);
        let password = fields.password("password", self.password);
        let language = fields.language("language", &self.language);
        fields.finish(|| {
            let (name, email, password) = (name?, email?, password?);
            Some(accounts::NewMember {
                name,
                email,
                password,
                language: language?,
            })
        })
    }
}

/// Signs up, and in.
///
/// Where letters reach people, the answer is 202, whether the e-mail address is a member's or not: a
/// letter goes there, and `POST /members/joined` makes a member of whoever has read it.
#[utoipa::path(post, path = "/members", tag = "members",
    responses(
        (status = 201, description = "A member, signed in; the session is in a cookie too",
            body = Session, headers(("Location" = String, description = "The member"))),
        (status = 202, description = "A letter is on its way"),
        (status = 409, description = "The name or the e-mail address is taken",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn sign_up(
    State(app): State<App>,
    mut asking: Asking,
    Json(body): Json<NewMember>,
) -> Answer {
    match accounts::sign_up(&app, &asking, body.check()?).await? {
        Joined::In(came_in) => joined(&app, &mut asking, came_in).await,
        Joined::Mailed(_) => {
            let position = *app.projector.projected().borrow();
            Ok(asking.respond(position, StatusCode::ACCEPTED))
        }
    }
}

/// Whoever follows the link in the letter.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Joining {
    /// Of the link.
    #[serde(default)]
    #[schema(required = true)]
    token: String,
    /// The one with which they signed up.
    #[serde(default)]
    #[schema(required = true, format = "password")]
    password: String,
    /// Another one, if theirs was taken meanwhile.
    #[schema(min_length = 2, max_length = 30)]
    name: Option<String>,
}

/// Makes a member of whoever follows the link in the letter, and signs them in.
#[utoipa::path(post, path = "/members/joined", tag = "members",
    responses(
        (status = 201, description = "A member, signed in; the session is in a cookie too",
            body = Session, headers(("Location" = String, description = "The member"))),
        (status = 403, description = "Who came from a provider follows the link in their browser",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The name is taken",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "The link is not good for anything, or not any more",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn join(State(app): State<App>, mut asking: Asking, Json(body): Json<Joining>) -> Answer {
    let mut fields = Fields::default();
    let name = body.name.as_ref().map(|name| fields.name("name", name));
    let name = fields.finish(|| Some(name.flatten()))?;
    let proof = Proof {
        browser: None,
        password: Some(&body.password),
    };
    let came_in = joining::finish(&app, &asking, (&body.token, proof), name).await?;
    joined(&app, &mut asking, came_in).await
}

async fn joined(app: &App, asking: &mut Asking, came_in: CameIn) -> Answer {
    let position = came_in.position;
    let position = position.ok_or_else(|| Problem::internal("a sign-up was not recorded"))?;
    let asked = (asking.is_of_page, asking.at());
    let mut snapshot = asking.read_at(position).await?;
    let (member, token) = (came_in.member, &came_in.token);
    let session = Session::of(&mut snapshot, member, token, asked).await?;
    drop(snapshot);
    let location = format!("/api/v1/members/{member}");
    let headers = [(LOCATION, location.as_str())];
    let mut response = asking.respond(position, (StatusCode::CREATED, headers, Json(session)));
    session::begin(response.headers_mut(), &came_in, app.secure_cookies);
    Ok(response)
}

/// Shows a member.
#[utoipa::path(get, path = "/members/{member}", tag = "members", params(("member" = Uuid, Path)),
    responses((status = 200, description = "The member", body = Member)))]
pub async fn show_member(mut reading: Reading, Path(member): Path<Uuid>) -> Answer {
    let row = known(&mut reading, member).await?;
    let viewer = reading.viewer();
    let now = follows::of_member(&mut reading.snapshot, member, viewer).await;
    let now = now.map_err(failed)?;
    let member = Member {
        id: row.member,
        name: row.name,
        about: row.about,
        joined_at: row.joined_at,
        followers: now.followers,
        following: now.following,
        followed: now.followed,
    };
    Ok(reading.respond(Json(member)))
}

/// Lists what a member has reviewed, newest first.
#[utoipa::path(get, path = "/members/{member}/reviews", tag = "members",
    params(("member" = Uuid, Path), ListQuery),
    responses((status = 200, description = "A page of reviews", body = List<Review>)))]
pub async fn list_member_reviews(
    mut reading: Reading,
    Path(member): Path<Uuid>,
    Query(query): Query<ListQuery>,
) -> Answer {
    known(&mut reading, member).await?;
    let (after, limit) = query.read()?;
    let viewer = reading.viewer();
    let page = reviews::of_member(&mut reading.snapshot, member, viewer, after, limit).await;
    let list = List::of(page.map_err(failed)?, Review::from);
    Ok(reading.respond(Json(list)))
}

/// Lists a member's comments, newest first.
#[utoipa::path(get, path = "/members/{member}/comments", tag = "members",
    params(("member" = Uuid, Path), ListQuery),
    responses((status = 200, description = "A page of comments", body = List<Comment>)))]
pub async fn list_member_comments(
    mut reading: Reading,
    Path(member): Path<Uuid>,
    Query(query): Query<ListQuery>,
) -> Answer {
    known(&mut reading, member).await?;
    let (after, limit) = query.read()?;
    let viewer = reading.viewer();
    let page = comments::of_member(&mut reading.snapshot, member, viewer, after, limit).await;
    let list = List::of(page.map_err(failed)?, Comment::from);
    Ok(reading.respond(Json(list)))
}

/// Lists the reviews that a member likes, what they liked last first.
#[utoipa::path(get, path = "/members/{member}/likes", tag = "members",
    params(("member" = Uuid, Path), ListQuery),
    responses((status = 200, description = "A page of reviews", body = List<Review>)))]
pub async fn list_member_likes(
    mut reading: Reading,
    Path(member): Path<Uuid>,
    Query(query): Query<ListQuery>,
) -> Answer {
    known(&mut reading, member).await?;
    let (after, limit) = query.read()?;
    let viewer = reading.viewer();
    let page = review_likes::of_member(&mut reading.snapshot, member, viewer, after, limit).await;
    let list = List::of(page.map_err(failed)?, Review::from);
    Ok(reading.respond(Json(list)))
}

/// Lists the reviews that say when their film was seen, what was seen last first.
#[utoipa::path(get, path = "/members/{member}/diary", tag = "members",
    params(("member" = Uuid, Path), ListQuery),
    responses((status = 200, description = "A page of reviews", body = List<Review>)))]
pub async fn show_diary(
    mut reading: Reading,
    Path(member): Path<Uuid>,
    Query(query): Query<ListQuery>,
) -> Answer {
    known(&mut reading, member).await?;
    let (after, limit) = query.read()?;
    let viewer = reading.viewer();
    let page = reviews::diary_of_member(&mut reading.snapshot, member, viewer, after, limit).await;
    let list = List::of(page.map_err(failed)?, Review::from);
    Ok(reading.respond(Json(list)))
}

pub(super) async fn known(reading: &mut Reading, member: Uuid) -> Result<members::Member, Problem> {
    let row = members::by_id(&mut reading.snapshot, member)
        .await
        .map_err(failed)?;
    row.ok_or_else(Problem::not_found)
}
