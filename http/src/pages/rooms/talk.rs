//! What is said in a room, by forms: sending, editing, retracting, reacting.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use domain::RoomId;
use maud::{Markup, html};
use projections::messages::{self, MessageCard};
use projections::{room_members, room_passages};
use serde::Deserialize;
use uuid::Uuid;

use super::room::{Shown, View, Written, line, member_row};
use super::styles;
use crate::api::rooms::find;
use crate::api::rooms::messages::{self as api, NewMessage, Why};
use crate::app::App;
use crate::asking::{Asking, Sent};
use crate::components::{Field, avatar, command, error_summary, text_area};
use crate::extract::{Form, Path};
use crate::flash::redirect;
use crate::fresh;
use crate::layout::Page;
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::t;
use crate::visitor::Visitor;

/// Who was there: at most this many are named.
const MOST_PRESENT: i64 = 500;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/rooms/{room}/messages", post(send))
        .route(
            "/rooms/{room}/messages/{seq}/edit",
            get(edit_form).post(edit),
        )
        .route("/rooms/{room}/messages/{seq}/retract", post(retract))
        .route("/rooms/{room}/messages/{seq}/reactions", post(react))
        .route("/rooms/{room}/messages/{seq}/present", get(present))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    command: Option<String>,
    text: String,
    reply_to: String,
    spoiler: Option<String>,
}

