//! Where the link in a letter leads whoever wants to join: from here on they are a member. In another
//! browser than the one in which they began they type their password once more.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use axum::routing::get;
use maud::html;
use serde::Deserialize;

use crate::accounts::joining::{self, Proof};
use crate::app::App;
use crate::asking::Asking;
use crate::components::{Field, field};
use crate::extract::{Form, Query};
use crate::fields::Fields;
use crate::flash::Flash;
use crate::layout::Page;
use crate::pages::accounts::{let_in, line};
use crate::pages::attempt::Attempt;
use crate::pages::links::{Bearer, bearer, card, quiet};
use crate::problem::Problem;
use crate::vault::Token;
use crate::vault::links::Purpose;
use crate::visitor::Visitor;
use crate::{cookies, t};

const JOIN: &str = "/join";
const COOKIE: &str = "joining";

pub fn routes() -> Router<App> {
    Router::new().route(JOIN, get(form).post(join))
}

/// Has the browser know its sign-up again when the letter has come.
pub fn remember(app: &App, token: &Token, mut answer: Response) -> Response {
    let seconds = Purpose::Joining.lifetime().num_seconds();
    let seconds = u32::try_from(seconds).expect("it is a day");
    let cookie = cookies::set(COOKIE, token.reveal(), seconds, app.secure_cookies);
    answer.headers_mut().append(SET_COOKIE, cookie);
    answer
}

fn browser(app: &App, headers: &HeaderMap) -> Option<String> {
    cookies::get(headers, COOKIE, app.secure_cookies)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Joining {
    command: Option<String>,
    token: String,
    name: String,
    password: String,
}

/// `GET /join?token={token}`: 200, 403, 410.
async fn form(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(Bearer { token }): Query<Bearer>,
) -> Result<Response, Problem> {
    let browser = browser(&app, &headers);
    let waiting = joining::waiting(&app, &token, browser.as_deref()).await?;
    let (sign_up, began_here) = (waiting.sign_up, waiting.began_here);
    if !began_here && sign_up.password_hash.is_none() {
        return Err(joining::other_browser());
    }
    let attempt = Attempt::first();
    let page = page(visitor, &token, (&sign_up.name, began_here), &attempt);
    Ok(quiet(attempt.respond(page)))
}

/// `POST /join`: 303 and a session, 403, 410, 422 with the form, 429.
async fn join(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    asking: Result<Asking, Problem>,
    Form(typed): Form<Joining>,
) -> Result<Response, Problem> {
    match become_one(&app, &headers, asking, &typed).await {
        Err(problem) if !["link-used-up", "other-browser"].contains(&problem.slug()) => {
            let browser = browser(&app, &headers);
            let waiting = joining::waiting(&app, &typed.token, browser.as_deref()).await?;
            let attempt = Attempt::again(problem, typed.command.as_deref());
            let shown = (typed.name.as_str(), waiting.began_here);
            let page = page(visitor, &typed.token, shown, &attempt);
            Ok(quiet(attempt.respond(page)))
        }
        Ok(mut joined) => {
            let end = cookies::clear(COOKIE, app.secure_cookies);
            joined.headers_mut().append(SET_COOKIE, end);
            Ok(joined)
        }
        Err(problem) => Err(problem),
    }
}

async fn become_one(
    app: &App,
    headers: &HeaderMap,
    asking: Result<Asking, Problem>,
    typed: &Joining,
) -> Result<Response, Problem> {
    let asking = asking?.with_form_key(typed.command.as_deref())?;
    let mut fields = Fields::default();
    let name = fields.name("name", &typed.name);
    let name = fields.finish(|| name)?;
    let browser = browser(app, headers);
    let proof = Proof {
        browser: browser.as_deref(),
        password: Some(&typed.password),
    };
    let came = joining::finish(app, &asking, (&typed.token, proof), Some(name)).await?;
    let response = let_in(app, headers, &came, Flash::Welcome.redirect("/")).await;
    Ok(asking.respond(came.position.unwrap_or_default(), response))
}

fn page(
    visitor: Visitor,
    token: &str,
    (name, began_here): (&str, bool),
    attempt: &Attempt,
) -> Page {
    let language = visitor.language;
    let label = t!(language, "field-name");
    let name = Field {
        hint: Some(t!(language, "field-name-hint")),
        ..line("name", "text", label, name, "nickname")
    };
    let label = t!(language, "field-password");
    let password = Field {
        hint: Some(t!(language, "join-password-hint")),
        ..line("password", "password", label, "", "current-password")
    };
    let form = html! {
        (bearer(token))
        (field(language, &name, attempt.problem()))
        @if !began_here { (field(language, &password, attempt.problem())) }
        button class="button" type="submit" { (t!(language, "join-button")) }
    };
    let (title, lead) = (t!(language, "join-title"), t!(language, "join-lead"));
    card(visitor, &title, &lead, JOIN, attempt, &form)
}
