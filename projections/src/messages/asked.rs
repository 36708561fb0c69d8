//! What is asked of what was said: stretches of a room, and what is found in it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::Reactions;

/// Messages of a room that a search looks at, newest first; what is older is not found.
pub const SEARCHED: i64 = 100_000;

/// A message as a room's page shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MessageCard {
    pub room: Uuid,
    pub seq: i64,
    pub n: i64,
    pub member: Uuid,
    /// `None`: a former member.
    pub member_name: Option<String>,
    pub text: Option<String>,
    pub spoiler: bool,
    pub posted_at: DateTime<Utc>,
    pub edited_at: Option<DateTime<Utc>>,
    pub mentions: Json<Vec<Uuid>>,
    /// What those who are named in it are called now; without former members.
    pub named: Json<BTreeMap<Uuid, String>>,
    pub reactions: Json<Reactions>,
    pub retracted_by: Option<Uuid>,
    pub retraction_reason: Option<String>,
    pub measure: Option<Uuid>,
    pub reply_to: Option<i64>,
    pub reply_member: Option<Uuid>,
    pub reply_name: Option<String>,
    pub reply_text: Option<String>,
    pub reply_spoiler: Option<bool>,
}

macro_rules! card {
    ($rest:literal) => {
        concat!(
            "select m.room, m.seq, m.n, m.member, author.name as member_name, m.text, m.spoiler,
                    m.posted_at, m.edited_at, m.mentions,
                    coalesce(
                        (select jsonb_object_agg(named.member, named.name)
                         from jsonb_array_elements_text(m.mentions) as mention(member)
                         join members named on named.member = mention.member::uuid
                         where named.name is not null), '{}') as named,
                    m.reactions, m.retracted_by, m.retraction_reason, m.measure, m.reply_to, answered.member as reply_member,
                    answering.name as reply_name, answered.text as reply_text,
                    answered.spoiler as reply_spoiler
             from messages m
             left join members author on author.member = m.member
             left join messages answered on answered.room = m.room and answered.seq = m.reply_to
             left join members answering on answering.member = answered.member ",
            $rest
        )
    };
}

pub async fn by_seq(
    connection: &mut PgConnection,
    room: Uuid,
    seq: i64,
) -> sqlx::Result<Option<MessageCard>> {
    sqlx::query_as(card!("where m.room = $1 and m.seq = $2"))
        .bind(room)
        .bind(seq)
        .fetch_optional(connection)
        .await
}

/// A stretch of a room's messages, oldest first.
#[derive(Clone, Debug)]
pub struct Stretch {
    pub messages: Vec<MessageCard>,
    pub has_older: bool,
    pub has_newer: bool,
}

/// The last messages before a sequence number; without one the newest.
pub async fn before(
    connection: &mut PgConnection,
    room: Uuid,
    seq: Option<i64>,
    limit: i64,
) -> sqlx::Result<Stretch> {
    let (mut messages, has_older) = cut(older(connection, room, seq, limit).await?, limit);
    messages.reverse();
    Ok(Stretch {
        messages,
        has_older,
        has_newer: seq.is_some(),
    })
}

/// The first messages after a sequence number.
pub async fn after(
    connection: &mut PgConnection,
    room: Uuid,
    seq: i64,
    limit: i64,
) -> sqlx::Result<Stretch> {
    let (messages, has_newer) = cut(newer(connection, room, seq, limit).await?, limit);
    Ok(Stretch {
        messages,
        has_older: seq > 0,
        has_newer,
    })
}

/// The messages around a sequence number: up to half before it, the rest from it on.
pub async fn around(
    connection: &mut PgConnection,
    room: Uuid,
    seq: i64,
    limit: i64,
) -> sqlx::Result<Stretch> {
    let half = limit / 2;
    let earlier = older(&mut *connection, room, Some(seq), half).await?;
    let (mut messages, has_older) = cut(earlier, half);
    messages.reverse();
    let later = newer(connection, room, seq.saturating_sub(1), limit - half).await?;
    let (later, has_newer) = cut(later, limit - half);
    messages.extend(later);
    Ok(Stretch {
        messages,
        has_older,
        has_newer,
    })
}

/// One more than wanted, newest first.
async fn older(
    connection: &mut PgConnection,
    room: Uuid,
    seq: Option<i64>,
    limit: i64,
) -> sqlx::Result<Vec<MessageCard>> {
    sqlx::query_as(card!(
        "where m.room = $1 and ($2::bigint is null or m.seq < $2)
         order by m.seq desc limit $3 + 1"
    ))
    .bind(room)
    .bind(seq)
    .bind(limit)
    .fetch_all(connection)
    .await
}

/// One more than wanted, oldest first.
async fn newer(
    connection: &mut PgConnection,
    room: Uuid,
    seq: i64,
    limit: i64,
) -> sqlx::Result<Vec<MessageCard>> {
    sqlx::query_as(card!(
        "where m.room = $1 and m.seq > $2
         order by m.seq limit $3 + 1"
    ))
    .bind(room)
    .bind(seq)
    .bind(limit)
    .fetch_all(connection)
    .await
}

/// Without the one more; whether it was there.
fn cut(mut messages: Vec<MessageCard>, limit: i64) -> (Vec<MessageCard>, bool) {
    let limit = usize::try_from(limit).unwrap_or_default();
    let is_more = messages.len() > limit;
    messages.truncate(limit);
    (messages, is_more)
}

/// The first message at or after a time.
pub async fn first_since(
    connection: &mut PgConnection,
    room: Uuid,
    time: DateTime<Utc>,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(
        "select seq from messages where room = $1 and posted_at >= $2
         order by posted_at, seq limit 1",
    )
    .bind(room)
    .bind(time)
    .fetch_optional(connection)
    .await
}

/// Messages that hold a piece of text, whatever its case, newest first, before a sequence
/// number: of the newest [`SEARCHED`]. A piece is found inside words, which serves Korean, whose
/// words carry particles.
pub async fn search(
    connection: &mut PgConnection,
    room: Uuid,
    piece: &str,
    before: Option<i64>,
    limit: i64,
) -> sqlx::Result<Vec<MessageCard>> {
    let escaped = piece
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    sqlx::query_as(card!(
        "where m.room = $1 and ($2::bigint is null or m.seq < $2)
           and m.n > (select messages from rooms where room = $1) - $5
           and m.text ilike $3
         order by m.seq desc limit $4"
    ))
    .bind(room)
    .bind(before)
    .bind(format!("%{escaped}%"))
    .bind(limit)
    .bind(SEARCHED)
    .fetch_all(connection)
    .await
}
