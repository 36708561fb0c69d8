//! Signing in and out.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::html;
use serde::Deserialize;

use crate::accounts::entry::{self, CameIn, Entry};
use crate::app::App;
use crate::asking::Asking;
use crate::assets::asset;
use crate::components::{error_summary, field};
use crate::extract::{Form, Query};
use crate::flash::{self, Flash};
use crate::layout::Page;
use crate::pages::accounts::{hidden_next, let_in, line};
use crate::pages::attempt::Attempt;
use crate::pages::providers::buttons;
use crate::pages::settings::passkeys;
use crate::pages::{Bare, Next, code, leading_to};
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::{self, Caller, SESSION_COOKIE};
use crate::visitor::Visitor;
use crate::{cookies, t};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SignIn {
    next: String,
    email: String,
    password: String,
}

/// `GET /sign-in?next={path}`: 200; 303 for who is in already.
pub async fn sign_in_form(
    State(app): State<App>,
    visitor: Visitor,
    Query(Next { next }): Query<Next>,
    caller: Option<Caller>,
) -> Response {
    if caller.is_some() {
        return flash::redirect(&next);
    }
    let attempt = Attempt::first();
    let typed = SignIn {
        next,
        ..SignIn::default()
    };
    attempt.respond(sign_in_page(&app, visitor, &typed, &attempt))
}

/// `POST /sign-in`: 303 and a session, 422 with the form, 429.
pub async fn sign_in(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    asking: Result<Asking, Problem>,
    Form(typed): Form<SignIn>,
) -> Response {
    match come_in(&app, &headers, asking, &typed).await {
        Ok(response) => response,
        Err(problem) => {
            let attempt = Attempt::again(problem, None);
            attempt.respond(sign_in_page(&app, visitor, &typed, &attempt))
        }
    }
}

async fn come_in(
    app: &App,
    headers: &HeaderMap,
    asking: Result<Asking, Problem>,
    typed: &SignIn,
) -> Result<Response, Problem> {
    let asking = asking?;
    let entry = entry::sign_in(app, &asking, &typed.email, &typed.password).await?;
    go_in(app, &asking, headers, entry, &typed.next).await
}

/// In, and on to a page of ours; or to where a code is asked for.
pub async fn go_in(
    app: &App,
    asking: &Asking,
    headers: &HeaderMap,
    entry: Entry,
    next: &str,
) -> Result<Response, Problem> {
    let came = match entry {
        Entry::In(came) => came,
        Entry::Halfway(token) => return Ok(code::ask_for_one(app, &token, next)),
    };
    // The log knows the member; the next page waits until the read models do.
    let head = event_log::head(&app.pool).await.map_err(failed)?;
    let response = let_in(app, headers, &came, welcome(&came).redirect(next)).await;
    Ok(asking.respond(head.position, response))
}

/// What somebody is told who has come in.
pub fn welcome(came: &CameIn) -> Flash {
    if came.stays {
        Flash::WithdrawalTakenBack
    } else {
        Flash::SignedIn
    }
}

fn sign_in_page(app: &App, visitor: Visitor, typed: &SignIn, attempt: &Attempt) -> Page {
    let language = visitor.language;
    let email = line(
        "email",
        "email",
        t!(language, "field-email"),
        &typed.email,
        "username",
    );
    let label = t!(language, "field-password");
    let password = line("password", "password", label, "", "current-password");
    let content = html! {
        div class="form-card" {
            h1 { (t!(language, "sign-in-title")) }
            p class="lead" { (t!(language, "sign-in-lead")) }
            (passkeys::sign_in(language, &typed.next))
            (buttons(language, &app.providers, &typed.next))
            form method="post" action="/sign-in" {
                (error_summary(language, attempt.problem()))
                (hidden_next(&typed.next))
                (field(language, &email, attempt.problem()))
                (field(language, &password, attempt.problem()))
                button class="button" type="submit" { (t!(language, "sign-in-button")) }
            }
            p class="aside" {
                a href="/forgot-password" { (t!(language, "forgot-link")) }
            }
            p class="aside" {
                (t!(language, "sign-in-no-account")) " "
                a href=(leading_to("/sign-up", &typed.next)) { (t!(language, "nav-sign-up")) }
            }
        }
    };
    let title = t!(language, "nav-sign-in");
    Page::new(visitor, title, content)
        .description(t!(language, "sign-in-lead"))
        .styled(asset("providers.css"))
        .styled(asset("accounts.css"))
}

/// `POST /sign-out`: 303 to the main page.
pub async fn sign_out(
    State(app): State<App>,
    headers: HeaderMap,
    _: Asking,
    Form(Bare { .. }): Form<Bare>,
) -> Result<Response, Problem> {
    if let Some(token) = cookies::get(&headers, SESSION_COOKIE, app.secure_cookies) {
        app.vault.end_session(&token).await.map_err(failed)?;
    }
    let mut response = Flash::SignedOut.redirect("/");
    session::end(response.headers_mut(), app.secure_cookies);
    Ok(response)
}
