//! The pages: everything that members do, in a browser, without scripts. A script makes some of
//! it quicker; nothing needs one.
//!
//! A page reads the same queries as the API, at one position. A form carries its submission's
//! name in the field `command`, comes back with what was typed if something is wrong, and goes
//! on to a page that shows what it did.

mod accounts;
pub(crate) mod again;
mod arrival;
mod attempt;
mod audit;
mod code;
mod comments;
mod diary;
mod film;
mod films;
mod follows;
mod genres;
mod history;
mod home;
mod imports;
mod joining;
mod language;
mod links;
mod measures;
mod members;
mod merging;
mod notifications;
mod providers;
mod recommended;
mod reporting;
mod reports;
mod reviewing;
mod reviews;
mod roles;
mod rooms;
mod rows;
mod search;
mod sessions;
mod settings;
mod taste;
mod watchlist;

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use crate::app::App;
use crate::flash;
use crate::layout::query_value;

/// All pages. Whoever mounts them puts the session's middleware around.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home::show))
        .route("/genres", get(genres::list))
        .route("/genres/{genre}", get(genres::show))
        .route("/search", get(search::show))
        .route("/people/{slug}", get(search::person))
        .route("/films", get(films::list))
        .route("/films/{film}", get(film::show))
        .route(
            "/films/{film}/review",
            get(reviewing::form).post(reviewing::review),
        )
        .route("/films/{film}/watchlist", post(watchlist::want))
        .route("/reviews/{review}", get(reviews::show))
        .route("/reviews/{review}/retract", post(reviews::retract))
        .route("/reviews/{review}/like", post(reviews::like))
        .route("/reviews/{review}/unlike", post(reviews::unlike))
        .route("/reviews/{review}/comments", post(comments::comment))
        .route("/comments/{comment}", get(comments::show))
        .route(
            "/comments/{comment}/edit",
            get(comments::form).post(comments::edit),
        )
        .route("/comments/{comment}/retract", post(comments::retract))
        .route("/members/{member}", get(members::show))
        .route("/taste", get(taste::show))
        .route(
            "/sign-up",
            get(accounts::sign_up_form).post(accounts::sign_up),
        )
        .route(
            "/sign-in",
            get(sessions::sign_in_form).post(sessions::sign_in),
        )
        .route("/sign-out", post(sessions::sign_out))
        .route(
            "/settings",
            get(settings::profile_form).post(settings::change_profile),
        )
        .route(
            "/settings/password",
            get(settings::password_form).post(settings::change_password),
        )
        .route(
            "/settings/withdraw",
            get(settings::withdraw_form).post(settings::withdraw),
        )
        .route("/language", post(language::choose))
        .merge(roles::routes())
        .merge(imports::routes())
        .merge(merging::routes())
        .merge(audit::routes())
        .merge(history::routes())
        .merge(rooms::routes())
        .merge(notifications::routes())
        .merge(follows::routes())
        .merge(reports::routes())
        .merge(reporting::routes())
        .merge(measures::routes())
        .merge(providers::routes())
        .merge(code::routes())
        .merge(again::routes())
        .merge(arrival::routes())
        .merge(links::routes())
        .merge(joining::routes())
        .merge(settings::routes())
        .merge(settings::bringing_routes())
}

/// Where to go on afterwards: a page of ours, or the main page.
#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    pub(crate) next: String,
}

/// A form that holds nothing but its submission's name.
#[derive(Deserialize)]
struct Bare {
    command: Option<String>,
}

/// The address of a page that leads on to another of ours; to the main page it leads anyway.
fn leading_to(page: &str, next: &str) -> String {
    match flash::safe_path(next) {
        "/" => page.to_owned(),
        next => format!("{page}?next={}", query_value(next)),
    }
}

/// Sends a stranger to sign in, and to `next` afterwards.
pub(crate) fn sign_in_first(next: &str) -> Response {
    flash::redirect(&leading_to("/sign-in", next))
}

/// For pages with what was typed, or with somebody's own: no copy stays anywhere.
pub(crate) fn unkept(page: impl IntoResponse) -> Response {
    let mut response = page.into_response();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
