//! What was reported, for the site's moderators, and what they can do about it there.

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use domain::report::Outcome;
use maud::{Markup, html};
use projections::reports::{self, ReportCard};
use serde::Deserialize;
use uuid::Uuid;

use super::measures::{Here, moderators_tabs, style};
use crate::api::reports::OutcomeOf;
use crate::app::App;
use crate::asking::Asking;
use crate::components::{Author, author, command, empty, pagination, room_name, time};
use crate::cursor;
use crate::extract::{Form, Path, Query};
use crate::fields::Fields;
use crate::flash::Flash;
use crate::language::Language;
use crate::layout::Page;
use crate::pages::rows::in_language;
use crate::pages::unkept;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::{fresh, markdown, moderation, t};

pub const REPORTS: &str = "/reports";
/// On one page.
const LISTED: i64 = 30;
/// Days of a suspension that are offered.
const DAYS: [u32; 4] = [1, 7, 30, 365];

pub fn routes() -> Router<App> {
    Router::new()
        .route(REPORTS, get(list))
        .route("/reports/{report}", post(close_report))
}

#[derive(Deserialize)]
struct From {
    cursor: Option<String>,
}

/// `GET /reports?cursor={cursor}`: 200, 400, 404 for who is no moderator.
async fn list(Query(from): Query<From>, mut reading: Reading) -> Result<Response, Problem> {
    let after = cursor::decode(from.cursor.as_deref())?;
    let page = reports::open(&mut reading.snapshot, after, LISTED).await;
    let page = page.map_err(failed)?;
    let language = reading.visitor.language;
    let viewer = reading.viewer();
    let next = page.next;
    let next = next.map(|next| format!("{REPORTS}?cursor={}", cursor::encode(&next)));
    let title = t!(language, "reports-title");
    let content = html! {
        header class="page-head" {
            h1 { (t!(language, "moderation-title")) }
            p class="lead" { (t!(language, "reports-lead")) }
        }
        (moderators_tabs(language, Here::Reports))
        @if page.items.is_empty() {
            (empty(&t!(language, "reports-empty")))
        } @else {
            ul class="reports" {
                @for card in &page.items { (item(language, card, viewer == Some(card.author))) }
            }
        }
        (pagination(language, after.map(|_: i64| REPORTS), next.as_deref()))
    };
    let page = Page::new(reading.visitor.clone(), title, content).styled(style());
    Ok(reading.respond(unkept(page)))
}

/// The thing, in its place.
fn context(language: Language, card: &ReportCard) -> Markup {
    let film = card.title_en.as_deref().zip(card.title_ko.as_deref());
    let film = film.map_or("", |(en, ko)| in_language(language, en, ko));
    let (href, text) = match (card.kind.as_str(), card.seq) {
        ("review", _) => (
            format!("/reviews/{}", card.subject),
            t!(language, "about-review", film = film),
        ),
        ("comment", _) => (
            format!("/comments/{}", card.subject),
            t!(language, "about-comment", film = film),
        ),
        ("message", Some(seq)) => (
            format!("/rooms/{}?around={seq}#m-{seq}", card.subject),
            room_name(language, card.room_name.as_deref()),
        ),
        _ => (
            format!("/members/{}", card.subject),
            t!(language, "about-member"),
        ),
    };
    html! { a href=(href) { (text) } }
}

fn item(language: Language, card: &ReportCard, is_own: bool) -> Markup {
    let (by, of) = (
        format!("/members/{}", card.member),
        format!("/members/{}", card.author),
    );
    let who = |name, href| {
        author(
            language,
            &Author {
                name,
                href: Some(href),
            },
        )
    };
    html! {
        li class="report" {
            p class="report-head" {
                (who(card.author_name.as_deref(), &of)) " · " (context(language, card))
                @if card.alike > 1 {
                    " · " span class="mark" { (t!(language, "reports-alike", count = card.alike)) }
                }
            }
            @match card.text.as_deref() {
                Some("") => {},
                Some(text) => blockquote { (markdown::excerpt(text, 600)) },
                None => p class="gone" { (t!(language, "report-gone")) },
            }
            p class="report-by" {
                (t!(language, "report-by")) " " (who(card.member_name.as_deref(), &by)) ", "
                (time(language, card.filed_at))
                @if let Some(reason) = &card.reason { ": " strong { (reason) } }
            }
            @if is_own {
                p class="hint" { (t!(language, "report-own")) }
            } @else {
                div class="report-acts" { (acts(language, card)) }
            }
        }
    }
}

