//! `/reviews/{review}/like`: the caller's like of someone else's review.

use commands::like::{Like as Give, Unlike as TakeBack};
use domain::{MemberId, ReviewId};
use projections::reviews;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::{Answer, App};
use crate::asking::Asking;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(like, unlike))
}

/// How much a review is liked.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Like {
    /// By the member who asks.
    pub liked: bool,
    /// By how many.
    pub likes: i32,
}

/// Likes a review.
///
/// Liking it again changes nothing.
#[utoipa::path(put, path = "/reviews/{review}/like", tag = "likes",
    params(("review" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "It is liked", body = Like),
        (status = 403, description = "It is the caller's own, or the request came from another \
            site", body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub async fn like(mut asking: Asking, caller: Caller, Path(review): Path<Uuid>) -> Answer {
    let member = caller.member;
    let command = Give {
        member,
        review: ReviewId(review),
    };
    let accepted = asking
        .execute(Some(member), "like", &review, command)
        .await?;
    answer(&mut asking, accepted.position, member, review).await
}

/// Takes a like back.
///
/// Without one it changes nothing.
#[utoipa::path(delete, path = "/reviews/{review}/like", tag = "likes",
    params(("review" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 200, description = "It is not liked", body = Like)))]
pub async fn unlike(mut asking: Asking, caller: Caller, Path(review): Path<Uuid>) -> Answer {
    let member = caller.member;
    let command = TakeBack {
        member,
        review: ReviewId(review),
    };
    let accepted = asking
        .execute(Some(member), "unlike", &review, command)
        .await?;
    answer(&mut asking, accepted.position, member, review).await
}

async fn answer(asking: &mut Asking, position: i64, member: MemberId, review: Uuid) -> Answer {
    let mut snapshot = asking.read_at(position).await?;
    let card = reviews::by_id(&mut snapshot, review, Some(member.0))
        .await
        .map_err(failed)?;
    let card = card.ok_or_else(Problem::not_found)?;
    drop(snapshot);
    let like = Like {
        liked: card.liked,
        likes: card.likes,
    };
    Ok(asking.respond(position, Json(like)))
}
