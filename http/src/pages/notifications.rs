//! What a member is told: that somebody liked their review, answered, named or invited them.

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use projections::notifications::{self, MOST_GATHERED, NotificationCard};
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
use crate::pages::rows::in_language;
use crate::pages::unkept;
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
    let is_news = after.is_none() && page.items.iter().any(|card| !card.seen);
    let newest = page.items.first().filter(|_| is_news);
    let title = t!(language, "notifications-title");
    let content = html! {
        header class="page-head with-act" {
            h1 { (title) }
            @if let Some(newest) = newest {
                form class="notifications-seen" method="post" action="/notifications/seen"
                    data-all[is_all_new(&reading, &page.items)] {
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
    let page = Page::new(reading.visitor.clone(), title, content)
        .styled(asset("notifications.css"))
        .scripted(asset("notifications.js"));
    Ok(reading.respond(unkept(page)))
}

/// Whether all that is new is on this page: then whoever looks at it has seen it.
fn is_all_new(reading: &Reading, cards: &[NotificationCard]) -> bool {
    let new = cards.iter().filter(|card| !card.seen).count();
    let unseen = reading.visitor.member.as_ref().map(|member| member.unseen);
    unseen.and_then(|unseen| usize::try_from(unseen).ok()) <= Some(new)
}

fn item(language: Language, card: &NotificationCard) -> Markup {
    let excerpt = card.text.as_deref().filter(|_| card.spoiler != Some(true));
    html! {
        li class="notification" data-unseen[!card.seen] {
            @if card.measure.is_some() {
                span class="notification-site" aria-hidden="true" { (icon("bell")) }
            } @else {
                (avatar(card.caused_by_name.as_deref()))
            }
            div {
                a href=(place(card)) { (told(language, card)) } " "
                span class="notification-time" { (time(language, card.at)) }
                @if let Some(excerpt) = excerpt {
                    p class="notification-text" { (markdown::excerpt(excerpt, 160)) }
                }
            }
        }
    }
}

fn told(language: Language, card: &NotificationCard) -> String {
    let who = who(language, card);
    let room = || room_name(language, card.room_name.as_deref());
    let titles = card.title_en.as_deref().zip(card.title_ko.as_deref());
    let film = titles.map_or("", |(en, ko)| in_language(language, en, ko));
    match card.kind.as_str() {
        "mention" => t!(language, "notification-mention", name = who, room = room()),
        "reply" => t!(language, "notification-reply", name = who, room = room()),
        "invitation" => t!(
            language,
            "notification-invitation",
            name = who,
            room = room()
        ),
        "like" => t!(language, "notification-like", who = who, film = film),
        "comment" => t!(language, "notification-comment", who = who, film = film),
        "comment-after" => t!(
            language,
            "notification-comment-after",
            who = who,
            film = film
        ),
        "comment-mention" => t!(
            language,
            "notification-comment-mention",
            who = who,
            film = film
        ),
        "follow" => t!(language, "notification-follow", who = who),
        // of measures, without anybody
        kind => language.text(&format!("notification-{kind}"), None),
    }
}

/// Who caused it; where it is gathered, the last two and how many more.
fn who(language: Language, card: &NotificationCard) -> String {
    let shown = |name: Option<&str>| Author { name, href: None }.shown_name(language);
    let name = shown(card.caused_by_name.as_deref());
    if card.also.is_none() {
        return match card.room {
            Some(_) => name,
            None => t!(language, "notification-one", name = name),
        };
    }
    let also = shown(card.also_name.as_deref());
    if card.others == 0 {
        return t!(language, "notification-two", name = name, also = also);
    }
    let many = match card.others >= MOST_GATHERED - 1 {
        true => format!("{}+", card.others),
        false => card.others.to_string(),
    };
    let count = card.others;
    t!(
        language,
        "notification-many",
        name = name,
        also = also,
        count = count,
        many = many
    )
}

fn place(card: &NotificationCard) -> String {
    if let Some(measure) = card.measure {
        return format!("/settings/measures#measure-{measure}");
    }
    match (card.room, card.seq, card.review, card.comment) {
        (Some(room), Some(seq), _, _) => format!("/rooms/{room}?around={seq}#m-{seq}"),
        (Some(room), None, _, _) => format!("/rooms/{room}"),
        (None, _, _, Some(comment)) => format!("/comments/{comment}"),
        (None, _, Some(review), None) => format!("/reviews/{review}"),
        (None, _, None, None) => match card.caused_by {
            Some(member) => format!("/members/{member}"),
            None => NOTIFICATIONS.to_owned(),
        },
    }
}

#[derive(Deserialize)]
struct Seen {
    command: Option<String>,
    #[serde(default)]
    position: i64,
}

/// `POST /notifications/seen`: 303 to the list.
async fn seen(caller: Caller, asking: Asking, Form(form): Form<Seen>) -> Result<Response, Problem> {
    let mut asking = asking.with_form_key(form.command.as_deref())?;
    let position = see(&mut asking, &caller, form.position).await?;
    Ok(asking.respond(position, redirect(NOTIFICATIONS)))
}
