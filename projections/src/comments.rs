//! What is said under reviews that stand.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::forgetting::{self, Extent, Forgotten};
use domain::{CommentText, Event, MemberId, Sealed, comment, review};
use sqlx::postgres::PgConnection;
use sqlx::types::Json;
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
        /// The measure that hides it from all but its author.
        hidden_by: Option<Uuid>,
        /// Who is named in it.
        mentions: Json<Vec<Uuid>>,
    }
}

impl ReadModel for Comment {
    const VERSION: i32 = 2;

    fn apply(happened: &Happened, comments: &mut Changes<Comment>) {
        let at = happened.at;
        match &happened.event {
            Event::Comment(comment::Event::Posted(posted)) => {
                comments.put(row(happened, posted));
            }
            // a comment may be edited after its review was retracted
            Event::Comment(comment::Event::Edited(edited)) => {
                let (new, mentions) = (text(&edited.text), ids(&edited.mentions));
                comments.patch_if_there((edited.comment.0,), move |comment| {
                    comment.text = new;
                    comment.mentions = mentions;
                    comment.edited_at = Some(at);
                });
            }
            // the review may be retracted meanwhile
            Event::Comment(comment::Event::Hidden(hidden)) => {
                let measure = hidden.measure.0;
                comments.patch_if_there((hidden.comment.0,), move |comment| {
                    comment.hidden_by = Some(measure);
                });
            }
            Event::Comment(comment::Event::Restored(restored)) => {
                comments.patch_if_there((restored.comment.0,), |comment| comment.hidden_by = None);
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
                review::Event::Posted(_)
                | review::Event::Rerated(_)
                | review::Event::Rewritten(_)
                | review::Event::Dated(_)
                | review::Event::Hidden(_)
                | review::Event::Restored(_),
            )
            | Event::Film(_)
            | Event::Forgetting(forgetting::Event::Forgotten(Forgotten {
                extent: Extent::Identity,
                ..
            }))
            | Event::Reservation(_)
            | Event::Member(_)
            | Event::Like(_)
            | Event::Follow(_)
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

fn row(happened: &Happened, posted: &comment::Posted) -> Comment {
    Comment {
        comment: posted.comment.0,
        position: happened.position,
        review: posted.review.0,
        film: posted.film.0,
        member: posted.member.0,
        text: text(&posted.text),
        posted_at: happened.at,
        edited_at: None,
        hidden_by: None,
        mentions: ids(&posted.mentions),
    }
}

fn text(text: &Sealed<CommentText>) -> Option<String> {
    text.open().map(|text| text.as_str().to_owned())
}

fn ids(members: &[MemberId]) -> Json<Vec<Uuid>> {
    Json(members.iter().map(|member| member.0).collect())
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
    /// The measure that hides it: from all but who looks.
    pub hidden_by: Option<Uuid>,
    pub mentions: Json<Vec<Uuid>>,
    /// What those who are named in it are called now; without former members.
    pub named: Json<BTreeMap<Uuid, String>>,
}

/// The card's columns, of what the looking member, or null, sees: `$1`.
macro_rules! card {
    ($rest:literal) => {
        concat!(
            "select c.comment, c.position, c.review, c.film, f.title_en, f.title_ko, c.member,
                    m.name as member_name, c.text, c.posted_at, c.edited_at, c.hidden_by, c.mentions,
                    coalesce(
                        (select jsonb_object_agg(named.member, named.name)
                         from jsonb_array_elements_text(c.mentions) as mention(member)
                         join members named on named.member = mention.member::uuid
                         where named.name is not null), '{}') as named
             from (select c.* from comments c join reviews r using (review)
                   where (c.hidden_by is null or c.member = $1::uuid)
                     and (r.hidden_by is null or $1 in (c.member, r.member))) c
             join films f using (film)
             join members m on m.member = c.member ",
            $rest
        )
    };
}

/// Who wrote it, hidden or not.
pub async fn author(connection: &mut PgConnection, comment: Uuid) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar("select member from comments where comment = $1")
        .bind(comment)
        .fetch_optional(connection)
        .await
}

pub async fn by_id(
    connection: &mut PgConnection,
    comment: Uuid,
    viewer: Option<Uuid>,
) -> sqlx::Result<Option<CommentCard>> {
    sqlx::query_as(card!("where c.comment = $2"))
        .bind(viewer)
        .bind(comment)
        .fetch_optional(connection)
        .await
}

/// Where a comment is read: its review, and behind which position the page of `size` comments
/// begins that holds it (`None`: the first page).
pub async fn page_of(
    connection: &mut PgConnection,
    comment: Uuid,
    viewer: Option<Uuid>,
    size: i64,
) -> sqlx::Result<Option<(Uuid, Option<i64>)>> {
    sqlx::query_as(
        "select c.review, before.position
         from comments c
         left join lateral (
             select position, row_number() over (order by position) as n, count(*) over () as all
             from comments where review = c.review and position < c.position
               and (hidden_by is null or member = $3)
         ) before on before.n = before.all / $2 * $2
         where c.comment = $1 and (c.hidden_by is null or c.member = $3)",
    )
    .bind(comment)
    .bind(size)
    .bind(viewer)
    .fetch_optional(connection)
    .await
}

/// A review's comments, oldest first; `after` is the last card's position.
pub async fn of_review(
    connection: &mut PgConnection,
    review: Uuid,
    viewer: Option<Uuid>,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<CommentCard, i64>> {
    let cards = sqlx::query_as(card!(
        "where c.review = $2 and ($3::bigint is null or c.position > $3)
         order by c.position limit $4 + 1"
    ))
    .bind(viewer)
    .bind(review)
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &CommentCard| card.position))
}

/// Of a review's comments, so many are looked at for who spoke last.
const TALK: i64 = 100;

/// Who spoke last under a review, the last first.
pub async fn spoke_last(
    connection: &mut PgConnection,
    review: Uuid,
    limit: i64,
) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar(
        "select member
         from (select member, position from comments
               where review = $1 and hidden_by is null
               order by position desc limit $2) talk
         group by member order by max(position) desc limit $3",
    )
    .bind(review)
    .bind(TALK)
    .bind(limit)
    .fetch_all(connection)
    .await
}

