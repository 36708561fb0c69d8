//! Reviews that stand, with how much they are liked and commented on.

use chrono::{DateTime, Utc};
use domain::forgetting::{self, Extent, Forgotten};
use domain::{Event, FilmId, MemberId, ReviewId, Sealed, comment, like, review};
use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::page::{Page, page};
use crate::table::table;

table! {
    /// A review that stands.
    pub struct Review in reviews {
        key { review: Uuid }
        /// Of its posting.
        position: i64,
        film: Uuid,
        member: Uuid,
        posting: i32,
        /// In half stars, 1 to 10.
        rating: i16,
        text: Option<String>,
        /// It had a text, which was removed at its author's wish.
        removed: bool,
        spoiler: bool,
        posted_at: DateTime<Utc>,
        edited_at: Option<DateTime<Utc>>,
        likes: i32,
        comments: i32,
        /// The measure that hides it from all but its author.
        hidden_by: Option<Uuid>,
    }
}

impl ReadModel for Review {
    fn apply(happened: &Happened, reviews: &mut Changes<Review>) {
        match &happened.event {
            Event::Review(event) => apply_review(happened, event, reviews),
            Event::Like(like::Event::Liked(liked)) => {
                count(reviews, liked.review.0, liked.posting, |review| {
                    review.likes += 1
                });
            }
            Event::Like(like::Event::Unliked(unliked)) => {
                count(reviews, unliked.review.0, unliked.posting, |review| {
                    review.likes -= 1
                });
            }
            Event::Comment(comment::Event::Posted(posted)) => {
                count(reviews, posted.review.0, posted.posting, |review| {
                    review.comments += 1
                });
            }
            Event::Comment(comment::Event::Retracted(retracted)) => {
                let (review, posting) = (retracted.review.0, retracted.posting);
                if !retracted.hidden {
                    count(reviews, review, posting, |review| review.comments -= 1);
                }
            }
            Event::Comment(comment::Event::Hidden(hidden)) => {
                let (review, posting) = (hidden.review.0, hidden.posting);
                count(reviews, review, posting, |review| review.comments -= 1);
            }
            Event::Comment(comment::Event::Restored(restored)) => {
                let (review, posting) = (restored.review.0, restored.posting);
                count(reviews, review, posting, |review| review.comments += 1);
            }
            Event::Forgetting(forgetting::Event::Forgotten(Forgotten {
                member,
                extent: Extent::Everything,
                ..
            })) => reviews.patch_where("member", member.0, |review| {
                review.removed |= review.text.take().is_some();
            }),
            Event::Comment(comment::Event::Edited(_))
            | Event::Film(_)
            | Event::Forgetting(forgetting::Event::Forgotten(Forgotten {
                extent: Extent::Identity,
                ..
            }))
            | Event::Reservation(_)
            | Event::Member(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Audit(_) => {}
        }
    }
}

fn apply_review(happened: &Happened, event: &review::Event, reviews: &mut Changes<Review>) {
    let at = happened.at;
    match event.clone() {
        review::Event::Posted(posted) => reviews.put(Review {
            review: posted.review.0,
            position: happened.position,
            film: posted.film.0,
            member: posted.member.0,
            posting: number(posted.posting),
            rating: i16::from(posted.rating.half_stars()),
            text: text(posted.text.as_ref()),
            removed: is_removed(posted.text.as_ref()),
            spoiler: posted.spoiler,
            posted_at: at,
            edited_at: None,
            likes: 0,
            comments: 0,
            hidden_by: None,
        }),
        review::Event::Rerated(rerated) => reviews.patch((rerated.review.0,), move |review| {
            review.rating = i16::from(rerated.to.half_stars());
            review.edited_at = Some(at);
        }),
        review::Event::Rewritten(rewritten) => {
            reviews.patch((rewritten.review.0,), move |review| {
                review.text = text(rewritten.text.as_ref());
                review.removed = is_removed(rewritten.text.as_ref());
                review.spoiler = rewritten.spoiler;
                review.edited_at = Some(at);
            });
        }
        review::Event::Retracted(retracted) => reviews.remove((retracted.review.0,)),
        review::Event::Moved(moved) => reviews.patch((moved.review.0,), move |review| {
            review.film = moved.into.0;
        }),
        // it may be retracted meanwhile
        review::Event::Hidden(hidden) => {
            reviews.patch_if_there((hidden.review.0,), move |review| {
                review.hidden_by = Some(hidden.measure.0);
            });
        }
        review::Event::Restored(restored) => {
            reviews.patch_if_there((restored.review.0,), |review| review.hidden_by = None);
        }
    }
}

/// Likes and comments count for the posting that they were given to; it may be
/// gone, or another may stand.
fn count(
    reviews: &mut Changes<Review>,
    review: Uuid,
    posting: u32,
    change: impl FnOnce(&mut Review) + Send + Sync + 'static,
) {
    reviews.patch_if_there((review,), move |review| {
        if review.posting == number(posting) {
            change(review);
        }
    });
}

fn number(posting: u32) -> i32 {
    i32::try_from(posting).expect("nobody posts a review two billion times")
}

fn text(text: Option<&Sealed<domain::ReviewText>>) -> Option<String> {
    text?.open().map(|text| text.as_str().to_owned())
}

fn is_removed(text: Option<&Sealed<domain::ReviewText>>) -> bool {
    matches!(text, Some(Sealed::Forgotten))
}

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
    pub posted_at: DateTime<Utc>,
    pub edited_at: Option<DateTime<Utc>>,
    pub likes: i32,
    pub comments: i32,
    /// By the member who looks.
    pub liked: bool,
    /// The measure that hides it: from all but who looks.
    pub hidden_by: Option<Uuid>,
}

