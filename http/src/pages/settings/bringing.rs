//! Bringing along what one has rated elsewhere: a file, what is known of it, then the import; and
//! taking it back.

mod stages;

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::header::REFRESH;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use maud::html;
use serde::Deserialize;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{BRING, page};
use crate::app::App;
use crate::asking::Asking;
use crate::assets::asset;
use crate::extract::Form;
use crate::flash::{self, Flash};
use crate::form_token;
use crate::fresh;
use crate::import::own::{self, Arriving, FILE_BYTES, Phase, Unreadable, Upload, Uploads};
use crate::language::{Language, Message};
use crate::layout::Page;
use crate::message;
use crate::pages::attempt::Attempt;
use crate::pages::unkept;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::security::FILE_TIMEOUT;
use crate::session::Caller;
use crate::t;
use crate::visitor::Visitor;

/// While an import runs, the page comes again after so many seconds.
const REFRESH_SECONDS: HeaderValue = HeaderValue::from_static("2");
/// The file with the form around it; beyond, 413.
const FORM_BYTES: usize = FILE_BYTES + 64 * 1024;
/// A file that has come waits so long for its turn; beyond it, 503.
const TURN: Duration = Duration::from_secs(10);
/// Files that a node reads and matches at once.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

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
    let upload = Uploads::of(&app)
        .of_member(caller.member, fresh::now())
        .await;
    let upload = upload.map_err(failed)?;
    let page = shown(reading.visitor.clone(), upload.as_ref(), &Attempt::first());
    Ok(reading.respond(page))
}

fn shown(visitor: Visitor, upload: Option<&Upload>, attempt: &Attempt) -> Response {
    let language = visitor.language;
    let now = fresh::now();
    let is_running = upload.is_some_and(|upload| upload.is_running(now));
    let content = html! {
        div class="bring" {
            @if let Some(upload) = upload { (stages::stage(language, upload, is_running)) }
            @if upload.is_none_or(|upload| !upload.is_unfinished()) {
                (stages::form(language, attempt.problem()))
            }
        }
    };
    let title = t!(language, "bring-title");
    let lead = t!(language, "bring-lead");
    let page: Page = page(visitor, BRING, &title, &lead, &content).styled(asset("imports.css"));
    let mut response = unkept(attempt.respond(page));
    if is_running {
        response.headers_mut().insert(REFRESH, REFRESH_SECONDS);
    }
    response
}

/// `POST /settings/import`, a file: 303, 408, 413, 422 with the form. While it arrives, nothing of the
/// database is held.
async fn upload(
    State(app): State<App>,
    caller: Caller,
    visitor: Visitor,
    asking: Asking,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let form = form.map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
    let uploads = Uploads::of(&app);
    let kept = keep(&app, &uploads, (&caller, visitor.language), form).await?;
    let position = *app.projector.projected().borrow();
    match kept {
        Ok(()) => Ok(asking.respond(position, flash::redirect(BRING))),
        Err(problem) => {
            let upload = uploads.of_member(caller.member, fresh::now()).await;
            let upload = upload.map_err(failed)?;
            let attempt = Attempt::again(problem, None);
            let page = shown(visitor, upload.as_ref(), &attempt);
            Ok(asking.respond(position, page))
        }
    }
}

/// Reads and matches the file; inside, what the member can mend.
async fn keep(
    app: &App,
    uploads: &Uploads,
    (caller, language): (&Caller, Language),
    form: Multipart,
) -> Result<Result<(), Problem>, Problem> {
    let _arriving = Arriving::of(caller.member).ok_or_else(|| Problem::busy(5))?;
    let late = |_| {
        Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "late",
            message!("error-bring-late"),
        )
    };
    let file = tokio::time::timeout(FILE_TIMEOUT, file(form, caller))
        .await
        .map_err(late)??;
    let permit = tokio::time::timeout(TURN, AT_ONCE.acquire()).await;
    let _permit = permit.map_err(|_| Problem::busy(5))?;
    let now = fresh::now();
    // a large one takes a while
    let read = tokio::task::spawn_blocking(move || own::read(&file, now)).await;
    let said = match read.map_err(Problem::internal)? {
        Ok(said) if said.is_nothing() => {
            return Ok(Err(Problem::invalid("file", message!("error-bring-empty"))));
        }
        Ok(said) => said,
        Err(why) => return Ok(Err(Problem::invalid("file", refusal(why)))),
    };
    let brought = own::matched(app, caller.member, said, language).await;
    let brought = brought.map_err(Problem::internal)?;
    let put = uploads.put((caller.member, fresh::id()), brought, now);
    match put.await.map_err(failed)? {
        true => Ok(Ok(())),
        false => Ok(Err(Problem::invalid("file", message!("error-bring-busy")))),
    }
}

/// The form's token stands in front of it.
async fn file(mut form: Multipart, caller: &Caller) -> Result<Bytes, Problem> {
    let broken = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::payload_too_large(FILE_BYTES),
        _ => Problem::bad_request("The form can't be read."),
    };
    let mut token = None;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() == Some(form_token::FIELD) {
            token = Some(field.text().await.map_err(broken)?);
        } else if field.name() == Some("file") {
            form_token::check(caller, token.as_deref())?;
            let bytes = field.bytes().await.map_err(broken)?;
            return match bytes.len() <= FILE_BYTES {
                true => Ok(bytes),
                false => Err(Problem::payload_too_large(FILE_BYTES)),
            };
        }
    }
    Err(Problem::bad_request("The form has no file."))
}

fn refusal(why: Unreadable) -> Message {
    match why {
        Unreadable::Unknown => message!("error-bring-unknown"),
        Unreadable::TooLong => message!("error-bring-long"),
        Unreadable::Broken => message!("error-bring-broken"),
    }
}

#[derive(Deserialize)]
struct Chosen {
    /// What the page showed: another tab may have brought another file since.
    upload: Option<Uuid>,
}

/// `POST /settings/import/start`: 303. Also goes on with what was broken off.
async fn start(
    State(app): State<App>,
    caller: Caller,
    asking: Asking,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Problem> {
    begin(&app, caller, &asking, (Phase::Importing, chosen.upload)).await
}

/// `POST /settings/import/undo`: 303.
async fn undo(State(app): State<App>, caller: Caller, asking: Asking) -> Result<Response, Problem> {
    begin(&app, caller, &asking, (Phase::Undoing, None)).await
}

async fn begin(
    app: &App,
    caller: Caller,
    asking: &Asking,
    (phase, shown): (Phase, Option<Uuid>),
) -> Result<Response, Problem> {
    let begun = Uploads::of(app)
        .begin((caller.member, shown), phase, fresh::now())
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
