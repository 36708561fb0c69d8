//! What is asked of a member's notifications: the list as it is shown, and how many are new.
//!
//! A line says what it is about; what there is to tell is read where it stands. A like that was
//! taken back, a comment that was retracted or hidden and all under a review that is gone are
//! told to nobody.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::page::{Page, page};

/// Unseen ones that are counted; beyond it there are *that many and more*.
pub const MOST_COUNTED: i64 = 100;
/// Lines that are looked at for it: those that have nothing to tell any more are not counted.
const LOOKED_AT: i64 = 200;
/// Of one review, so many likes or comments are gathered in a line; beyond it there are *that many
/// and more*.
pub const MOST_GATHERED: i64 = 1_000;

/// A notification as the member's list shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct NotificationCard {
    pub position: i64,
    pub kind: String,
    /// Who caused it last.
    pub caused_by: Option<Uuid>,
    pub caused_by_name: Option<String>,
    /// Who did the same before.
    pub also: Option<Uuid>,
    pub also_name: Option<String>,
    /// How many more did, up to [`MOST_GATHERED`].
    pub others: i64,
    pub room: Option<Uuid>,
    pub room_name: Option<String>,
    pub seq: Option<i64>,
    pub measure: Option<Uuid>,
    pub review: Option<Uuid>,
    pub film: Option<Uuid>,
    pub title_en: Option<String>,
    pub title_ko: Option<String>,
    /// The newest that it tells of.
    pub comment: Option<Uuid>,
    /// `None`: there is none, or it was retracted or forgotten.
    pub text: Option<String>,
    pub spoiler: Option<bool>,
    pub at: DateTime<Utc>,
    pub seen: bool,
}

/// What a line `t` has to tell: a row with the newest of it, or none. One of the parts is looked
/// at, by the line's kind.
macro_rules! told {
    () => {
        "cross join lateral (
             select t.caused_by as by, t.position, t.at, room.room, room.name as room_name,
                    nullif(t.seq, 0) as seq, null::uuid as measure, null::uuid as review,
                    null::uuid as film, null::uuid as comment, m.text, m.spoiler
             from rooms room
             left join room_members own on own.room = room.room and own.member = t.member
             left join messages m on m.room = room.room and m.seq = t.seq
             where t.kind in ('mention', 'reply', 'invitation') and room.room = t.subject
               and (room.admission = 'public' or own.role <> 'member' or own.invited)
             union all
             select null, t.position, t.at, null, null, null, t.subject, null, null, null, null, null
             where t.kind in ('hidden', 'suspended', 'lifted', 'appeal-granted', 'appeal-refused')
             union all
             (select l.member, l.position, l.since, null, null, null, null, l.review, review.film,
                     null, null, null
              from review_likes l join reviews review using (review)
              where t.kind = 'like' and l.review = t.subject and review.member = t.member
              order by l.position desc limit 1)
             union all
             (select c.member, c.position, c.posted_at, null, null, null, null, c.review, review.film,
                     c.comment, c.text, review.spoiler
              from comments c join reviews review using (review)
              where t.kind in ('comment', 'comment-after') and c.review = t.subject
                and c.member <> t.member and c.hidden_by is null and c.position <= t.position
                and case t.kind when 'comment' then review.member = t.member
                    else review.hidden_by is null and c.position > (
                        select min(own.position) from comments own
                        where own.review = t.subject and own.member = t.member) end
              order by c.position desc limit 1)
             union all
             select c.member, t.position, t.at, null, null, null, null, c.review, review.film,
                    c.comment, c.text, review.spoiler
             from comments c join reviews review using (review)
             where t.kind = 'comment-mention' and c.comment = t.subject and c.hidden_by is null
               and c.mentions @> to_jsonb(t.member::text)
               and (review.hidden_by is null or review.member = t.member)
             union all
             select f.member, t.position, t.at, null, null, null, null, null, null, null, null, null
             from follows f
             where t.kind = 'follow' and f.member = t.subject and f.followed = t.member
         ) told "
    };
}

/// A member's, newest first; `after` is the last card's position. What is of rooms that are not
/// for them any more is left out.
pub async fn of_member(
    connection: &mut PgConnection,
    member: Uuid,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<NotificationCard, i64>> {
    let cards = sqlx::query_as(concat!(
        "select t.position, t.kind, told.by as caused_by, causer.name as caused_by_name,
                gathered.also, second.name as also_name, greatest(gathered.others - 1, 0) as others,
                told.room, told.room_name, told.seq, told.measure, told.review, told.film,
                f.title_en, f.title_ko, told.comment, told.text, told.spoiler, told.at,
                least(t.position, told.position) <= coalesce(s.position, 0) as seen
         from notifications t ",
        told!(),
        "left join lateral (
             select count(*) as others, (array_agg(one.member order by one.position desc))[1] as also
             from (
                 (select l.member, l.position from review_likes l
                  where t.kind = 'like' and l.review = t.subject and l.member <> told.by
                  order by l.position desc limit $4)
                 union all
                 select said.member, max(said.position) from (
                     select c.member, c.position from comments c
                     where t.kind in ('comment', 'comment-after') and c.review = t.subject
                       and c.member not in (t.member, told.by) and c.hidden_by is null
                       and c.position <= t.position
                       and (t.kind = 'comment' or c.position > (
                           select min(own.position) from comments own
                           where own.review = t.subject and own.member = t.member))
                     order by c.position desc limit $4) said
                 group by said.member
             ) one
         ) gathered on true
         left join members causer on causer.member = told.by
         left join members second on second.member = gathered.also
         left join films f on f.film = told.film
         left join notifications_seen s on s.member = t.member
         where t.member = $1 and ($2::bigint is null or t.position < $2)
         order by t.position desc limit $3 + 1"
    ))
    .bind(member)
    .bind(after)
    .bind(limit)
    .bind(MOST_GATHERED)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &NotificationCard| card.position))
}

/// How many a member has not seen: at most [`MOST_COUNTED`]. Each page asks: it is a range of one
/// index, with a look at the newest of each.
pub async fn unseen(connection: &mut PgConnection, member: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar(concat!(
        "select count(*) from (
             select from (
                 select n.*, seen.position as seen from notifications n
                 cross join (select coalesce(max(position), 0) as position
                             from notifications_seen where member = $1) seen
                 where n.member = $1 and n.position > seen.position
                 order by n.position desc limit $3) t ",
        told!(),
        "where told.position > t.seen limit $2) unseen"
    ))
    .bind(member)
    .bind(MOST_COUNTED)
    .bind(LOOKED_AT)
    .fetch_one(connection)
    .await
}
