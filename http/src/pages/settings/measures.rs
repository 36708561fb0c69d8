//! What the site's moderators did about what is the member's: why, and where they appeal.

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use projections::measures::{self, MeasureCard};
use serde::Deserialize;
use uuid::Uuid;

use super::{MEASURES, page};
use crate::app::App;
use crate::asking::Sent;
use crate::components::{Field, command, empty, error_summary, pagination, text_area, time};
use crate::cursor;
use crate::extract::{Form, Path, Query};
use crate::fields::Fields;
use crate::flash::Flash;
use crate::language::Language;
use crate::layout::Page;
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::pages::measures::{style, told, what};
use crate::pages::unkept;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::{fresh, moderation, t};

/// On one page.
const LISTED: i64 = 30;

pub fn routes() -> Router<App> {
    Router::new()
        .route(MEASURES, get(show))
        .route("/settings/measures/{measure}/appeal", post(appeal))
}

#[derive(Deserialize)]
struct From {
    cursor: Option<String>,
}

/// `GET /settings/measures?cursor={cursor}`: 200, 400; strangers sign in first.
async fn show(
    Query(from): Query<From>,
    caller: Caller,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let after = cursor::decode(from.cursor.as_deref())?;
    let page = own_page(&mut reading, &caller, after, None).await?;
    Ok(reading.respond(unkept(page)))
}

/// What was typed against which measure, and what was wrong with it.
type Typed<'a> = (Uuid, &'a str, &'a Attempt);

async fn own_page(
    reading: &mut Reading,
    caller: &Caller,
    after: Option<i64>,
    typed: Option<Typed<'_>>,
) -> Result<Page, Problem> {
    let found = measures::of_member(&mut reading.snapshot, caller.member.0, after, LISTED).await;
    let found = found.map_err(failed)?;
    let language = reading.visitor.language;
    let next = found.next;
    let next = next.map(|next| format!("{MEASURES}?cursor={}", cursor::encode(&next)));
    let list = html! {
        @if found.items.is_empty() {
            (empty(&t!(language, "own-measures-empty")))
        } @else {
            ul class="reports" {
                @for card in &found.items { (item(language, card, typed)) }
            }
        }
        (pagination(language, after.map(|_: i64| MEASURES), next.as_deref()))
    };
    let (title, lead) = (
        t!(language, "own-measures-title"),
        t!(language, "own-measures-lead"),
    );
    Ok(page(reading.visitor.clone(), MEASURES, &title, &lead, &list).styled(style()))
}

fn item(language: Language, card: &MeasureCard, typed: Option<Typed>) -> Markup {
    let may_appeal = card.row.appealed_at.is_none() && card.row.lifted_at.is_none();
    html! {
        li class="report" id={ "measure-" (card.row.measure) } {
            p class="report-head" { (what(language, card)) " · " (time(language, card.row.taken_at)) }
            (told(language, card))
            @if may_appeal { (appeal_form(language, card, typed)) }
        }
    }
}

fn appeal_form(language: Language, card: &MeasureCard, typed: Option<Typed>) -> Markup {
    let measure = card.row.measure;
    let typed = typed.filter(|(about, ..)| *about == measure);
    let problem = typed.and_then(|(_, _, attempt)| attempt.problem());
    let field = Field {
        name: "text",
        kind: "text",
        label: t!(language, "appeal-label"),
        hint: Some(t!(language, "appeal-hint")),
        value: typed.map_or("", |(_, text, _)| text),
        autocomplete: "off",
        most_characters: None,
    };
    html! {
        details class="report-act" open[typed.is_some()] {
            summary class="button quiet small" { (t!(language, "appeal-write")) }
            form method="post" action={ (MEASURES) "/" (measure) "/appeal" } {
                (error_summary(language, problem))
                (command(&fresh::id().to_string()))
                (text_area(language, &field, 4, None, problem))
                button class="button" type="submit" { (t!(language, "appeal-send")) }
            }
        }
    }
}

#[derive(Deserialize)]
struct Said {
    command: Option<String>,
    #[serde(default)]
    text: String,
}

/// `POST /settings/measures/{measure}/appeal`: 303, 404, 409, 422 with the form.
async fn appeal(
    caller: Caller,
    mut sent: Sent,
    Path(measure): Path<Uuid>,
    Form(form): Form<Said>,
) -> Result<Response, Problem> {
    match say(&caller, &mut sent, measure, &form).await {
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, form.command.as_deref());
            let typed = (measure, form.text.as_str(), &attempt);
            let page = own_page(&mut *sent.look().await?, &caller, None, Some(typed)).await?;
            Ok(attempt.respond(page))
        }
        said => said,
    }
}

async fn say(
    caller: &Caller,
    sent: &mut Sent,
    measure: Uuid,
    form: &Said,
) -> Result<Response, Problem> {
    let asking = sent.asking(form.command.as_deref())?;
    let mut fields = Fields::default();
    let text = fields.appeal("text", &form.text);
    let text = fields.finish(|| text)?;
    let position = moderation::appeal(asking, caller, measure, text).await?;
    Ok(asking.respond(position, Flash::Appealed.redirect(MEASURES)))
}
