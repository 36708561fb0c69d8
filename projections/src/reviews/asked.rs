//! What is asked of the reviews that stand: cards for pages, and which there are. Lists of them are
//! in [`lists`].

use chrono::{DateTime, NaiveDate, Utc};
use domain::{FilmId, MemberId, ReviewId};
use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// A review as pages show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ReviewCard {
    pub review: Uuid,
    pub position: i64,
    pub film: Uuid,
    pub title_en: String,
    pub title_ko: String,
    pub year: Option<i16>,
    pub genres: Json<Vec<String>>,
    /// Of the film: path at TMDB's image host.
    pub poster: Option<String>,
    pub member: Uuid,
    /// `None`: a former member.
    pub member_name: Option<String>,
    /// In half stars, 1 to 10.
    pub rating: i16,
    pub text: Option<String>,
    /// It had a text, which was removed at its author's wish.
    pub removed: bool,
    pub spoiler: bool,
    /// When its author saw the film.
    pub watched_on: Option<NaiveDate>,
    pub posted_at: DateTime<Utc>,
    pub edited_at: Option<DateTime<Utc>>,
    pub likes: i32,
    pub comments: i32,
    /// By the member who looks.
    pub liked: bool,
    /// The measure that hides it: from all but who looks.
    pub hidden_by: Option<Uuid>,
}

/// The cards of what the looking member sees, for a query that has reviews as `r` and the looking
/// member, or null, as `$1`.
macro_rules! card {
    ($($rest:tt)*) => {
        concat!(
            "select r.review, r.position, r.film, f.title_en, f.title_ko, f.year, f.genres, f.poster, r.member,
                    m.name as member_name, r.rating, r.text, r.removed, r.spoiler, r.watched_on, r.posted_at,
                    r.edited_at, r.likes, r.comments, r.hidden_by,
                    exists (select from review_likes l
                            where l.review = r.review and l.member = $1::uuid) as liked
             from (select * from reviews
                   where hidden_by is null or member = $1::uuid) r
             join films f using (film)
             join members m on m.member = r.member ",
            $($rest)*
        )
    };
}

// behind the macro, which it uses
mod lists;

pub use lists::*;

/// Who wrote it, hidden or not.
pub async fn author(connection: &mut PgConnection, review: Uuid) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar("select member from reviews where review = $1")
        .bind(review)
        .fetch_optional(connection)
        .await
}

pub async fn by_id(
    connection: &mut PgConnection,
    review: Uuid,
    viewer: Option<Uuid>,
) -> sqlx::Result<Option<ReviewCard>> {
    sqlx::query_as(card!("where r.review = $2"))
        .bind(viewer)
        .bind(review)
        .fetch_optional(connection)
        .await
}

/// Of these reviews those that the looking member sees, in this order.
pub async fn cards(
    connection: &mut PgConnection,
    reviews: &[Uuid],
    viewer: Option<Uuid>,
) -> sqlx::Result<Vec<ReviewCard>> {
    sqlx::query_as(card!(
        "where r.review = any($2) order by array_position($2, r.review)"
    ))
    .bind(viewer)
    .bind(reviews)
    .fetch_all(connection)
    .await
}

/// A member's own review of a film.
pub async fn own(
    connection: &mut PgConnection,
    member: MemberId,
    film: FilmId,
) -> sqlx::Result<Option<ReviewCard>> {
    sqlx::query_as(card!("where r.film = $2 and r.member = $1"))
        .bind(member.0)
        .bind(film.0)
        .fetch_optional(connection)
        .await
}

/// A member's review of the film, if it was written of another one that was merged into it.
pub async fn moved(
    connection: &mut PgConnection,
    member: MemberId,
    film: FilmId,
) -> sqlx::Result<Option<ReviewId>> {
    let own: Option<Uuid> =
        sqlx::query_scalar("select review from reviews where film = $1 and member = $2")
            .bind(film.0)
            .bind(member.0)
            .fetch_optional(connection)
            .await?;
    Ok(is_moved(own.map(ReviewId), member, film))
}

/// The review, if it is another one than a member writes of this film.
pub fn is_moved(own: Option<ReviewId>, member: MemberId, film: FilmId) -> Option<ReviewId> {
    own.filter(|own| *own != ReviewId::of(member, film))
}

/// All films that a member has reviewed.
pub async fn films_of(connection: &mut PgConnection, member: MemberId) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar("select film from reviews where member = $1")
        .bind(member.0)
        .fetch_all(connection)
        .await
}

/// Of these reviews those that stand and were neither written nor edited after this.
pub async fn unedited(
    connection: &mut PgConnection,
    reviews: &[Uuid],
    after: DateTime<Utc>,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar(
        "select review from reviews
         where review = any($1) and posted_at <= $2 and (edited_at is null or edited_at <= $2)
         order by review",
    )
    .bind(reviews)
    .bind(after)
    .fetch_all(connection)
    .await
}

/// Of these reviews those that stand, that somebody else wrote and everybody sees.
pub async fn of_others(
    connection: &mut PgConnection,
    reviews: &[Uuid],
    member: MemberId,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar(
        "select review from reviews
         where review = any($1) and member <> $2 and hidden_by is null",
    )
    .bind(reviews)
    .bind(member.0)
    .fetch_all(connection)
    .await
}

/// A review whose film was merged into another one.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LeftBehind {
    pub review: Uuid,
    pub member: Uuid,
    pub film: Uuid,
    pub into_film: Uuid,
    pub posting: i32,
    pub posted_at: DateTime<Utc>,
    pub rated_at: DateTime<Utc>,
    /// The author's review of the other film.
    pub other: Option<Uuid>,
    pub other_is_newer: bool,
}

pub async fn left_behind(
    connection: &mut PgConnection,
    (skip, limit): (i64, i64),
) -> sqlx::Result<Vec<LeftBehind>> {
    sqlx::query_as(
        "select r.review, r.member, r.film, m.into_film, r.posting, r.posted_at,
                coalesce(o.since, r.posted_at) as rated_at, other.review as other,
                coalesce(coalesce(other.edited_at, other.posted_at)
                         > coalesce(r.edited_at, r.posted_at), false) as other_is_newer
         from merged_films m
         join reviews r on r.film = m.film
         left join opinions o on o.member = r.member and o.film = r.film
         left join reviews other on other.film = m.into_film and other.member = r.member
         order by r.position
         limit $1 offset $2",
    )
    .bind(limit)
    .bind(skip)
    .fetch_all(connection)
    .await
}
