//! The second step of signing in: a code of the member's authenticator app, or a recovery code.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use axum::routing::get;
use maud::html;
use serde::Deserialize;

use crate::accounts::entry::{self, Entry};
use crate::app::App;
use crate::asking::Asking;
use crate::components::{Field, error_summary, field};
use crate::extract::{Form, Query};
use crate::flash;
use crate::language::Language;
use crate::layout::Page;
use crate::pages::accounts::{hidden_next, line};
use crate::pages::attempt::Attempt;
use crate::pages::sessions::go_in;
use crate::pages::{Next, leading_to};
use crate::problem::Problem;
use crate::vault::Token;
use crate::vault::factors::HALFWAY;
use crate::visitor::Visitor;
use crate::{cookies, t};

const CODE: &str = "/sign-in/code";
const COOKIE: &str = "halfway";

pub fn routes() -> Router<App> {
    Router::new().route(CODE, get(form).post(give))
}

/// Sends on who owes a code.
pub fn ask_for_one(app: &App, token: &Token, next: &str) -> Response {
    let seconds = u32::try_from(HALFWAY.num_seconds()).expect("it is minutes");
    let cookie = cookies::set(COOKIE, token.reveal(), seconds, app.secure_cookies);
    let mut response = flash::redirect(&leading_to(CODE, next));
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Given {
    next: String,
    code: String,
}

/// `GET /sign-in/code?next={path}`: 200; 422 for who has not come so far.
async fn form(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(Next { next }): Query<Next>,
) -> Response {
    let attempt = match cookies::get(&headers, COOKIE, app.secure_cookies) {
        Some(_) => Attempt::first(),
        None => Attempt::again(entry::too_late(), None),
    };
    attempt.respond(page(visitor, &next, &attempt))
}

/// `POST /sign-in/code`: 303 and a session, 422 with the form, 429.
async fn give(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    asking: Result<Asking, Problem>,
    Form(typed): Form<Given>,
) -> Response {
    let token = cookies::get(&headers, COOKIE, app.secure_cookies).unwrap_or_default();
    match come_in(&app, &headers, asking, (&token, &typed)).await {
        Ok(mut response) => {
            let end = cookies::clear(COOKIE, app.secure_cookies);
            response.headers_mut().append(SET_COOKIE, end);
            response
        }
        Err(problem) => {
            let attempt = Attempt::again(problem, None);
            attempt.respond(page(visitor, &typed.next, &attempt))
        }
    }
}

async fn come_in(
    app: &App,
    headers: &HeaderMap,
    asking: Result<Asking, Problem>,
    (token, typed): (&str, &Given),
) -> Result<Response, Problem> {
    let asking = asking?;
    let came = entry::give_code(app, &asking, token, &typed.code).await?;
    go_in(app, &asking, headers, Entry::In(came), &typed.next).await
}

/// Where a code goes: the browser may know it, and shows figures to type.
pub fn code_field(language: Language) -> Field<'static> {
    Field {
        hint: Some(t!(language, "code-hint")),
        ..line(
            "code",
            "text",
            t!(language, "field-code"),
            "",
            "one-time-code",
        )
    }
}

fn page(visitor: Visitor, next: &str, attempt: &Attempt) -> Page {
    let language = visitor.language;
    let content = html! {
        div class="form-card" {
            h1 { (t!(language, "code-title")) }
            p class="lead" { (t!(language, "code-lead")) }
            form method="post" action=(CODE) {
                (error_summary(language, attempt.problem()))
                (hidden_next(next))
                (field(language, &code_field(language), attempt.problem()))
                button class="button" type="submit" { (t!(language, "sign-in-button")) }
            }
            p class="aside" {
                a href=(leading_to("/sign-in", next)) { (t!(language, "code-begin-again")) }
            }
        }
    };
    let title = t!(language, "code-title");
    Page::new(visitor, title, content)
}
