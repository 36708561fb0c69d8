//! Who has come from a provider for the first time: they choose a name, or sign in first to the
//! account that has their address, and link it.

use axum::Router;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::{Joined, arrivals};
use crate::app::App;
use crate::asking::Asking;
use crate::components::{Field, command, error_summary, field};
use crate::extract::{Form, Query};
use crate::fields::Fields;
use crate::flash::{self, Flash};
use crate::language::Language;
use crate::layout::Page;
use crate::pages::accounts::{hidden_next, let_in, letter_first, line};
use crate::pages::again::sign_in_again;
use crate::pages::attempt::Attempt;
use crate::pages::providers::name_in;
use crate::pages::{Bare, Next, leading_to, unkept};
use crate::problem::Problem;
use crate::providers::Identity;
use crate::reading::failed;
use crate::session::Caller;
use crate::vault::{ARRIVAL, Token};
use crate::visitor::Visitor;
use crate::{cookies, fresh, t};

pub const FINISH: &str = "/sign-up/finish";
const LINK: &str = "/settings/sign-in/arrival";
const WAYS: &str = "/settings/sign-in";
const COOKIE: &str = "arrival";

pub fn routes() -> Router<App> {
    Router::new()
        .route(FINISH, get(form).post(finish))
        .route(LINK, get(link_form).post(link))
}

