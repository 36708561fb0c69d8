//! Bringing along what one has rated elsewhere: a file, what is known of it, then the import; and
//! taking it back.

use std::time::Duration;

use axum::Router;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::header::REFRESH;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use tokio::sync::Semaphore;

use super::{BRING, page};
use crate::app::App;
use crate::asking::Asking;
use crate::assets::asset;
use crate::components::{confirm, error_summary, field_error, stars};
use crate::flash::{self, Flash};
use crate::fresh;
use crate::import::own::{self, FILE_BYTES, Matched, Phase, Unreadable, Upload, Uploads};
use crate::language::Language;
use crate::layout::Page;
use crate::message;
use crate::pages::attempt::Attempt;
use crate::pages::{sign_in_first, unkept};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::t;

/// While an import runs, the page comes again after so many seconds.
const REFRESH_SECONDS: HeaderValue = HeaderValue::from_static("2");
/// The file with the form around it; beyond, 413.
const FORM_BYTES: usize = FILE_BYTES + 64 * 1024;
/// It must have arrived by then: 408.
const PATIENCE: Duration = Duration::from_secs(60);
/// Files that a node takes in and reads at once, of members alone; beyond it, 503.
static AT_ONCE: Semaphore = Semaphore::const_new(4);
/// Of each list; the others are counted.
const SHOWN: usize = 200;

pub fn routes() -> Router<App> {
    Router::new()
        .route(BRING, get(show).post(upload))
        .route("/settings/import/start", post(start))
        .route("/settings/import/undo", post(undo))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
}

/// `GET /settings/import`: 200.
async fn show(
    State(app): State<App>,
    caller: Caller,
    reading: Reading,
) -> Result<Response, Problem> {
    let upload = Uploads::of(&app).of_member(caller.member).await;
    let upload = upload.map_err(failed)?;
    Ok(respond(reading, upload.as_ref(), &Attempt::first()))
}

fn respond(reading: Reading, upload: Option<&Upload>, attempt: &Attempt) -> Response {
    let language = reading.visitor.language;
    let now = fresh::now();
    let is_running = upload.is_some_and(|upload| upload.is_running(now));
    let content = html! {
        div class="bring" {
            @if let Some(upload) = upload { (state(language, upload, is_running)) }
            @if upload.is_none_or(|upload| !upload.is_unfinished()) {
                (form(language, attempt.problem()))
            }
        }
    };
    let title = t!(language, "bring-title");
    let lead = t!(language, "bring-lead");
    let page: Page =
        page(reading.visitor.clone(), BRING, &title, &lead, &content).styled(asset("imports.css"));
    let mut response = reading.respond(unkept(attempt.respond(page)));
    if is_running {
        response.headers_mut().insert(REFRESH, REFRESH_SECONDS);
    }
    response
}

/// `POST /settings/import`, a file: 303, 413, 422 with the form.
async fn upload(
    State(app): State<App>,
    caller: Option<Caller>,
    reading: Reading,
    asking: Asking,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let Some(caller) = caller else {
        return Ok(sign_in_first(BRING));
    };
    let form = form.map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
    let uploads = Uploads::of(&app);
    match keep(&app, &uploads, &caller, form).await? {
        Ok(()) => {
            let position = reading.snapshot.position;
            Ok(asking.respond(position, flash::redirect(BRING)))
        }
        Err(problem) => {
            let upload = uploads.of_member(caller.member).await.map_err(failed)?;
            let attempt = Attempt::again(problem, None);
            Ok(respond(reading, upload.as_ref(), &attempt))
        }
    }
}

