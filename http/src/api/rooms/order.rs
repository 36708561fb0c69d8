//! `/rooms/{room}/members`: who is there, and order among them.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use commands::Command;
use commands::room::{Act, Decline, Invite, Order};
use domain::{MemberId, Reason, RoomId};
use projections::room_members::{self, RoomMemberCard};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::find;
use super::messages::Why;
use crate::api::members::Author;
use crate::api::{Answer, App};
use crate::asking::Asking;
use crate::extract::{Json, Path};
use crate::fields::Fields;
use crate::fresh;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;

/// Members of a room that are listed: those who are there first.
pub const MOST_LISTED: i64 = 500;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_room_members))
        .routes(routes!(mute, unmute))
        .routes(routes!(ban, unban))
        .routes(routes!(remove))
        .routes(routes!(appoint, dismiss))
        .routes(routes!(invite, uninvite))
}

/// Who has to do with a room, as far as the caller may know.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RoomMembers {
    pub items: Vec<RoomMember>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RoomMember {
    pub member: Author,
    /// `member`, `moderator` or `maker`.
    pub role: String,
    pub present: bool,
    /// False of others, except for who keeps order in the room.
    pub invited: bool,
    /// Now. As `invited`.
    pub muted: bool,
    /// Null while muted: until it is lifted.
    #[schema(required = true)]
    pub muted_until: Option<DateTime<Utc>>,
    /// Now. As `invited`.
    pub banned: bool,
    #[schema(required = true)]
    pub banned_until: Option<DateTime<Utc>>,
}

/// For how long, and why.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Term {
    /// Null: until it is lifted.
    #[schema(minimum = 1, maximum = 31_536_000)]
    pub for_s: Option<u32>,
    #[schema(max_length = 300)]
    pub reason: Option<String>,
}

impl Term {
    fn because(why: Why) -> Term {
        Term {
            for_s: None,
            reason: why.reason,
        }
    }

    /// Until when, and why.
    fn check(&self, at: DateTime<Utc>) -> Result<(Option<DateTime<Utc>>, Option<Reason>), Problem> {
        let mut fields = Fields::default();
        let until = match self.for_s {
            None => Some(None),
            Some(seconds) => fields.term("for_s", seconds).map(|term| Some(at + term)),
        };
        let reason = fields.reason("reason", self.reason.as_deref().unwrap_or_default());
        fields.finish(|| Some((until?, reason?)))
    }
}

/// Lists who is in a room and keeps order in it. Who is invited, muted or banned is told to those
/// who keep order, and to everybody of themselves. Those who are there first, at most 500.
#[utoipa::path(get, path = "/rooms/{room}/members", tag = "rooms",
    params(("room" = Uuid, Path)),
    responses((status = 200, description = "Members of the room", body = RoomMembers)))]
pub async fn list_room_members(mut reading: Reading, Path(room): Path<Uuid>) -> Answer {
    let keeps_order = find(&mut reading, room).await?.keeps_order();
    let looking = (reading.viewer(), keeps_order);
    let snapshot = &mut reading.snapshot;
    let rows = room_members::of_room(snapshot, room, looking, fresh::now(), MOST_LISTED).await;
    let items = rows.map_err(failed)?.into_iter().map(RoomMember::from);
    let list = RoomMembers {
        items: items.collect(),
    };
    Ok(reading.respond(Json(list)))
}

