//! The second factor: an authenticator app is given its secret, shows that it has it, and the member
//! gets recovery codes for when it is lost.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use qrcode::QrCode;
use qrcode::types::Color;
use serde::Deserialize;
use totp_rs::Totp;

use super::sessions::elsewhere;
use super::{CODES, WAYS, page};
use crate::accounts::entry::is_recent;
use crate::accounts::factors;
use crate::app::App;
use crate::asking::Asking;
use crate::components::{command, confirm, error_summary, field, time};
use crate::extract::Form;
use crate::flash::{self, Flash};
use crate::language::Language;
use crate::layout::Page;
use crate::pages::again::{or_again, sign_in_again};
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::pages::code::code_field;
use crate::pages::{Bare, unkept};
use crate::problem::Problem;
use crate::reading::failed;
use crate::session::Caller;
use crate::vault::factors::Factor;
use crate::visitor::Visitor;
use crate::{fresh, t};

/// White around a QR code, in its own squares.
const QUIET: usize = 4;

pub fn routes() -> Router<App> {
    Router::new()
        .route(CODES, get(show).post(begin))
        .route("/settings/codes/confirm", post(confirm_first))
        .route("/settings/codes/renew", post(renew))
        .route("/settings/codes/off", post(turn_off))
}

/// `GET /settings/codes`: 200; 303 to who must show again that it is them, where a secret is shown.
async fn show(
    State(app): State<App>,
    visitor: Visitor,
    caller: Caller,
) -> Result<Response, Problem> {
    let attempt = Attempt::first();
    stands(&app, visitor, &caller, &attempt).await
}

/// The page as things stand: on, waiting for a first code, or off.
async fn stands(
    app: &App,
    visitor: Visitor,
    caller: &Caller,
    attempt: &Attempt,
) -> Result<Response, Problem> {
    let language = visitor.language;
    let factor = app.vault.factor(caller.member).await.map_err(failed)?;
    if let Some(factor) = factor {
        let on = html! { (is_on(language, &factor)) (elsewhere(language)) };
        return Ok(attempt.respond(shown(visitor, &on)));
    }
    let Some(waiting) = factors::waiting(app, caller).await? else {
        let off = html! { (is_off(language, attempt)) (elsewhere(language)) };
        return Ok(attempt.respond(shown(visitor, &off)));
    };
    if !is_recent(app, caller).await? {
        return Ok(sign_in_again(CODES));
    }
    let form = set_up(language, &waiting, attempt)?;
    Ok(attempt.respond(shown(visitor, &form)))
}

/// `POST /settings/codes`: 303 to the page with the QR code, 429.
async fn begin(
    State(app): State<App>,
    caller: Caller,
    asking: Asking,
    Form(Bare { command }): Form<Bare>,
) -> Result<Response, Problem> {
    let asking = asking.with_form_key(command.as_deref())?;
    let begun = factors::begin(&app, &asking, &caller).await;
    or_again(begun.map(|()| flash::redirect(CODES)), CODES)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct First {
    command: Option<String>,
    code: String,
}

/// `POST /settings/codes/confirm`: 200 with the recovery codes, 422 with the form, 429.
async fn confirm_first(
    State(app): State<App>,
    visitor: Visitor,
    caller: Caller,
    asking: Result<Asking, Problem>,
    Form(typed): Form<First>,
) -> Result<Response, Problem> {
    match set(&app, visitor.clone(), asking, &caller, &typed).await {
        Err(problem) if problem.slug() == "sign-in-again" => Ok(sign_in_again(CODES)),
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            stands(&app, visitor, &caller, &attempt).await
        }
        set => set,
    }
}

async fn set(
    app: &App,
    visitor: Visitor,
    asking: Result<Asking, Problem>,
    caller: &Caller,
    typed: &First,
) -> Result<Response, Problem> {
    let asking = asking?.with_form_key(typed.command.as_deref())?;
    let (codes, position) = factors::confirm(app, &asking, caller, &typed.code).await?;
    Ok(asking.respond(position, unkept(told_once(visitor, &codes))))
}

/// `POST /settings/codes/renew`: 200 with the recovery codes, 409, 429.
async fn renew(
    State(app): State<App>,
    visitor: Visitor,
    caller: Caller,
    asking: Asking,
) -> Result<Response, Problem> {
    let renewed = factors::renew(&app, &asking, &caller).await;
    let shown = renewed.map(|(codes, position)| {
        let page = unkept(told_once(visitor, &codes));
        asking.respond(position, page)
    });
    or_again(shown, CODES)
}

