//! The log, for auditors: a timeline with filters, and one thing's history. What they are shown of
//! others is recorded first.

mod filters;
mod rows;
mod stream;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use event_log::Order;
use maud::{Markup, html};
use projections::history::Wanted;

use crate::api::audit::events::Asked;
use crate::app::App;
use crate::asking::Asking;
use crate::assets::asset;
use crate::audit::{self, Found, Names};
use crate::components::{empty, error_summary, pagination};
use crate::cursor;
use crate::extract::Query;
use crate::language::Language;
use crate::layout::Page;
use crate::pages::unkept;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::t;
use filters::Filters;

pub use rows::{Row, row};

pub const AUDIT: &str = "/audit";
/// Events of a page.
pub const LISTED: i64 = 50;

pub fn routes() -> Router<App> {
    Router::new()
        .route(AUDIT, get(timeline))
        .route("/audit/streams/{stream}", get(stream::show))
}

/// `GET /audit`: 200, 404 for who is no auditor, 422 with the filters.
async fn timeline(
    State(app): State<App>,
    mut asking: Asking,
    caller: Caller,
    Query(filters): Query<Filters>,
) -> Result<Response, Problem> {
    let mut reading = asking.look().await?;
    let (found, problem) = match find(&app, &mut reading, &filters).await {
        Ok(found) => (Some(found), None),
        Err(problem) if problem.status() == StatusCode::UNPROCESSABLE_ENTITY => {
            (None, Some(problem))
        }
        Err(problem) => return Err(problem),
    };
    let seen = reading.let_go().await?;
    if let Some((wanted, found, _)) = &found {
        audit::record(&asking, caller.member, wanted, found.events.iter()).await?;
    }
    let language = seen.visitor.language;
    let title = t!(language, "audit-title");
    let content = html! {
        header class="page-head" {
            h1 { (title) }
            p class="lead" { (t!(language, "audit-lead")) }
        }
        (error_summary(language, problem.as_ref()))
        (filters.form(language, problem.as_ref()))
        @if let Some((_, found, names)) = &found { (events(language, found, names, &filters)) }
        (as_of(language, &filters))
    };
    let status = problem.map_or(StatusCode::OK, |problem| problem.status());
    let page = Page::new(seen.visitor.clone(), title, content)
        .status(status)
        .styled(asset("audit.css"));
    Ok(seen.respond(unkept(page)))
}

async fn find(
    app: &App,
    reading: &mut Reading,
    filters: &Filters,
) -> Result<(Wanted, Found, Names), Problem> {
    let query = filters.read(app, reading).await?;
    let Asked {
        wanted,
        order,
        range,
    } = query.read(reading, Order::NewestFirst).await?;
    let snapshot = &mut reading.snapshot;
    let found = audit::find(app, snapshot, &wanted, (range, order), LISTED).await?;
    let names = Names::of(snapshot, found.events.iter()).await;
    Ok((wanted, found, names.map_err(failed)?))
}

fn events(language: Language, found: &Found, names: &Names, filters: &Filters) -> Markup {
    let next = found.next.as_ref().map(|next| {
        let turned = Filters {
            cursor: cursor::encode(next),
            ..filters.clone()
        };
        turned.href()
    });
    let first = Filters {
        cursor: String::new(),
        ..filters.clone()
    };
    let first = (!filters.cursor.is_empty()).then(|| first.href());
    html! {
        @if found.events.is_empty() {
            @match &next {
                Some(next) => {
                    p class="empty" {
                        (t!(language, "audit-empty")) " "
                        a href=(next) { (t!(language, "audit-more")) }
                    }
                }
                None => (empty(&t!(language, "audit-nothing"))),
            }
        } @else {
            ol class="audit-events" {
                @for opened in &found.events {
                    (row(language, opened, names, &Row::OfTheLog))
                }
            }
        }
        (pagination(language, first.as_deref(), next.as_deref()))
    }
}

/// How the whole site is seen as it was.
fn as_of(language: Language, filters: &Filters) -> Markup {
    let point = match filters.until.as_str() {
        "" => "2026-07-01",
        until => until,
    };
    html! {
        section class="audit-as-of" {
            h2 { (t!(language, "audit-as-of-title")) }
            p { (t!(language, "audit-as-of-lead")) }
            pre { code { "replay-tool as-of " (point) " --name then\nreeltime --as-of then" } }
        }
    }
}
