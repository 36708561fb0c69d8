//! Saying something in a room: sending, editing, taking back, reporting.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use commands::room::{Edit, Retract, Send};
use domain::{MessageText, Reason, RoomId, Thing};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{RoomMessage, written};
use crate::api::{Answer, App};
use crate::asking::Asking;
use crate::extract::{Json, Path, Query};
use crate::fields::Fields;
use crate::live::presence::visits;
use crate::mentions::mentioned;
use crate::moderation;
use crate::problem::Problem;
use crate::session::Caller;

/// What a member says in a room.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewMessage {
    /// Markdown. `@` and a name names a member.
    #[schema(required = true, min_length = 1, max_length = 4_000)]
    pub text: String,
    /// The sequence number of what is answered.
    pub reply_to: Option<i64>,
    pub spoiler: bool,
}

impl NewMessage {
    fn check(&self) -> Result<MessageText, Problem> {
        let mut fields = Fields::default();
        let text = fields.message("text", &self.text);
        fields.finish(|| text)
    }
}

/// Why something is done.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Why {
    #[schema(max_length = 300)]
    pub reason: Option<String>,
}

impl Why {
    pub fn check(&self) -> Result<Option<Reason>, Problem> {
        let mut fields = Fields::default();
        let reason = fields.reason("reason", self.reason.as_deref().unwrap_or_default());
        fields.finish(|| reason)
    }
}

/// Says something in a room.
///
/// Five messages in five seconds are enough: 429 tells how long to wait.
#[utoipa::path(post, path = "/rooms/{room}/messages", tag = "rooms",
    params(("room" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 201, description = "The message is there", body = RoomMessage,
        headers(("Location" = String, description = "The message")))))]
pub async fn send_message(
    State(app): State<App>,
    mut asking: Asking,
    caller: Caller,
    Path(room): Path<Uuid>,
    Json(body): Json<NewMessage>,
) -> Answer {
    let position = send(&app, &asking, &caller, RoomId(room), &body).await?;
    let seq = sequence_at(&app, position).await?;
    let answer = written(&mut asking, position, &caller, RoomId(room), seq).await?;
    let location = [(LOCATION, format!("/api/v1/rooms/{room}/messages/{seq}"))];
    Ok(asking.respond(position, (StatusCode::CREATED, location, answer)))
}

/// Also for the page. Gives the log's position of the message.
pub async fn send(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    room: RoomId,
    body: &NewMessage,
) -> Result<i64, Problem> {
    let text = body.check()?;
    let member = caller.member;
    let command = Send {
        room,
        member,
        cid: asking.made_id(Some(member), "message"),
        mentions: mentioned(app, text.as_str()).await?,
        body: text,
        reply_to: body.reply_to,
        spoiler: body.spoiler,
        at: asking.at(),
    };
    let said = (room, body);
    let position = asking.record(Some(member), "send", &said, command).await?;
    visits::hear(&app.pool, room, member).await;
    Ok(position)
}

/// The sequence number of what happened at a position: the message that was just recorded.
pub async fn sequence_at(app: &App, position: i64) -> Result<i64, Problem> {
    let event = app.live.log.accepted(&app.tail, position - 1, 1).await;
    let event = event.map_err(Problem::internal)?;
    let event = event.first().ok_or_else(|| Problem::busy(1))?;
    Ok(event.version)
}

/// Edits one's own message.
#[utoipa::path(patch, path = "/rooms/{room}/messages/{seq}", tag = "rooms",
    params(("room" = Uuid, Path), ("seq" = i64, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The message is edited", body = RoomMessage)))]
pub async fn edit_message(
    State(app): State<App>,
    mut asking: Asking,
    caller: Caller,
    Path((room, seq)): Path<(Uuid, i64)>,
    Json(body): Json<NewMessage>,
) -> Answer {
    let position = edit(&app, &asking, &caller, (RoomId(room), seq), &body).await?;
    let answer = written(&mut asking, position, &caller, RoomId(room), seq).await?;
    Ok(asking.respond(position, answer))
}

/// Also for the page.
pub async fn edit(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    (room, message): (RoomId, i64),
    body: &NewMessage,
) -> Result<i64, Problem> {
    let text = body.check()?;
    let member = caller.member;
    let command = Edit {
        room,
        member,
        message,
        mentions: mentioned(app, text.as_str()).await?,
        body: text,
        spoiler: body.spoiler,
        at: asking.at(),
    };
    let said = (room, message, body);
    asking
        .record(Some(member), "edit-message", &said, command)
        .await
}

/// Takes a message back: one's own, or another's as a moderator, with a reason.
///
/// It keeps its place, without its text.
#[utoipa::path(delete, path = "/rooms/{room}/messages/{seq}", tag = "rooms",
    params(("room" = Uuid, Path), ("seq" = i64, Path),
        ("reason" = Option<String>, Query, description = "Of a moderator, for all to see")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The message is retracted", body = RoomMessage)))]
pub async fn retract_message(
    mut asking: Asking,
    caller: Caller,
    Path((room, seq)): Path<(Uuid, i64)>,
    Query(why): Query<Why>,
) -> Answer {
    let position = retract(&asking, &caller, (RoomId(room), seq), &why).await?;
    let answer = written(&mut asking, position, &caller, RoomId(room), seq).await?;
    Ok(asking.respond(position, answer))
}

/// Also for the page.
pub async fn retract(
    asking: &Asking,
    caller: &Caller,
    (room, message): (RoomId, i64),
    why: &Why,
) -> Result<i64, Problem> {
    let member = caller.member;
    let command = Retract {
        room,
        member,
        message,
        reason: why.check()?,
    };
    let said = (room, message, why);
    asking
        .record(Some(member), "retract-message", &said, command)
        .await
}

/// Reports a message to the site's moderators. The room does not see it; each member reports a
/// message once.
#[utoipa::path(post, path = "/rooms/{room}/messages/{seq}/reports", tag = "rooms",
    params(("room" = Uuid, Path), ("seq" = i64, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "It is reported")))]
pub async fn report_message(
    asking: Asking,
    caller: Caller,
    Path((room, seq)): Path<(Uuid, i64)>,
    Json(why): Json<Why>,
) -> Answer {
    let about = Thing::Message {
        room: RoomId(room),
        message: seq,
    };
    let position = moderation::report(&asking, &caller, about, why.check()?).await?;
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}