/// Reads and matches the file; inside, what the member can mend.
async fn keep(
    app: &App,
    uploads: &Uploads,
    caller: &Caller,
    form: Multipart,
) -> Result<Result<(), Problem>, Problem> {
    let _permit = AT_ONCE.try_acquire().map_err(|_| Problem::busy(5))?;
    let late = |_| {
        Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "late",
            message!("error-bring-late"),
        )
    };
    let file = tokio::time::timeout(PATIENCE, file(form))
        .await
        .map_err(late)??;
    // a large one takes a while
    let read = tokio::task::spawn_blocking(move || own::read(&file)).await;
    let lines = match read.map_err(Problem::internal)? {
        Ok(lines) if lines.is_empty() => {
            return Ok(Err(Problem::invalid("file", message!("error-bring-empty"))));
        }
        Ok(lines) => lines,
        Err(why) => return Ok(Err(Problem::invalid("file", refusal(why)))),
    };
    let lines = own::matched(app, caller.member, lines).await;
    let lines = lines.map_err(Problem::internal)?;
    let put = uploads.put((caller.member, fresh::id()), lines, fresh::now());
    match put.await.map_err(failed)? {
        true => Ok(Ok(())),
        false => Ok(Err(Problem::invalid("file", message!("error-bring-busy")))),
    }
}

async fn file(mut form: Multipart) -> Result<Vec<u8>, Problem> {
    let broken = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::payload_too_large(FILE_BYTES),
        _ => Problem::bad_request("The form can't be read."),
    };
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() == Some("file") {
            let bytes = field.bytes().await.map_err(broken)?;
            return match bytes.len() <= FILE_BYTES {
                true => Ok(bytes.to_vec()),
                false => Err(Problem::payload_too_large(FILE_BYTES)),
            };
        }
    }
    Err(Problem::bad_request("The form has no file."))
}

fn refusal(why: Unreadable) -> crate::language::Message {
    match why {
        Unreadable::Unknown => message!("error-bring-unknown"),
        Unreadable::TooLong => message!("error-bring-long"),
        Unreadable::Broken => message!("error-bring-broken"),
    }
}

/// `POST /settings/import/start`: 303. Also goes on with what was broken off.
async fn start(
    State(app): State<App>,
    caller: Option<Caller>,
    asking: Asking,
) -> Result<Response, Problem> {
    begin(&app, caller, &asking, Phase::Importing).await
}

/// `POST /settings/import/undo`: 303.
async fn undo(
    State(app): State<App>,
    caller: Option<Caller>,
    asking: Asking,
) -> Result<Response, Problem> {
    begin(&app, caller, &asking, Phase::Undoing).await
}

async fn begin(
    app: &App,
    caller: Option<Caller>,
    asking: &Asking,
    phase: Phase,
) -> Result<Response, Problem> {
    let Some(caller) = caller else {
        return Ok(sign_in_first(BRING));
    };
    let begun = Uploads::of(app)
        .begin(caller.member, phase, fresh::now())
        .await;
    let position = *app.projector.projected().borrow();
    if !begun.map_err(failed)? {
        return Ok(asking.respond(position, flash::redirect(BRING)));
    }
    own::start(app, caller.member);
    let flash = match phase {
        Phase::Undoing => Flash::BringUndoing,
        _ => Flash::BringStarted,
    };
    Ok(asking.respond(position, flash.redirect(BRING)))
}

fn form(language: Language, problem: Option<&Problem>) -> Markup {
    html! {
        form class="form" method="post" action=(BRING) enctype="multipart/form-data" {
            (error_summary(language, problem))
            ul class="bring-kinds" {
                li { strong { "Letterboxd" } " " (t!(language, "bring-letterboxd")) }
                li { strong { "IMDb" } " " (t!(language, "bring-imdb")) }
                li { strong { "Reeltime" } " " (t!(language, "bring-reeltime")) }
            }
            div class="field" {
                label for="file" { (t!(language, "bring-file")) }
                input id="file" name="file" type="file" accept=".zip,.csv,application/zip,text/csv"
                    required aria-invalid=[field_error(problem, "file").map(|_| "true")];
                @if let Some(error) = field_error(problem, "file") {
                    p class="field-error" { (error.to(language)) }
                }
                p class="hint" { (t!(language, "bring-file-hint")) }
            }
            p class="actions" {
                button class="button" type="submit" { (t!(language, "bring-look")) }
            }
        }
    }
}

