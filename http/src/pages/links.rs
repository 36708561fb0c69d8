//! Where the links in letters lead, and where one asks for a new password. A link does nothing by
//! being opened (programs that look through mail open them, too): the form on its page does.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{REFERRER_POLICY, SET_COOKIE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::mailed;
use crate::app::App;
use crate::asking::Asking;
use crate::components::{command, error_summary, field};
use crate::extract::{Form, Query};
use crate::fields::Fields;
use crate::flash::Flash;
use crate::language::Language;
use crate::layout::Page;
use crate::pages::accounts::{line, new_password};
use crate::pages::attempt::Attempt;
use crate::problem::Problem;
use crate::session::Caller;
use crate::t;
use crate::vault::links::Purpose;
use crate::visitor::Visitor;

const FORGOT: &str = "/forgot-password";
const RESET: &str = "/reset-password";
const VERIFY: &str = "/verify-email";
const CHANGE: &str = "/change-email";
const EMAIL: &str = "/settings/email";

pub fn routes() -> Router<App> {
    Router::new()
        .route(FORGOT, get(forgot_form).post(forgot))
        .route(RESET, get(reset_form).post(reset))
        .route(VERIFY, get(verify_form).post(verify))
        .route(CHANGE, get(change_form).post(change))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Forgot {
    command: Option<String>,
    email: String,
}

/// `GET /forgot-password`: 200.
async fn forgot_form(visitor: Visitor) -> Response {
    let attempt = Attempt::first();
    attempt.respond(forgot_page(visitor, "", &attempt))
}

/// `POST /forgot-password`: 303 to the same page, whoever's the address is; 422 with the form, 429.
async fn forgot(
    State(app): State<App>,
    visitor: Visitor,
    asking: Result<Asking, Problem>,
    Form(typed): Form<Forgot>,
) -> Response {
    match ask_for_reset(&app, asking, &typed).await {
        Ok(()) => Flash::ResetAsked.redirect(FORGOT),
        Err(problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            attempt.respond(forgot_page(visitor, &typed.email, &attempt))
        }
    }
}

async fn ask_for_reset(
    app: &App,
    asking: Result<Asking, Problem>,
    typed: &Forgot,
) -> Result<(), Problem> {
    let asking = asking?.with_form_key(typed.command.as_deref())?;
    let mut fields = Fields::default();
    let email = fields.email("email", &typed.email);
    mailed::ask_for_reset(app, &asking, &fields.finish(|| email)?).await
}

fn forgot_page(visitor: Visitor, typed: &str, attempt: &Attempt) -> Page {
    let language = visitor.language;
    let label = t!(language, "field-email");
    let email = line("email", "email", label, typed, "username");
    let form = html! {
        (field(language, &email, attempt.problem()))
        button class="button" type="submit" { (t!(language, "forgot-button")) }
    };
    let lead = t!(language, "forgot-lead");
    let title = t!(language, "forgot-title");
    card(visitor, &title, &lead, FORGOT, attempt, &form)
}

#[derive(Deserialize)]
pub struct Bearer {
    #[serde(default)]
    pub token: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reset {
    command: Option<String>,
    token: String,
    new_password: String,
}

/// `GET /reset-password?token={token}`: 200, 410.
async fn reset_form(
    State(app): State<App>,
    visitor: Visitor,
    Query(Bearer { token }): Query<Bearer>,
) -> Result<Response, Problem> {
    mailed::link(&app, &token, Purpose::Reset).await?;
    let attempt = Attempt::first();
    Ok(quiet(
        attempt.respond(reset_page(visitor, &token, &attempt)),
    ))
}

/// `POST /reset-password`: 303 to the sign-in, 410, 422 with the form, 429.
async fn reset(
    State(app): State<App>,
    visitor: Visitor,
    asking: Result<Asking, Problem>,
    Form(typed): Form<Reset>,
) -> Result<Response, Problem> {
    match choose_password(&app, asking, &typed).await {
        Err(problem) if problem.slug() != "link-used-up" => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            let page = reset_page(visitor, &typed.token, &attempt);
            Ok(quiet(attempt.respond(page)))
        }
        chosen => chosen,
    }
}

async fn choose_password(
    app: &App,
    asking: Result<Asking, Problem>,
    typed: &Reset,
) -> Result<Response, Problem> {
    let asking = asking?.with_form_key(typed.command.as_deref())?;
    let mut fields = Fields::default();
    let new = fields.password("new_password", typed.new_password.clone());
    let new = fields.finish(|| new)?;
    let chosen = mailed::reset(app, &asking, &typed.token, &new).await?;
    let mut next = Flash::PasswordReset.redirect("/sign-in");
    next.headers_mut().append(SET_COOKIE, chosen.known);
    Ok(asking.respond(chosen.position, next))
}

fn reset_page(visitor: Visitor, token: &str, attempt: &Attempt) -> Page {
    let language = visitor.language;
    let new = new_password(language);
    let form = html! {
        (bearer(token))
        (field(language, &new, attempt.problem()))
        button class="button" type="submit" { (t!(language, "reset-button")) }
    };
    let (title, lead) = (t!(language, "reset-title"), t!(language, "reset-lead"));
    card(visitor, &title, &lead, RESET, attempt, &form)
}

#[derive(Deserialize)]
struct Following {
    command: Option<String>,
    #[serde(default)]
    token: String,
}

/// `GET /verify-email?token={token}`: 200, 410.
async fn verify_form(
    State(app): State<App>,
    visitor: Visitor,
    Query(Bearer { token }): Query<Bearer>,
) -> Result<Response, Problem> {
    let link = mailed::link(&app, &token, Purpose::Verification).await?;
    let language = visitor.language;
    let said = Said {
        title: t!(language, "verify-title"),
        lead: t!(language, "verify-lead", email = &link.address),
        button: t!(language, "verify-button"),
    };
    Ok(follow_page(visitor, VERIFY, &token, said))
}

/// `POST /verify-email`: 303, 410, 429.
async fn verify(
    State(app): State<App>,
    caller: Option<Caller>,
    asking: Asking,
    Form(form): Form<Following>,
) -> Result<Response, Problem> {
    let asking = asking.with_form_key(form.command.as_deref())?;
    let position = mailed::verify(&app, &asking, &form.token).await?;
    let next = Flash::EmailVerified.redirect(place(caller.as_ref()));
    Ok(asking.respond(position, next))
}

/// `GET /change-email?token={token}`: 200, 410.
async fn change_form(
    State(app): State<App>,
    visitor: Visitor,
    Query(Bearer { token }): Query<Bearer>,
) -> Result<Response, Problem> {
    let link = mailed::link(&app, &token, Purpose::Address).await?;
    let language = visitor.language;
    let said = Said {
        title: t!(language, "change-email-title"),
        lead: t!(language, "change-email-lead", email = &link.address),
        button: t!(language, "change-email-button"),
    };
    Ok(follow_page(visitor, CHANGE, &token, said))
}

/// `POST /change-email`: 303, 409, 410, 429.
async fn change(
    State(app): State<App>,
    caller: Option<Caller>,
    asking: Asking,
    Form(form): Form<Following>,
) -> Result<Response, Problem> {
    let asking = asking.with_form_key(form.command.as_deref())?;
    let position = mailed::change_email(&app, &asking, &form.token).await?;
    let next = Flash::EmailChanged.redirect(place(caller.as_ref()));
    Ok(asking.respond(position, next))
}

fn place(caller: Option<&Caller>) -> &'static str {
    match caller {
        Some(_) => EMAIL,
        None => "/sign-in",
    }
}

