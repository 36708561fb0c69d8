//! What the site's moderators did: their list of it, where they lift it and decide appeals.

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use projections::measures::{self, MeasureCard};
use serde::Deserialize;
use uuid::Uuid;

use super::reports::{REPORTS, act};
use crate::app::App;
use crate::asking::Asking;
use crate::assets::asset;
use crate::components::{Author, Tab, author, command, empty, pagination, tabs, time};
use crate::cursor;
use crate::extract::{Form, Path, Query};
use crate::fields::Fields;
use crate::flash::Flash;
use crate::language::Language;
use crate::layout::Page;
use crate::moderation::{self, Term};
use crate::pages::rows::in_language;
use crate::pages::unkept;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::{fresh, markdown, t};

const MEASURES: &str = "/measures";
const APPEALS: &str = "/measures?appeals=open";
/// On one page.
const LISTED: i64 = 30;

pub fn routes() -> Router<App> {
    Router::new()
        .route(MEASURES, get(list).post(take))
        .route("/measures/{measure}/lift", post(lift))
        .route("/measures/{measure}/decide", post(decide))
}

/// Which of the moderators' pages it is.
#[derive(Clone, Copy, PartialEq)]
pub enum Here {
    Reports,
    Appeals,
    Measures,
}

pub fn moderators_tabs(language: Language, here: Here) -> Markup {
    let tab = |which, href, text| Tab {
        href,
        text,
        is_here: here == which,
    };
    let views = [
        tab(Here::Reports, REPORTS, t!(language, "moderation-reports")),
        tab(Here::Appeals, APPEALS, t!(language, "moderation-appeals")),
        tab(
            Here::Measures,
            MEASURES,
            t!(language, "moderation-measures"),
        ),
    ];
    tabs(&t!(language, "moderation-tabs"), &views)
}

pub fn style() -> String {
    asset("moderation.css")
}

#[derive(Deserialize)]
struct From {
    cursor: Option<String>,
    appeals: Option<String>,
}

/// `GET /measures?appeals=open&cursor={cursor}`: 200, 400, 404 for who is no moderator.
async fn list(Query(from): Query<From>, mut reading: Reading) -> Result<Response, Problem> {
    let after = cursor::decode(from.cursor.as_deref())?;
    let is_open = from.appeals.as_deref() == Some("open");
    let page = measures::newest(&mut reading.snapshot, is_open, after, LISTED).await;
    let page = page.map_err(failed)?;
    let language = reading.visitor.language;
    let (here, first, more) = match is_open {
        true => (Here::Appeals, APPEALS, "&cursor="),
        false => (Here::Measures, MEASURES, "?cursor="),
    };
    let next = page.next;
    let next = next.map(|next| format!("{first}{more}{}", cursor::encode(&next)));
    let title = t!(language, "moderation-title");
    let nothing = match is_open {
        true => t!(language, "appeals-empty"),
        false => t!(language, "measures-empty"),
    };
    let content = html! {
        header class="page-head" { h1 { (title) } }
        (moderators_tabs(language, here))
        @if page.items.is_empty() {
            (empty(&nothing))
        } @else {
            ul class="reports" {
                @for card in &page.items {
                    li class="report" id={ "measure-" (card.row.measure) } {
                        (judged(language, card))
                    }
                }
            }
        }
        (pagination(language, after.map(|_: i64| first), next.as_deref()))
    };
    let page = Page::new(reading.visitor.clone(), title, content).styled(style());
    Ok(reading.respond(unkept(page)))
}

/// A measure as moderators see it.
fn judged(language: Language, card: &MeasureCard) -> Markup {
    let row = &card.row;
    let of = format!("/members/{}", row.member);
    let whose = Author {
        name: card.member_name.as_deref(),
        href: Some(&of),
    };
    let may_lift = row.lifted_at.is_none() && row.kind != "message";
    let may_decide = row.appealed_at.is_some() && row.granted.is_none();
    let fields = || html! { (command(&fresh::id().to_string())) };
    let decision = |granted: bool| {
        html! {
            (command(&fresh::id().to_string()))
            input type="hidden" name="granted" value=(granted);
        }
    };
    html! {
        p class="report-head" {
            (author(language, &whose)) " · " (what(language, card)) " · " (by(language, card))
        }
        (told(language, card))
        div class="report-acts" {
            @if may_decide {
                @let to = format!("{MEASURES}/{}/decide", row.measure);
                (act(language, &to, &t!(language, "appeal-grant"), &decision(true), true))
                (act(language, &to, &t!(language, "appeal-refuse"), &decision(false), true))
            } @else if may_lift {
                @let to = format!("{MEASURES}/{}/lift", row.measure);
                (act(language, &to, &t!(language, "measure-lift"), &fields(), false))
            }
        }
    }
}

/// Who did it, and when.
fn by(language: Language, card: &MeasureCard) -> Markup {
    let href = format!("/members/{}", card.row.by);
    let judge = Author {
        name: card.by_name.as_deref(),
        href: Some(&href),
    };
    html! {
        (t!(language, "measure-by")) " " (author(language, &judge)) ", "
        (time(language, card.row.taken_at))
    }
}

