//! A member's own history, and all of it to take along.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use event_log::Order;
use maud::html;
use serde::Deserialize;

use super::audit::{LISTED, Row, row};
use super::unkept;
use crate::api::history::page as find;
use crate::app::App;
use crate::assets::asset;
use crate::audit::export;
use crate::components::{empty, pagination};
use crate::cursor;
use crate::extract::Query;
use crate::layout::Page;
use crate::problem::Problem;
use crate::reading::Reading;
use crate::session::Caller;
use crate::t;

const HISTORY: &str = "/me/history";

pub fn routes() -> Router<App> {
    Router::new()
        .route(HISTORY, get(show))
        .route("/me/export", get(download))
}

#[derive(Deserialize)]
struct Turn {
    cursor: Option<String>,
}

/// `GET /me/history`: 200; strangers sign in first.
async fn show(
    State(app): State<App>,
    caller: Caller,
    mut reading: Reading,
    Query(turn): Query<Turn>,
) -> Result<Response, Problem> {
    let seen: Option<i64> = cursor::decode(turn.cursor.as_deref())?;
    let how = (seen, Order::NewestFirst);
    let (found, names) = find(&app, &mut reading, &caller, how, LISTED).await?;
    let language = reading.visitor.language;
    let next = found.next.as_ref();
    let next = next.map(|next| format!("{HISTORY}?cursor={}", cursor::encode(next)));
    let title = t!(language, "history-title");
    let content = html! {
        header class="page-head" {
            h1 { (title) }
            p class="lead" { (t!(language, "history-lead")) }
        }
        section class="history-export" {
            a class="button" href="/me/export" download { (t!(language, "history-export")) }
            p { (t!(language, "history-export-hint")) }
        }
        @if found.events.is_empty() {
            (empty(&t!(language, "history-empty")))
        } @else {
            ol class="audit-events" {
                @for opened in &found.events {
                    (row(language, opened, &names, &Row::Own(caller.member)))
                }
            }
        }
        (pagination(language, seen.map(|_| HISTORY), next.as_deref()))
    };
    let page = Page::new(reading.visitor.clone(), title, content).styled(asset("audit.css"));
    Ok(reading.respond(unkept(page)))
}

/// `GET /me/export`: the zip, 429, 503; strangers sign in first.
async fn download(
    State(app): State<App>,
    caller: Caller,
    reading: Reading,
) -> Result<Response, Problem> {
    // it may wait for a signature
    let seen = reading.let_go().await?;
    let file = export::export(app, &caller, seen.visitor.language).await?;
    Ok(seen.respond(file))
}
