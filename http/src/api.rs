//! The JSON API under `/api/v1`: one file for each resource, and its description by itself at
//! `/api/v1/openapi.json`.
//!
//! A read takes a `Reading` and answers with its position. A write takes `Asking`, mostly
//! `Caller`, and a typed body; its answer is the resource as it is afterwards. What it has to read it
//! reads by its `Asking`, which gives no command meanwhile.

pub mod audit;
pub mod caching;
pub mod comments;
mod document;
pub mod email;
pub mod films;
pub mod follows;
pub mod genres;
pub mod history;
pub mod likes;
pub mod list;
pub mod me;
pub mod measures;
pub mod members;
pub mod notifications;
pub mod passkeys;
pub mod recommendations;
pub mod reports;
pub mod reviews;
pub mod roles;
pub mod rooms;
pub mod search;
pub mod sessions;
pub mod watchlist;

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::problem::Problem;

type Answer = Result<Response, Problem>;

/// All routes of the API, for `Router::merge`.
pub fn routes() -> Router<App> {
    let (routes, document) = described().split_for_parts();
    let document = document::complete(document);
    let json = Bytes::from(serde_json::to_vec(&document).expect("a document is plain data"));
    let media = [(CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    routes
        .route("/api/v1/openapi.json", get(async move || (media, json)))
        .layer(from_fn(caching::cache))
}

fn described() -> OpenApiRouter<App> {
    let resources = OpenApiRouter::new()
        .merge(members::routes())
        .merge(me::routes())
        .merge(email::routes())
        .merge(history::routes())
        .merge(sessions::routes())
        .merge(crate::live::described())
        .merge(films::routes())
        .merge(genres::routes())
        .merge(search::routes())
        .merge(reviews::routes())
        .merge(likes::routes())
        .merge(watchlist::routes())
        .merge(follows::routes())
        .merge(comments::routes())
        .merge(roles::routes())
        .merge(recommendations::routes())
        .merge(audit::routes())
        .merge(rooms::routes())
        .merge(notifications::routes())
        .merge(reports::routes())
        .merge(measures::routes())
        .merge(passkeys::routes());
    OpenApiRouter::with_openapi(document::beginning()).nest("/api/v1", resources)
}

#[cfg(test)]
mod tests;
