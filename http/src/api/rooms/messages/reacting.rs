//! Reactions to what is said in a room.

use commands::room::React;
use domain::{Reaction, RoomId};
use uuid::Uuid;

use super::{RoomMessage, written};
use crate::api::Answer;
use crate::asking::Asking;
use crate::extract::Path;
use crate::problem::Problem;
use crate::session::Caller;

/// Gives a reaction.
#[utoipa::path(put, path = "/rooms/{room}/messages/{seq}/reactions/{reaction}", tag = "rooms",
    params(("room" = Uuid, Path), ("seq" = i64, Path),
        ("reaction" = String, Path, description = "An emoji of a short list")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The message", body = RoomMessage)))]
pub async fn react(
    mut asking: Asking,
    caller: Caller,
    Path((room, seq, reaction)): Path<(Uuid, i64, String)>,
) -> Answer {
    let message = (RoomId(room), seq);
    let position = set_reaction(&asking, &caller, message, &reaction, true).await?;
    let answer = written(&mut asking, position, &caller, RoomId(room), seq).await?;
    Ok(asking.respond(position, answer))
}

/// Takes a reaction back.
#[utoipa::path(delete, path = "/rooms/{room}/messages/{seq}/reactions/{reaction}", tag = "rooms",
    params(("room" = Uuid, Path), ("seq" = i64, Path),
        ("reaction" = String, Path, description = "An emoji of a short list")),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The message", body = RoomMessage)))]
pub async fn unreact(
    mut asking: Asking,
    caller: Caller,
    Path((room, seq, reaction)): Path<(Uuid, i64, String)>,
) -> Answer {
    let message = (RoomId(room), seq);
    let position = set_reaction(&asking, &caller, message, &reaction, false).await?;
    let answer = written(&mut asking, position, &caller, RoomId(room), seq).await?;
    Ok(asking.respond(position, answer))
}

/// Also for the page.
pub async fn set_reaction(
    asking: &Asking,
    caller: &Caller,
    (room, message): (RoomId, i64),
    reaction: &str,
    on: bool,
) -> Result<i64, Problem> {
    let member = caller.member;
    let reaction = Reaction::new(reaction).map_err(|_| Problem::not_found())?;
    let command = React {
        room,
        member,
        message,
        reaction,
        on,
        at: asking.at(),
    };
    let said = (room, message, reaction, on);
    asking.record(Some(member), "react", &said, command).await
}
