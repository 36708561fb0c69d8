//! Opening a room, and naming it anew.

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use domain::RoomId;
use maud::{Markup, html};
use projections::{films, rooms};
use serde::Deserialize;
use uuid::Uuid;

use super::styles;
use crate::api::rooms::{AdmissionOf, NewRoom, RoomChange, change, find, open};
use crate::app::App;
use crate::asking::Sent;
use crate::components::{Field, command, error_summary, field, text_area};
use crate::extract::{Form, Path, Query};
use crate::flash::{Flash, redirect};
use crate::language::Language;
use crate::layout::Page;
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::pages::rows::in_language;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::t;
use crate::visitor::Visitor;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/rooms/new", get(new_form).post(open_room))
        .route("/rooms/{room}/edit", get(edit_form).post(edit))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    command: Option<String>,
    name: String,
    description: String,
    /// A film's id, or nothing.
    film: String,
    /// Checked: by invitation.
    invitation: Option<String>,
    closes_when_empty: Option<String>,
    slow_mode_seconds: String,
}

#[derive(Deserialize)]
struct About {
    film: Option<Uuid>,
}

/// `GET /rooms/new?film={film}`: 200; strangers sign in first.
async fn new_form(Query(about): Query<About>, mut reading: Reading) -> Result<Response, Problem> {
    let film = about.film.map(|film| film.to_string());
    let typed = Typed {
        film: film.unwrap_or_default(),
        ..Typed::default()
    };
    let attempt = Attempt::first();
    let page = new_page(&mut reading, &typed, &attempt).await?;
    Ok(reading.respond(attempt.respond(page)))
}

/// `POST /rooms/new`: 303 to the room, 422 with the form.
async fn open_room(
    caller: Caller,
    mut sent: Sent,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    match record(&caller, &mut sent, &typed).await {
        Ok(response) => Ok(response),
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            let page = new_page(&mut *sent.look().await?, &typed, &attempt).await?;
            Ok(attempt.respond(page))
        }
        Err(problem) => Err(problem),
    }
}

async fn record(caller: &Caller, sent: &mut Sent, typed: &Typed) -> Result<Response, Problem> {
    let asking = sent.asking(typed.command.as_deref())?;
    let new = NewRoom {
        name: typed.name.clone(),
        description: typed.description.clone(),
        film: typed.film.parse().ok(),
        admission: match typed.invitation {
            Some(_) => AdmissionOf::Invitation,
            None => AdmissionOf::Public,
        },
        closes_when_empty: typed.closes_when_empty.is_some(),
    };
    let (room, position) = open(asking, caller, &new).await?;
    Ok(asking.respond(position, redirect(&format!("/rooms/{room}"))))
}

async fn new_page(
    reading: &mut Reading,
    typed: &Typed,
    attempt: &Attempt,
) -> Result<Page, Problem> {
    let language = reading.visitor.language;
    let film = match typed.film.parse() {
        Ok(film) => films::by_id(&mut reading.snapshot, film)
            .await
            .map_err(failed)?,
        Err(_) => None,
    };
    let title = t!(language, "room-open");
    let content = html! {
        form class="form" method="post" action="/rooms/new" {
            h1 { (title) }
            @if let Some(film) = &film {
                @let name = in_language(language, &film.title_en, &film.title_ko);
                p class="lead" { (t!(language, "room-about-film", film = name)) }
                input type="hidden" name="film" value=(film.film);
            }
            (error_summary(language, attempt.problem()))
            (command(&attempt.command))
            (name_fields(language, typed, attempt))
            (check_box(
                "invitation",
                typed.invitation.is_some(),
                &t!(language, "room-by-invitation"),
                &t!(language, "room-by-invitation-hint"),
            ))
            (check_box(
                "closes_when_empty",
                typed.closes_when_empty.is_some(),
                &t!(language, "room-closes-when-empty"),
                &t!(language, "room-closes-when-empty-hint"),
            ))
            p class="actions" {
                button class="button" type="submit" { (title) }
                a class="button quiet" href="/rooms" { (t!(language, "cancel")) }
            }
        }
    };
    Ok(Page::new(reading.visitor.clone(), title, content).styled(styles()))
}

fn name_fields(language: Language, typed: &Typed, attempt: &Attempt) -> Markup {
    let name = Field {
        name: "name",
        kind: "text",
        label: t!(language, "room-name"),
        hint: None,
        value: &typed.name,
        autocomplete: "off",
        most_characters: Some(60),
    };
    let description = Field {
        name: "description",
        kind: "text",
        label: t!(language, "room-description"),
        hint: Some(t!(language, "room-description-hint")),
        value: &typed.description,
        autocomplete: "off",
        most_characters: Some(500),
    };
    html! {
        (field(language, &name, attempt.problem()))
        (text_area(language, &description, 3, None, attempt.problem()))
    }
}

