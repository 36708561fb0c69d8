//! What is said in rooms.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::forgetting::{self, Extent, Forgotten};
use domain::room::{Event as RoomEvent, MessagePosted};
use domain::{Event, MemberId, MessageText, Reason, RoomId, Sealed};
use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

/// Messages of a room that a search looks at, newest first; what is older is not found.
pub const SEARCHED: i64 = 100_000;

/// Who reacted how.
pub type Reactions = BTreeMap<String, BTreeSet<Uuid>>;

table! {
    /// A message; retracted ones stay in their place.
    pub struct Message in messages {
        key { room: Uuid, seq: i64 }
        n: i64,
        member: Uuid,
        /// `None`: retracted, or forgotten with its author.
        text: Option<String>,
        spoiler: bool,
        posted_at: DateTime<Utc>,
        edited_at: Option<DateTime<Utc>>,
        reply_to: Option<i64>,
        mentions: Json<Vec<Uuid>>,
        reactions: Json<Reactions>,
        retracted_by: Option<Uuid>,
        retraction_reason: Option<String>,
        /// By which measure of the site's moderators it is gone: who took it isn't told.
        measure: Option<Uuid>,
    }
}

impl ReadModel for Message {
    const VERSION: i32 = 2;

    fn apply(happened: &Happened, messages: &mut Changes<Message>) {
        let event = match &happened.event {
            Event::Room(event) => event,
            Event::Forgetting(forgetting::Event::Forgotten(forgotten)) => {
                return forget(forgotten, messages);
            }
            Event::Film(_)
            | Event::Reservation(_)
            | Event::Member(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => return,
        };
        apply_room(happened, event, messages);
    }
}

fn apply_room(happened: &Happened, event: &RoomEvent, messages: &mut Changes<Message>) {
    let mut change = |room: RoomId, seq: i64, patch: Patch| {
        messages.patch((room.0, seq), patch);
    };
    let at = happened.at;
    match event.clone() {
        RoomEvent::MessagePosted(said) => messages.put(posted(happened, &said)),
        RoomEvent::MessageEdited(edited) => {
            let edit = move |message: &mut Message| {
                message.text = text(&edited.body);
                message.spoiler = edited.spoiler;
                message.mentions = ids(&edited.mentions);
                message.edited_at = Some(at);
            };
            change(edited.room, edited.message, Box::new(edit));
        }
        RoomEvent::MessageRetracted(retracted) => {
            let retract = move |message: &mut Message| {
                message.text = None;
                message.mentions = Json(Vec::new());
                message.reactions = Json(Reactions::new());
                message.retracted_by = Some(retracted.by.0);
                message.retraction_reason = reason(retracted.reason.as_ref());
                message.measure = retracted.measure.map(|measure| measure.0);
            };
            change(retracted.room, retracted.message, Box::new(retract));
        }
        RoomEvent::Reacted(reacted) => {
            let react = move |message: &mut Message| {
                let reaction = reacted.reaction.as_str().to_owned();
                let members = message.reactions.entry(reaction).or_default();
                members.insert(reacted.member.0);
            };
            change(reacted.room, reacted.message, Box::new(react));
        }
        RoomEvent::Unreacted(unreacted) => {
            let take_back = move |message: &mut Message| {
                let reaction = unreacted.reaction.as_str();
                if let Some(members) = message.reactions.get_mut(reaction) {
                    members.remove(&unreacted.member.0);
                }
                message.reactions.retain(|_, members| !members.is_empty());
            };
            change(unreacted.room, unreacted.message, Box::new(take_back));
        }
        RoomEvent::Opened(_)
        | RoomEvent::Renamed(_)
        | RoomEvent::Described(_)
        | RoomEvent::ClosingChosen(_)
        | RoomEvent::Archived(_)
        | RoomEvent::Reopened(_)
        | RoomEvent::Entered(_)
        | RoomEvent::Left(_)
        | RoomEvent::Invited(_)
        | RoomEvent::InvitationDeclined(_)
        | RoomEvent::Muted(_)
        | RoomEvent::Unmuted(_)
        | RoomEvent::Removed(_)
        | RoomEvent::Banned(_)
        | RoomEvent::Unbanned(_)
        | RoomEvent::SlowModeSet(_)
        | RoomEvent::ModeratorAppointed(_)
        | RoomEvent::ModeratorDismissed(_) => {}
    }
}

/// What they said, and why they retracted what others said.
fn forget(forgotten: &Forgotten, messages: &mut Changes<Message>) {
    if forgotten.extent == Extent::Everything {
        let member = forgotten.member.0;
        messages.patch_where("member", member, |message| message.text = None);
        messages.patch_where("retracted_by", member, |message| {
            message.retraction_reason = None;
        });
    }
}

fn posted(happened: &Happened, posted: &MessagePosted) -> Message {
    Message {
        room: posted.room.0,
        seq: happened.version,
        n: posted.n,
        member: posted.member.0,
        text: text(&posted.body),
        spoiler: posted.spoiler,
        posted_at: happened.at,
        edited_at: None,
        reply_to: posted.reply_to.map(|reply| reply.message),
        mentions: ids(&posted.mentions),
        reactions: Json(Reactions::new()),
        retracted_by: None,
        retraction_reason: None,
        measure: None,
    }
}

type Patch = Box<dyn FnOnce(&mut Message) + Send + Sync>;

fn text(body: &Sealed<MessageText>) -> Option<String> {
    body.open().map(|text| text.as_str().to_owned())
}

fn reason(reason: Option<&Sealed<Reason>>) -> Option<String> {
    reason?.open().map(|text| text.as_str().to_owned())
}

fn ids(members: &[MemberId]) -> Json<Vec<Uuid>> {
    Json(members.iter().map(|member| member.0).collect())
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_message_is_named_by_its_version_in_the_room() {
        let rows: Vec<Message> = given(vec![
            signed_up(),
            room_opened(),
            entered(BOB),
            message_posted(1),
        ]);
        assert_eq!((rows[0].seq, rows[0].n), (3, 1));
        assert_eq!(rows[0].text.as_deref(), Some("Rain, @Ann."));
        assert_eq!(rows[0].mentions.0, [ANN.0]);
    }

    #[test]
    fn reactions_are_sets_and_none_is_left_empty() {
        let rows: Vec<Message> = given(vec![
            room_opened(),
            message_posted(1),
            reacted(2, ANN),
            reacted(2, BOB),
            unreacted(2, ANN),
        ]);
        let fire = rows[0].reactions.0["🔥"].clone();
        assert_eq!(fire.into_iter().collect::<Vec<_>>(), [BOB.0]);
        let rows: Vec<Message> = given(vec![
            room_opened(),
            message_posted(1),
            reacted(2, ANN),
            unreacted(2, ANN),
        ]);
        assert!(rows[0].reactions.is_empty());
    }

    #[test]
    fn a_retracted_message_keeps_its_place_and_nothing_else() {
        let rows: Vec<Message> = given(vec![
            room_opened(),
            message_posted(1),
            reacted(2, ANN),
            message_retracted(2),
            answered(2, 2),
        ]);
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].seq, rows[0].text.as_deref()), (2, None));
        assert_eq!(rows[0].retracted_by, Some(ANN.0));
        assert!(rows[0].reactions.is_empty() && rows[0].mentions.is_empty());
        assert_eq!(rows[1].reply_to, Some(2));
    }

    #[test]
    fn what_a_forgotten_member_said_keeps_its_place() {
        let events = |extent| {
            vec![
                room_opened(),
                message_posted(1),
                answered(2, 2),
                forgotten(BOB, extent),
            ]
        };
        let rows: Vec<Message> = given(events(Extent::Everything));
        assert_eq!(
            (rows[0].text.as_deref(), rows[1].text.as_deref()),
            (None, Some("Yes."))
        );
        let rows: Vec<Message> = given(events(Extent::Identity));
        assert!(rows[0].text.is_some());
    }
}