impl Typed {
    fn message(&self) -> NewMessage {
        NewMessage {
            text: self.text.clone(),
            reply_to: self.reply_to.parse().ok(),
            spoiler: self.spoiler.is_some(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reasoned {
    command: Option<String>,
    reason: String,
}

impl Reasoned {
    fn why(&self) -> Why {
        Why {
            reason: Some(self.reason.clone()),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reaction {
    command: Option<String>,
    reaction: Option<String>,
    unreaction: Option<String>,
}

/// `POST /rooms/{room}/messages`: 303 to the message, 404, 422 or 429 with what was typed.
async fn send(
    State(app): State<App>,
    Path(room): Path<Uuid>,
    caller: Caller,
    mut sent: Sent,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let said = async {
        let asking = sent.asking(typed.command.as_deref())?;
        let position = api::send(&app, asking, &caller, RoomId(room), &typed.message()).await?;
        let seq = api::sequence_at(&app, position).await?;
        let to = format!("/rooms/{room}#m-{seq}");
        Ok::<Response, Problem>(asking.respond(position, redirect(&to)))
    };
    match said.await {
        Ok(response) => Ok(response),
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            let view = View {
                reply_to: typed.reply_to.parse().ok(),
                ..View::default()
            };
            let mut reading = sent.look().await?;
            let shown = Shown::load(&mut reading, room, &view).await?;
            let written = Written {
                text: typed.text,
                spoiler: typed.spoiler.is_some(),
            };
            Ok(attempt.respond(shown.page(&reading, &written, &attempt)))
        }
        Err(problem) => Err(problem),
    }
}

/// `GET /rooms/{room}/messages/{seq}/edit`: 200, 403, 404; strangers sign in first.
async fn edit_form(
    Path((room, seq)): Path<(Uuid, i64)>,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let said = own(&mut reading, room, seq).await?;
    let typed = Typed {
        text: said.text.clone().unwrap_or_default(),
        spoiler: said.spoiler.then(String::new),
        ..Typed::default()
    };
    let attempt = Attempt::first();
    let page = edit_page(&reading.visitor, &said, &typed, &attempt);
    Ok(reading.respond(attempt.respond(page)))
}

/// `POST /rooms/{room}/messages/{seq}/edit`: 303 to the message, 403, 404, 422 with the form.
async fn edit(
    State(app): State<App>,
    Path((room, seq)): Path<(Uuid, i64)>,
    caller: Caller,
    mut sent: Sent,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let said = own(&mut *sent.look().await?, room, seq).await?;
    let edited = async {
        let asking = sent.asking(typed.command.as_deref())?;
        let message = (RoomId(room), seq);
        let position = api::edit(&app, asking, &caller, message, &typed.message()).await?;
        let to = format!("/rooms/{room}?around={seq}#m-{seq}");
        Ok::<Response, Problem>(asking.respond(position, redirect(&to)))
    };
    match edited.await {
        Ok(response) => Ok(response),
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            Ok(attempt.respond(edit_page(sent.visitor(), &said, &typed, &attempt)))
        }
        Err(problem) => Err(problem),
    }
}

/// Another's is known to be there, and forbidden.
async fn own(reading: &mut Reading, room: Uuid, seq: i64) -> Result<MessageCard, Problem> {
    let said = there(reading, room, seq).await?;
    if reading.viewer() != Some(said.member) {
        return Err(Problem::forbidden());
    }
    Ok(said)
}

async fn there(reading: &mut Reading, room: Uuid, seq: i64) -> Result<MessageCard, Problem> {
    find(reading, room).await?;
    let said = messages::by_seq(&mut reading.snapshot, room, seq).await;
    let said = said.map_err(failed)?;
    said.filter(|said| said.text.is_some())
        .ok_or_else(Problem::not_found)
}

fn edit_page(visitor: &Visitor, said: &MessageCard, typed: &Typed, attempt: &Attempt) -> Page {
    let language = visitor.language;
    let action = format!("/rooms/{}/messages/{}/edit", said.room, said.seq);
    let title = t!(language, "room-edit-message");
    let field = Field {
        name: "text",
        kind: "text",
        label: t!(language, "room-write"),
        hint: None,
        value: &typed.text,
        autocomplete: "off",
        most_characters: Some(4_000),
    };
    let content = html! {
        form class="form" method="post" action=(action) {
            h1 { (title) }
            (error_summary(language, attempt.problem()))
            (command(&attempt.command))
            (text_area(language, &field, 4, None, attempt.problem()))
            p class="check" {
                input type="checkbox" id="spoiler" name="spoiler" value="yes"
                    checked[typed.spoiler.is_some()];
                label for="spoiler" { (t!(language, "room-spoiler")) }
            }
            p class="actions" {
                button class="button" type="submit" { (t!(language, "room-save")) }
            }
        }
    };
    Page::new(visitor.clone(), title, content).styled(styles())
}

/// `POST /rooms/{room}/messages/{seq}/retract`: 303 to its place, 403, 404.
async fn retract(
    Path((room, seq)): Path<(Uuid, i64)>,
    caller: Caller,
    asking: Asking,
    Form(form): Form<Reasoned>,
) -> Result<Response, Problem> {
    let mut asking = asking.with_form_key(form.command.as_deref())?;
    find(&mut *asking.look().await?, room).await?;
    let position = api::retract(&asking, &caller, (RoomId(room), seq), &form.why()).await?;
    let to = format!("/rooms/{room}?around={seq}#m-{seq}");
    Ok(asking.respond(position, redirect(&to)))
}

/// `POST /rooms/{room}/messages/{seq}/reactions`: 303 to the message, 404.
async fn react(
    Path((room, seq)): Path<(Uuid, i64)>,
    caller: Caller,
    asking: Asking,
    Form(form): Form<Reaction>,
) -> Result<Response, Problem> {
    let mut asking = asking.with_form_key(form.command.as_deref())?;
    there(&mut *asking.look().await?, room, seq).await?;
    let (reaction, on) = match (&form.reaction, &form.unreaction) {
        (Some(reaction), _) => (reaction, true),
        (None, Some(reaction)) => (reaction, false),
        (None, None) => return Err(Problem::bad_request("There is no reaction.")),
    };
    let message = (RoomId(room), seq);
    let position = api::set_reaction(&asking, &caller, message, reaction, on).await?;
    let to = format!("/rooms/{room}?around={seq}#m-{seq}");
    Ok(asking.respond(position, redirect(&to)))
}

/// `GET /rooms/{room}/messages/{seq}/present`: 200, 403, 404; strangers sign in first.
async fn present(
    Path((room, seq)): Path<(Uuid, i64)>,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let card = find(&mut reading, room).await?;
    if !card.keeps_order() {
        return Err(Problem::forbidden());
    }
    let said = there(&mut reading, room, seq).await?;
    let there = room_passages::present_at(&mut reading.snapshot, room, seq, MOST_PRESENT).await;
    let there = there.map_err(failed)?;
    let author = room_members::one(&mut reading.snapshot, room, said.member, fresh::now());
    let author = author.await.map_err(failed)?;
    let viewer = reading.viewer();
    let language = reading.visitor.language;
    let title = t!(language, "room-who-was-here");
    let row = |name: Option<&str>| -> Markup {
        html! {
            li { (avatar(name)) (name.map_or_else(|| t!(language, "former-member"), str::to_owned)) }
        }
    };
    let content = html! {
        header class="page-head" {
            h1 { (title) }
            p class="lead" {
                a href={ "/rooms/" (room) "?around=" (seq) "#m-" (seq) } { (line(language, &said)) }
            }
        }
        ul class="room-members" { @for here in &there { (row(here.name.as_deref())) } }
        @if there.is_empty() { p { (t!(language, "room-nobody-was-here")) } }
        // who has gone is in no list of the room
        @if let Some(author) = author.filter(|author| viewer != Some(author.member)) {
            section id="author" class="room-order" {
                h2 { (t!(language, "room-moderate")) }
                ul class="room-members" { (member_row(language, &card, viewer, &author)) }
            }
        }
    };
    let page = Page::new(reading.visitor.clone(), title, content).styled(styles());
    Ok(reading.respond(page))
}