/// The `Set-Cookie` value with which a browser is known until it has chosen a name.
pub fn cookie(token: &Token, secure: bool) -> HeaderValue {
    let seconds = u32::try_from(ARRIVAL.num_seconds()).expect("it is minutes");
    cookies::set(COOKIE, token.reveal(), seconds, secure)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Finish {
    command: Option<String>,
    next: String,
    name: String,
    email: String,
}

/// Who has arrived in this browser, and their token.
async fn arrived(app: &App, headers: &HeaderMap) -> Result<Option<(Identity, String)>, Problem> {
    let Some(token) = cookies::get(headers, COOKIE, app.secure_cookies) else {
        return Ok(None);
    };
    let who = app.vault.arrival(&token, fresh::now()).await;
    Ok(who.map_err(failed)?.map(|who| (who, token)))
}

/// `GET /sign-up/finish?next={path}`: 200; 303 for who has not come from a provider.
async fn form(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    caller: Option<Caller>,
    Query(Next { next }): Query<Next>,
) -> Result<Response, Problem> {
    let Some((who, _)) = arrived(&app, &headers).await? else {
        return Ok(flash::redirect(&leading_to("/sign-up", &next)));
    };
    if caller.is_some() {
        return Ok(flash::redirect(LINK));
    }
    if arrivals::is_of_a_member(&app, &who).await? {
        return Ok(unkept(known_page(&app, visitor, &who)));
    }
    let typed = Finish {
        command: None,
        next,
        name: who.name.chars().take(30).collect(),
        email: who.email.clone().unwrap_or_default(),
    };
    let attempt = Attempt::first();
    Ok(attempt.respond(finish_page(&app, visitor, &who, &typed, &attempt)))
}

/// `POST /sign-up/finish`: 303 and a session, 422 with the form, 429.
async fn finish(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    asking: Result<Asking, Problem>,
    Form(typed): Form<Finish>,
) -> Result<Response, Problem> {
    let Some((who, token)) = arrived(&app, &headers).await? else {
        return Ok(flash::redirect(&leading_to("/sign-up", &typed.next)));
    };
    match join(&app, visitor.language, asking, &who, &typed).await {
        Ok((_, Joined::Mailed(asked))) => {
            app.vault.forget_arrival(&token).await.map_err(failed)?;
            let mut response = letter_first(&app, &asked, &typed.next);
            leave(&app, &mut response);
            Ok(response)
        }
        Ok((asking, Joined::In(came))) => {
            app.vault.forget_arrival(&token).await.map_err(failed)?;
            let welcome = Flash::Welcome.redirect(&typed.next);
            let mut response = let_in(&app, &headers, &came, welcome).await;
            leave(&app, &mut response);
            Ok(asking.respond(came.position.unwrap_or_default(), response))
        }
        Err(problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            Ok(attempt.respond(finish_page(&app, visitor, &who, &typed, &attempt)))
        }
    }
}

async fn join(
    app: &App,
    language: Language,
    asking: Result<Asking, Problem>,
    who: &Identity,
    typed: &Finish,
) -> Result<(Asking, Joined), Problem> {
    let asking = asking?.with_form_key(typed.command.as_deref())?;
    let mut fields = Fields::default();
    let name = fields.name("name", &typed.name);
    // the one that the provider vouches for is not up to what is typed
    let email = match who.vouched_email() {
        Some(email) => Some(email),
        None => fields.email("email", &typed.email),
    };
    let (name, email) = fields.finish(|| Some((name?, email?)))?;
    let came = arrivals::sign_up(app, &asking, who, name, email, language.into()).await?;
    Ok((asking, came))
}

fn finish_page(
    app: &App,
    visitor: Visitor,
    who: &Identity,
    typed: &Finish,
    attempt: &Attempt,
) -> Page {
    let language = visitor.language;
    let problem = attempt.problem();
    let label = t!(language, "field-name");
    let name = Field {
        hint: Some(t!(language, "field-name-hint")),
        ..line("name", "text", label, &typed.name, "nickname")
    };
    let label = t!(language, "field-email");
    let email = Field {
        hint: Some(t!(language, "field-email-hint")),
        ..line("email", "email", label, &typed.email, "email")
    };
    let lead = t!(
        language,
        "arrival-lead",
        provider = provider_name(app, language, who)
    );
    let content = html! {
        div class="form-card" {
            h1 { (t!(language, "arrival-title")) }
            p class="lead" { (lead) }
            form method="post" action=(FINISH) {
                (error_summary(language, problem))
                (command(&attempt.command))
                (hidden_next(&typed.next))
                (field(language, &name, problem))
                @match who.vouched_email() {
                    Some(email) => p class="field hint" { (email.as_str()) },
                    None => (field(language, &email, problem)),
                }
                button class="button" type="submit" { (t!(language, "sign-up-button")) }
            }
        }
    };
    Page::new(visitor, t!(language, "arrival-title"), content)
}

/// There is an account with their address: it could be somebody else's.
fn known_page(app: &App, visitor: Visitor, who: &Identity) -> Page {
    let language = visitor.language;
    let provider = provider_name(app, language, who);
    let content = html! {
        div class="form-card" {
            h1 { (t!(language, "arrival-known-title")) }
            p class="lead" {
                (t!(language, "arrival-known", email = &who.label, provider = provider))
            }
            p class="actions" {
                a class="button" href=(leading_to("/sign-in", LINK)) {
                    (t!(language, "arrival-known-sign-in"))
                }
            }
        }
    };
    Page::new(visitor, t!(language, "arrival-known-title"), content)
}

/// `GET /settings/sign-in/arrival`: 200; 303 for who has not come from a provider.
async fn link_form(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some((who, _)) = arrived(&app, &headers).await? else {
        return Ok(flash::redirect(WAYS));
    };
    let attempt = Attempt::first();
    Ok(attempt.respond(link_page(&app, visitor, &who, &attempt)))
}

/// `POST /settings/sign-in/arrival`: 303, 422 with the form.
async fn link(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    caller: Caller,
    asking: Asking,
    Form(bare): Form<Bare>,
) -> Result<Response, Problem> {
    let Some((who, token)) = arrived(&app, &headers).await? else {
        return Ok(flash::redirect(WAYS));
    };
    let asking = asking.with_form_key(bare.command.as_deref())?;
    match arrivals::link(&app, &asking, &caller, &who).await {
        Ok(position) => {
            app.vault.forget_arrival(&token).await.map_err(failed)?;
            let mut response = asking.respond(position, Flash::Linked.redirect(WAYS));
            leave(&app, &mut response);
            Ok(response)
        }
        Err(problem) if problem.slug() == "sign-in-again" => Ok(sign_in_again(LINK)),
        Err(problem) => {
            let attempt = Attempt::again(problem, bare.command.as_deref());
            Ok(attempt.respond(link_page(&app, visitor, &who, &attempt)))
        }
    }
}

fn link_page(app: &App, visitor: Visitor, who: &Identity, attempt: &Attempt) -> Page {
    let language = visitor.language;
    let provider = provider_name(app, language, who);
    let title = t!(language, "arrival-link-title", provider = &provider);
    let content: Markup = html! {
        div class="form-card" {
            h1 { (title) }
            p class="lead" {
                (t!(language, "arrival-link", account = &who.label, provider = &provider))
            }
            form method="post" action=(LINK) {
                (error_summary(language, attempt.problem()))
                (command(&attempt.command))
                button class="button" type="submit" { (t!(language, "ways-link")) }
            }
            p class="aside" { a href=(WAYS) { (t!(language, "cancel")) } }
        }
    };
    Page::new(visitor, title, content)
}

/// As on its button; one that is configured no more is called by its slug.
fn provider_name(app: &App, language: Language, who: &Identity) -> String {
    let provider = app.providers.find(&who.provider);
    provider.map_or_else(
        || who.provider.clone(),
        |provider| name_in(language, provider),
    )
}

fn leave(app: &App, response: &mut Response) {
    let end = cookies::clear(COOKIE, app.secure_cookies);
    response.headers_mut().append(SET_COOKIE, end);
}
