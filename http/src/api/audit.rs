//! `/audit`: the log. Anybody gets what it can be checked with; auditors see what is in it.

pub mod events;
pub mod streams;

use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::IntoResponse;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use event_log::checkpoint::{self, Note};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Answer, App};
use crate::extract::Json;
use crate::problem::Problem;
use crate::reading::failed;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show_checkpoint))
        .merge(events::routes())
        .merge(streams::routes())
}

/// The log's newest signed checkpoint.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Checkpoint {
    /// Which log.
    #[schema(example = "reeltime.example/log")]
    pub origin: String,
    /// Events in the tree: the position of the last.
    pub size: i64,
    /// The tree's root (RFC 6962, SHA-256), in base64.
    pub root: String,
    /// As it was signed (C2SP tlog-checkpoint, a signed note).
    pub note: String,
    /// Who signs, as of this node; keep a copy elsewhere. Null: this node does not sign.
    pub public_key: Option<String>,
}

/// Shows the log's newest signed checkpoint.
///
/// Whoever keeps it can show later that the log was not cut off or rewritten. With
/// `Accept: text/plain` it is the note alone. Where the site is shown as it was, it is the newest
/// that covers nothing later.
#[utoipa::path(get, path = "/audit/checkpoint", tag = "audit",
    responses((status = 200, description = "The checkpoint", body = Checkpoint),
        (status = 404, description = "Nothing was signed yet")))]
pub async fn show_checkpoint(State(app): State<App>, headers: HeaderMap) -> Answer {
    let through = app
        .as_of
        .as_ref()
        .map_or(i64::MAX, |moment| moment.position);
    let newest = checkpoint::newest_up_to(&app.pool, through).await;
    let note = newest.map_err(failed)?.ok_or_else(Problem::not_found)?.note;
    let vary = (VARY, HeaderValue::from_static("Accept"));
    let accepts = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    if accepts.is_some_and(|accepts| accepts.starts_with("text/plain")) {
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        return Ok(([vary, (CONTENT_TYPE, text)], note).into_response());
    }
    let read = Note::parse(&note).and_then(|note| checkpoint::Checkpoint::read(&note));
    let read = read.map_err(|error| Problem::internal(error.to_string()))?;
    let checkpoint = Checkpoint {
        origin: read.origin,
        size: read.size,
        root: BASE64_STANDARD.encode(read.root),
        note,
        public_key: app.public_key.as_ref().map(ToString::to_string),
    };
    Ok(([vary], Json(checkpoint)).into_response())
}
