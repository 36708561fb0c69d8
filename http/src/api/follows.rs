//! `/members/{member}/follow`, `…/followers` and `…/following`: who follows whom, and what those
//! write whom the caller follows.

use chrono::{DateTime, Utc};
use commands::follow::{Follow as Begin, Unfollow as End};
use domain::MemberId;
use projections::follows::{self, FollowCard};
use projections::reviews;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::list::{List, ListQuery};
use super::members::known;
use super::reviews::Review;
use super::{Answer, App};
use crate::asking::Asking;
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(follow, unfollow))
        .routes(routes!(list_followers))
        .routes(routes!(list_following))
        .routes(routes!(list_followed_reviews))
}

/// Whether and by how many a member is followed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Follow {
    /// By the member who asks.
    pub followed: bool,
    /// By how many. 10,000: that many and maybe more.
    pub followers: i64,
}

/// A member who follows, or is followed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FollowingMember {
    pub id: Uuid,
    /// Null: a former member.
    #[schema(required = true)]
    pub name: Option<String>,
    pub since: DateTime<Utc>,
}

/// Follows a member.
///
/// Following them again changes nothing.
#[utoipa::path(put, path = "/members/{member}/follow", tag = "members",
    params(("member" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "They are followed", body = Follow),
        (status = 403, description = "It is the caller, or the request came from another site",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn follow(mut asking: Asking, caller: Caller, Path(followed): Path<Uuid>) -> Answer {
    let position = begin(&asking, &caller, followed).await?;
    answer(&mut asking, position, caller.member, followed).await
}

/// Also for the page.
pub async fn begin(asking: &Asking, caller: &Caller, followed: Uuid) -> Result<i64, Problem> {
    let member = caller.member;
    let command = Begin {
        member,
        followed: MemberId(followed),
    };
    asking
        .record(Some(member), "follow", &followed, command)
        .await
}

/// Follows a member no more.
///
/// Where they are not followed it changes nothing.
#[utoipa::path(delete, path = "/members/{member}/follow", tag = "members",
    params(("member" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 200, description = "They are not followed", body = Follow)))]
pub async fn unfollow(mut asking: Asking, caller: Caller, Path(followed): Path<Uuid>) -> Answer {
    let position = end(&asking, &caller, followed).await?;
    answer(&mut asking, position, caller.member, followed).await
}

/// Also for the page.
pub async fn end(asking: &Asking, caller: &Caller, followed: Uuid) -> Result<i64, Problem> {
    let member = caller.member;
    let command = End {
        member,
        followed: MemberId(followed),
    };
    asking
        .record(Some(member), "unfollow", &followed, command)
        .await
}

async fn answer(asking: &mut Asking, position: i64, member: MemberId, followed: Uuid) -> Answer {
    let mut snapshot = asking.read_at(position).await?;
    let now = follows::of_member(&mut snapshot, followed, Some(member.0)).await;
    let now = now.map_err(failed)?;
    drop(snapshot);
    let follow = Follow {
        followed: now.followed,
        followers: now.followers,
    };
    Ok(asking.respond(position, Json(follow)))
}

/// Lists who follows a member, the newest first.
#[utoipa::path(get, path = "/members/{member}/followers", tag = "members",
    params(("member" = Uuid, Path), ListQuery),
    responses((status = 200, description = "A page of followers", body = List<FollowingMember>)))]
pub async fn list_followers(
    mut reading: Reading,
    Path(member): Path<Uuid>,
    Query(query): Query<ListQuery>,
) -> Answer {
    known(&mut reading, member).await?;
    let (after, limit) = query.read()?;
    let page = follows::followers(&mut reading.snapshot, member, after, limit).await;
    let list = List::of(page.map_err(failed)?, FollowingMember::from);
    Ok(reading.respond(Json(list)))
}

/// Lists whom a member follows, the newest first.
#[utoipa::path(get, path = "/members/{member}/following", tag = "members",
    params(("member" = Uuid, Path), ListQuery),
    responses((status = 200, description = "A page of members", body = List<FollowingMember>)))]
pub async fn list_following(
    mut reading: Reading,
    Path(member): Path<Uuid>,
    Query(query): Query<ListQuery>,
) -> Answer {
    known(&mut reading, member).await?;
    let (after, limit) = query.read()?;
    let page = follows::following(&mut reading.snapshot, member, after, limit).await;
    let list = List::of(page.map_err(failed)?, FollowingMember::from);
    Ok(reading.respond(Json(list)))
}

/// Lists what those have reviewed whom the caller follows, newest first.
#[utoipa::path(get, path = "/me/following/reviews", tag = "me", params(ListQuery),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "A page of reviews", body = List<Review>)))]
pub async fn list_followed_reviews(
    mut reading: Reading,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Answer {
    let (after, limit) = query.read()?;
    let member = caller.member.0;
    let page = reviews::of_followed(&mut reading.snapshot, member, after, limit).await;
    let list = List::of(page.map_err(failed)?, Review::from);
    Ok(reading.respond(Json(list)))
}

impl From<FollowCard> for FollowingMember {
    fn from(card: FollowCard) -> FollowingMember {
        FollowingMember {
            id: card.member,
            name: card.name,
            since: card.since,
        }
    }
}