/// The card's columns, of what the looking member sees, for a query that has reviews as `r` and the looking
/// member, or null, as `$1`.
macro_rules! card {
    ($rest:literal) => {
        concat!(
            "select r.review, r.position, r.film, f.title_en, f.title_ko, f.year, f.genres, f.poster, r.member,
                    m.name as member_name, r.rating, r.text, r.removed, r.spoiler, r.posted_at,
                    r.edited_at, r.likes, r.comments, r.hidden_by,
                    exists (select from review_likes l
                            where l.review = r.review and l.member = $1::uuid) as liked
             from (select * from reviews
                   where hidden_by is null or member = $1::uuid) r
             join films f using (film)
             join members m on m.member = r.member ",
            $rest
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

/// Of these reviews those that stand and were not edited after this.
pub async fn unedited(
    connection: &mut PgConnection,
    reviews: &[Uuid],
    after: DateTime<Utc>,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar(
        "select review from reviews
         where review = any($1) and (edited_at is null or edited_at <= $2)
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
    limit: i64,
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
         limit $1",
    )
    .bind(limit)
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
    let (posted_at, position) = after.unzip();
    // each has an index
    let sql = match which {
        Which::All => card!(
            "where r.film = $2
               and ($3::timestamptz is null or (r.posted_at, r.position) < ($3, $4))
             order by r.posted_at desc, r.position desc limit $5 + 1"
        ),
        Which::InWords => card!(
            "where r.film = $2 and r.text is not null
               and ($3::timestamptz is null or (r.posted_at, r.position) < ($3, $4))
             order by r.posted_at desc, r.position desc limit $5 + 1"
        ),
    };
    let cards = sqlx::query_as(sql)
        .bind(viewer)
        .bind(film)
        .bind(posted_at)
        .bind(position)
        .bind(limit)
        .fetch_all(connection)
        .await?;
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
    let (likes, moment) = after.unzip();
    let (posted_at, position) = moment.unzip();
    let sql = match which {
        Which::All => card!(
            "where r.film = $2
               and ($3::integer is null or (r.likes, r.posted_at, r.position) < ($3, $4, $5))
             order by r.likes desc, r.posted_at desc, r.position desc limit $6 + 1"
        ),
        Which::InWords => card!(
            "where r.film = $2 and r.text is not null
               and ($3::integer is null or (r.likes, r.posted_at, r.position) < ($3, $4, $5))
             order by r.likes desc, r.posted_at desc, r.position desc limit $6 + 1"
        ),
    };
    let cards = sqlx::query_as(sql)
        .bind(viewer)
        .bind(film)
        .bind(likes)
        .bind(posted_at)
        .bind(position)
        .bind(limit)
        .fetch_all(connection)
        .await?;
    Ok(page(cards, limit, |card: &ReviewCard| {
        (card.likes, card.moment())
    }))
}

/// What a member has reviewed, newest first; `after` is the last card's moment.
pub async fn of_member(
    connection: &mut PgConnection,
    member: Uuid,
    viewer: Option<Uuid>,
    after: Option<Moment>,
    limit: i64,
) -> sqlx::Result<Page<ReviewCard, Moment>> {
    let (posted_at, position) = after.unzip();
    let cards = sqlx::query_as(card!(
        "where r.member = $2
           and ($3::timestamptz is null or (r.posted_at, r.position) < ($3, $4))
         order by r.posted_at desc, r.position desc limit $5 + 1"
    ))
    .bind(viewer)
    .bind(member)
    .bind(posted_at)
    .bind(position)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, ReviewCard::moment))
}

/// The newest reviews of all films; `after` is the last card's moment.
pub async fn newest(
    connection: &mut PgConnection,
    viewer: Option<Uuid>,
    after: Option<Moment>,
    limit: i64,
) -> sqlx::Result<Page<ReviewCard, Moment>> {
    let (posted_at, position) = after.unzip();
    let cards = sqlx::query_as(card!(
        "where $2::timestamptz is null or (r.posted_at, r.position) < ($2, $3)
         order by r.posted_at desc, r.position desc limit $4 + 1"
    ))
    .bind(viewer)
    .bind(posted_at)
    .bind(position)
    .bind(limit)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_posted_review_stands() {
        let rows: Vec<Review> = given(vec![posted(1, 4.5)]);
        let review = &rows[0];
        assert_eq!((review.rating, review.likes, review.comments), (9, 0, 0));
        assert_eq!(review.text.as_deref(), Some("Stairs."));
        assert_eq!((review.posted_at, review.edited_at), (at(1), None));
    }

    #[test]
    fn an_edited_review_says_so_and_stays_in_its_place() {
        let rows: Vec<Review> = given(vec![posted(1, 4.5), rerated(4.5, 2.0)]);
        let review = &rows[0];
        assert_eq!((review.rating, review.position), (4, 1));
        assert_eq!(review.edited_at, Some(at(2)));
    }

    #[test]
    fn likes_and_comments_are_counted() {
        let rows: Vec<Review> = given(vec![posted(1, 4.0), liked(1), commented(1)]);
        assert_eq!((rows[0].likes, rows[0].comments), (1, 1));
        let rows: Vec<Review> = given(vec![
            posted(1, 4.0),
            liked(1),
            commented(1),
            comment_retracted(1),
            unliked(1),
        ]);
        assert_eq!((rows[0].likes, rows[0].comments), (0, 0));
    }

    #[test]
    fn a_review_posted_again_begins_anew() {
        let rows: Vec<Review> = given(vec![
            posted(1, 4.0),
            liked(1),
            commented(1),
            retracted(1, 4.0),
            posted(2, 3.0),
            comment_retracted(1),
        ]);
        let review = &rows[0];
        assert_eq!((review.posting, review.likes, review.comments), (2, 0, 0));
        assert_eq!(review.position, 5);
    }

    #[test]
    fn what_is_forgotten_has_no_text_and_keeps_its_stars() {
        let everything = || forgotten(ANN, Extent::Everything);
        let rows: Vec<Review> = given(vec![posted(1, 4.0), liked(1), everything()]);
        let review = &rows[0];
        assert_eq!((review.text.as_deref(), review.removed), (None, true));
        assert_eq!((review.rating, review.likes), (8, 1));
        // as when its key is gone before it is read
        let rows_without_key: Vec<Review> =
            given(vec![without_keys(posted(1, 4.0)), liked(1), everything()]);
        assert_eq!(rows_without_key, rows);
    }

    #[test]
    fn a_rating_alone_has_nothing_to_remove() {
        let rewritten = rewritten(None);
        let forgotten = forgotten(ANN, Extent::Everything);
        let rows: Vec<Review> = given(vec![posted(1, 4.0), rewritten, forgotten]);
        assert_eq!((rows[0].text.as_deref(), rows[0].removed), (None, false));
    }

    #[test]
    fn who_leaves_their_reviews_loses_their_name_alone() {
        let rows: Vec<Review> = given(vec![posted(1, 4.0), forgotten(ANN, Extent::Identity)]);
        assert_eq!(rows[0].text.as_deref(), Some("Stairs."));
        let rows: Vec<Review> = given(vec![posted(1, 4.0), forgotten(BOB, Extent::Everything)]);
        assert_eq!(rows[0].text.as_deref(), Some("Stairs."));
    }

    #[test]
    fn a_hidden_review_says_by_what_until_it_is_restored() {
        let rows: Vec<Review> = given(vec![posted(1, 4.0), review_hidden()]);
        assert_eq!(rows[0].hidden_by, Some(MEASURE.0));
        let rows: Vec<Review> = given(vec![posted(1, 4.0), review_hidden(), review_restored()]);
        assert_eq!(rows[0].hidden_by, None);
        let gone = vec![
            posted(1, 4.0),
            review_hidden(),
            retracted(1, 4.0),
            review_restored(),
        ];
        assert_eq!(given::<Review>(gone), []);
    }

    #[test]
    fn a_hidden_comment_is_not_counted_and_retracted_not_counted_off_again() {
        let hidden = || vec![posted(1, 4.0), commented(1), comment_hidden(1)];
        assert_eq!(given::<Review>(hidden())[0].comments, 0);
        let mut events = hidden();
        events.push(comment_restored(1));
        assert_eq!(given::<Review>(events)[0].comments, 1);
        let mut events = hidden();
        events.push(hidden_comment_retracted(1));
        assert_eq!(given::<Review>(events)[0].comments, 0);
    }

    #[test]
    fn a_retracted_review_is_gone() {
        let rows: Vec<Review> = given(vec![posted(1, 4.0), retracted(1, 4.0)]);
        assert_eq!(rows, []);
    }
}