/// Mutes a member: they read, but don't write. For the room's moderators.
#[utoipa::path(put, path = "/rooms/{room}/members/{member}/mute", tag = "rooms",
    params(("room" = Uuid, Path), ("member" = Uuid, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The member is muted")))]
pub async fn mute(
    asking: Asking,
    caller: Caller,
    Path(ids): Path<(Uuid, Uuid)>,
    Json(term): Json<Term>,
) -> Answer {
    done(&asking, &caller, Act::Mute, ids, &term).await
}

/// Lets a muted member write again. For the room's moderators.
#[utoipa::path(delete, path = "/rooms/{room}/members/{member}/mute", tag = "rooms",
    params(("room" = Uuid, Path), ("member" = Uuid, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The member is not muted")))]
pub async fn unmute(asking: Asking, caller: Caller, Path(ids): Path<(Uuid, Uuid)>) -> Answer {
    done(&asking, &caller, Act::Unmute, ids, &Term::default()).await
}

/// Bans a member from the room. For its moderators.
#[utoipa::path(put, path = "/rooms/{room}/members/{member}/ban", tag = "rooms",
    params(("room" = Uuid, Path), ("member" = Uuid, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The member is banned")))]
pub async fn ban(
    asking: Asking,
    caller: Caller,
    Path(ids): Path<(Uuid, Uuid)>,
    Json(term): Json<Term>,
) -> Answer {
    done(&asking, &caller, Act::Ban, ids, &term).await
}

/// Lets a banned member in again. For the room's moderators.
#[utoipa::path(delete, path = "/rooms/{room}/members/{member}/ban", tag = "rooms",
    params(("room" = Uuid, Path), ("member" = Uuid, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The member is not banned")))]
pub async fn unban(asking: Asking, caller: Caller, Path(ids): Path<(Uuid, Uuid)>) -> Answer {
    done(&asking, &caller, Act::Unban, ids, &Term::default()).await
}

/// Removes a member from the room, and takes their invitation. Into a public room they may come
/// again. For its moderators.
#[utoipa::path(post, path = "/rooms/{room}/members/{member}/removal", tag = "rooms",
    params(("room" = Uuid, Path), ("member" = Uuid, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The member is out")))]
pub async fn remove(
    asking: Asking,
    caller: Caller,
    Path(ids): Path<(Uuid, Uuid)>,
    Json(why): Json<Why>,
) -> Answer {
    done(&asking, &caller, Act::Remove, ids, &Term::because(why)).await
}

/// Makes a member a moderator of the room. For its maker.
#[utoipa::path(put, path = "/rooms/{room}/members/{member}/moderator", tag = "rooms",
    params(("room" = Uuid, Path), ("member" = Uuid, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The member keeps order there")))]
pub async fn appoint(asking: Asking, caller: Caller, Path(ids): Path<(Uuid, Uuid)>) -> Answer {
    done(&asking, &caller, Act::Appoint, ids, &Term::default()).await
}

/// Ends that a member is a moderator of the room. For its maker.
#[utoipa::path(delete, path = "/rooms/{room}/members/{member}/moderator", tag = "rooms",
    params(("room" = Uuid, Path), ("member" = Uuid, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The member does not keep order there")))]
pub async fn dismiss(asking: Asking, caller: Caller, Path(ids): Path<(Uuid, Uuid)>) -> Answer {
    done(&asking, &caller, Act::Dismiss, ids, &Term::default()).await
}

/// Invites a member, who is told of it. For the room's moderators.
#[utoipa::path(put, path = "/rooms/{room}/members/{member}/invitation", tag = "rooms",
    params(("room" = Uuid, Path), ("member" = Uuid, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The member is invited")))]
pub async fn invite(
    asking: Asking,
    caller: Caller,
    Path((room, member)): Path<(Uuid, Uuid)>,
) -> Answer {
    let command = Invite {
        room: RoomId(room),
        member: caller.member,
        invited: MemberId(member),
        at: asking.at(),
    };
    recorded(&asking, &caller, "invite", &(room, member), command).await
}

/// Declines one's own invitation; as a moderator of the room, takes another's back.
#[utoipa::path(delete, path = "/rooms/{room}/members/{member}/invitation", tag = "rooms",
    params(("room" = Uuid, Path), ("member" = Uuid, Path)),
    security(("session" = []), ("token" = [])),
    responses((status = 204, description = "The member is not invited")))]
pub async fn uninvite(
    asking: Asking,
    caller: Caller,
    Path((room, member)): Path<(Uuid, Uuid)>,
) -> Answer {
    if member == caller.member.0 {
        let command = Decline {
            room: RoomId(room),
            member: caller.member,
            at: asking.at(),
        };
        return recorded(&asking, &caller, "decline", &(room, member), command).await;
    }
    done(
        &asking,
        &caller,
        Act::Remove,
        (room, member),
        &Term::default(),
    )
    .await
}

async fn done(
    asking: &Asking,
    caller: &Caller,
    act: Act,
    ids: (Uuid, Uuid),
    term: &Term,
) -> Answer {
    let position = order(asking, caller, act, ids, term).await?;
    Ok(asking.respond(position, StatusCode::NO_CONTENT))
}

/// Also for the page. Gives the log's position.
pub async fn order(
    asking: &Asking,
    caller: &Caller,
    act: Act,
    (room, member): (Uuid, Uuid),
    term: &Term,
) -> Result<i64, Problem> {
    let (until, reason) = term.check(asking.at())?;
    let command = Order {
        act,
        room: RoomId(room),
        by: caller.member,
        member: MemberId(member),
        until,
        reason,
        at: asking.at(),
    };
    let said = (room, member, term);
    asking
        .record(Some(caller.member), act.name(), &said, command)
        .await
}

async fn recorded<C>(
    asking: &Asking,
    caller: &Caller,
    operation: &str,
    said: &impl Serialize,
    command: C,
) -> Answer
where
    C: Command + Send + 'static,
{
    let accepted = asking
        .execute(Some(caller.member), operation, said, command)
        .await?;
    Ok(asking.respond(accepted.position, StatusCode::NO_CONTENT))
}

impl From<RoomMemberCard> for RoomMember {
    fn from(card: RoomMemberCard) -> RoomMember {
        RoomMember {
            member: Author {
                id: card.member,
                name: card.name,
            },
            role: card.role,
            present: card.present,
            invited: card.invited,
            muted: card.muted,
            muted_until: card.muted_until,
            banned: card.banned,
            banned_until: card.banned_until,
        }
    }
}