fn state(language: Language, upload: &Upload, is_running: bool) -> Markup {
    match upload.phase {
        Phase::Preview => preview(language, &upload.lines),
        Phase::Importing => running(
            language,
            upload,
            is_running,
            upload.lines.len(),
            "/settings/import/start",
        ),
        Phase::Undoing => running(
            language,
            upload,
            is_running,
            upload.posted.len(),
            "/settings/import/undo",
        ),
        Phase::Imported => html! {
            div class="import" {
                p { strong { (t!(language, "bring-imported", count = upload.posted.len())) } }
                @if !upload.posted.is_empty() {
                    p class="hint" { (t!(language, "bring-undo-hint")) }
                    (confirm(
                        language,
                        "/settings/import/undo",
                        &t!(language, "bring-undo"),
                        &t!(language, "bring-undo-question", count = upload.posted.len()),
                        &html! {},
                    ))
                }
            }
        },
        Phase::Undone => html! { div class="import" { p { (t!(language, "bring-undone")) } } },
    }
}

fn running(
    language: Language,
    upload: &Upload,
    is_running: bool,
    length: usize,
    again: &str,
) -> Markup {
    html! {
        div class="import" {
            p {
                strong {
                    (if upload.phase == Phase::Undoing { t!(language, "bring-undoing") }
                     else { t!(language, "bring-importing") })
                }
            }
            progress max=(length.max(1)) value=(upload.done) {}
            p class="import-counts" {
                (t!(language, "import-done", done = upload.done, length = length))
            }
            @if !is_running {
                p { (t!(language, "bring-broken-off")) }
                form method="post" action=(again) {
                    button class="button" type="submit" { (t!(language, "bring-go-on")) }
                }
            }
        }
    }
}

fn preview(language: Language, lines: &[Matched]) -> Markup {
    let new = |line: &&Matched| line.film.is_some() && !line.is_reviewed;
    let new: Vec<&Matched> = lines.iter().filter(new).collect();
    let known: Vec<&Matched> = lines.iter().filter(|line| line.is_reviewed).collect();
    let missing: Vec<&Matched> = lines.iter().filter(|line| line.film.is_none()).collect();
    html! {
        div class="import" {
            p { strong { (t!(language, "bring-found", count = lines.len())) } }
            (list(language, &t!(language, "bring-new", count = new.len()), &new))
            (list(language, &t!(language, "bring-known", count = known.len()), &known))
            (list(language, &t!(language, "bring-missing", count = missing.len()), &missing))
            @if !new.is_empty() {
                form class="actions" method="post" action="/settings/import/start" {
                    button class="button" type="submit" {
                        (t!(language, "bring-start", count = new.len()))
                    }
                }
            }
        }
        h3 { (t!(language, "bring-another")) }
    }
}

fn list(language: Language, heading: &str, lines: &[&Matched]) -> Markup {
    html! {
        @if !lines.is_empty() {
            details class="bring-list" {
                summary { (heading) }
                ul {
                    @for matched in lines.iter().rev().take(SHOWN) {
                        @let line = &matched.line;
                        li {
                            (stars(language, line.half_stars)) " "
                            @match matched.film {
                                Some(film) => a href={ "/films/" (film) } { (name(language, matched)) },
                                None => (name(language, matched)),
                            }
                        }
                    }
                }
                @if lines.len() > SHOWN {
                    p class="hint" { (t!(language, "bring-more", count = lines.len() - SHOWN)) }
                }
            }
        }
    }
}

/// A line of Reeltime's own export knows a film by its id alone.
fn name(language: Language, matched: &Matched) -> String {
    let line = &matched.line;
    match (line.title.is_empty(), line.year) {
        (true, _) => t!(language, "bring-unnamed"),
        (false, Some(year)) => format!("{} ({year})", line.title),
        (false, None) => line.title.clone(),
    }
}
