//! Imports from TMDB: how far they have come, and starting one. For operators.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::REFRESH;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use crate::app::App;
use crate::asking::Asking;
use crate::components::{empty, time};
use crate::extract::Form;
use crate::flash::Flash;
use crate::fresh;
use crate::import::journal::{self, Import};
use crate::import::tmdb::Asked;
use crate::language::Language;
use crate::layout::Page;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::{message, t};

const IMPORTS: &str = "/imports";
/// While one runs, the page comes again after so many seconds.
const REFRESH_SECONDS: HeaderValue = HeaderValue::from_static("3");
/// Of a list, where nobody says how many.
const PAGES: u32 = 50;
const MOST_PAGES: u32 = 500;

pub fn routes() -> Router<App> {
    Router::new().route(IMPORTS, get(show).post(start))
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum What {
    Popular,
    Korean,
    MostVoted,
    Changes,
}

#[derive(Deserialize)]
struct Started {
    what: What,
    pages: Option<u32>,
}

impl Started {
    fn asked(&self) -> Option<Asked> {
        let pages = self.pages.unwrap_or(PAGES);
        if !(1..=MOST_PAGES).contains(&pages) {
            return None;
        }
        let discover = |language: Option<&str>| Asked::Discover {
            pages,
            from: None,
            to: None,
            language: language.map(str::to_owned),
            votes: 0,
        };
        Some(match self.what {
            What::Popular => Asked::Popular { pages },
            What::Korean => discover(Some("ko")),
            What::MostVoted => discover(None),
            What::Changes => Asked::Changes { days: None },
        })
    }
}

/// `GET /imports`: 200, 404 for who is no operator.
async fn show(State(app): State<App>, reading: Reading) -> Result<Response, Problem> {
    let language = reading.visitor.language;
    let imports = journal::newest(&app.pool).await.map_err(failed)?;
    let now = fresh::now();
    let is_running = imports.iter().any(|import| import.is_running(now));
    let title = t!(language, "imports-title");
    let content = html! {
        header class="page-head" {
            h1 { (title) }
            p class="lead" { (t!(language, "imports-lead")) }
        }
        section class="settings-section" {
            header {
                h2 { (t!(language, "imports-start")) }
                p { (t!(language, "imports-start-lead")) }
            }
            @if app.imports.can_start() {
                (form(language, is_running))
            } @else {
                p class="hint" { (t!(language, "imports-no-token")) }
            }
        }
        section class="imports" {
            h2 { (t!(language, "imports-list")) }
            @if imports.is_empty() { (empty(&t!(language, "imports-none"))) }
            @for import in &imports { (item(language, import, import.is_running(now))) }
        }
    };
    let page = Page::new(reading.visitor.clone(), title, content)
        .of_tmdb(true)
        .styled(crate::assets::asset("imports.css"));
    let mut response = reading.respond(page);
    if is_running {
        response.headers_mut().insert(REFRESH, REFRESH_SECONDS);
    }
    Ok(response)
}

/// `POST /imports`: 303; 409 where one runs or this node has no token.
async fn start(
    State(app): State<App>,
    asking: Asking,
    Form(started): Form<Started>,
) -> Result<Response, Problem> {
    let asked = started.asked().ok_or_else(Problem::not_found)?;
    let imports = journal::newest(&app.pool).await.map_err(failed)?;
    let now = fresh::now();
    if !app.imports.can_start() || imports.iter().any(|import| import.is_running(now)) {
        return Err(Problem::new(
            axum::http::StatusCode::CONFLICT,
            "import-impossible",
            message!("problem-import-impossible"),
        ));
    }
    app.imports.start(app.clone(), asked);
    let position = *app.projector.projected().borrow();
    Ok(asking.respond(position, Flash::ImportStarted.redirect(IMPORTS)))
}

fn form(language: Language, is_running: bool) -> Markup {
    let kinds = [
        ("popular", t!(language, "imports-popular")),
        ("most-voted", t!(language, "imports-most-voted")),
        ("korean", t!(language, "imports-korean")),
        ("changes", t!(language, "imports-changes")),
    ];
    html! {
        form class="form" method="post" action=(IMPORTS) {
            fieldset class="choice" {
                legend { (t!(language, "imports-what")) }
                @for (value, text) in &kinds {
                    @let id = format!("what-{value}");
                    input type="radio" id=(id) name="what" value=(value) required
                        checked[*value == "popular"];
                    label for=(id) { (text) }
                }
            }
            div class="field" {
                label for="pages" { (t!(language, "imports-pages")) }
                input id="pages" name="pages" type="number" inputmode="numeric" min="1"
                    max=(MOST_PAGES) value=(PAGES) required;
                p class="hint" { (t!(language, "imports-pages-hint")) }
            }
            p class="actions" {
                button class="button" type="submit" disabled[is_running] {
                    (t!(language, "imports-start"))
                }
                @if is_running { span class="hint" { (t!(language, "imports-wait")) } }
            }
        }
    }
}

fn item(language: Language, import: &Import, is_running: bool) -> Markup {
    let state = match (import.finished_at, &import.failure) {
        (Some(_), _) => t!(language, "import-finished"),
        (None, Some(_)) => t!(language, "import-failed"),
        (None, None) if is_running => t!(language, "import-running"),
        (None, None) => t!(language, "import-broken-off"),
    };
    html! {
        article class="import" {
            header {
                h3 { code { (import.asked) } }
                span class={ "import-state" @if is_running { " is-running" } } {
                    (state)
                }
            }
            @match import.length {
                Some(length) => {
                    progress max=(length.max(1)) value=(if import.finished_at.is_some() { length.max(1) } else { import.done }) {}
                    p class="import-counts" {
                        (t!(language, "import-done", done = import.done, length = length)) " · "
                        (t!(language, "import-listed", count = import.listed)) " · "
                        (t!(language, "import-revised", count = import.revised))
                        @if import.missing > 0 {
                            " · " (t!(language, "import-missing", count = import.missing))
                        }
                    }
                }
                None => p class="import-counts" { (t!(language, "import-looking")) },
            }
            @if let Some((from, to)) = import.unasked() {
                p {
                    (t!(language, "import-unasked", from = from.to_string(), to = to.to_string()))
                }
            }
            @if let Some(failure) = &import.failure {
                p class="import-failure" lang="en" { (failure) }
            }
            p class="hint" {
                (t!(language, "import-started")) " " (time(language, import.started_at))
                @if let Some(at) = import.finished_at {
                    " · " (t!(language, "import-ended")) " " (time(language, at))
                }
            }
        }
    }
}
