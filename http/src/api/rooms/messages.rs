//! `/rooms/{room}/messages`: what was said in a room. A message is named by its sequence number.

mod reacting;
mod speaking;

use chrono::{DateTime, Utc};
use domain::RoomId;
use projections::messages::{self, MessageCard, Stretch};
use projections::room_passages;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::find;
use crate::api::members::Author;
use crate::api::{Answer, App};
use crate::asking::Asking;
use crate::extract::{Json, Path, Query};
use crate::markdown;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;

pub use reacting::set_reaction;
pub use speaking::{NewMessage, Why, edit, retract, send, sequence_at};

const DEFAULT_LIMIT: i64 = 50;
const MAX_LIMIT: i64 = 100;
/// Who was there: at most this many are named.
const MOST_PRESENT: i64 = 1_000;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_messages, speaking::send_message))
        .routes(routes!(
            show_message,
            speaking::edit_message,
            speaking::retract_message
        ))
        .routes(routes!(reacting::react, reacting::unreact))
        .routes(routes!(list_present))
        .routes(routes!(speaking::report_message))
}

/// A message in a room.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RoomMessage {
    /// Its sequence number, by which it is named.
    pub seq: i64,
    /// Its ordinal among the room's messages.
    pub n: i64,
    pub member: Author,
    /// Markdown; null: retracted, or forgotten with its author.
    #[schema(required = true)]
    pub text: Option<String>,
    /// The text as HTML that is safe to show.
    #[schema(required = true)]
    pub text_html: Option<String>,
    pub spoiler: bool,
    pub posted_at: DateTime<Utc>,
    #[schema(required = true)]
    pub edited_at: Option<DateTime<Utc>>,
    #[schema(required = true)]
    pub reply_to: Option<Answered>,
    /// The members who are named in it.
    pub mentions: Vec<Uuid>,
    pub reactions: Vec<ReactionCount>,
    /// Null: it stands.
    #[schema(required = true)]
    pub retracted: Option<Retracted>,
}

/// What a message answers.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Answered {
    pub seq: i64,
    #[schema(required = true)]
    pub member: Option<Author>,
    /// One line of it; null: retracted, forgotten, or a spoiler.
    #[schema(required = true)]
    pub excerpt: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ReactionCount {
    /// An emoji.
    pub reaction: String,
    pub count: usize,
    /// One of them is the caller's.
    pub mine: bool,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Retracted {
    /// The author, or a moderator of the room; null: the moderators of the site.
    #[schema(required = true)]
    pub by: Option<Uuid>,
    #[schema(required = true)]
    pub reason: Option<String>,
}

/// A stretch of a room's messages, oldest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RoomMessages {
    pub items: Vec<RoomMessage>,
    pub has_older: bool,
    pub has_newer: bool,
}

/// Which stretch: one of these, or none for the newest messages.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MessageQuery {
    /// Messages before this sequence number; also with `q`.
    pub before: Option<i64>,
    /// Messages after this sequence number.
    pub after: Option<i64>,
    /// Messages around this sequence number.
    pub around: Option<i64>,
    /// Messages around the first one at or after this time.
    pub since: Option<DateTime<Utc>>,
    /// Messages that hold this text, whatever its case, also inside words, among the room's
    /// newest 100,000; the newest of them. `before` goes on.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
}

/// Who was in the room.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PresentList {
    pub items: Vec<Author>,
}

/// Lists messages of a room: a stretch of its history, or what a search finds.
#[utoipa::path(get, path = "/rooms/{room}/messages", tag = "rooms",
    params(("room" = Uuid, Path), MessageQuery),
    responses((status = 200, description = "Messages, oldest first", body = RoomMessages)))]
pub async fn list_messages(
    mut reading: Reading,
    Path(room): Path<Uuid>,
    Query(query): Query<MessageQuery>,
) -> Answer {
    find(&mut reading, room).await?;
    let stretch = stretch(&mut reading, room, &query).await?;
    let viewer = reading.viewer();
    let messages = stretch.messages.into_iter();
    let list = RoomMessages {
        items: messages.map(|card| RoomMessage::of(card, viewer)).collect(),
        has_older: stretch.has_older,
        has_newer: stretch.has_newer,
    };
    Ok(reading.respond(Json(list)))
}