/// Each opens in place.
fn acts(language: Language, card: &ReportCard) -> Markup {
    let hidden = |name: &str, value: &str| {
        html! { input type="hidden" name=(name) value=(value); }
    };
    let about = |kind: &str, subject: Uuid, seq: Option<i64>| {
        html! {
            (command(&fresh::id().to_string()))
            (hidden("kind", kind))
            (hidden("subject", &subject.to_string()))
            @if let Some(seq) = seq { (hidden("seq", &seq.to_string())) }
        }
    };
    let hide = match card.kind.as_str() {
        "message" => t!(language, "measure-take-back"),
        _ => t!(language, "measure-hide"),
    };
    html! {
        @if card.kind != "member" && !card.is_hidden && card.text.is_some() {
            (act(language, "/measures", &hide, &about(&card.kind, card.subject, card.seq), true))
        }
        @if !card.is_suspended {
            @let days = html! {
                (about("member", card.author, None))
                label { (t!(language, "measure-days")) " "
                    select name="days" {
                        @for days in DAYS {
                            option value=(days) selected[days == 7] {
                                (t!(language, "measure-days-count", count = days))
                            }
                        }
                    }
                }
            };
            (act(language, "/measures", &t!(language, "measure-suspend"), &days, true))
        }
        @if card.is_hidden || (card.kind == "member" && card.is_suspended) {
            @let uphold = html! {
                (command(&fresh::id().to_string()))
                (hidden("outcome", "upheld"))
            };
            @let action = format!("{REPORTS}/{}", card.report);
            (act(language, &action, &t!(language, "report-uphold"), &uphold, false))
        }
        @let dismiss = html! {
            (command(&fresh::id().to_string()))
            (hidden("outcome", "dismissed"))
        };
        @let action = format!("{REPORTS}/{}", card.report);
        (act(language, &action, &t!(language, "report-dismiss"), &dismiss, false))
    }
}

pub fn act(
    language: Language,
    action: &str,
    button: &str,
    fields: &Markup,
    needs_reason: bool,
) -> Markup {
    html! {
        details class="report-act" name="act" {
            summary class="button quiet small" { (button) }
            form method="post" action=(action) {
                (fields)
                label { (t!(language, "measure-reason")) " "
                    input name="reason" maxlength="300" required[needs_reason];
                }
                button class="button small" type="submit" { (button) }
            }
        }
    }
}

#[derive(Deserialize)]
struct Decision {
    command: Option<String>,
    outcome: OutcomeOf,
    #[serde(default)]
    reason: String,
}

/// `POST /reports/{report}`: 303 to the list, 404, 422.
async fn close_report(
    caller: Caller,
    asking: Asking,
    Path(report): Path<Uuid>,
    Form(form): Form<Decision>,
) -> Result<Response, Problem> {
    let asking = asking.with_form_key(form.command.as_deref())?;
    let mut fields = Fields::default();
    let reason = fields.reason("reason", &form.reason);
    let reason = fields.finish(|| reason)?;
    let outcome = match form.outcome {
        OutcomeOf::Upheld => Outcome::Upheld,
        OutcomeOf::Dismissed => Outcome::Dismissed,
    };
    let position = moderation::close(&asking, &caller, report, (outcome, reason)).await?;
    Ok(asking.respond(position, Flash::ReportClosed.redirect(REPORTS)))
}