/// `POST /settings/codes/off`: 303, 429.
async fn turn_off(
    State(app): State<App>,
    caller: Caller,
    asking: Asking,
    Form(Bare { command }): Form<Bare>,
) -> Result<Response, Problem> {
    let asking = asking.with_form_key(command.as_deref())?;
    let removed = factors::remove(&app, &asking, &caller).await;
    let off = |position| asking.respond(position, Flash::SecondFactorOff.redirect(CODES));
    or_again(removed.map(off), CODES)
}

fn shown(visitor: Visitor, form: &Markup) -> Page {
    let language = visitor.language;
    let lead = t!(language, "codes-lead");
    page(visitor, WAYS, &t!(language, "codes-title"), &lead, form)
}

fn is_off(language: Language, attempt: &Attempt) -> Markup {
    html! {
        form method="post" action=(CODES) {
            (error_summary(language, attempt.problem()))
            (command(&attempt.command))
            button class="button" type="submit" { (t!(language, "codes-begin")) }
        }
    }
}

fn set_up(language: Language, waiting: &Totp, attempt: &Attempt) -> Result<Markup, Problem> {
    let address = waiting.to_url().map_err(Problem::internal)?;
    let picture = qr_code(&address).map_err(Problem::internal)?;
    let secret = waiting.secret().to_base32();
    let groups: Vec<&str> = (0..secret.len())
        .step_by(4)
        .map(|from| &secret[from..secret.len().min(from + 4)])
        .collect();
    Ok(html! {
        ol class="codes-steps" {
            li {
                p { (t!(language, "codes-scan")) }
                (picture)
                p class="hint" {
                    (t!(language, "codes-type")) br;
                    code class="codes-secret" { (groups.join(" ")) }
                }
            }
            li {
                p { (t!(language, "codes-first")) }
                form class="form" method="post" action="/settings/codes/confirm" {
                    (error_summary(language, attempt.problem()))
                    (command(&attempt.command))
                    (field(language, &code_field(language), attempt.problem()))
                    button class="button" type="submit" { (t!(language, "codes-confirm")) }
                }
            }
        }
    })
}

fn is_on(language: Language, factor: &Factor) -> Markup {
    let fields = || html! { (command(&fresh::id().to_string())) };
    html! {
        p {
            span class="mark good" { (t!(language, "codes-on")) } " "
            (t!(language, "codes-since")) " " (time(language, factor.since))
        }
        p { (t!(language, "codes-left", count = factor.recovery_codes)) }
        div class="actions" {
            (confirm(
                language,
                "/settings/codes/renew",
                &t!(language, "codes-renew"),
                &t!(language, "codes-renew-question"),
                &fields(),
            ))
            (confirm(
                language,
                "/settings/codes/off",
                &t!(language, "codes-off"),
                &t!(language, "codes-off-question"),
                &fields(),
            ))
        }
    }
}

/// The recovery codes: in no table and in no other page.
fn told_once(visitor: Visitor, codes: &[String]) -> Page {
    let language = visitor.language;
    let list = html! {
        p class="alert" { (t!(language, "codes-recovery-lead")) }
        ul class="recovery-codes" {
            @for code in codes { li { code { (code) } } }
        }
        p class="actions" { a class="button" href=(CODES) { (t!(language, "codes-kept")) } }
    };
    let title = t!(language, "codes-recovery-title");
    let lead = t!(language, "codes-recovery-hint");
    page(visitor, WAYS, &title, &lead, &list)
}

/// Dark squares as one path, dark on light whatever the page's colours: that is what cameras know.
fn qr_code(text: &str) -> Result<Markup, qrcode::types::QrError> {
    let code = QrCode::new(text)?;
    let width = code.width();
    let squares = code.to_colors().into_iter().enumerate();
    let dark = squares.filter(|(_, color)| *color == Color::Dark);
    let path: String = dark
        .map(|(index, _)| {
            let (x, y) = (index % width + QUIET, index / width + QUIET);
            format!("M{x} {y}h1v1h-1z")
        })
        .collect();
    let side = width + 2 * QUIET;
    Ok(html! {
        svg class="qr-code" viewBox={ "0 0 " (side) " " (side) } role="img" aria-label="QR"
            shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_is_a_picture_inside_the_page_without_its_text() {
        let shown = qr_code("otpauth://totp/Reeltime:Ann?secret=HUSH").unwrap();
        let shown = shown.into_string();
        assert!(shown.starts_with("<svg") && shown.contains("M4 4h1v1h-1z"));
        assert!(!shown.contains("HUSH"));
    }
}
