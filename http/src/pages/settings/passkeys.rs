//! A member's passkeys: the list, and how a browser is asked for one. Only scripts can ask it, so
//! without them there is nothing to press.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use maud::{Markup, html};
use serde::Deserialize;
use uuid::Uuid;

use super::WAYS;
use crate::app::App;
use crate::asking::Asking;
use crate::components::{command, confirm, icon, time};
use crate::extract::Form;
use crate::fields::Fields;
use crate::flash::{self, Flash};
use crate::language::Language;
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;
use crate::vault::passkeys::Passkey;
use crate::{fresh, t};

pub fn routes() -> Router<App> {
    Router::new().route("/settings/sign-in/name", post(name))
}

/// Signs in with a passkey, and leads on; shown by the script where the browser knows any.
pub fn sign_in(language: Language, next: &str) -> Markup {
    html! {
        form class="passkey" data-passkey="sign-in" data-next=(flash::safe_path(next))
            data-failed=(t!(language, "passkey-failed")) hidden {
            button class="button quiet" type="submit" {
                (icon("key")) " " (t!(language, "passkey-sign-in"))
            }
        }
    }
}

/// Adds one.
pub fn add(language: Language) -> Markup {
    html! {
        form class="passkey field" data-passkey="add" data-again={ "/sign-in/again?next=" (WAYS) }
            data-failed=(t!(language, "passkey-failed")) hidden {
            label for="passkey-name" { (t!(language, "passkey-name")) }
            div class="passkey-add" {
                input id="passkey-name" name="name" maxlength="40" autocomplete="off"
                    placeholder=(t!(language, "passkey-name-example"));
                button class="button" type="submit" { (t!(language, "passkey-add")) }
            }
        }
        noscript { p class="hint" { (t!(language, "passkey-scripts")) } }
    }
}

/// One in the list of ways in.
pub fn item(language: Language, passkey: &Passkey, is_last: bool) -> Markup {
    let fields = html! {
        (command(&fresh::id().to_string()))
        input type="hidden" name="identity" value=(passkey.identity);
    };
    let name_id = format!("name-{}", passkey.identity);
    let question = t!(language, "passkey-remove-question", name = &passkey.label);
    html! {
        li {
            div class="sign-in-way" {
                strong { (icon("key")) " " (passkey.label) }
                br;
                small {
                    (t!(language, "passkey-since")) " " (time(language, passkey.linked_at))
                    @if let Some(at) = passkey.used_at {
                        " · " (t!(language, "passkey-used")) " " (time(language, at))
                    }
                }
                details class="passkey-rename" {
                    summary { (t!(language, "passkey-rename")) }
                    form class="field" method="post" action="/settings/sign-in/name" {
                        input type="hidden" name="identity" value=(passkey.identity);
                        label for=(name_id) class="visually-hidden" {
                            (t!(language, "passkey-name"))
                        }
                        input id=(name_id) name="name" value=(passkey.label) maxlength="40" required;
                        button class="button small" type="submit" { (t!(language, "save")) }
                    }
                }
            }
            @if is_last {
                small class="hint" { (t!(language, "ways-last")) }
            } @else {
                (confirm(
                    language,
                    "/settings/sign-in/unlink",
                    &t!(language, "passkey-remove"),
                    &question,
                    &fields,
                ))
            }
        }
    }
}

#[derive(Deserialize)]
struct Naming {
    identity: Uuid,
    #[serde(default)]
    name: String,
}

/// `POST /settings/sign-in/name`: 303, 404, 422.
async fn name(
    State(app): State<App>,
    caller: Caller,
    _: Asking,
    Form(typed): Form<Naming>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let label = fields.label("name", &typed.name);
    let label = fields.finish(|| label)?;
    let named = app
        .vault
        .name_passkey(caller.member, typed.identity, &label);
    if !named.await.map_err(failed)? {
        return Err(Problem::not_found());
    }
    Ok(Flash::PasskeyNamed.redirect(WAYS))
}
