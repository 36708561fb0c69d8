//! Who likes which review, and what one member likes.

use chrono::{DateTime, Utc};
use domain::{Event, MemberId, like, review};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::page::{Page, page};
use crate::reviews::{self, ReviewCard};
use crate::table::table;

table! {
    /// A like of a review that stands.
    pub struct ReviewLike in review_likes {
        key { review: Uuid, member: Uuid }
        position: i64,
        since: DateTime<Utc>,
    }
}

impl ReadModel for ReviewLike {
    const VERSION: i32 = 2;

    fn apply(happened: &Happened, review_likes: &mut Changes<ReviewLike>) {
        match &happened.event {
            Event::Like(like::Event::Liked(liked)) => review_likes.put(ReviewLike {
                review: liked.review.0,
                member: liked.member.0,
                position: happened.position,
                since: happened.at,
            }),
            Event::Like(like::Event::Unliked(unliked)) => {
                review_likes.remove((unliked.review.0, unliked.member.0));
            }
            Event::Review(review::Event::Retracted(retracted)) => {
                review_likes.remove_where("review", retracted.review.0);
            }
            Event::Review(
                review::Event::Posted(_)
                | review::Event::Rerated(_)
                | review::Event::Rewritten(_)
                | review::Event::Dated(_)
                | review::Event::Moved(_)
                | review::Event::Hidden(_)
                | review::Event::Restored(_),
            )
            | Event::Film(_)
            | Event::Follow(_)
            | Event::Reservation(_)
            | Event::Forgetting(_)
            | Event::Member(_)
            | Event::Comment(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => {}
        }
    }
}

/// When a member came to like a review, and the review: where a page ends.
pub type Moment = (DateTime<Utc>, Uuid);

/// The reviews that a member likes, what they liked last first; `after` is where the page before
/// ended.
pub async fn of_member(
    connection: &mut PgConnection,
    member: Uuid,
    viewer: Option<Uuid>,
    after: Option<Moment>,
    limit: i64,
) -> sqlx::Result<Page<ReviewCard, Moment>> {
    let (since, review) = after.unzip();
    // a review of a film that is about to be merged is not shown until it has moved
    let likes: Vec<Moment> = sqlx::query_as(
        "select l.since, l.review
         from review_likes l
         join reviews r using (review)
         join films f using (film)
         where l.member = $1 and (r.hidden_by is null or r.member = $2)
           and ($3::timestamptz is null or l.since < $3 or (l.since = $3 and l.review > $4))
         order by l.since desc, l.review
         limit $5 + 1",
    )
    .bind(member)
    .bind(viewer)
    .bind(since)
    .bind(review)
    .bind(limit)
    .fetch_all(&mut *connection)
    .await?;
    let Page { items, next } = page(likes, limit, |like| *like);
    let ids: Vec<Uuid> = items.into_iter().map(|(_, review)| review).collect();
    let items = reviews::cards(connection, &ids, viewer).await?;
    Ok(Page { items, next })
}

/// Of these reviews those that the member has liked since this or before.
pub async fn unchanged(
    connection: &mut PgConnection,
    (member, reviews): (MemberId, &[Uuid]),
    since: DateTime<Utc>,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar(
        "select review from review_likes
         where member = $1 and review = any($2) and since <= $3",
    )
    .bind(member.0)
    .bind(reviews)
    .bind(since)
    .fetch_all(connection)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_like_stands_until_it_is_taken_back() {
        let rows: Vec<ReviewLike> = given(vec![posted(1, 4.0), liked(1)]);
        assert_eq!((rows[0].review, rows[0].member), (anns_review().0, BOB.0));
        let rows: Vec<ReviewLike> = given(vec![posted(1, 4.0), liked(1), unliked(1)]);
        assert_eq!(rows, []);
    }

    #[test]
    fn likes_go_with_the_review() {
        let rows: Vec<ReviewLike> = given(vec![
            posted(1, 4.0),
            liked(1),
            retracted(1, 4.0),
            posted(2, 4.0),
        ]);
        assert_eq!(rows, []);
    }
}
