//! The member's e-mail address: whether it is verified, and another one.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use maud::html;
use serde::Deserialize;

use super::{EMAIL, page};
use crate::accounts::known::{Known, known};
use crate::accounts::mailed;
use crate::app::App;
use crate::asking::Asking;
use crate::components::{Field, command, error_summary, field};
use crate::extract::Form;
use crate::fields::Fields;
use crate::flash::Flash;
use crate::layout::Page;
use crate::pages::Bare;
use crate::pages::accounts::line;
use crate::pages::again::sign_in_again;
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;
use crate::visitor::Visitor;
use crate::{fresh, t};

pub fn routes() -> Router<App> {
    Router::new()
        .route(EMAIL, get(form).post(change))
        .route("/settings/email/verification", post(verify))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Change {
    command: Option<String>,
    email: String,
    password: String,
}

/// `GET /settings/email`: 200.
async fn form(
    State(app): State<App>,
    visitor: Visitor,
    caller: Caller,
) -> Result<Response, Problem> {
    let attempt = Attempt::first();
    show(&app, visitor, &caller, &Change::default(), &attempt).await
}

/// `POST /settings/email`: 303, 422 with the form, 429.
async fn change(
    State(app): State<App>,
    visitor: Visitor,
    caller: Caller,
    asking: Result<Asking, Problem>,
    Form(typed): Form<Change>,
) -> Result<Response, Problem> {
    match ask(&app, asking, &caller, &typed).await {
        Err(problem) if problem.slug() == "sign-in-again" => Ok(sign_in_again(EMAIL)),
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            show(&app, visitor, &caller, &typed, &attempt).await
        }
        asked => asked.map(|()| Flash::EmailChangeAsked.redirect(EMAIL)),
    }
}

async fn ask(
    app: &App,
    asking: Result<Asking, Problem>,
    caller: &Caller,
    typed: &Change,
) -> Result<(), Problem> {
    let asking = asking?.with_form_key(typed.command.as_deref())?;
    let mut fields = Fields::default();
    let email = fields.email("email", &typed.email);
    let email = fields.finish(|| email)?;
    mailed::ask_for_change(app, &asking, caller, (email, &typed.password)).await
}

/// `POST /settings/email/verification`: 303, 429.
async fn verify(
    State(app): State<App>,
    caller: Caller,
    asking: Asking,
    Form(form): Form<Bare>,
) -> Result<Response, Problem> {
    let asking = asking.with_form_key(form.command.as_deref())?;
    mailed::ask_for_verification(&app, &asking, &caller).await?;
    Ok(Flash::VerificationAsked.redirect(EMAIL))
}

async fn show(
    app: &App,
    visitor: Visitor,
    caller: &Caller,
    typed: &Change,
    attempt: &Attempt,
) -> Result<Response, Problem> {
    let known = known(app, caller.member).await?;
    let known = known.ok_or_else(Problem::unauthenticated)?;
    let has_one = app.vault.has_password(caller.member).await;
    let page = email_page(visitor, &known, has_one.map_err(failed)?, typed, attempt);
    Ok(attempt.respond(page))
}

/// Who signs in with providers alone has no password to tell.
fn email_page(
    visitor: Visitor,
    known: &Known,
    has_password: bool,
    typed: &Change,
    attempt: &Attempt,
) -> Page {
    let language = visitor.language;
    let problem = attempt.problem();
    let new = Field {
        hint: Some(t!(language, "settings-email-hint")),
        ..line(
            "email",
            "email",
            t!(language, "settings-email-new"),
            &typed.email,
            "email",
        )
    };
    let label = t!(language, "field-current-password");
    let password = line("password", "password", label, "", "current-password");
    let form = html! {
        div class="own-email" {
            p {
                strong { (known.email.as_str()) }
                " "
                @if known.email_verified {
                    span class="mark good" { (t!(language, "settings-email-verified")) }
                } @else {
                    span class="mark" { (t!(language, "settings-email-unverified")) }
                }
            }
            @if !known.email_verified {
                form method="post" action="/settings/email/verification" {
                    (command(&fresh::id().to_string()))
                    button class="button quiet small" type="submit" {
                        (t!(language, "settings-email-verify"))
                    }
                }
            }
        }
        form class="form" method="post" action=(EMAIL) {
            (error_summary(language, problem))
            (command(&attempt.command))
            (field(language, &new, problem))
            @if has_password { (field(language, &password, problem)) }
            p class="actions" {
                button class="button" type="submit" { (t!(language, "settings-email-save")) }
            }
        }
    };
    let (title, lead) = (
        t!(language, "settings-email"),
        t!(language, "settings-email-lead"),
    );
    page(visitor, EMAIL, &title, &lead, &form)
}
