//! `/rooms`: rooms and what is read in them. Who comes and goes is in [`coming`], what is said in
//! [`messages`], order in [`order`]. A room by invitation is not found by others, wherever it is named.

pub mod coming;
pub mod messages;
pub mod order;
mod shapes;
pub mod verdicts;

use axum::http::StatusCode;
use axum::http::header::LOCATION;
use commands::room::{Archive, Change, Open, Rename, Reopen, SetSlowMode};
use domain::room::Admission;
use domain::{FilmId, MemberId, RoomId};
use projections::Snapshot;
use projections::rooms::{self, RoomCard};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::list::{List, ListQuery};
use super::{Answer, App};
use crate::asking::Asking;
use crate::extract::{Json, Path, Query};
use crate::fields::Fields;
use crate::live::presence::visits;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;

pub use shapes::{AdmissionOf, NewRoom, Room, RoomChange};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_rooms, open_room))
        .routes(routes!(show_room, change_room))
        .routes(routes!(archive_room, reopen_room))
        .routes(routes!(read_room))
        .merge(coming::routes())
        .merge(messages::routes())
        .merge(order::routes())
}

#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum RoomSort {
    /// Where most are now.
    #[default]
    Busiest,
    Newest,
    /// Where the caller keeps order, is, is invited or has read; archived ones too.
    Mine,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RoomQuery {
    #[serde(default)]
    #[param(inline, default = "busiest")]
    sort: RoomSort,
    /// Rooms about this film, archived ones too, the last active first; `sort` does not matter.
    film: Option<Uuid>,
    /// `next` of the page before; none for the first page.
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
}

/// Up to where the caller has read.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reached {
    /// The message's ordinal.
    n: i64,
}

/// Lists rooms.
#[utoipa::path(get, path = "/rooms", tag = "rooms", params(RoomQuery),
    responses((status = 200, description = "A page of rooms", body = List<Room>)))]
pub async fn list_rooms(mut reading: Reading, Query(query): Query<RoomQuery>) -> Answer {
    let viewer = reading.viewer();
    let turned = ListQuery::new(query.cursor, query.limit);
    let snapshot = &mut reading.snapshot;
    let list = match (query.film, query.sort) {
        (Some(film), _) => {
            let (after, limit) = turned.read()?;
            List::of(
                rooms::of_film(snapshot, viewer, film, after, limit)
                    .await
                    .map_err(failed)?,
                Room::from,
            )
        }
        (None, RoomSort::Busiest) => {
            let (after, limit) = turned.read()?;
            let page = rooms::busiest(snapshot, viewer, after, limit).await;
            List::of(page.map_err(failed)?, Room::from)
        }
        (None, RoomSort::Newest) => {
            let (after, limit) = turned.read()?;
            let page = rooms::newest(snapshot, viewer, after, limit).await;
            List::of(page.map_err(failed)?, Room::from)
        }
        (None, RoomSort::Mine) => {
            let viewer = viewer.ok_or_else(Problem::unauthenticated)?;
            let (after, limit) = turned.read()?;
            let page = rooms::mine(snapshot, viewer, after, limit).await;
            List::of(page.map_err(failed)?, Room::from)
        }
    };
    let mut listed = list.items.iter();
    reading.is_for_few = listed.any(|room| matches!(room.admission, AdmissionOf::Invitation));
    Ok(reading.respond(Json(list)))
}

/// Opens a room.
#[utoipa::path(post, path = "/rooms", tag = "rooms",
    security(("session" = []), ("token" = [])),
    responses((status = 201, description = "The room is open", body = Room,
        headers(("Location" = String, description = "The room"))),
        (status = 404, description = "There is no such film",
            body = crate::problem::ProblemBody, content_type = "application/problem+json")))]
pub async fn open_room(mut asking: Asking, caller: Caller, Json(body): Json<NewRoom>) -> Answer {
    let (room, position) = open(&asking, &caller, &body).await?;
    let answer = written(&mut asking, position, &caller, room).await?;
    let location = [(LOCATION, format!("/api/v1/rooms/{room}"))];
    Ok(asking.respond(position, (StatusCode::CREATED, location, answer)))
}

/// Also for the page.
pub async fn open(
    asking: &Asking,
    caller: &Caller,
    body: &NewRoom,
) -> Result<(RoomId, i64), Problem> {
    let (name, description) = body.check()?;
    let member = caller.member;
    let room = RoomId(asking.made_id(Some(member), "room"));
    let command = Open {
        room,
        member,
        film: body.film.map(FilmId),
        name,
        description,
        admission: match body.admission {
            AdmissionOf::Public => Admission::Public,
            AdmissionOf::Invitation => Admission::Invitation,
        },
        closes_when_empty: body.closes_when_empty,
        at: asking.at(),
    };
    let accepted = asking
        .execute(Some(member), "open-room", body, command)
        .await?;
    Ok((room, accepted.position))
}

/// Shows a room.
#[utoipa::path(get, path = "/rooms/{room}", tag = "rooms", params(("room" = Uuid, Path)),
    responses((status = 200, description = "The room", body = Room)))]
pub async fn show_room(mut reading: Reading, Path(room): Path<Uuid>) -> Answer {
    let card = find(&mut reading, room).await?;
    Ok(reading.respond(Json(Room::from(card))))
}

