//! What others see of a member, and their language.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use maud::html;
use projections::members::Member;
use serde::Deserialize;

use super::{PROFILE, page, row};
use crate::accounts::{self, ProfileChange};
use crate::app::App;
use crate::asking::Sent;
use crate::components::{Field, command, error_summary, field, language_choice, text_area};
use crate::extract::Form;
use crate::fields::Fields;
use crate::flash::Flash;
use crate::language::Language;
use crate::layout::Page;
use crate::pages::accounts::line;
use crate::pages::attempt::{Attempt, can_be_mended};
use crate::problem::Problem;
use crate::reading::Reading;
use crate::session::Caller;
use crate::t;
use crate::visitor::Visitor;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Profile {
    command: Option<String>,
    name: String,
    about: String,
    language: String,
}

impl Profile {
    fn values(&self) -> Result<ProfileChange, Problem> {
        let mut fields = Fields::default();
        let name = fields.name("name", &self.name);
        let about = fields.about("about", &self.about);
        let language = fields.language("language", &self.language);
        fields.finish(|| {
            Some(ProfileChange {
                name,
                about,
                language,
            })
        })
    }
}

/// `GET /settings`: 200.
pub async fn profile_form(mut reading: Reading, caller: Caller) -> Result<Response, Problem> {
    let row = row(&mut reading, &caller).await?;
    let typed = Profile {
        command: None,
        name: row.name.unwrap_or_default(),
        about: row.about,
        language: row.language,
    };
    let attempt = Attempt::first();
    let page = profile_page(reading.visitor.clone(), &typed, &attempt);
    Ok(reading.respond(attempt.respond(page)))
}

/// `POST /settings`: 303, 422 with the form.
pub async fn change_profile(
    State(app): State<App>,
    caller: Caller,
    mut sent: Sent,
    Form(typed): Form<Profile>,
) -> Result<Response, Problem> {
    let row = row(&mut *sent.look().await?, &caller).await?;
    match save_profile(&app, &mut sent, &caller, &row, &typed).await {
        Err(problem) if can_be_mended(&problem) => {
            let attempt = Attempt::again(problem, typed.command.as_deref());
            Ok(attempt.respond(profile_page(sent.visitor().clone(), &typed, &attempt)))
        }
        saved => saved,
    }
}

async fn save_profile(
    app: &App,
    sent: &mut Sent,
    caller: &Caller,
    row: &Member,
    typed: &Profile,
) -> Result<Response, Problem> {
    let asking = sent.asking(typed.command.as_deref())?;
    let change = typed.values()?;
    let position = accounts::change_profile(app, asking, caller, row, change).await?;
    let mut response = asking.respond(position, Flash::ProfileSaved.redirect(PROFILE));
    if let Ok(language) = typed.language.parse::<Language>() {
        response
            .headers_mut()
            .append(SET_COOKIE, language.cookie(app.secure_cookies));
    }
    Ok(response)
}

fn profile_page(visitor: Visitor, typed: &Profile, attempt: &Attempt) -> Page {
    let language = visitor.language;
    let problem = attempt.problem();
    let name = Field {
        hint: Some(t!(language, "settings-name-hint")),
        ..line(
            "name",
            "text",
            t!(language, "field-name"),
            &typed.name,
            "nickname",
        )
    };
    let about = Field {
        hint: Some(t!(language, "field-about-hint")),
        ..line(
            "about",
            "text",
            t!(language, "field-about"),
            &typed.about,
            "off",
        )
    };
    let chosen = typed.language.parse().unwrap_or(language);
    let form = html! {
        form class="form" method="post" action=(PROFILE) {
            (error_summary(language, problem))
            (command(&attempt.command))
            (field(language, &name, problem))
            (text_area(language, &about, 4, None, problem))
            (language_choice(language, chosen))
            p class="actions" {
                button class="button" type="submit" { (t!(language, "save")) }
            }
        }
    };
    let lead = t!(language, "settings-profile-lead");
    page(
        visitor,
        PROFILE,
        &t!(language, "settings-profile"),
        &lead,
        &form,
    )
}
