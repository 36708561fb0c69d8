//! One thing's history: what it was at a version or time, and what each event changed.

use axum::extract::State;
use axum::response::Response;
use event_log::StreamName;
use maud::{Markup, html};
use projections::history::{Difference, Step, StreamAt, differences};
use serde::Deserialize;
use serde_json::Value;

use super::AUDIT;
use super::rows::{fields, moment, plain};
use crate::api::audit::events::PLACE;
use crate::api::audit::streams::{read_at, read_stream, version};
use crate::app::App;
use crate::asking::Asking;
use crate::assets::asset;
use crate::audit::{self, Names, sentence};
use crate::extract::{Path, Query};
use crate::language::Language;
use crate::layout::Page;
use crate::pages::unkept;
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;
use crate::t;

/// Versions of a page, the last ones.
const LISTED: i64 = 20;

#[derive(Default, Deserialize)]
pub struct When {
    #[serde(default)]
    at: String,
}

/// `GET /audit/streams/{stream}`: 200; 404 where nothing ever happened and for who is no auditor.
pub async fn show(
    State(app): State<App>,
    mut asking: Asking,
    caller: Caller,
    Path(stream): Path<String>,
    Query(when): Query<When>,
) -> Result<Response, Problem> {
    let at = read_at(Some(&when.at))?;
    let stream = read_stream(&stream)?;
    let mut reading = asking.look().await?;
    let connection = &mut *reading.snapshot;
    let last = event_log::stream_version(&mut *connection, &stream).await;
    let last = last.map_err(failed)?;
    let version = version(connection, &stream, at).await?;
    let (at, steps) = audit::steps(&app, connection, &stream, (version, LISTED)).await?;
    let names = Names::of(connection, steps.iter().map(|step| &step.opened)).await;
    let names = names.map_err(failed)?;
    let seen = reading.let_go().await?;
    audit::record_stream(&asking, caller.member, &stream, (&at, &steps)).await?;

    let language = seen.visitor.language;
    let title = t!(language, "audit-stream-title");
    let content = html! {
        header class="page-head" {
            h1 { (title) }
            p class="lead audit-stream" { (stream.as_str()) }
            p { a href={ (AUDIT) "?stream=" (stream.as_str()) } { (t!(language, "audit-only")) } }
        }
        (chooser(language, &stream, &when))
        (state(language, &at, &names))
        section {
            h2 { (t!(language, "audit-steps")) }
            ol class="audit-events" {
                @for step in steps.iter().rev() { (changed(language, &stream, step, &names)) }
            }
        }
        (turning(language, &stream, &steps, last))
    };
    let page = Page::new(seen.visitor.clone(), title, content).styled(asset("audit.css"));
    Ok(seen.respond(unkept(page)))
}

fn place(stream: &StreamName, version: i64) -> String {
    format!("{AUDIT}/streams/{stream}?at={version}")
}

fn chooser(language: Language, stream: &StreamName, when: &When) -> Markup {
    html! {
        form class="audit-at" method="get" action={ (AUDIT) "/streams/" (stream.as_str()) } {
            div class="field" {
                label for="at" { (t!(language, "audit-at")) }
                input id="at" name="at" type="text" value=(when.at) autocomplete="off"
                    placeholder=(t!(language, "audit-at-hint"));
            }
            button class="button small" type="submit" { (t!(language, "audit-apply")) }
        }
    }
}

fn state(language: Language, at: &StreamAt, names: &Names) -> Markup {
    html! {
        section class="audit-state" {
            @if at.version == 0 {
                p class="empty" { (t!(language, "audit-state-none")) }
            } @else {
                h2 { (t!(language, "audit-state", version = at.version)) }
                (fields(language, &at.shown(), names, true))
            }
        }
    }
}

/// One event, and what it made of the state.
fn changed(language: Language, stream: &StreamName, step: &Step, names: &Names) -> Markup {
    let event = &step.opened.recorded;
    let actor = names.member(event.actor);
    let found = differences(&step.before, &step.after);
    html! {
        li class="audit-event" id={ "v-" (event.version) } {
            p class="audit-what" {
                strong { (t!(language, "audit-version", version = event.version)) } " "
                @if !event.actor.is_nil() {
                    a class="audit-who" href={ (AUDIT) "?actor=" (event.actor) } {
                        (actor.map_or_else(|| t!(language, "former-member"), str::to_owned))
                    } " "
                }
                (sentence(language, &step.opened, names))
            }
            @if found.is_empty() {
                p class="audit-unchanged" { (t!(language, "audit-unchanged")) }
            } @else {
                (difference_table(language, &found, names))
            }
            p class="audit-marks" {
                (moment(event.recorded_at))
                a href={ (AUDIT) "?type=" (event.event_type) } { (event.event_type) }
                a href=(place(stream, event.version)) { (t!(language, "audit-show-then")) }
                a href={ (AUDIT) "?correlation=" (event.correlation) } {
                    (t!(language, "audit-same-request"))
                }
                a href={ (PLACE) "/" (event.position) "/receipt" } { (t!(language, "audit-receipt")) }
                span class="number" { "#" (event.position) }
            }
            details class="audit-details" {
                summary { (t!(language, "audit-details")) }
                (fields(language, &step.opened.data, names, true))
            }
        }
    }
}

fn difference_table(language: Language, found: &[Difference], names: &Names) -> Markup {
    let shown = |field: &str, value: &Value| {
        let name = names.called(language, field, value);
        name.unwrap_or_else(|| plain(language, value))
    };
    html! {
        dl class="audit-differences" aria-label=(t!(language, "audit-changes")) {
            @for Difference { field, before, after } in found {
                dt { (field) }
                dd {
                    @if let Some(before) = before { del { (shown(field, before)) } }
                    @if let Some(after) = after { ins { (shown(field, after)) } }
                }
            }
        }
    }
}

fn turning(language: Language, stream: &StreamName, steps: &[Step], last: i64) -> Markup {
    let first = steps.first().map_or(0, |step| step.opened.recorded.version);
    let shown = steps.last().map_or(0, |step| step.opened.recorded.version);
    html! {
        nav class="pagination" aria-label=(t!(language, "pagination-label")) {
            @if shown < last {
                a class="button quiet" href={ (AUDIT) "/streams/" (stream.as_str()) } {
                    (t!(language, "page-newer"))
                }
            }
            @if first > 1 {
                a class="button quiet next" href=(place(stream, first - 1)) {
                    (t!(language, "audit-earlier"))
                }
            }
        }
    }
}
