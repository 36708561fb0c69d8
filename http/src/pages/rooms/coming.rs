//! Who comes to a room and goes, by forms, and the room that is left to itself.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use commands::room::{Archive, Decline};
use domain::RoomId;
use uuid::Uuid;

use crate::api::rooms::{coming, find, is_for_few};
use crate::app::App;
use crate::asking::Asking;
use crate::extract::{Form, Path};
use crate::flash::redirect;
use crate::pages::Bare;
use crate::problem::Problem;
use crate::session::Caller;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/rooms/{room}/enter", post(enter))
        .route("/rooms/{room}/leave", post(leave))
        .route("/rooms/{room}/archive", post(archive))
        .route("/rooms/{room}/decline", post(decline))
}

/// `POST /rooms/{room}/enter`: 303 to the room, 403, 404.
async fn enter(
    State(app): State<App>,
    Path(room): Path<Uuid>,
    caller: Caller,
    asking: Asking,
    Form(bare): Form<Bare>,
) -> Result<Response, Problem> {
    let mut asking = asking.with_form_key(bare.command.as_deref())?;
    find(&mut *asking.look().await?, room).await?;
    let position = coming::enter(&app, &asking, &caller, RoomId(room)).await?;
    Ok(asking.respond(position, redirect(&format!("/rooms/{room}"))))
}

/// `POST /rooms/{room}/leave`: 303 to the rooms, as the room's page would enter again; 404.
async fn leave(
    State(app): State<App>,
    Path(room): Path<Uuid>,
    caller: Caller,
    asking: Asking,
    Form(bare): Form<Bare>,
) -> Result<Response, Problem> {
    let mut asking = asking.with_form_key(bare.command.as_deref())?;
    find(&mut *asking.look().await?, room).await?;
    let position = coming::leave(&app, &asking, &caller, RoomId(room)).await?;
    Ok(asking.respond(position, redirect("/rooms")))
}

/// `POST /rooms/{room}/archive`: 303 to the room, 403, 404.
async fn archive(
    Path(room): Path<Uuid>,
    caller: Caller,
    asking: Asking,
    Form(bare): Form<Bare>,
) -> Result<Response, Problem> {
    let mut asking = asking.with_form_key(bare.command.as_deref())?;
    find(&mut *asking.look().await?, room).await?;
    let command = Archive {
        room: RoomId(room),
        member: caller.member,
        at: asking.at(),
    };
    let recorded = asking.execute(Some(caller.member), "archive-room", &room, command);
    let to = format!("/rooms/{room}");
    Ok(asking.respond(recorded.await?.position, redirect(&to)))
}

/// `POST /rooms/{room}/decline`: 303 to the room, or to the rooms where it can't be seen any more;
/// 404.
async fn decline(
    Path(room): Path<Uuid>,
    caller: Caller,
    asking: Asking,
    Form(bare): Form<Bare>,
) -> Result<Response, Problem> {
    let mut asking = asking.with_form_key(bare.command.as_deref())?;
    let card = find(&mut *asking.look().await?, room).await?;
    let command = Decline {
        room: RoomId(room),
        member: caller.member,
        at: asking.at(),
    };
    let recorded = asking.execute(Some(caller.member), "decline", &room, command);
    let to = match is_for_few(&card) {
        true => "/rooms".to_owned(),
        false => format!("/rooms/{room}"),
    };
    Ok(asking.respond(recorded.await?.position, redirect(&to)))
}
