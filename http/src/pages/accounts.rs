//! Joining; and what joining and signing in have in common.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::{self, CameIn, Joined, NewMember};
use crate::app::App;
use crate::asking::Asking;
use crate::assets::asset;
use crate::components::{Field, command, error_summary, field};
use crate::extract::{Form, Query};
use crate::fields::Fields;
use crate::flash::{self, Flash};
use crate::language::Language;
use crate::layout::Page;
use crate::pages::attempt::Attempt;
use crate::pages::providers::buttons;
use crate::pages::{Next, joining, leading_to};
use crate::problem::Problem;
use crate::session::{self, Caller, SESSION_COOKIE};
use crate::vault::Token;
use crate::visitor::Visitor;
use crate::{cookies, t};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SignUp {
    command: Option<String>,
    next: String,
    name: String,
    email: String,
    password: String,
}

/// `GET /sign-up?next={path}`: 200; 303 for who is in already.
pub async fn sign_up_form(
    State(app): State<App>,
    visitor: Visitor,
    Query(Next { next }): Query<Next>,
    caller: Option<Caller>,
) -> Response {
    if caller.is_some() {
        return flash::redirect(&next);
    }
    let attempt = Attempt::first();
    let typed = SignUp {
        next,
        ..SignUp::default()
    };
    attempt.respond(sign_up_page(&app, visitor, &typed, &attempt))
}

/// `POST /sign-up`: 303 and a session, 422 with the form, 429.
pub async fn sign_up(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    asking: Result<Asking, Problem>,
    Form(typed): Form<SignUp>,
) -> Response {
    match join(&app, visitor.language, asking, &typed).await {
        Ok((_, Joined::Mailed(token))) => letter_first(&app, &token, &typed.next),
        Ok((asking, Joined::In(came))) => {
            let welcome = Flash::Welcome.redirect(&typed.next);
            let response = let_in(&app, &headers, &came, welcome).await;
            match came.position {
                Some(position) => asking.respond(position, response),
                None => response,
            }
        }
        Err(problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            attempt.respond(sign_up_page(&app, visitor, &typed, &attempt))
        }
    }
}

async fn join(
    app: &App,
    language: Language,
    asking: Result<Asking, Problem>,
    typed: &SignUp,
) -> Result<(Asking, Joined), Problem> {
    let asking = asking?.with_form_key(typed.command.as_deref())?;
    let mut fields = Fields::default();
    let name = fields.name("name", &typed.name);
    let email = fields.email("email", &typed.email);
    let password = fields.password("password", typed.password.clone());
    let language = language.into();
    let new = fields.finish(|| {
        Some(NewMember {
            name: name?,
            email: email?,
            password: password?,
            language,
        })
    })?;
    let came = accounts::sign_up(app, &asking, new).await?;
    Ok((asking, came))
}

/// For who is a member when they follow the link in their letter; whoever's the address is.
pub fn letter_first(app: &App, token: &Token, next: &str) -> Response {
    let answer = Flash::JoiningAsked.redirect(&leading_to("/sign-in", next));
    joining::remember(app, token, answer)
}

/// Gives the browser its new session; the one that it came with is over.
pub async fn let_in(
    app: &App,
    headers: &HeaderMap,
    came: &CameIn,
    mut answer: Response,
) -> Response {
    end_session_of(app, headers).await;
    session::begin(answer.headers_mut(), came, app.secure_cookies);
    answer
}

/// Best effort: the new session is there already, and the old one ends by itself.
async fn end_session_of(app: &App, headers: &HeaderMap) {
    if let Some(token) = cookies::get(headers, SESSION_COOKIE, app.secure_cookies)
        && let Err(error) = app.vault.end_session(&token).await
    {
        tracing::warn!(%error, "an old session was not ended");
    }
}

fn sign_up_page(app: &App, visitor: Visitor, typed: &SignUp, attempt: &Attempt) -> Page {
    let language = visitor.language;
    let problem = attempt.problem();
    let name = Field {
        hint: Some(t!(language, "field-name-hint")),
        ..line(
            "name",
            "text",
            t!(language, "field-name"),
            &typed.name,
            "nickname",
        )
    };
    let email = Field {
        hint: Some(t!(language, "field-email-hint")),
        ..line(
            "email",
            "email",
            t!(language, "field-email"),
            &typed.email,
            "username",
        )
    };
    let password = Field {
        hint: Some(t!(language, "field-password-hint")),
        ..line(
            "password",
            "password",
            t!(language, "field-password"),
            "",
            "new-password",
        )
    };
    let content = html! {
        div class="form-card" {
            h1 { (t!(language, "sign-up-title")) }
            p class="lead" { (t!(language, "sign-up-lead")) }
            (buttons(language, &app.providers, &typed.next))
            form method="post" action="/sign-up" {
                (error_summary(language, problem))
                (command(&attempt.command))
                (hidden_next(&typed.next))
                (field(language, &name, problem))
                (field(language, &email, problem))
                (field(language, &password, problem))
                button class="button" type="submit" { (t!(language, "sign-up-button")) }
            }
            p class="aside" {
                (t!(language, "sign-up-have-account")) " "
                a href=(leading_to("/sign-in", &typed.next)) { (t!(language, "nav-sign-in")) }
            }
        }
    };
    let title = t!(language, "sign-up-title");
    Page::new(visitor, title, content)
        .description(t!(language, "sign-up-lead"))
        .styled(asset("providers.css"))
}

/// A one-line field without a hint.
pub fn line<'a>(
    name: &'a str,
    kind: &'a str,
    label: String,
    value: &'a str,
    autocomplete: &'a str,
) -> Field<'a> {
    Field {
        name,
        kind,
        label,
        hint: None,
        value,
        autocomplete,
        most_characters: None,
    }
}

/// Where a member types another password.
pub fn new_password(language: Language) -> Field<'static> {
    let label = t!(language, "field-new-password");
    Field {
        hint: Some(t!(language, "field-password-hint")),
        ..line("new_password", "password", label, "", "new-password")
    }
}

pub fn hidden_next(next: &str) -> Markup {
    html! { input type="hidden" name="next" value=(flash::safe_path(next)); }
}
