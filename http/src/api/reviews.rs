//! `/reviews`: what members think of films. A member's own is written at
//! `/films/{film}/review`.

use axum::http::StatusCode;
use chrono::{DateTime, NaiveDate, Utc};
use domain::{FilmId, MemberId, ReviewId};
use projections::reviews::{self, ReviewCard};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::films::{FilmTitle, Translated};
use super::list::{List, ListQuery};
use super::members::Author;
use super::{Answer, App};
use crate::asking::Asking;
use crate::extract::{Json, Path, Query};
use crate::fields::Fields;
use crate::markdown;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_reviews))
        .routes(routes!(show_review, retract_review))
}

/// What a member thinks of a film.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Review {
    pub id: Uuid,
    pub film: FilmTitle,
    pub member: Author,
    /// In stars.
    #[schema(minimum = 0.5, maximum = 5, multiple_of = 0.5)]
    pub rating: f64,
    /// Markdown; null: rated without a word, or `removed`.
    #[schema(required = true)]
    pub text: Option<String>,
    /// The text as HTML that is safe to show.
    #[schema(required = true)]
    pub text_html: Option<String>,
    /// There was a text, which was removed at its author's wish.
    pub removed: bool,
    /// The text gives away the plot.
    pub spoiler: bool,
    /// The day on which the author saw the film, as they say.
    #[schema(required = true)]
    pub watched_on: Option<NaiveDate>,
    pub posted_at: DateTime<Utc>,
    #[schema(required = true)]
    pub edited_at: Option<DateTime<Utc>>,
    pub likes: i32,
    pub comments: i32,
    /// By the member who asks.
    pub liked: bool,
    /// The measure that hides it from all but the caller; null: everybody sees it.
    #[schema(required = true)]
    pub hidden_by: Option<Uuid>,
}

/// What a member says of a film.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReview {
    /// In stars.
    #[serde(default)]
    #[schema(value_type = f64, required = true, minimum = 0.5, maximum = 5, multiple_of = 0.5)]
    rating: Option<f64>,
    /// Markdown; none: rated without a word.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    text: Option<String>,
    /// The text gives away the plot.
    #[serde(default)]
    spoiler: bool,
    /// The day on which they saw it, such as `2026-06-30`; not one that has not come yet.
    /// Left out, there is none, as with the text.
    #[serde(default)]
    #[schema(format = "date")]
    watched_on: Option<String>,
}

impl NewReview {
    pub fn command(
        self,
        member: MemberId,
        film: FilmId,
        (moved, merged): (Option<ReviewId>, Vec<FilmId>),
        now: DateTime<Utc>,
    ) -> Result<commands::review::Review, Problem> {
        let mut fields = Fields::default();
        let rating = fields.rating("rating", self.rating);
        let text = fields.review("text", self.text.as_deref().unwrap_or_default());
        let watched_on = self.watched_on.unwrap_or_default();
        let watched_on = fields.watched_on("watched_on", &watched_on, now);
        let spoiler = self.spoiler;
        fields.finish(|| {
            let (rating, text, watched_on) = (rating?, text?, watched_on?);
            Some(commands::review::Review {
                member,
                film,
                rating,
                text,
                spoiler,
                watched_on,
                moved,
                merged,
            })
        })
    }
}

/// Lists the newest reviews of all films.
#[utoipa::path(get, path = "/reviews", tag = "reviews", params(ListQuery),
    responses((status = 200, description = "A page of reviews", body = List<Review>)))]
pub async fn list_reviews(mut reading: Reading, Query(query): Query<ListQuery>) -> Answer {
    let (after, limit) = query.read()?;
    let viewer = reading.viewer();
    let page = reviews::newest(&mut reading.snapshot, viewer, after, limit).await;
    let list = List::of(page.map_err(failed)?, Review::from);
    Ok(reading.respond(Json(list)))
}

/// Shows a review.
#[utoipa::path(get, path = "/reviews/{review}", tag = "reviews", params(("review" = Uuid, Path)),
    responses((status = 200, description = "The review", body = Review)))]
pub async fn show_review(mut reading: Reading, Path(review): Path<Uuid>) -> Answer {
    let card = standing(&mut reading, review).await?;
    Ok(reading.respond(Json(Review::from(card))))
}

/// Retracts one's own review.
///
/// Its likes and comments go with it. Retracting it again changes nothing.
#[utoipa::path(delete, path = "/reviews/{review}", tag = "reviews",
    params(("review" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The review is gone")))]
pub async fn retract_review(asking: Asking, caller: Caller, Path(review): Path<Uuid>) -> Answer {
    let member = caller.member;
    let command = commands::review::Retract {
        member,
        review: ReviewId(review),
    };
    let accepted = asking
        .execute(Some(member), "retract-review", &review, command)
        .await?;
    Ok(asking.respond(accepted.position, StatusCode::NO_CONTENT))
}

/// A review that stands, as the reader sees it; 404 without one.
pub async fn standing(reading: &mut Reading, review: Uuid) -> Result<ReviewCard, Problem> {
    let viewer = reading.viewer();
    let card = reviews::by_id(&mut reading.snapshot, review, viewer)
        .await
        .map_err(failed)?;
    card.ok_or_else(Problem::not_found)
}

impl From<ReviewCard> for Review {
    fn from(card: ReviewCard) -> Review {
        let text_html = card
            .text
            .as_deref()
            .map(|text| markdown::render(text).into_string());
        Review {
            id: card.review,
            film: FilmTitle {
                id: card.film,
                title: Translated {
                    en: card.title_en,
                    ko: card.title_ko,
                },
            },
            member: Author {
                id: card.member,
                name: card.member_name,
            },
            rating: f64::from(card.rating) / 2.0,
            text: card.text,
            text_html,
            removed: card.removed,
            spoiler: card.spoiler,
            watched_on: card.watched_on,
            posted_at: card.posted_at,
            edited_at: card.edited_at,
            likes: card.likes,
            comments: card.comments,
            liked: card.liked,
            hidden_by: card.hidden_by,
        }
    }
}