fn check_box(name: &str, is_checked: bool, label: &str, hint: &str) -> Markup {
    html! {
        p class="check" {
            input type="checkbox" id=(name) name=(name) value="yes" checked[is_checked];
            label for=(name) { (label) span class="hint" { (hint) } }
        }
    }
}

/// `GET /rooms/{room}/edit`: 200, 403, 404; strangers sign in first.
async fn edit_form(Path(room): Path<Uuid>, mut reading: Reading) -> Result<Response, Problem> {
    let card = kept(&mut reading, room).await?;
    let typed = Typed {
        name: card.name.clone().unwrap_or_default(),
        description: card.description.clone().unwrap_or_default(),
        closes_when_empty: card.closes_when_empty.then(String::new),
        slow_mode_seconds: card.slow_mode_seconds.to_string(),
        ..Typed::default()
    };
    let attempt = Attempt::first();
    let page = edit_page(&reading.visitor, &card, &typed, &attempt);
    Ok(reading.respond(attempt.respond(page)))
}

/// `POST /rooms/{room}/edit`: 303 to the room, 403, 404, 422 with the form.
async fn edit(
    Path(room): Path<Uuid>,
    caller: Caller,
    mut sent: Sent,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let card = kept(&mut *sent.look().await?, room).await?;
    match record_edit(&caller, &card, &mut sent, &typed).await {
        Ok(response) => Ok(response),
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            Ok(attempt.respond(edit_page(sent.visitor(), &card, &typed, &attempt)))
        }
        Err(problem) => Err(problem),
    }
}

async fn record_edit(
    caller: &Caller,
    card: &rooms::RoomCard,
    sent: &mut Sent,
    typed: &Typed,
) -> Result<Response, Problem> {
    let asking = sent.asking(typed.command.as_deref())?;
    let is_maker = card.maker == caller.member.0;
    let changes = RoomChange {
        name: Some(typed.name.clone()),
        description: Some(typed.description.clone()),
        closes_when_empty: is_maker.then_some(typed.closes_when_empty.is_some()),
        slow_mode_seconds: typed.slow_mode_seconds.parse().ok(),
    };
    let position = change(asking, caller, RoomId(card.room), &changes).await?;
    let to = format!("/rooms/{}", card.room);
    Ok(asking.respond(position, Flash::RoomSaved.redirect(&to)))
}

/// The room, for those who keep order in it.
async fn kept(reading: &mut Reading, room: Uuid) -> Result<rooms::RoomCard, Problem> {
    let card = find(reading, room).await?;
    if !card.keeps_order() {
        return Err(Problem::forbidden());
    }
    Ok(card)
}

fn edit_page(visitor: &Visitor, card: &rooms::RoomCard, typed: &Typed, attempt: &Attempt) -> Page {
    let language = visitor.language;
    let is_maker = card.role.as_deref() == Some("maker");
    let title = t!(language, "room-edit");
    let content = html! {
        form class="form" method="post" action={ "/rooms/" (card.room) "/edit" } {
            h1 { (title) }
            (error_summary(language, attempt.problem()))
            (command(&attempt.command))
            (name_fields(language, typed, attempt))
            div class="field" {
                label for="slow_mode_seconds" { (t!(language, "room-slow-mode")) }
                select id="slow_mode_seconds" name="slow_mode_seconds" {
                    @for seconds in [0, 5, 10, 30, 60, 300, 900, 3_600] {
                        option value=(seconds)
                            selected[typed.slow_mode_seconds == seconds.to_string()] {
                            (slow_mode(language, seconds))
                        }
                    }
                }
            }
            @if is_maker {
                (check_box(
                    "closes_when_empty",
                    typed.closes_when_empty.is_some(),
                    &t!(language, "room-closes-when-empty"),
                    &t!(language, "room-closes-when-empty-hint"),
                ))
            }
            p class="actions" {
                button class="button" type="submit" { (t!(language, "room-save")) }
                a class="button quiet" href={ "/rooms/" (card.room) } { (t!(language, "cancel")) }
            }
        }
    };
    Page::new(visitor.clone(), title, content).styled(styles())
}

fn slow_mode(language: Language, seconds: i32) -> String {
    match seconds {
        0 => t!(language, "room-slow-mode-off"),
        seconds if seconds < 60 => t!(language, "room-seconds", count = seconds),
        seconds => t!(language, "room-minutes", count = seconds / 60),
    }
}