/// Also for the page.
pub async fn stretch(
    reading: &mut Reading,
    room: Uuid,
    query: &MessageQuery,
) -> Result<Stretch, Problem> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        let range = format!("limit is a whole number from 1 to {MAX_LIMIT}.");
        return Err(Problem::bad_request(range));
    }
    let snapshot = &mut reading.snapshot;
    if let Some(piece) = query.q.as_deref().map(str::trim)
        && !piece.is_empty()
    {
        let found = messages::search(snapshot, room, piece, query.before, limit + 1);
        let mut messages = found.await.map_err(failed)?;
        let has_older = messages.len() > usize::try_from(limit).unwrap_or_default();
        messages.truncate(usize::try_from(limit).unwrap_or_default());
        messages.reverse();
        return Ok(Stretch {
            messages,
            has_older,
            has_newer: query.before.is_some(),
        });
    }
    let around = match (query.around, query.since) {
        (Some(seq), _) => Some(seq),
        (None, Some(time)) => messages::first_since(snapshot, room, time)
            .await
            .map_err(failed)?,
        (None, None) => None,
    };
    let found = match (around, query.after) {
        (Some(seq), _) => messages::around(snapshot, room, seq, limit).await,
        (None, Some(seq)) => messages::after(snapshot, room, seq, limit).await,
        (None, None) => messages::before(snapshot, room, query.before, limit).await,
    };
    found.map_err(failed)
}

/// Shows a message.
#[utoipa::path(get, path = "/rooms/{room}/messages/{seq}", tag = "rooms",
    params(("room" = Uuid, Path), ("seq" = i64, Path)),
    responses((status = 200, description = "The message", body = RoomMessage)))]
pub async fn show_message(mut reading: Reading, Path((room, seq)): Path<(Uuid, i64)>) -> Answer {
    find(&mut reading, room).await?;
    let viewer = reading.viewer();
    let card = messages::by_seq(&mut reading.snapshot, room, seq).await;
    let card = card.map_err(failed)?.ok_or_else(Problem::not_found)?;
    Ok(reading.respond(Json(RoomMessage::of(card, viewer))))
}

/// Tells who was in the room when a message was sent. For its moderators.
#[utoipa::path(get, path = "/rooms/{room}/messages/{seq}/present", tag = "rooms",
    params(("room" = Uuid, Path), ("seq" = i64, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "Who was there, by name", body = PresentList),
        (status = 403, description = "The caller does not keep order there",
            body = crate::problem::ProblemBody, content_type = "application/problem+json")))]
pub async fn list_present(mut reading: Reading, Path((room, seq)): Path<(Uuid, i64)>) -> Answer {
    let card = find(&mut reading, room).await?;
    if !card.keeps_order() {
        return Err(Problem::forbidden());
    }
    let snapshot = &mut reading.snapshot;
    let message = messages::by_seq(snapshot, room, seq)
        .await
        .map_err(failed)?;
    message.ok_or_else(Problem::not_found)?;
    let present = room_passages::present_at(snapshot, room, seq, MOST_PRESENT).await;
    let items = present.map_err(failed)?.into_iter().map(|here| Author {
        id: here.member,
        name: here.name,
    });
    let list = PresentList {
        items: items.collect(),
    };
    Ok(reading.respond(Json(list)))
}

async fn written(
    asking: &mut Asking,
    position: i64,
    caller: &Caller,
    room: RoomId,
    seq: i64,
) -> Result<Json<RoomMessage>, Problem> {
    let mut snapshot = asking.read_at(position).await?;
    let card = messages::by_seq(&mut snapshot, room.0, seq).await;
    let card = card.map_err(failed)?.ok_or_else(Problem::not_found)?;
    Ok(Json(RoomMessage::of(card, Some(caller.member.0))))
}

impl RoomMessage {
    fn of(card: MessageCard, viewer: Option<Uuid>) -> RoomMessage {
        let html = |text: &str| markdown::render_naming(text, &card.named).into_string();
        let answered = card.reply_member.map(|id| Author {
            id,
            name: card.reply_name.clone(),
        });
        let excerpt = card
            .reply_text
            .as_deref()
            .filter(|_| card.reply_spoiler != Some(true));
        let reply_to = card.reply_to.map(|seq| Answered {
            seq,
            member: answered,
            excerpt: excerpt.map(|text| markdown::excerpt(text, 120)),
        });
        let reactions = card
            .reactions
            .0
            .iter()
            .map(|(reaction, members)| ReactionCount {
                reaction: reaction.clone(),
                count: members.len(),
                mine: viewer.is_some_and(|viewer| members.contains(&viewer)),
            });
        RoomMessage {
            seq: card.seq,
            n: card.n,
            member: Author {
                id: card.member,
                name: card.member_name,
            },
            text_html: card.text.as_deref().map(html),
            text: card.text,
            spoiler: card.spoiler,
            posted_at: card.posted_at,
            edited_at: card.edited_at,
            reply_to,
            mentions: card.mentions.0,
            reactions: reactions.collect(),
            retracted: card.retracted_by.map(|by| Retracted {
                by: card.measure.is_none().then_some(by),
                reason: card.retraction_reason,
            }),
        }
    }
}
