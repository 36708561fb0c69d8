//! Another password.

use axum::extract::State;
use axum::response::Response;
use maud::html;
use serde::Deserialize;

use super::{PASSWORD, page};
use crate::accounts;
use crate::app::App;
use crate::asking::Asking;
use crate::components::{command, error_summary, field};
use crate::extract::Form;
use crate::flash::Flash;
use crate::layout::Page;
use crate::pages::accounts::{line, new_password};
use crate::pages::again::sign_in_again;
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;
use crate::t;
use crate::visitor::Visitor;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Passwords {
    command: Option<String>,
    current_password: String,
    new_password: String,
}

/// `GET /settings/password`: 200.
pub async fn password_form(
    State(app): State<App>,
    visitor: Visitor,
    caller: Caller,
) -> Result<Response, Problem> {
    let has_one = app.vault.has_password(caller.member).await;
    let attempt = Attempt::first();
    Ok(attempt.respond(password_page(visitor, has_one.map_err(failed)?, &attempt)))
}

/// `POST /settings/password`: 303, 422 with the form, 429.
pub async fn change_password(
    State(app): State<App>,
    visitor: Visitor,
    caller: Caller,
    asking: Result<Asking, Problem>,
    Form(typed): Form<Passwords>,
) -> Result<Response, Problem> {
    match save_password(&app, asking, &caller, &typed).await {
        Err(problem) if problem.slug() == "sign-in-again" => Ok(sign_in_again(PASSWORD)),
        Err(problem) if can_be_mended(&problem) => {
            let has_one = app.vault.has_password(caller.member).await;
            let attempt = Attempt::again(problem, typed.command.as_deref());
            Ok(attempt.respond(password_page(visitor, has_one.map_err(failed)?, &attempt)))
        }
        saved => saved,
    }
}

async fn save_password(
    app: &App,
    asking: Result<Asking, Problem>,
    caller: &Caller,
    typed: &Passwords,
) -> Result<Response, Problem> {
    let asking = asking?.with_form_key(typed.command.as_deref())?;
    let (current, new) = (&typed.current_password, &typed.new_password);
    let position = accounts::change_password(app, &asking, caller, current, new).await?;
    Ok(asking.respond(position, Flash::PasswordChanged.redirect(PASSWORD)))
}

/// Who signs in with providers alone has no password to tell.
fn password_page(visitor: Visitor, has_one: bool, attempt: &Attempt) -> Page {
    let language = visitor.language;
    let problem = attempt.problem();
    let label = t!(language, "field-current-password");
    let current = line(
        "current_password",
        "password",
        label,
        "",
        "current-password",
    );
    let new = new_password(language);
    let form = html! {
        form class="form" method="post" action=(PASSWORD) {
            (error_summary(language, problem))
            (command(&attempt.command))
            @if has_one { (field(language, &current, problem)) }
            (field(language, &new, problem))
            p class="actions" {
                button class="button" type="submit" { (t!(language, "settings-password-save")) }
            }
        }
    };
    let lead = t!(language, "settings-password-lead");
    page(
        visitor,
        PASSWORD,
        &t!(language, "settings-password"),
        &lead,
        &form,
    )
}
