//! Where the member is signed in.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use uuid::Uuid;

use super::{SESSIONS, page};
use crate::accounts::entry;
use crate::app::App;
use crate::asking::Asking;
use crate::components::time;
use crate::extract::Path;
use crate::flash::Flash;
use crate::language::Language;
use crate::pages::again::or_again;
use crate::pages::unkept;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::vault::sessions::Session;
use crate::{fresh, t};

const END_OTHERS: &str = "/settings/sessions/end-others";

pub fn routes() -> Router<App> {
    Router::new()
        .route(SESSIONS, get(show))
        .route(END_OTHERS, post(end_others))
        .route("/settings/sessions/{session}/end", post(end))
}

/// `GET /settings/sessions`: 200.
async fn show(
    State(app): State<App>,
    reading: Reading,
    caller: Caller,
) -> Result<Response, Problem> {
    let sessions = app
        .vault
        .sessions(caller.member, caller.token(), fresh::now());
    let sessions = sessions.await.map_err(failed)?;
    let visitor = reading.visitor.clone();
    let language = visitor.language;
    let list = html! {
        ul class="sessions" {
            @for session in &sessions { (item(language, session)) }
        }
        @if sessions.len() > 1 { (end_others_form(language)) }
    };
    let (title, lead) = (
        t!(language, "settings-sessions"),
        t!(language, "sessions-lead"),
    );
    Ok(reading.respond(unkept(page(visitor, SESSIONS, &title, &lead, &list))))
}

fn end_others_form(language: Language) -> Markup {
    html! {
        form method="post" action=(END_OTHERS) {
            button class="button" type="submit" { (t!(language, "sessions-end-others")) }
        }
    }
}

/// Where ways in are changed: whoever else has come in by one of them goes.
pub fn elsewhere(language: Language) -> Markup {
    html! {
        h3 { (t!(language, "settings-sessions")) }
        p class="hint" { (t!(language, "sessions-elsewhere")) }
        (end_others_form(language))
    }
}

fn item(language: Language, session: &Session) -> Markup {
    let action = format!("{SESSIONS}/{}/end", session.id);
    html! {
        li {
            div {
                strong {
                    @if session.device.is_empty() {
                        (t!(language, "sessions-unknown"))
                    } @else {
                        (session.device)
                    }
                }
                @if session.is_current {
                    " " span class="mark good" { (t!(language, "sessions-current")) }
                }
                br;
                small {
                    (t!(language, "sessions-used")) " " (time(language, session.last_used_at))
                    " · " (t!(language, "sessions-began")) " " (time(language, session.created_at))
                }
            }
            @if !session.is_current {
                form method="post" action=(action) {
                    button class="button quiet small" type="submit" {
                        (t!(language, "sessions-end"))
                    }
                }
            }
        }
    }
}

/// `POST /settings/sessions/{session}/end`: 303, also to who must show again that it is them; 404.
async fn end(
    State(app): State<App>,
    caller: Caller,
    _: Asking,
    Path(session): Path<Uuid>,
) -> Result<Response, Problem> {
    let ended = entry::end_session(&app, &caller, session).await;
    or_again(
        ended.map(|()| Flash::SessionEnded.redirect(SESSIONS)),
        SESSIONS,
    )
}

/// `POST /settings/sessions/end-others`: 303, also to who must show again that it is them.
async fn end_others(
    State(app): State<App>,
    caller: Caller,
    _: Asking,
) -> Result<Response, Problem> {
    let ended = entry::end_other_sessions(&app, &caller).await;
    or_again(
        ended.map(|()| Flash::SessionsEnded.redirect(SESSIONS)),
        SESSIONS,
    )
}
