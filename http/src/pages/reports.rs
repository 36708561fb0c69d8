//! What was reported, for the site's moderators.

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use projections::reports::{self, ReportCard};
use serde::Deserialize;
use uuid::Uuid;

use super::rooms;
use crate::api::reports::{Closing, OutcomeOf, close};
use crate::app::App;
use crate::asking::Asking;
use crate::components::{Author, author, command, empty, pagination, room_name, time};
use crate::cursor;
use crate::extract::{Form, Path, Query};
use crate::flash::Flash;
use crate::language::Language;
use crate::layout::Page;
use crate::markdown;
use crate::pages::unkept;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::{fresh, t};

const REPORTS: &str = "/reports";
/// On one page.
const LISTED: i64 = 30;

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
    let next = page.next;
    let next = next.map(|next| format!("{REPORTS}?cursor={}", cursor::encode(&next)));
    let title = t!(language, "reports-title");
    let content = html! {
        header class="page-head" { h1 { (title) } }
        @if page.items.is_empty() {
            (empty(&t!(language, "reports-empty")))
        } @else {
            ul class="reports" { @for card in &page.items { (item(language, card)) } }
        }
        (pagination(language, after.map(|_: i64| REPORTS), next.as_deref()))
    };
    let page = Page::new(reading.visitor.clone(), title, content).styled(rooms::styles());
    Ok(reading.respond(unkept(page)))
}

fn item(language: Language, card: &ReportCard) -> Markup {
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
    let href = format!("/rooms/{}?around={}#m-{}", card.room, card.seq, card.seq);
    html! {
        li class="report" {
            p class="report-head" {
                (who(card.member_name.as_deref(), &by)) " → "
                (who(card.author_name.as_deref(), &of)) " · "
                a href=(href) { (room_name(language, card.room_name.as_deref())) } " · "
                (time(language, card.filed_at))
            }
            @match &card.text {
                Some(text) => blockquote { (markdown::excerpt(text, 400)) },
                None => p class="gone" { (t!(language, "room-retracted")) },
            }
            @if let Some(reason) = &card.reason { p { strong { (reason) } } }
            form class="actions" method="post" action={ (REPORTS) "/" (card.report) } {
                (command(&fresh::id().to_string()))
                button class="button small" type="submit" name="outcome" value="upheld" {
                    (t!(language, "report-uphold"))
                }
                button class="button quiet small" type="submit" name="outcome" value="dismissed" {
                    (t!(language, "report-dismiss"))
                }
            }
        }
    }
}

#[derive(Deserialize)]
struct Decision {
    command: Option<String>,
    outcome: OutcomeOf,
}

/// `POST /reports/{report}`: 303 to the list, 404.
async fn close_report(
    caller: Caller,
    asking: Asking,
    Path(report): Path<Uuid>,
    Form(form): Form<Decision>,
) -> Result<Response, Problem> {
    let asking = asking.with_form_key(form.command.as_deref())?;
    let closing = Closing {
        outcome: form.outcome,
    };
    let position = close(&asking, &caller, report, closing).await?;
    Ok(asking.respond(position, Flash::ReportClosed.redirect(REPORTS)))
}
