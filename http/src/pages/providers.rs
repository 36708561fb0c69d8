//! Signing in with a provider: the buttons, the way there and the way back.

use axum::Router;
use axum::extract::State;
use axum::http::header::{HOST, REFERRER_POLICY, REFRESH, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::arrivals::{self, Answer, Arrival};
use crate::accounts::entry::is_recent;
use crate::app::App;
use crate::asking::Asking;
use crate::assets::asset;
use crate::extract::{Form, Path, Query};
use crate::flash::{self, Flash};
use crate::language::Language;
use crate::layout::Page;
use crate::pages::accounts::hidden_next;
use crate::pages::again::{AGAIN, sign_in_again};
use crate::pages::sessions::go_in;
use crate::pages::{Next, arrival, leading_to, unkept};
use crate::problem::Problem;
use crate::providers::journey::{self, Aim, Journey};
use crate::providers::{Dialect, Kind, Provider, Providers};
use crate::session::Caller;
use crate::visitor::Visitor;
use crate::{fresh, t};

const WAYS: &str = "/settings/sign-in";

pub fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in/{provider}", post(depart))
        .route("/sign-in/{provider}/back", get(come_back))
        .route("/settings/sign-in/link/{provider}", post(depart_to_link))
        .route("/sign-in/again/{provider}", post(depart_to_prove))
}

/// A button for each provider; nothing where none is configured.
pub fn buttons(language: Language, providers: &Providers, next: &str) -> Markup {
    html! {
        @if !providers.is_empty() {
            div class="providers" {
                @for provider in providers.iter() {
                    form method="post" action={ "/sign-in/" (provider.slug) } {
                        (hidden_next(next))
                        (button(language, provider))
                    }
                }
            }
            p class="or" { span { (t!(language, "sign-in-or")) } }
        }
    }
}

pub fn button(language: Language, provider: &Provider) -> Markup {
    let look = look(provider);
    html! {
        button class={ "button provider provider-" (look) } type="submit" {
            svg class="icon" viewBox="0 0 24 24" aria-hidden="true" {
                use href={ (asset("providers.svg")) "#" (look) } {}
            }
            span { (t!(language, "sign-in-with", provider = name_in(language, provider))) }
        }
    }
}

/// As its members call it, unless the site's operator calls it otherwise.
pub fn name_in(language: Language, provider: &Provider) -> String {
    match (look(provider), provider.name.as_str()) {
        ("naver", "Naver") => t!(language, "provider-naver"),
        ("kakao", "Kakao") => t!(language, "provider-kakao"),
        (_, name) => name.to_owned(),
    }
}

/// Whose colours its button has.
fn look(provider: &Provider) -> &'static str {
    match &provider.kind {
        Kind::OpenId(_) if provider.slug == "google" => "google",
        Kind::OpenId(_) => "openid",
        Kind::Plain(plain) => match plain.dialect {
            Dialect::Naver => "naver",
            Dialect::Kakao => "kakao",
            Dialect::GitHub => "github",
        },
    }
}

/// `POST /sign-in/{provider}`: 200 and on to the provider.
async fn depart(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    asking: Asking,
    Path(slug): Path<String>,
    Form(Next { next }): Form<Next>,
) -> Result<Response, Problem> {
    app.limits.check_sign_in(asking.address)?;
    send_off(&app, visitor, &headers, &slug, (&next, Aim::SignIn)).await
}

/// `POST /settings/sign-in/link/{provider}`: 200 and on to the provider.
async fn depart_to_link(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    caller: Caller,
    asking: Asking,
    Path(slug): Path<String>,
) -> Result<Response, Problem> {
    app.limits.check_sign_in(asking.address)?;
    if !is_recent(&app, &caller).await? {
        return Ok(sign_in_again(WAYS));
    }
    let aim = Aim::Link(caller.member);
    send_off(&app, visitor, &headers, &slug, (WAYS, aim)).await
}

