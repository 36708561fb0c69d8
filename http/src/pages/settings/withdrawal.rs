//! Leaving.

use axum::extract::State;
use axum::response::Response;
use chrono::TimeDelta;
use domain::forgetting::Extent;
use maud::{Markup, html};
use projections::members::Member;
use serde::Deserialize;

use super::{WITHDRAW, page, row};
use crate::accounts;
use crate::app::App;
use crate::asking::Sent;
use crate::components::{command, error_summary, field, field_error};
use crate::extract::Form;
use crate::fields::Fields;
use crate::flash::Flash;
use crate::language::Language;
use crate::layout::Page;
use crate::pages::accounts::line;
use crate::pages::again::sign_in_again;
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::{self, Caller};
use crate::t;
use crate::visitor::Visitor;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Farewell {
    command: Option<String>,
    password: String,
    forget: String,
}

/// `GET /settings/withdraw`: 200.
pub async fn withdraw_form(
    State(app): State<App>,
    visitor: Visitor,
    caller: Caller,
) -> Result<Response, Problem> {
    let has_one = app.vault.has_password(caller.member).await;
    let has_one = has_one.map_err(failed)?;
    let attempt = Attempt::first();
    Ok(attempt.respond(withdraw_page(&app, visitor, has_one, "", &attempt)))
}

/// `POST /settings/withdraw`: 303 and no session any more, 422 with the form, 429.
pub async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    mut sent: Sent,
    Form(typed): Form<Farewell>,
) -> Result<Response, Problem> {
    let row = row(&mut *sent.look().await?, &caller).await?;
    match leave(&app, &mut sent, &caller, &row, &typed).await {
        Err(problem) if problem.slug() == "sign-in-again" => Ok(sign_in_again(WITHDRAW)),
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            let has_one = app.vault.has_password(caller.member).await;
            let has_one = has_one.map_err(failed)?;
            let page = withdraw_page(
                &app,
                sent.visitor().clone(),
                has_one,
                &typed.forget,
                &attempt,
            );
            Ok(attempt.respond(page))
        }
        left => left,
    }
}

async fn leave(
    app: &App,
    sent: &mut Sent,
    caller: &Caller,
    row: &Member,
    typed: &Farewell,
) -> Result<Response, Problem> {
    let asking = sent.asking(typed.command.as_deref())?;
    let mut fields = Fields::default();
    let extent = fields.extent("forget", &typed.forget);
    let chosen = (typed.password.as_str(), fields.finish(|| extent)?);
    let position = accounts::withdraw(app, asking, caller, row, chosen).await?;
    let mut response = asking.respond(position, farewell(app).redirect("/"));
    session::end(response.headers_mut(), app.secure_cookies);
    Ok(response)
}

fn farewell(app: &App) -> Flash {
    if app.grace > TimeDelta::zero() {
        Flash::WithdrawalAsked
    } else {
        Flash::Withdrawn
    }
}

/// Who signs in with providers alone has no password to tell.
fn withdraw_page(
    app: &App,
    visitor: Visitor,
    has_one: bool,
    forget: &str,
    attempt: &Attempt,
) -> Page {
    let language = visitor.language;
    let problem = attempt.problem();
    let label = t!(language, "settings-withdraw-password");
    let password = line("password", "password", label, "", "current-password");
    let form = html! {
        form class="form" method="post" action=(WITHDRAW) {
            (error_summary(language, problem))
            (command(&attempt.command))
            (extent_choice(language, forget, problem))
            @if has_one { (field(language, &password, problem)) }
            p class="actions" {
                button class="button danger" type="submit" {
                    (t!(language, "settings-withdraw-button"))
                }
            }
        }
    };
    let days = app.grace.num_days();
    let lead = match days {
        0 => t!(language, "settings-withdraw-lead"),
        days => t!(language, "settings-withdraw-lead-grace", days = days),
    };
    page(
        visitor,
        WITHDRAW,
        &t!(language, "settings-withdraw"),
        &lead,
        &form,
    )
}

/// Nothing is chosen beforehand: neither way can be undone.
fn extent_choice(language: Language, chosen: &str, problem: Option<&Problem>) -> Markup {
    let error = field_error(problem, "forget");
    let option = |extent: Extent| {
        let (label, hint) = match extent {
            Extent::Identity => (
                t!(language, "settings-withdraw-identity"),
                t!(language, "settings-withdraw-identity-hint"),
            ),
            Extent::Everything => (
                t!(language, "settings-withdraw-everything"),
                t!(language, "settings-withdraw-everything-hint"),
            ),
        };
        let slug = extent.slug();
        html! {
            label class="extent" {
                input type="radio" name="forget" value=(slug) required checked[slug == chosen];
                span { strong { (label) } span class="hint" { (hint) } }
            }
        }
    };
    html! {
        fieldset class="extents" id="forget" aria-describedby=[error.map(|_| "forget-error")] {
            legend { (t!(language, "settings-withdraw-ways")) }
            @for extent in Extent::ALL { (option(extent)) }
            p class="hint" { (t!(language, "settings-withdraw-stars")) }
            @if let Some(error) = error {
                p class="field-error" id="forget-error" { (error.to(language)) }
            }
        }
    }
}