/// A member's comments, newest first; `after` is the last card's position.
pub async fn of_member(
    connection: &mut PgConnection,
    member: Uuid,
    viewer: Option<Uuid>,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<CommentCard, i64>> {
    let cards = sqlx::query_as(card!(
        "where c.member = $2 and ($3::bigint is null or c.position < $3)
         order by c.position desc limit $4 + 1"
    ))
    .bind(viewer)
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
    fn an_edited_comment_names_whom_it_names_now() {
        let naming = |mentions: Vec<MemberId>| {
            let Event::Comment(comment::Event::Edited(edited)) = comment_edited(1) else {
                unreachable!("a comment is edited")
            };
            comment::Edited { mentions, ..edited }.into()
        };
        let mut events = vec![posted(1, 4.0), commented(1), naming(vec![ANN])];
        assert_eq!(given::<Comment>(events.clone())[0].mentions.0, [ANN.0]);
        events.push(naming(vec![]));
        assert!(given::<Comment>(events)[0].mentions.is_empty());
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
    fn a_hidden_comment_says_by_what_until_it_is_restored() {
        let hidden = || vec![posted(1, 4.0), commented(1), comment_hidden(1)];
        assert_eq!(given::<Comment>(hidden())[0].hidden_by, Some(MEASURE.0));
        let mut events = hidden();
        events.push(comment_restored(1));
        assert_eq!(given::<Comment>(events)[0].hidden_by, None);
        let gone = vec![
            posted(1, 4.0),
            commented(1),
            retracted(1, 4.0),
            comment_hidden(1),
        ];
        assert_eq!(given::<Comment>(gone), []);
    }

    #[test]
    fn a_retracted_comment_is_gone() {
        let rows: Vec<Comment> = given(vec![posted(1, 4.0), commented(1), comment_retracted(1)]);
        assert_eq!(rows, []);
    }
}