/// Changes what a room is called, what it is for, and how fast one talks in it. For its
/// moderators.
#[utoipa::path(patch, path = "/rooms/{room}", tag = "rooms", params(("room" = Uuid, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The room is changed", body = Room)))]
pub async fn change_room(
    mut asking: Asking,
    caller: Caller,
    Path(room): Path<Uuid>,
    Json(body): Json<RoomChange>,
) -> Answer {
    let room = RoomId(room);
    let position = change(&asking, &caller, room, &body).await?;
    let answer = written(&mut asking, position, &caller, room).await?;
    Ok(asking.respond(position, answer))
}

/// Also for the page.
pub async fn change(
    asking: &Asking,
    caller: &Caller,
    room: RoomId,
    body: &RoomChange,
) -> Result<i64, Problem> {
    let mut fields = Fields::default();
    let name = body
        .name
        .as_ref()
        .map(|name| fields.room_name("name", name));
    let description = body.description.as_ref();
    let description = description.map(|text| fields.room_description("description", text));
    let (name, description) = fields.finish(|| Some((name.flatten(), description.flatten())))?;
    let member = caller.member;
    let naming = Rename {
        room,
        member,
        name,
        description,
        closes_when_empty: body.closes_when_empty,
    };
    let slow_mode = body.slow_mode_seconds.map(|seconds| SetSlowMode {
        room,
        by: member,
        seconds,
    });
    let said = (room, body);
    let command = Change { naming, slow_mode };
    asking
        .record(Some(member), "change-room", &said, command)
        .await
}

/// Archives a room; whoever is there leaves. For its moderators.
#[utoipa::path(put, path = "/rooms/{room}/archive", tag = "rooms", params(("room" = Uuid, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The room is archived", body = Room)))]
pub async fn archive_room(mut asking: Asking, caller: Caller, Path(room): Path<Uuid>) -> Answer {
    let (room, member) = (RoomId(room), caller.member);
    let at = asking.at();
    let command = Archive { room, member, at };
    let position = asking
        .record(Some(member), "archive-room", &room, command)
        .await?;
    let answer = written(&mut asking, position, &caller, room).await?;
    Ok(asking.respond(position, answer))
}

/// Opens an archived room again; entering it does so too.
#[utoipa::path(delete, path = "/rooms/{room}/archive", tag = "rooms", params(("room" = Uuid, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The room is open", body = Room)))]
pub async fn reopen_room(mut asking: Asking, caller: Caller, Path(room): Path<Uuid>) -> Answer {
    let (room, member) = (RoomId(room), caller.member);
    let at = asking.at();
    let command = Reopen { room, member, at };
    let position = asking
        .record(Some(member), "reopen-room", &room, command)
        .await?;
    let answer = written(&mut asking, position, &caller, room).await?;
    Ok(asking.respond(position, answer))
}

/// Says up to which message the caller has read. It never goes back, and moves once in five seconds:
/// sooner, it is 429 and `Retry-After`.
#[utoipa::path(put, path = "/rooms/{room}/read-marker", tag = "rooms",
    params(("room" = Uuid, Path)), security(("session" = []), ("token" = [])),
    responses((status = 200, description = "The room, with what is unread", body = Room)))]
pub async fn read_room(
    mut asking: Asking,
    caller: Caller,
    Path(room): Path<Uuid>,
    Json(body): Json<Reached>,
) -> Answer {
    let (room, member) = (RoomId(room), caller.member);
    let command = commands::read_marker::Read {
        room,
        member,
        n: body.n,
        at: asking.at(),
    };
    let said = (room, body.n);
    let position = asking
        .record(Some(member), "read-room", &said, command)
        .await?;
    let answer = written(&mut asking, position, &caller, room).await?;
    Ok(asking.respond(position, answer))
}

async fn written(
    asking: &mut Asking,
    position: i64,
    caller: &Caller,
    room: RoomId,
) -> Result<Json<Room>, Problem> {
    let mut snapshot = asking.read_at(position).await?;
    let card = seen(&mut snapshot, Some(caller.member.0), room.0).await?;
    Ok(Json(Room::from(card)))
}

/// The room, if it is there for the one who reads; who is on a visit is heard of.
pub async fn find(reading: &mut Reading, room: Uuid) -> Result<RoomCard, Problem> {
    let viewer = reading.viewer();
    let card = seen(&mut reading.snapshot, viewer, room).await?;
    reading.is_for_few |= is_for_few(&card);
    if let (true, Some(member)) = (card.is_here, viewer) {
        visits::hear(&reading.app.pool, RoomId(room), MemberId(member)).await;
    }
    Ok(card)
}

/// Whether only who is invited sees it.
pub fn is_for_few(card: &RoomCard) -> bool {
    card.admission != "public"
}

async fn seen(
    snapshot: &mut Snapshot,
    viewer: Option<Uuid>,
    room: Uuid,
) -> Result<RoomCard, Problem> {
    let card = rooms::by_id(snapshot, viewer, room).await.map_err(failed)?;
    match (card, viewer) {
        (Some(card), _) => Ok(card),
        (None, Some(member)) => Err(verdicts::not_there(snapshot, room, member).await?),
        (None, None) => Err(Problem::not_found()),
    }
}
