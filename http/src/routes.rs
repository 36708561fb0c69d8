//! All doors of a node: the API, the pages, the files, and what its operator asks.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::authorization::enforce;
use crate::problem_answers::answer_problems;
use crate::reading::{POSITION, failed, tell_detached};
use crate::security::{self, Protection};
use crate::session::identify_member;
use crate::{api, as_of, assets, health, limits, live, merging, pages};

pub fn router(app: App, protection: Protection) -> Router {
    let routes = Router::new()
        .merge(api::routes())
        .merge(live::routes())
        .merge(pages::routes())
        .merge(assets::routes())
        .layer(from_fn(enforce))
        .layer(from_fn_with_state(app.clone(), limits::count))
        .layer(from_fn_with_state(app.clone(), as_of::refuse))
        // once more outside, in `protect`; here it knows the member's language
        .layer(from_fn(answer_problems))
        .layer(from_fn_with_state(app.clone(), merging::follow))
        .layer(from_fn_with_state(app.clone(), identify_member))
        .layer(from_fn(health::count))
        .merge(health::routes())
        .with_state(app.clone());
    security::protect(routes, protection)
        .layer(from_fn_with_state(app.clone(), tell_position))
        .layer(from_fn_with_state(app, as_of::tell))
}

/// Middleware: every answer of the API has a position. One that does not say which state it
/// shows (a problem, mostly) shows at least the one that was known here when it was asked.
async fn tell_position(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let known = *app.projector.projected().borrow();
    let mut response = next.run(request).await;
    if let Err(error) = tell_detached(&mut response).await {
        // an answer that can't say how old it is must not be given
        return failed(error).into_response();
    }
    if is_api {
        response
            .headers_mut()
            .entry(POSITION)
            .or_insert(HeaderValue::from(known));
    }
    response
}