/// `POST /sign-in/again/{provider}`: 200 and on to the provider.
async fn depart_to_prove(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    caller: Caller,
    asking: Asking,
    Path(slug): Path<String>,
    Form(Next { next }): Form<Next>,
) -> Result<Response, Problem> {
    app.limits.check_sign_in(asking.address)?;
    let aim = Aim::Prove(caller.member);
    send_off(&app, visitor, &headers, &slug, (&next, aim)).await
}

/// A page that leads on by itself: a redirect would be the form's, and forms of ours go nowhere
/// else (`form-action 'self'`).
async fn send_off(
    app: &App,
    visitor: Visitor,
    headers: &HeaderMap,
    slug: &str,
    (next, aim): (&str, Aim),
) -> Result<Response, Problem> {
    let provider = arrivals::provider(app, slug)?;
    let redirect = format!("{}/sign-in/{slug}/back", origin(app, headers)?);
    let journey = Journey::begin(fresh::id(), slug, redirect, (next, aim), fresh::now());
    let there = provider.authorize_url(&journey.setting).await?;
    let refresh = HeaderValue::try_from(format!("0; url={there}")).map_err(Problem::internal)?;
    let language = visitor.language;
    let title = t!(
        language,
        "providers-leaving",
        provider = name_in(language, provider)
    );
    let content = html! {
        div class="form-card" {
            h1 { (title) }
            p class="lead" { (t!(language, "providers-leaving-lead")) }
            p class="actions" {
                a class="button" href=(there) rel="noreferrer" {
                    (t!(language, "sign-in-with", provider = name_in(language, provider)))
                }
            }
        }
    };
    let mut response = unkept(Page::new(visitor, title, content));
    let cookie = journey.cookie(&app.vault, app.secure_cookies);
    let headers = response.headers_mut();
    headers.insert(REFRESH, refresh);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.append(SET_COOKIE, cookie);
    Ok(response)
}

/// What stands before our paths, as the provider knows it.
fn origin(app: &App, headers: &HeaderMap) -> Result<String, Problem> {
    if let Some(origin) = &app.origin {
        return Ok(origin.clone());
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.ok_or_else(|| Problem::bad_request("There is no Host."))?;
    Ok(format!("http://{host}"))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Back {
    state: String,
    code: String,
    error: String,
}

/// `GET /sign-in/{provider}/back?state=…&code=…`: 303, 400, 502.
async fn come_back(
    State(app): State<App>,
    headers: HeaderMap,
    caller: Option<Caller>,
    asking: Asking,
    Path(slug): Path<String>,
    Query(back): Query<Back>,
) -> Response {
    let answer = Answer {
        state: &back.state,
        code: &back.code,
        error: &back.error,
    };
    let arrived = arrivals::arrive(&app, &asking, &headers, caller.as_ref(), &slug, answer).await;
    let shown = match arrived {
        Ok((journey, arrival)) => lead_on(&app, &asking, &headers, &journey, arrival).await,
        Err(problem) => Err(problem),
    };
    let mut response = shown.unwrap_or_else(IntoResponse::into_response);
    let end = journey::end(app.secure_cookies);
    response.headers_mut().append(SET_COOKIE, end);
    response
}

async fn lead_on(
    app: &App,
    asking: &Asking,
    headers: &HeaderMap,
    journey: &Journey,
    arrival: Arrival,
) -> Result<Response, Problem> {
    match arrival {
        Arrival::In(entry) => go_in(app, asking, headers, entry, &journey.next).await,
        Arrival::Linked(position) => Ok(asking.respond(position, Flash::Linked.redirect(WAYS))),
        Arrival::Unknown(token) => {
            let finish = leading_to(arrival::FINISH, &journey.next);
            let mut response = flash::redirect(&finish);
            let cookie = arrival::cookie(&token, app.secure_cookies);
            response.headers_mut().append(SET_COOKIE, cookie);
            Ok(response)
        }
        Arrival::Declined => {
            let back = match journey.aim {
                Aim::SignIn => leading_to("/sign-in", &journey.next),
                Aim::Link(_) => WAYS.to_owned(),
                Aim::Prove(_) => leading_to(AGAIN, &journey.next),
            };
            Ok(Flash::ProviderDeclined.redirect(&back))
        }
    }
}