struct Said {
    title: String,
    lead: String,
    button: String,
}

fn follow_page(visitor: Visitor, action: &str, token: &str, said: Said) -> Response {
    let attempt = Attempt::first();
    let form = html! {
        (bearer(token))
        button class="button" type="submit" { (said.button) }
    };
    let page = card(visitor, &said.title, &said.lead, action, &attempt, &form);
    quiet(attempt.respond(page))
}

pub fn bearer(token: &str) -> Markup {
    html! { input type="hidden" name="token" value=(token); }
}

pub fn card(
    visitor: Visitor,
    title: &str,
    lead: &str,
    action: &str,
    attempt: &Attempt,
    form: &Markup,
) -> Page {
    let language: Language = visitor.language;
    let content = html! {
        div class="form-card" {
            h1 { (title) }
            p class="lead" { (lead) }
            form method="post" action=(action) {
                (error_summary(language, attempt.problem()))
                (command(&attempt.command))
                (form)
            }
        }
    };
    Page::new(visitor, title, content)
}

/// The page's address holds a token: nobody else hears of it.
pub fn quiet(page: impl IntoResponse) -> Response {
    let mut response = page.into_response();
    let nothing = HeaderValue::from_static("no-referrer");
    response.headers_mut().insert(REFERRER_POLICY, nothing);
    response
}
