//! Who comes to a room and goes, by forms, and the room that is left to itself.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use commands::Command;
use commands::room::{Archive, Decline};
use domain::{MemberId, RoomId};
use uuid::Uuid;

use crate::api::rooms::{coming, find};
use crate::app::App;
use crate::asking::Asking;
use crate::extract::{Form, Path};
use crate::flash::redirect;
use crate::pages::Bare;
use crate::problem::Problem;
use crate::reading::Reading;
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
    mut reading: Reading,
    asking: Asking,
    Form(bare): Form<Bare>,
) -> Result<Response, Problem> {
    find(&mut reading, room).await?;
    drop(reading);
    let asking = asking.with_form_key(bare.command.as_deref())?;
    let position = coming::enter(&app, &asking, &caller, RoomId(room)).await?;
    Ok(asking.respond(position, redirect(&format!("/rooms/{room}"))))
}

/// `POST /rooms/{room}/leave`: 303 to the rooms, as the room's page would enter again; 404.
async fn leave(
    State(app): State<App>,
    Path(room): Path<Uuid>,
    caller: Caller,
    mut reading: Reading,
    asking: Asking,
    Form(bare): Form<Bare>,
) -> Result<Response, Problem> {
    let asking = asking.with_form_key(bare.command.as_deref())?;
    find(&mut reading, room).await?;
    drop(reading);
    let position = coming::leave(&app, &asking, &caller, RoomId(room)).await?;
    Ok(asking.respond(position, redirect("/rooms")))
}

/// `POST /rooms/{room}/archive`: 303 to the room, 403, 404.
async fn archive(
    path: Path<Uuid>,
    reading: Reading,
    asking: Asking,
    form: Form<Bare>,
) -> Result<Response, Problem> {
    come_or_go(
        path,
        reading,
        asking,
        form,
        "archive-room",
        |room, member, asking| Archive {
            room,
            member,
            at: asking.at(),
        },
    )
    .await
}

/// `POST /rooms/{room}/decline`: 303 to the rooms, 404.
async fn decline(
    path: Path<Uuid>,
    reading: Reading,
    asking: Asking,
    form: Form<Bare>,
) -> Result<Response, Problem> {
    come_or_go(
        path,
        reading,
        asking,
        form,
        "decline",
        |room, member, asking| Decline {
            room,
            member,
            at: asking.at(),
        },
    )
    .await
}

async fn come_or_go<C>(
    Path(room): Path<Uuid>,
    mut reading: Reading,
    asking: Asking,
    Form(bare): Form<Bare>,
    operation: &'static str,
    make: impl FnOnce(RoomId, MemberId, &Asking) -> C,
) -> Result<Response, Problem>
where
    C: Command + Send + 'static,
{
    let caller = reading.caller.clone();
    let caller = caller.ok_or_else(Problem::unauthenticated)?;
    let asking = asking.with_form_key(bare.command.as_deref())?;
    let card = find(&mut reading, room).await?;
    drop(reading);
    let command = make(RoomId(room), caller.member, &asking);
    let accepted = asking
        .execute(Some(caller.member), operation, &room, command)
        .await?;
    let is_over = operation == "decline" && card.admission != "public";
    let to = match is_over {
        true => "/rooms".to_owned(),
        false => format!("/rooms/{room}"),
    };
    Ok(asking.respond(accepted.position, redirect(&to)))
}
