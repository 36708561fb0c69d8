//! `/films`: the catalogue, and one's own review of a film.

mod orders;
mod shapes;

use axum::http::StatusCode;
use axum::http::header::LOCATION;
use domain::FilmId;
use projections::films::{self, Order};
use projections::reviews::Which;
use projections::{film_ratings, merged_films, reviews};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::list::{Leaving, List, ListQuery};
use super::reviews::{NewReview, Review};
use super::{Answer, App};
use crate::asking::Asking;
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;

pub use orders::{FilmOrder, FilmPlace};
pub use shapes::{Film, FilmSummary, FilmTitle, PersonName, Translated};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_films))
        .routes(routes!(show_film))
        .routes(routes!(list_film_reviews))
        .routes(routes!(show_own_review, put_own_review))
        .routes(routes!(merge_film))
}

/// The order of a film's reviews.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReviewSort {
    #[default]
    Newest,
    BestLiked,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReviewOrder {
    /// `newest` if left out.
    #[serde(default)]
    #[param(inline)]
    sort: ReviewSort,
}

/// Lists films.
#[utoipa::path(get, path = "/films", tag = "films", params(FilmOrder, Leaving, ListQuery),
    responses((status = 200, description = "A page of films", body = List<FilmSummary>)))]
pub async fn list_films(
    mut reading: Reading,
    Query(order): Query<FilmOrder>,
    Query(leaving): Query<Leaving>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let otherwise = (None, Order::TalkedAbout);
    let list = order
        .list(&mut reading, otherwise, &leaving, &query)
        .await?;
    Ok(reading.respond(Json(list)))
}

/// Shows a film.
#[utoipa::path(get, path = "/films/{film}", tag = "films", params(("film" = Uuid, Path)),
    responses((status = 200, description = "The film", body = Film)))]
pub async fn show_film(mut reading: Reading, Path(film): Path<Uuid>) -> Answer {
    let row = known(&mut reading, film).await?;
    let ratings = film_ratings::of_film(&mut reading.snapshot, film)
        .await
        .map_err(failed)?;
    let film = Film::of(row, &ratings);
    Ok(reading.respond(Json(film)))
}

/// Lists a film's reviews.
#[utoipa::path(get, path = "/films/{film}/reviews", tag = "reviews",
    params(("film" = Uuid, Path), ReviewOrder, ListQuery),
    responses((status = 200, description = "A page of reviews", body = List<Review>)))]
pub async fn list_film_reviews(
    mut reading: Reading,
    Path(film): Path<Uuid>,
    Query(order): Query<ReviewOrder>,
    Query(query): Query<ListQuery>,
) -> Answer {
    known(&mut reading, film).await?;
    let viewer = reading.viewer();
    let snapshot = &mut reading.snapshot;
    let list = match order.sort {
        ReviewSort::Newest => {
            let (after, limit) = query.read()?;
            let of = (film, Which::All);
            let page = reviews::newest_of_film(snapshot, of, viewer, after, limit).await;
            List::of(page.map_err(failed)?, Review::from)
        }
        ReviewSort::BestLiked => {
            let (after, limit) = query.read()?;
            let of = (film, Which::All);
            let page = reviews::best_liked_of_film(snapshot, of, viewer, after, limit).await;
            List::of(page.map_err(failed)?, Review::from)
        }
    };
    Ok(reading.respond(Json(list)))
}

/// Shows one's own review of a film.
#[utoipa::path(get, path = "/films/{film}/review", tag = "reviews",
    params(("film" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The review", body = Review)))]
pub async fn show_own_review(
    caller: Caller,
    mut reading: Reading,
    Path(film): Path<Uuid>,
) -> Answer {
    let card = reviews::own(&mut reading.snapshot, caller.member, FilmId(film))
        .await
        .map_err(failed)?;
    let review = Review::from(card.ok_or_else(Problem::not_found)?);
    Ok(reading.respond(Json(review)))
}

/// Reviews a film.
///
/// Posts one's review of the film, or edits the one that stands: there is one of each member
/// and film.
#[utoipa::path(put, path = "/films/{film}/review", tag = "reviews",
    params(("film" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The review that stood is edited", body = Review),
        (status = 201, description = "The review is posted", body = Review,
            headers(("Location" = String, description = "The review"))),
    ))]
pub async fn put_own_review(
    mut asking: Asking,
    caller: Caller,
    Path(film): Path<Uuid>,
    Json(body): Json<NewReview>,
) -> Answer {
    let mut snapshot = asking.read_now().await?;
    let moved = reviews::moved(&mut snapshot, caller.member, FilmId(film)).await;
    let merged = merged_films::former(&mut snapshot, film).await;
    drop(snapshot);
    let former = (moved.map_err(failed)?, merged.map_err(failed)?);
    let review = body.clone();
    let command = review.command(caller.member, FilmId(film), former, asking.at())?;
    let review = command.review().0;
    let said = (film, &body);
    let accepted = asking
        .execute(Some(caller.member), "review", &said, command)
        .await?;
    let mut snapshot = asking.read_at(accepted.position).await?;
    let card = reviews::by_id(&mut snapshot, review, Some(caller.member.0)).await;
    let card = card.map_err(failed)?.ok_or_else(Problem::not_found)?;
    drop(snapshot);
    // a posting is one event: the same answer when the request comes again
    let is_posted = accepted.events > 0 && card.position == accepted.position;
    let answer = Json(Review::from(card));
    Ok(if is_posted {
        let location = [(LOCATION, format!("/api/v1/reviews/{review}"))];
        asking.respond(accepted.position, (StatusCode::CREATED, location, answer))
    } else {
        asking.respond(accepted.position, answer)
    })
}

/// Joins two films that are the same.
///
/// The second goes on for both: the first's address leads there, and its reviews follow. Of two
/// reviews by one member the newer stays. For operators.
#[utoipa::path(put, path = "/films/{film}/merge/{into}", tag = "films",
    params(("film" = Uuid, Path), ("into" = Uuid, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "They are one"),
        (status = 409, description = "A film can't be joined with itself",
            body = crate::problem::ProblemBody, content_type = "application/problem+json")))]
pub async fn merge_film(
    asking: Asking,
    caller: Caller,
    Path((film, into)): Path<(Uuid, Uuid)>,
) -> Answer {
    let command = commands::film::Merge {
        film: FilmId(film),
        into: FilmId(into),
        by: caller.member,
    };
    let accepted = asking
        .execute(Some(caller.member), "merge", &(film, into), command)
        .await?;
    Ok(asking.respond(accepted.position, StatusCode::NO_CONTENT))
}

pub(super) async fn known(reading: &mut Reading, film: Uuid) -> Result<films::Film, Problem> {
    let row = films::by_id(&mut reading.snapshot, film)
        .await
        .map_err(failed)?;
    row.ok_or_else(Problem::not_found)
}
