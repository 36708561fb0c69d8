//! What is asked of the reviews that stand: cards for pages, and which there are.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{FilmId, MemberId, ReviewId};
use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::page::{Page, page};

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

/// A page of cards, newest first, or first those that have most in a column: of a film or member,
/// which is `$2`, and behind the last card's place, which is `$3` to `$5` ([`Listed`]).
macro_rules! page_of {
    ($which:literal) => {
        card!(
            "where ",
            $which,
            " and ($4::timestamptz is null or (r.posted_at, r.position) < ($4, $5))
              order by r.posted_at desc, r.position desc limit $6 + 1"
        )
    };
    ($which:literal, most $column:literal) => {
        card!(
            "where ",
            $which,
            " and ($3::integer is null or (",
            $column,
            ", r.posted_at, r.position) < ($3, $4, $5))
              order by ",
            $column,
            " desc, r.posted_at desc, r.position desc limit $6 + 1"
        )
    };
}

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

/// When a review was written, and its position: where a page of a list ends. What members bring
/// along stands at the time at which they wrote it, not above what is written now.
pub type Moment = (DateTime<Utc>, i64);

impl ReviewCard {
    fn moment(&self) -> Moment {
        (self.posted_at, self.position)
    }
}

/// A list and who looks at it.
struct Listed {
    sql: &'static str,
    /// Film or member.
    of: Option<Uuid>,
    viewer: Option<Uuid>,
}

impl Listed {
    /// The cards behind a place: a number, if the order begins with one, and a moment.
    async fn cards(
        self,
        connection: &mut PgConnection,
        (number, moment): (Option<i32>, Option<Moment>),
        limit: i64,
    ) -> sqlx::Result<Vec<ReviewCard>> {
        let (posted_at, position) = moment.unzip();
        sqlx::query_as(self.sql)
            .bind(self.viewer)
            .bind(self.of)
            .bind(number)
            .bind(posted_at)
            .bind(position)
            .bind(limit)
            .fetch_all(connection)
            .await
    }
}

/// Which reviews of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    All,
    /// That say something: most rate a film and leave it at that.
    InWords,
}

/// A film's reviews, newest first; `after` is the last card's moment.
pub async fn newest_of_film(
    connection: &mut PgConnection,
    (film, which): (Uuid, Which),
    viewer: Option<Uuid>,
    after: Option<Moment>,
    limit: i64,
) -> sqlx::Result<Page<ReviewCard, Moment>> {
    // each has an index
    let sql = match which {
        Which::All => page_of!("r.film = $2"),
        Which::InWords => page_of!("r.film = $2 and r.text is not null"),
    };
    let of = Some(film);
    let listed = Listed { sql, of, viewer };
    let cards = listed.cards(connection, (None, after), limit).await?;
    Ok(page(cards, limit, ReviewCard::moment))
}

/// A film's reviews, best liked first; `after` is the last card's likes and moment.
pub async fn best_liked_of_film(
    connection: &mut PgConnection,
    (film, which): (Uuid, Which),
    viewer: Option<Uuid>,
    after: Option<(i32, Moment)>,
    limit: i64,
) -> sqlx::Result<Page<ReviewCard, (i32, Moment)>> {
    let sql = match which {
        Which::All => page_of!("r.film = $2", most "r.likes"),
        Which::InWords => page_of!("r.film = $2 and r.text is not null", most "r.likes"),
    };
    let of = Some(film);
    let listed = Listed { sql, of, viewer };
    let cards = listed.cards(connection, after.unzip(), limit).await?;
    let place = |card: &ReviewCard| (card.likes, card.moment());
    Ok(page(cards, limit, place))
}

/// What a member has reviewed, newest first; `after` is the last card's moment.
pub async fn of_member(
    connection: &mut PgConnection,
    member: Uuid,
    viewer: Option<Uuid>,
    after: Option<Moment>,
    limit: i64,
) -> sqlx::Result<Page<ReviewCard, Moment>> {
    let (sql, of) = (page_of!("r.member = $2"), Some(member));
    let listed = Listed { sql, of, viewer };
    let cards = listed.cards(connection, (None, after), limit).await?;
    Ok(page(cards, limit, ReviewCard::moment))
}

/// What a member has reviewed, what they rated best first; `after` is the last card's rating and
/// moment. Sorts all of the member's: there are as many as one person sees films.
pub async fn best_of_member(
    connection: &mut PgConnection,
    member: Uuid,
    viewer: Option<Uuid>,
    after: Option<(i16, Moment)>,
    limit: i64,
) -> sqlx::Result<Page<ReviewCard, (i16, Moment)>> {
    let (sql, of) = (page_of!("r.member = $2", most "r.rating"), Some(member));
    let listed = Listed { sql, of, viewer };
    let (rating, moment) = after.unzip();
    let behind = (rating.map(i32::from), moment);
    let cards = listed.cards(connection, behind, limit).await?;
    let place = |card: &ReviewCard| (card.rating, card.moment());
    Ok(page(cards, limit, place))
}

