//! Lists of reviews: of a film, of a member, of all.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::ReviewCard;
use crate::page::{Page, page};

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
