//! Order in a room, by forms: what its moderators do with a member.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use commands::room::{Act, Invite};
use domain::{MemberId, MemberName, RoomId};
use maud::{Markup, html};
use projections::members;
use projections::room_members::RoomMemberCard;
use projections::rooms::RoomCard;
use serde::Deserialize;
use uuid::Uuid;

use crate::api::rooms::find;
use crate::api::rooms::order::{Term, order};
use crate::app::App;
use crate::asking::Asking;
use crate::components::icon;
use crate::extract::{Form, Path};
use crate::flash::Flash;
use crate::language::Language;
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;
use crate::{message, t};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/rooms/{room}/members/{member}/moderate", post(moderate))
        .route("/rooms/{room}/invite", post(invite))
}

#[derive(Deserialize)]
struct Moderation {
    command: Option<String>,
    act: String,
    /// Seconds; empty: until it is lifted.
    #[serde(default)]
    for_s: String,
    #[serde(default)]
    reason: String,
}

impl Moderation {
    fn term(&self) -> Term {
        Term {
            for_s: self.for_s.parse().ok(),
            reason: Some(self.reason.clone()),
        }
    }
}

/// `POST /rooms/{room}/members/{member}/moderate`: 303 to the room, 403, 404, 422.
async fn moderate(
    Path((room, member)): Path<(Uuid, Uuid)>,
    caller: Caller,
    asking: Asking,
    Form(form): Form<Moderation>,
) -> Result<Response, Problem> {
    let mut asking = asking.with_form_key(form.command.as_deref())?;
    find(&mut *asking.look().await?, room).await?;
    let act = Act::named(&form.act).ok_or_else(Problem::unprocessable)?;
    let position = order(&asking, &caller, act, (room, member), &form.term()).await?;
    let to = format!("/rooms/{room}#room-side");
    Ok(asking.respond(position, Flash::RoomModerated.redirect(&to)))
}

#[derive(Deserialize)]
struct Named {
    command: Option<String>,
    #[serde(default)]
    name: String,
}

/// `POST /rooms/{room}/invite`: 303 to the room, 403, 404, 422 for a name that nobody has.
async fn invite(
    State(app): State<App>,
    Path(room): Path<Uuid>,
    caller: Caller,
    asking: Asking,
    Form(form): Form<Named>,
) -> Result<Response, Problem> {
    let mut asking = asking.with_form_key(form.command.as_deref())?;
    let mut reading = asking.look().await?;
    if !find(&mut reading, room).await?.keeps_order() {
        return Err(Problem::forbidden());
    }
    let nobody = || Problem::invalid("name", message!("error-nobody-is-called-so"));
    let name = MemberName::new(form.name.trim_start_matches('@')).map_err(|_| nobody())?;
    let reservation = app.vault.name_reservation(&name).0;
    let found = members::by_name(&mut reading.snapshot, reservation).await;
    let found = found.map_err(failed)?.ok_or_else(nobody)?;
    drop(reading);
    let command = Invite {
        room: RoomId(room),
        member: caller.member,
        invited: MemberId(found.member),
        at: asking.at(),
    };
    let said = (room, found.member);
    let accepted = asking
        .execute(Some(caller.member), "invite", &said, command)
        .await?;
    let to = format!("/rooms/{room}#room-side");
    Ok(asking.respond(accepted.position, Flash::RoomInvited.redirect(&to)))
}

/// What can be done with a member, by whoever keeps order.
pub fn moderation_menu(language: Language, card: &RoomCard, row: &RoomMemberCard) -> Markup {
    let is_maker = card.role.as_deref() == Some("maker");
    let keeps_order = row.role != "member";
    let action = format!("/rooms/{}/members/{}/moderate", card.room, row.member);
    let button = |act: &str, text: String| {
        html! { button type="submit" name="act" value=(act) { (text) } }
    };
    html! {
        @if is_maker || !keeps_order {
            details class="menu moderation-menu" name="menu" {
                summary aria-label=(t!(language, "room-moderate")) { (icon("more")) }
                form class="menu-list" method="post" action=(action) {
                    @if !keeps_order {
                        select name="for_s" aria-label=(t!(language, "room-for-how-long")) {
                            option value="600" { (t!(language, "room-minutes", count = 10)) }
                            option value="3600" { (t!(language, "room-hours", count = 1)) }
                            option value="86400" { (t!(language, "room-hours", count = 24)) }
                            option value="" { (t!(language, "room-until-lifted")) }
                        }
                        input type="text" name="reason" maxlength="300"
                            aria-label=(t!(language, "room-reason"))
                            placeholder=(t!(language, "room-reason"));
                        @if row.muted { (button("unmute", t!(language, "room-unmute"))) }
                        @else { (button("mute", t!(language, "room-mute"))) }
                        (button("remove", t!(language, "room-remove")))
                        @if row.banned { (button("unban", t!(language, "room-unban"))) }
                        @else { (button("ban", t!(language, "room-ban"))) }
                        @if is_maker { (button("appoint", t!(language, "room-appoint"))) }
                    } @else {
                        (button("dismiss", t!(language, "room-dismiss")))
                    }
                }
            }
        }
    }
}
