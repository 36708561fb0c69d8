//! What a member is told: that they were named, answered or invited.

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use projections::notifications::{self, NotificationCard};
use serde::Deserialize;

use crate::api::notifications::see;
use crate::app::App;
use crate::asking::Asking;
use crate::assets::asset;
use crate::components::{Author, avatar, command, empty, icon, pagination, room_name, time};
use crate::cursor;
use crate::extract::{Form, Query};
use crate::flash::redirect;
use crate::language::Language;
use crate::layout::Page;
use crate::markdown;
use crate::pages::{sign_in_first, unkept};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::{fresh, t};

const NOTIFICATIONS: &str = "/notifications";
/// On one page.
const LISTED: i64 = 30;

pub fn routes() -> Router<App> {
    Router::new()
        .route(NOTIFICATIONS, get(list))
        .route("/notifications/seen", post(seen))
}

#[derive(Deserialize)]
struct From {
    cursor: Option<String>,
}

/// `GET /notifications?cursor={cursor}`: 200, 400; strangers sign in first.
async fn list(
    Query(from): Query<From>,
    caller: Caller,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let after = cursor::decode(from.cursor.as_deref())?;
    let page = notifications::of_member(&mut reading.snapshot, caller.member.0, after, LISTED);
    let page = page.await.map_err(failed)?;
    let language = reading.visitor.language;
    let next = page.next;
    let next = next.map(|next| format!("{NOTIFICATIONS}?cursor={}", cursor::encode(&next)));
    let newest = page
        .items
        .first()
        .filter(|card| !card.seen && after.is_none());
    let title = t!(language, "notifications-title");
    let content = html! {
        header class="page-head with-act" {
            h1 { (title) }
            @if let Some(newest) = newest {
                form method="post" action="/notifications/seen" {
                    (command(&fresh::id().to_string()))
                    input type="hidden" name="position" value=(newest.position);
                    button class="button quiet small" type="submit" {
                        (t!(language, "notifications-see"))
                    }
                }
            }
        }
        @if page.items.is_empty() {
            (empty(&t!(language, "notifications-empty")))
        } @else {
            ul class="notifications" {
                @for card in &page.items { (item(language, card)) }
            }
        }
        (pagination(language, after.map(|_: i64| NOTIFICATIONS), next.as_deref()))
    };
    let page =
        Page::new(reading.visitor.clone(), title, content).styled(asset("notifications.css"));
    Ok(reading.respond(unkept(page)))
}

fn item(language: Language, card: &NotificationCard) -> Markup {
    let who = Author {
        name: card.caused_by_name.as_deref(),
        href: None,
    };
    let (name, room) = (
        who.shown_name(language),
        room_name(language, card.room_name.as_deref()),
    );
    let text = match card.kind.as_str() {
        "mention" => t!(language, "notification-mention", name = name, room = room),
        "reply" => t!(language, "notification-reply", name = name, room = room),
        "hidden" => t!(language, "notification-hidden"),
        "suspended" => t!(language, "notification-suspended"),
        "lifted" => t!(language, "notification-lifted"),
        "appeal-granted" => t!(language, "notification-appeal-granted"),
        "appeal-refused" => t!(language, "notification-appeal-refused"),
        _ => t!(
            language,
            "notification-invitation",
            name = name,
            room = room
        ),
    };
    let href = match (card.room, card.seq, card.measure) {
        (_, _, Some(measure)) => format!("/settings/measures#measure-{measure}"),
        (Some(room), Some(seq), None) => format!("/rooms/{room}?around={seq}#m-{seq}"),
        (Some(room), None, None) => format!("/rooms/{room}"),
        (None, _, None) => NOTIFICATIONS.to_owned(),
    };
    let excerpt = card.text.as_deref().filter(|_| card.spoiler != Some(true));
    html! {
        li class="notification" data-unseen[!card.seen] {
            @if card.measure.is_some() {
                span class="notification-site" aria-hidden="true" { (icon("bell")) }
            } @else {
                (avatar(card.caused_by_name.as_deref()))
            }
            div {
                a href=(href) { (text) } " "
                span class="notification-time" { (time(language, card.at)) }
                @if let Some(excerpt) = excerpt {
                    p class="notification-text" { (markdown::excerpt(excerpt, 160)) }
                }
            }
        }
    }
}

#[derive(Deserialize)]
struct Seen {
    command: Option<String>,
    #[serde(default)]
    position: i64,
}

/// `POST /notifications/seen`: 303 to the list.
async fn seen(
    caller: Option<Caller>,
    asking: Asking,
    Form(form): Form<Seen>,
) -> Result<Response, Problem> {
    let Some(caller) = caller else {
        return Ok(sign_in_first(NOTIFICATIONS));
    };
    let asking = asking.with_form_key(form.command.as_deref())?;
    let position = see(&asking, &caller, form.position).await?;
    Ok(asking.respond(position, redirect(NOTIFICATIONS)))
}
