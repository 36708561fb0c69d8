//! `/rooms/{room}/presence`: who comes into a room and goes. Those with a live connection do so by
//! it (`crate::live`).

use axum::extract::State;
use axum::http::StatusCode;
use commands::room::{Enter, Leave};
use domain::RoomId;
use domain::room::Leaving;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::verdicts::why_banned;
use super::{Room, find, written};
use crate::api::{Answer, App};
use crate::asking::Asking;
use crate::extract::Path;
use crate::live::presence::visits;
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(enter_room, leave_room))
}

/// Enters a room: the caller is there. Being there ends with leaving, or when the caller looks at
/// nothing in the room and says nothing there for 15 minutes; while one listens to its events
/// or has a live connection in it, it goes on.
#[utoipa::path(put, path = "/rooms/{room}/presence", tag = "rooms",
    params(("room" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The caller is there", body = Room)))]
pub async fn enter_room(
    State(app): State<App>,
    mut asking: Asking,
    caller: Caller,
    Path(room): Path<Uuid>,
) -> Answer {
    let room = RoomId(room);
    let position = enter(&app, &asking, &caller, room).await?;
    let answer = written(&mut asking, position, &caller, room).await?;
    Ok(asking.respond(position, answer))
}

/// Also for the page.
pub async fn enter(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    room: RoomId,
) -> Result<i64, Problem> {
    let (member, at) = (caller.member, asking.at());
    visits::begin(&app.pool, room, member)
        .await
        .map_err(failed)?;
    let command = Enter { room, member, at };
    let entered = asking.record(Some(member), "enter-room", &room, command);
    match entered.await {
        Ok(position) => Ok(position),
        Err(problem) => {
            visits::end(&app.pool, room, member).await.map_err(failed)?;
            Err(why_banned(app, problem, room, member).await)
        }
    }
}

/// Leaves a room.
///
/// Who is not there changes nothing.
#[utoipa::path(delete, path = "/rooms/{room}/presence", tag = "rooms",
    params(("room" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The caller is not there")))]
pub async fn leave_room(
    State(app): State<App>,
    mut asking: Asking,
    caller: Caller,
    Path(room): Path<Uuid>,
) -> Answer {
    find(&mut *asking.look().await?, room).await?;
    let position = leave(&app, &asking, &caller, RoomId(room)).await?;
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}

/// Also for the page.
pub async fn leave(
    app: &App,
    asking: &Asking,
    caller: &Caller,
    room: RoomId,
) -> Result<i64, Problem> {
    let member = caller.member;
    visits::end(&app.pool, room, member).await.map_err(failed)?;
    let command = Leave {
        room,
        member,
        reason: Leaving::Closed,
        at: asking.at(),
    };
    asking
        .record(Some(member), "leave-room", &room, command)
        .await
}
