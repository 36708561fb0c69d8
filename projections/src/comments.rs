//! What is said under reviews that stand.

use chrono::{DateTime, Utc};
use domain::forgetting::{self, Extent, Forgotten};
use domain::{CommentText, Event, Sealed, comment, review};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::page::{Page, page};
use crate::table::table;

table! {
    /// A comment that stands.
    pub struct Comment in comments {
        key { comment: Uuid }
        /// Of its posting.
        position: i64,
        review: Uuid,
        film: Uuid,
        member: Uuid,
        /// `None`: removed at its author's wish.
        text: Option<String>,
        posted_at: DateTime<Utc>,
        edited_at: Option<DateTime<Utc>>,
    }
}

impl ReadModel for Comment {
    fn apply(happened: &Happened, comments: &mut Changes<Comment>) {
        let at = happened.at;
        match &happened.event {
            Event::Comment(comment::Event::Posted(posted)) => comments.put(Comment {
                comment: posted.comment.0,
                position: happened.position,
                review: posted.review.0,
                film: posted.film.0,
                member: posted.member.0,
                text: text(&posted.text),
                posted_at: at,
                edited_at: None,
            }),
            // a comment may be edited after its review was retracted
            Event::Comment(comment::Event::Edited(edited)) => {
                let new = text(&edited.text);
                comments.patch_if_there((edited.comment.0,), move |comment| {
                    comment.text = new;
                    comment.edited_at = Some(at);
                });
            }
            Event::Comment(comment::Event::Retracted(retracted)) => {
                comments.remove((retracted.comment.0,));
            }
            Event::Review(review::Event::Retracted(retracted)) => {
                comments.remove_where("review", retracted.review.0);
            }
            Event::Forgetting(forgetting::Event::Forgotten(Forgotten {
                member,
                extent: Extent::Everything,
                ..
            })) => comments.patch_where("member", member.0, |comment| comment.text = None),
            Event::Review(review::Event::Moved(moved)) => {
                let into = moved.into.0;
                comments.patch_where("review", moved.review.0, move |comment| comment.film = into);
            }
            Event::Review(
                review::Event::Posted(_) | review::Event::Rerated(_) | review::Event::Rewritten(_),
            )
            | Event::Film(_)
            | Event::Forgetting(forgetting::Event::Forgotten(Forgotten {
                extent: Extent::Identity,
                ..
            }))
            | Event::Reservation(_)
            | Event::Member(_)
            | Event::Like(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Notifications(_)
            | Event::Audit(_) => {}
        }
    }
}

fn text(text: &Sealed<CommentText>) -> Option<String> {
    text.open().map(|text| text.as_str().to_owned())
}

/// A comment as pages show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CommentCard {
    pub comment: Uuid,
    pub position: i64,
    pub review: Uuid,
    pub film: Uuid,
    pub title_en: String,
    pub title_ko: String,
    pub member: Uuid,
    /// `None`: a former member.
    pub member_name: Option<String>,
    /// `None`: removed at its author's wish.
    pub text: Option<String>,
    pub posted_at: DateTime<Utc>,
    pub edited_at: Option<DateTime<Utc>>,
}

macro_rules! card {
    ($rest:literal) => {
        concat!(
            "select c.comment, c.position, c.review, c.film, f.title_en, f.title_ko, c.member,
                    m.name as member_name, c.text, c.posted_at, c.edited_at
             from comments c
             join films f using (film)
             join members m on m.member = c.member ",
            $rest
        )
    };
}

pub async fn by_id(
    connection: &mut PgConnection,
    comment: Uuid,
) -> sqlx::Result<Option<CommentCard>> {
    sqlx::query_as(card!("where c.comment = $1"))
        .bind(comment)
        .fetch_optional(connection)
        .await
}

/// Where a comment is read: its review, and behind which position the page of `size` comments
/// begins that holds it (`None`: the first page).
pub async fn page_of(
    connection: &mut PgConnection,
    comment: Uuid,
    size: i64,
) -> sqlx::Result<Option<(Uuid, Option<i64>)>> {
    sqlx::query_as(
        "select c.review, before.position
         from comments c
         left join lateral (
             select position, row_number() over (order by position) as n, count(*) over () as all
             from comments where review = c.review and position < c.position
         ) before on before.n = before.all / $2 * $2
         where c.comment = $1",
    )
    .bind(comment)
    .bind(size)
    .fetch_optional(connection)
    .await
}

/// A review's comments, oldest first; `after` is the last card's position.
pub async fn of_review(
    connection: &mut PgConnection,
    review: Uuid,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<CommentCard, i64>> {
    let cards = sqlx::query_as(card!(
        "where c.review = $1 and ($2::bigint is null or c.position > $2)
         order by c.position limit $3 + 1"
    ))
    .bind(review)
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &CommentCard| card.position))
}

/// A member's comments, newest first; `after` is the last card's position.
pub async fn of_member(
    connection: &mut PgConnection,
    member: Uuid,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<CommentCard, i64>> {
    let cards = sqlx::query_as(card!(
        "where c.member = $1 and ($2::bigint is null or c.position < $2)
         order by c.position desc limit $3 + 1"
    ))
    .bind(member)
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &CommentCard| card.position))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn an_edited_comment_says_so() {
        let rows: Vec<Comment> = given(vec![posted(1, 4.0), commented(1), comment_edited(1)]);
        assert_eq!(rows[0].text.as_deref(), Some("And the rain."));
        assert_eq!((rows[0].posted_at, rows[0].edited_at), (at(2), Some(at(3))));
    }

    #[test]
    fn comments_go_with_the_review_and_an_edit_does_not_bring_them_back() {
        let rows: Vec<Comment> = given(vec![
            posted(1, 4.0),
            commented(1),
            retracted(1, 4.0),
            comment_edited(1),
        ]);
        assert_eq!(rows, []);
    }

    #[test]
    fn what_is_forgotten_has_no_text_and_what_stays_has() {
        let rows: Vec<Comment> = given(vec![
            posted(1, 4.0),
            commented(1),
            forgotten(BOB, Extent::Everything),
        ]);
        assert_eq!(rows[0].text, None);
        let rows: Vec<Comment> = given(vec![
            posted(1, 4.0),
            commented(1),
            forgotten(BOB, Extent::Identity),
            forgotten(ANN, Extent::Everything),
        ]);
        assert_eq!(rows[0].text.as_deref(), Some("And rain."));
    }

    #[test]
    fn a_retracted_comment_is_gone() {
        let rows: Vec<Comment> = given(vec![posted(1, 4.0), commented(1), comment_retracted(1)]);
        assert_eq!(rows, []);
    }
}
