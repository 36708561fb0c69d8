//! How a member signs in: a password, accounts at providers; and where they are signed in.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use domain::ReservationId;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use super::sessions::elsewhere;
use super::{CODES, PASSWORD, WAYS, page, passkeys};
use crate::accounts::arrivals;
use crate::app::App;
use crate::asking::Asking;
use crate::components::{command, confirm, time};
use crate::extract::Form;
use crate::flash::Flash;
use crate::language::Language;
use crate::pages::again::or_again;
use crate::pages::providers::{button, name_in};
use crate::pages::unkept;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::session::Caller;
use crate::vault::Linked;
use crate::vault::passkeys::PASSKEY;
use crate::{fresh, t};

pub fn routes() -> Router<App> {
    Router::new()
        .route(WAYS, get(show))
        .route("/settings/sign-in/unlink", post(unlink))
}

/// `GET /settings/sign-in`: 200.
async fn show(
    State(app): State<App>,
    reading: Reading,
    caller: Caller,
) -> Result<Response, Problem> {
    let visitor = reading.visitor.clone();
    let language = visitor.language;
    let has_password = app.vault.has_password(caller.member).await;
    let has_password = has_password.map_err(failed)?;
    let linked = app.vault.identities(caller.member).await.map_err(failed)?;
    let own_keys = app.vault.passkeys(caller.member).await.map_err(failed)?;
    let factor = app.vault.factor(caller.member).await.map_err(failed)?;
    let is_last = linked.len() == 1 && !has_password;
    let at_providers = linked.iter().filter(|one| one.provider != PASSKEY);
    let ways = html! {
        ul class="sign-in-ways" {
            li {
                div class="sign-in-way" { strong { (t!(language, "field-password")) } }
                a class="button quiet small" href=(PASSWORD) {
                    @if has_password {
                        (t!(language, "ways-password-change"))
                    } @else {
                        (t!(language, "ways-password-set"))
                    }
                }
            }
            @for one in at_providers { (way(&app, language, one, is_last)) }
            @for one in &own_keys { (passkeys::item(language, one, is_last)) }
        }
        h3 { (t!(language, "passkey-title")) }
        p class="hint" { (t!(language, "passkey-lead")) }
        (passkeys::add(language))
        h3 { (t!(language, "codes-title")) }
        p class="hint" { (t!(language, "codes-lead")) }
        p {
            a class="button quiet" href=(CODES) {
                @if factor.is_some() { (t!(language, "codes-change")) }
                @else { (t!(language, "codes-begin")) }
            }
        }
        @if !app.providers.is_empty() {
            h3 { (t!(language, "ways-add")) }
            div class="providers" {
                @for provider in app.providers.iter() {
                    @if !linked.iter().any(|one| one.provider == provider.slug) {
                        form method="post"
                            action={ "/settings/sign-in/link/" (provider.slug) } {
                            (button(language, provider))
                        }
                    }
                }
            }
        }
        (elsewhere(language))
    };
    let lead = t!(language, "ways-lead");
    let title = t!(language, "ways-title");
    Ok(reading.respond(unkept(page(visitor, WAYS, &title, &lead, &ways))))
}

fn way(app: &App, language: Language, linked: &Linked, is_last: bool) -> Markup {
    let provider = app.providers.find(&linked.provider);
    let name = provider.map_or_else(
        || linked.provider.clone(),
        |provider| name_in(language, provider),
    );
    let fields = html! {
        (command(&fresh::id().to_string()))
        input type="hidden" name="identity" value=(linked.identity);
    };
    let question = t!(language, "ways-unlink-question", provider = &name);
    html! {
        li {
            div class="sign-in-way" {
                strong { (name) }
                " " (linked.label)
                br;
                small { (t!(language, "ways-since")) " " (time(language, linked.linked_at)) }
            }
            @if is_last {
                small class="hint" { (t!(language, "ways-last")) }
            } @else {
                (confirm(
                    language,
                    "/settings/sign-in/unlink",
                    &t!(language, "ways-unlink"),
                    &question,
                    &fields,
                ))
            }
        }
    }
}

#[derive(Deserialize)]
struct Unlinking {
    command: Option<String>,
    identity: Uuid,
}

/// `POST /settings/sign-in/unlink`: 303, 404, 409 for the last way in.
async fn unlink(
    State(app): State<App>,
    caller: Caller,
    asking: Asking,
    Form(typed): Form<Unlinking>,
) -> Result<Response, Problem> {
    let asking = asking.with_form_key(typed.command.as_deref())?;
    let identity = ReservationId(typed.identity);
    let unlinked = arrivals::unlink(&app, &asking, &caller, identity).await;
    let done = |position| asking.respond(position, Flash::Unlinked.redirect(WAYS));
    or_again(unlinked.map(done), WAYS)
}
