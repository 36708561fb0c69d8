//! Showing again that it is them: asked of members before they change how they sign in, unless they
//! have done so lately.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::entry::{self, CameIn, is_recent};
use crate::app::App;
use crate::asking::Asking;
use crate::assets::asset;
use crate::components::{command, error_summary, field};
use crate::extract::{Form, Query};
use crate::flash;
use crate::layout::Page;
use crate::pages::accounts::{hidden_next, let_in, line};
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::pages::code::code_field;
use crate::pages::providers::button;
use crate::pages::settings::{CODES, WAYS, passkeys};
use crate::pages::{Next, leading_to, unkept};
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;
use crate::t;
use crate::vault::passkeys::PASSKEY;
use crate::visitor::Visitor;

pub const AGAIN: &str = "/sign-in/again";

pub fn routes() -> Router<App> {
    Router::new().route(AGAIN, get(form).post(prove))
}

/// Sends a member there, and back to a page of ours.
pub fn sign_in_again(next: &str) -> Response {
    flash::redirect(&leading_to(AGAIN, next))
}

/// Where a form's handler asks for it, the member is sent there instead of told.
pub fn or_again(answer: Result<Response, Problem>, next: &str) -> Result<Response, Problem> {
    match answer {
        Err(problem) if problem.slug() == "sign-in-again" => Ok(sign_in_again(next)),
        answer => answer,
    }
}

/// `GET /sign-in/again?next={path}`: 200; strangers sign in.
async fn form(
    State(app): State<App>,
    visitor: Visitor,
    caller: Caller,
    Query(Next { next }): Query<Next>,
) -> Result<Response, Problem> {
    let attempt = Attempt::first();
    let page = page(&app, visitor, &caller, &next, &attempt).await?;
    Ok(unkept(page))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Proof {
    command: Option<String>,
    next: String,
    password: String,
    code: String,
}

/// `POST /sign-in/again`: 303 back and a new session, 422 with the form, 429; strangers sign in.
async fn prove(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    caller: Caller,
    asking: Result<Asking, Problem>,
    Form(typed): Form<Proof>,
) -> Result<Response, Problem> {
    match show(&app, asking, &caller, &typed).await {
        Ok(came) => Ok(let_in(&app, &headers, &came, flash::redirect(&typed.next)).await),
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            let page = page(&app, visitor, &caller, &typed.next, &attempt).await?;
            Ok(attempt.respond(page))
        }
        Err(problem) => Err(problem),
    }
}

async fn show(
    app: &App,
    asking: Result<Asking, Problem>,
    caller: &Caller,
    typed: &Proof,
) -> Result<CameIn, Problem> {
    let asking = asking?.with_form_key(typed.command.as_deref())?;
    entry::prove_again(app, &asking, caller, (&typed.password, &typed.code)).await
}

/// With the ways in that the member has.
async fn page(
    app: &App,
    visitor: Visitor,
    caller: &Caller,
    next: &str,
    attempt: &Attempt,
) -> Result<Page, Problem> {
    let language = visitor.language;
    let member = caller.member;
    let has_password = app.vault.has_password(member).await.map_err(failed)?;
    let has_factor = app.vault.factor(member).await.map_err(failed)?.is_some();
    let linked = app.vault.identities(member).await.map_err(failed)?;
    let is_linked = |slug: &str| linked.iter().any(|one| one.provider == slug);
    let password = line(
        "password",
        "password",
        t!(language, "field-password"),
        "",
        "current-password",
    );
    let elsewhere: Markup = html! {
        @for provider in app.providers.iter().filter(|provider| is_linked(&provider.slug)) {
            form method="post"
                action=(leading_to(&format!("{AGAIN}/{}", provider.slug), next)) {
                (hidden_next(next))
                (button(language, provider))
            }
        }
    };
    let has_passkey = is_linked(PASSKEY);
    let has_second = has_factor || has_passkey;
    let rests = !caller.resting.is_empty();
    if rests && !has_second && is_recent(app, caller).await? {
        return Ok(second_factor_first(visitor));
    }
    // of who has two, what shows one alone leads nowhere
    let shows_first = !rests || has_factor || !has_second;
    let lead = match rests {
        true => t!(language, "again-role-lead"),
        false => t!(language, "again-lead"),
    };
    let content = html! {
        div class="form-card" {
            h1 { (t!(language, "again-title")) }
            p class="lead" { (lead) }
            @if has_passkey { (passkeys::sign_in(language, next)) }
            @if shows_first {
                div class="providers" { (elsewhere) }
            }
            @if has_password && shows_first {
                form method="post" action=(leading_to(AGAIN, next)) {
                    (error_summary(language, attempt.problem()))
                    (command(&attempt.command))
                    (hidden_next(next))
                    (field(language, &password, attempt.problem()))
                    @if has_factor { (field(language, &code_field(language), attempt.problem())) }
                    button class="button" type="submit" { (t!(language, "again-button")) }
                }
            }
        }
    };
    let title = t!(language, "again-title");
    Ok(Page::new(visitor, title, content)
        .styled(asset("providers.css"))
        .styled(asset("accounts.css")))
}

/// For who has a role, and nothing but a password or an account elsewhere.
fn second_factor_first(visitor: Visitor) -> Page {
    let language = visitor.language;
    let title = t!(language, "again-role-title");
    let content = html! {
        div class="form-card" {
            h1 { (title) }
            p class="lead" { (t!(language, "again-role-lead")) }
            p { (t!(language, "again-role-none")) }
            p class="actions" {
                a class="button" href=(CODES) { (t!(language, "codes-title")) }
                a class="button quiet" href=(WAYS) { (t!(language, "passkey-add")) }
            }
        }
    };
    Page::new(visitor, title, content).styled(asset("accounts.css"))
}
