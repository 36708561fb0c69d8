//! The language switch.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use serde::Deserialize;

use crate::app::App;
use crate::asking::Asking;
use crate::extract::Form;
use crate::fields::Fields;
use crate::flash::redirect;
use crate::language::Language;
use crate::problem::Problem;
use crate::session::Caller;

#[derive(Deserialize)]
pub struct Choice {
    language: String,
    #[serde(default)]
    next: String,
}

/// `POST /language`: 303 to where it was asked. A member's choice goes with them; the browser
/// remembers it, too.
pub async fn choose(
    State(app): State<App>,
    caller: Option<Caller>,
    asking: Asking,
    Form(choice): Form<Choice>,
) -> Result<Response, Problem> {
    let mut fields = Fields::default();
    let language = fields.language("language", &choice.language);
    let language = fields.finish(|| language)?;
    let mut response = redirect(&choice.next);
    if let Some(caller) = caller {
        let command = commands::member::ChooseLanguage {
            member: caller.member,
            language,
        };
        let accepted = asking
            .execute(Some(caller.member), "language", &choice.language, command)
            .await?;
        response = asking.respond(accepted.position, response);
    }
    let cookie = Language::from(language).cookie(app.secure_cookies);
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}