/// What was done.
pub fn what(language: Language, card: &MeasureCard) -> Markup {
    let row = &card.row;
    let film = card.title_en.as_deref().zip(card.title_ko.as_deref());
    let film = film.map_or("", |(en, ko)| in_language(language, en, ko));
    let text = match (row.kind.as_str(), row.until) {
        ("review", _) => t!(language, "measure-of-review", film = film),
        ("comment", _) => t!(language, "measure-of-comment", film = film),
        ("message", _) => t!(language, "measure-of-message"),
        (_, Some(until)) => t!(language, "measure-of-member", date = language.date(until)),
        (_, None) => t!(language, "measure-of-member-ended"),
    };
    html! { strong { (text) } }
}

/// Why, what was said against it, and what became of it.
pub fn told(language: Language, card: &MeasureCard) -> Markup {
    let row = &card.row;
    let gone = || t!(language, "report-gone");
    html! {
        @if let Some(text) = card.text.as_deref() {
            blockquote { (markdown::excerpt(text, 600)) }
        }
        p { (t!(language, "measure-why")) ": " (row.reason.clone().unwrap_or_else(gone)) }
        @if let Some(at) = row.appealed_at {
            p class="appeal" {
                strong { (t!(language, "measure-appeal")) } ", " (time(language, at)) ": "
                (row.appeal.clone().unwrap_or_else(gone))
            }
        }
        @if let (Some(granted), Some(at)) = (row.granted, row.decided_at) {
            p {
                strong {
                    @if granted { (t!(language, "appeal-granted")) }
                    @else { (t!(language, "appeal-refused")) }
                }
                ", " (time(language, at)) ": " (row.decided_reason.clone().unwrap_or_else(gone))
            }
        }
        @if row.granted == Some(true) && row.kind == "message" {
            p class="hint" { (t!(language, "measure-message-stays-gone")) }
        }
        @if let Some(at) = row.lifted_at {
            p class="hint" {
                (t!(language, "measure-lifted")) ", " (time(language, at))
                @if let Some(reason) = &row.lifted_reason { ": " (reason) }
            }
        }
    }
}

#[derive(Deserialize)]
struct Taking {
    command: Option<String>,
    kind: String,
    subject: Uuid,
    seq: Option<i64>,
    /// Of a suspension.
    days: Option<u16>,
    #[serde(default)]
    reason: String,
}

/// `POST /measures`: 303 to the reports, 404, 409, 422.
async fn take(
    caller: Caller,
    asking: Asking,
    form: Result<Form<Taking>, Problem>,
) -> Result<Response, Problem> {
    let Form(form) = form?;
    let mut asking = asking.with_form_key(form.command.as_deref())?;
    let mut fields = Fields::default();
    let reason = fields.given_reason("reason", &form.reason);
    let reason = fields.finish(|| reason)?;
    let about = moderation::thing(&form.kind, form.subject, form.seq);
    let about = about.ok_or_else(Problem::not_found)?;
    let how = (reason, form.days.map_or(Term::Unsaid, Term::Days));
    let taken = moderation::take(&mut asking, &caller, about, how).await?;
    Ok(asking.respond(taken.1, Flash::MeasureTaken.redirect(REPORTS)))
}

#[derive(Deserialize)]
struct Reasoned {
    command: Option<String>,
    #[serde(default)]
    reason: String,
    granted: Option<bool>,
}

/// `POST /measures/{measure}/lift`: 303 to the measures, 403, 404, 409, 422.
async fn lift(
    caller: Caller,
    asking: Asking,
    Path(measure): Path<Uuid>,
    Form(form): Form<Reasoned>,
) -> Result<Response, Problem> {
    let mut asking = asking.with_form_key(form.command.as_deref())?;
    let mut fields = Fields::default();
    let reason = fields.reason("reason", &form.reason);
    let reason = fields.finish(|| reason)?;
    let found = moderation::find(&mut *asking.read_now().await?, measure).await?;
    let position = moderation::lift(&asking, &caller, found, reason).await?;
    Ok(asking.respond(position, Flash::MeasureLifted.redirect(MEASURES)))
}

/// `POST /measures/{measure}/decide`: 303 to the appeals, 403, 404, 409, 422.
async fn decide(
    caller: Caller,
    asking: Asking,
    Path(measure): Path<Uuid>,
    Form(form): Form<Reasoned>,
) -> Result<Response, Problem> {
    let mut asking = asking.with_form_key(form.command.as_deref())?;
    let found = moderation::find(&mut *asking.read_now().await?, measure).await?;
    let mut fields = Fields::default();
    let reason = fields.given_reason("reason", &form.reason);
    let reason = fields.finish(|| reason)?;
    let decision = (form.granted == Some(true), reason);
    let position = moderation::decide(&asking, &caller, found, decision).await?;
    Ok(asking.respond(position, Flash::AppealDecided.redirect(APPEALS)))
}
