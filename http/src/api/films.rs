//! `/films`: the catalogue, and one's own review of a film.

use axum::http::StatusCode;
use axum::http::header::LOCATION;
use domain::{FilmId, Genre};
use projections::films::{self, FilmCard, Order};
use projections::reviews::Which;
use projections::{film_ratings, merged_films, reviews};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::list::{Leaving, List, ListQuery};
use super::reviews::{NewReview, Review};
use super::{Answer, App};
use crate::asking::Asking;
use crate::cursor::{self, Exact};
use crate::extract::{Json, Path, Query};
use crate::fields::decade;
use crate::images::{self, Size};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_films))
        .routes(routes!(show_film))
        .routes(routes!(list_film_reviews))
        .routes(routes!(show_own_review, put_own_review))
        .routes(routes!(merge_film))
}

/// A text in both languages.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Translated {
    pub en: String,
    pub ko: String,
}

/// A text in the languages in which there is one.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PerhapsTranslated {
    #[schema(required = true)]
    pub en: Option<String>,
    #[schema(required = true)]
    pub ko: Option<String>,
}

/// A person's name, in Korean too where one is in use.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonName {
    pub en: String,
    #[schema(required = true)]
    pub ko: Option<String>,
}

/// How many rated a film, and how.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RatingSummary {
    pub count: i32,
    /// In stars, 0.5 to 5; null while nobody rates it.
    #[schema(required = true, minimum = 0.5, maximum = 5)]
    pub average: Option<f64>,
}

/// A film in a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FilmSummary {
    pub id: Uuid,
    pub title: Translated,
    /// Null where it is not known.
    #[schema(required = true)]
    pub year: Option<i16>,
    /// Slugs.
    pub genres: Vec<String>,
    /// A picture's address, at TMDB; null where there is none.
    #[schema(required = true)]
    pub poster: Option<String>,
    pub ratings: RatingSummary,
}

/// A film that something else is about.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FilmTitle {
    pub id: Uuid,
    pub title: Translated,
}

/// How many rated a film, and how, in detail.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Ratings {
    pub count: i32,
    /// In stars, 0.5 to 5; null while nobody rates it.
    #[schema(required = true, minimum = 0.5, maximum = 5)]
    pub average: Option<f64>,
    /// How many gave ½, 1, 1½ … 5 stars.
    #[schema(min_items = 10, max_items = 10)]
    pub histogram: Vec<i32>,
}

/// A film.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Film {
    pub id: Uuid,
    /// A readable name that never changes.
    #[schema(example = "parasite-2019")]
    pub key: String,
    pub title: Translated,
    pub original_title: String,
    /// Null where it is not known.
    #[schema(required = true)]
    pub year: Option<i16>,
    /// Null where it is not known.
    #[schema(required = true)]
    pub runtime_min: Option<i16>,
    /// Slugs.
    pub genres: Vec<String>,
    pub directors: Vec<PersonName>,
    pub cast: Vec<PersonName>,
    /// ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    pub overview: PerhapsTranslated,
    /// A picture's address, at TMDB; null where there is none.
    #[schema(required = true)]
    pub poster: Option<String>,
    pub ratings: Ratings,
}

/// The orders of films, as the document lists them.
struct Orders;

impl PartialSchema for Orders {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(Order::ALL.map(Order::slug)))
            .into()
    }
}

impl ToSchema for Orders {}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FilmOrder {
    /// If left out: `talked-about` of all films, `latest` of a genre's.
    #[param(inline, value_type = Option<Orders>)]
    sort: Option<Order>,
    /// The first year of ten, in which the films came out.
    #[param(minimum = 1870, maximum = 2100, multiple_of = 10, example = 1990)]
    decade: Option<i16>,
}

impl FilmOrder {
    /// A page of such films; 400 for a decade that is none.
    pub async fn list(
        &self,
        reading: &mut Reading,
        (genre, otherwise): (Option<Genre>, Order),
        leaving: &Leaving,
        query: &ListQuery,
    ) -> Result<List<FilmSummary>, Problem> {
        let order = self.sort.unwrap_or(otherwise);
        let list = films::List {
            order,
            genre,
            decade: decade(self.decade)?,
            unseen_by: leaving.seen_by(reading),
        };
        let (after, limit) = query.read()?;
        let after = after.map(|place: FilmPlace| place.within(order));
        let after = after.transpose()?;
        let page = films::list(&mut reading.snapshot, list, after, limit).await;
        let page = page.map_err(failed)?;
        let next = page.next.map(|place| FilmPlace::of(order, place));
        let items = page.items;
        Ok(List::of(
            projections::Page { items, next },
            FilmSummary::from,
        ))
    }
}

/// Where a list goes on: its order, what its last film is ordered by, and which it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct FilmPlace(Order, Exact, Uuid);

impl FilmPlace {
    pub fn of(order: Order, (key, film): films::Place) -> FilmPlace {
        FilmPlace(order, key.into(), film)
    }

    /// 400 for a place in another order.
    pub fn within(self, order: Order) -> Result<films::Place, Problem> {
        let FilmPlace(own, key, film) = self;
        match own == order {
            true => Ok((key.into(), film)),
            false => Err(cursor::foreign()),
        }
    }
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
    asking: Asking,
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

impl From<FilmCard> for FilmSummary {
    fn from(card: FilmCard) -> FilmSummary {
        let ratings = RatingSummary {
            count: card.ratings,
            average: card.average(),
        };
        FilmSummary {
            id: card.film,
            title: Translated {
                en: card.title_en,
                ko: card.title_ko,
            },
            year: card.year,
            genres: card.genres.0,
            poster: images::address(card.poster.as_deref(), Size::Card),
            ratings,
        }
    }
}

impl Film {
    fn of(row: films::Film, ratings: &film_ratings::FilmRatings) -> Film {
        let people = |people: Vec<domain::film::Person>| {
            people
                .into_iter()
                .map(|person| PersonName {
                    en: person.en,
                    ko: person.ko,
                })
                .collect()
        };
        Film {
            id: row.film,
            key: row.key,
            title: Translated {
                en: row.title_en,
                ko: row.title_ko,
            },
            original_title: row.original_title,
            year: row.year,
            runtime_min: row.runtime_min,
            genres: row.genres.0,
            directors: people(row.directors.0),
            cast: people(row.actors.0),
            countries: row.countries.0,
            overview: PerhapsTranslated {
                en: row.overview_en,
                ko: row.overview_ko,
            },
            poster: images::address(row.poster.as_deref(), Size::Whole),
            ratings: Ratings {
                count: ratings.ratings,
                average: ratings.average(),
                histogram: ratings.histogram.0.to_vec(),
            },
        }
    }
}