/// A day of a diary, and the position of a review that was seen on it: where a page ends.
pub type Day = (NaiveDate, i64);

/// What a member saw and says when, what they saw last first; `after` is the last card's day.
pub async fn diary_of_member(
    connection: &mut PgConnection,
    member: Uuid,
    viewer: Option<Uuid>,
    after: Option<Day>,
    limit: i64,
) -> sqlx::Result<Page<ReviewCard, Day>> {
    let (day, position) = after.unzip();
    let cards: Vec<ReviewCard> = sqlx::query_as(card!(
        "where r.member = $2 and r.watched_on is not null
           and ($3::date is null or (r.watched_on, r.position) < ($3, $4))
         order by r.watched_on desc, r.position desc limit $5 + 1"
    ))
    .bind(viewer)
    .bind(member)
    .bind(day)
    .bind(position)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card| {
        (card.watched_on.unwrap_or_default(), card.position)
    }))
}

/// How many films a member gave ½, 1, 1½ … 5 stars.
pub async fn histogram_of_member(
    connection: &mut PgConnection,
    member: Uuid,
) -> sqlx::Result<[i64; 10]> {
    let counts: Vec<(i16, i64)> =
        sqlx::query_as("select rating, count(*) from reviews where member = $1 group by rating")
            .bind(member)
            .fetch_all(connection)
            .await?;
    let mut histogram = [0; 10];
    for (half_stars, count) in counts {
        let place = usize::try_from(half_stars - 1).ok();
        if let Some(bar) = place.and_then(|place| histogram.get_mut(place)) {
            *bar = count;
        }
    }
    Ok(histogram)
}

/// The newest reviews of all films; `after` is the last card's moment.
pub async fn newest(
    connection: &mut PgConnection,
    viewer: Option<Uuid>,
    after: Option<Moment>,
    limit: i64,
) -> sqlx::Result<Page<ReviewCard, Moment>> {
    let (sql, of) = (page_of!("true"), None);
    let listed = Listed { sql, of, viewer };
    let cards = listed.cards(connection, (None, after), limit).await?;
    Ok(page(cards, limit, ReviewCard::moment))
}

/// So many whom a member follows are looked at: those whom they followed last.
const FOLLOWED: i64 = 1_000;

/// What those have reviewed whom a member follows, newest first; `after` is the last card's moment.
pub async fn of_followed(
    connection: &mut PgConnection,
    member: Uuid,
    after: Option<Moment>,
    limit: i64,
) -> sqlx::Result<Page<ReviewCard, Moment>> {
    let (posted_at, position) = after.unzip();
    // a page's worth of each, by an index
    let cards = sqlx::query_as(card!(
        "where r.review = any (array(
             select n.review
             from (select followed from follows where member = $1
                   order by position desc limit $5) whom
             cross join lateral (
                 select review, posted_at, position from reviews
                 where member = whom.followed and hidden_by is null
                   and (posted_at, position)
                       < (coalesce($2, 'infinity'), coalesce($3, 9223372036854775807))
                 order by posted_at desc, position desc limit $4 + 1) n
             order by n.posted_at desc, n.position desc limit $4 + 1))
         order by r.posted_at desc, r.position desc"
    ))
    .bind(member)
    .bind(posted_at)
    .bind(position)
    .bind(limit)
    .bind(FOLLOWED)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, ReviewCard::moment))
}

/// Of the newest reviews that say something, so many are looked at for `newest_in_words`.
const NEWS: i64 = 100;

/// The newest that say something, one of each member.
pub async fn newest_in_words(
    connection: &mut PgConnection,
    viewer: Option<Uuid>,
    limit: i64,
) -> sqlx::Result<Vec<ReviewCard>> {
    sqlx::query_as(card!(
        "where r.review = any (array(
             select distinct on (n.member) n.review
             from (select review, member, posted_at, position from reviews
                   where text is not null and (hidden_by is null or member = $1::uuid)
                   order by posted_at desc, position desc limit $2) n
             order by n.member, n.posted_at desc, n.position desc))
         order by r.posted_at desc, r.position desc limit $3"
    ))
    .bind(viewer)
    .bind(NEWS)
    .bind(limit)
    .fetch_all(connection)
    .await
}
