//! Says a problem again for the one who asked: on a page as a page, under `/api/` as JSON, and
//! both in the visitor's language. Errors that are no problems yet (axum's and tower's plain
//! texts: unknown route, wrong method, timeout) become problems here, so that a client never
//! meets another kind.

use axum::extract::Request;
use axum::http::Method;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use crate::authorization::SECOND_FACTOR;
use crate::layout::Page;
use crate::pages::again::AGAIN;
use crate::problem::Problem;
use crate::security::BODY_LIMIT_BYTES;
use crate::visitor::Visitor;
use crate::{message, refusals, t};

/// Reference for the visitor; set by `security::identify_request`.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Middleware. Harmless if it runs twice (inside and outside of the session's middleware).
pub async fn answer_problems(request: Request, next: Next) -> Response {
    let visitor = request
        .extensions()
        .get::<Visitor>()
        .cloned()
        .unwrap_or_else(|| Visitor::signed_out(request.uri(), request.headers()));
    let wants_json = wants_json(request.uri().path());
    // a form's address can't be opened again: the browser's way back keeps what was typed
    let is_get = request.method() == Method::GET;
    let request_id = request.extensions().get::<RequestId>().cloned();

    let mut response = next.run(request).await;
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if is_plain_error(&response) => problem_of_status(response.status()),
        None => return response,
    };
    refusals::note(problem.status(), problem.slug());
    let again = if wants_json {
        problem.json(visitor.language)
    } else {
        page(&problem, visitor, request_id.as_ref(), is_get)
    };
    with_headers_of(response.headers(), again)
}

/// The API and the assets answer machines; everything else is a page.
fn wants_json(path: &str) -> bool {
    path.starts_with("/api/") || path == "/api" || path.starts_with("/assets/")
}

fn is_plain_error(response: &Response) -> bool {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return false;
    }
    let content_type = response.headers().get(CONTENT_TYPE);
    content_type.is_none_or(|value| value.as_bytes().starts_with(b"text/plain"))
}

fn problem_of_status(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(
            status,
            "method-not-allowed",
            message!("problem-method-not-allowed"),
        )
        .detail(message!("problem-method-not-allowed-detail")),
        StatusCode::NOT_ACCEPTABLE => {
            Problem::new(status, "not-acceptable", message!("problem-not-acceptable"))
        }
        StatusCode::REQUEST_TIMEOUT => Problem::new(
            status,
            "request-timeout",
            message!("problem-request-timeout"),
        ),
        StatusCode::GONE => Problem::new(status, "gone", message!("problem-gone")),
        StatusCode::PRECONDITION_FAILED => Problem::new(
            status,
            "precondition-failed",
            message!("problem-precondition-failed"),
        ),
        StatusCode::URI_TOO_LONG => {
            Problem::new(status, "uri-too-long", message!("problem-uri-too-long"))
        }
        StatusCode::UNAUTHORIZED => Problem::unauthenticated(),
        StatusCode::FORBIDDEN => Problem::forbidden(),
        StatusCode::CONFLICT => Problem::conflict(),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::payload_too_large(BODY_LIMIT_BYTES),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::unsupported_media_type("JSON"),
        StatusCode::UNPROCESSABLE_ENTITY => Problem::unprocessable(),
        StatusCode::TOO_MANY_REQUESTS => Problem::too_many_requests(1),
        StatusCode::SERVICE_UNAVAILABLE => Problem::busy(BUSY_SECONDS),
        other if other.is_client_error() => {
            Problem::new(other, "bad-request", message!("problem-bad-request"))
        }
        other => Problem::internal(format_args!("an unexplained answer of status {other}")),
    }
}

/// When to come back after an answer that was cut off by the timeout.
const BUSY_SECONDS: u32 = 2;

fn page(
    problem: &Problem,
    visitor: Visitor,
    request_id: Option<&RequestId>,
    is_get: bool,
) -> Response {
    let language = visitor.language;
    let title = problem.title(language);
    let status = problem.status();
    let again = visitor.path.clone();
    let to_sign_in = match status {
        StatusCode::UNAUTHORIZED => Some("/sign-in"),
        _ if problem.slug() == SECOND_FACTOR => Some(AGAIN),
        _ => None,
    };
    let reference = request_id.filter(|_| status.is_server_error());
    let content: Markup = html! {
        section class="problem" {
            p class="problem-code" { (t!(language, "problem-code", status = status.as_str())) }
            h1 { (title) }
            @if let Some(detail) = problem.detail_text(language) { p class="lead" { (detail) } }
            @if !problem.errors().is_empty() {
                ul class="problem-errors" {
                    @for error in problem.errors() { li { (error.message.to(language)) } }
                }
            }
            p class="actions" {
                @if let Some(place) = to_sign_in {
                    a class="button" href=(place) { (t!(language, "nav-sign-in")) }
                }
                @if problem.is_passing() && is_get {
                    a class="button" href=(again) { (t!(language, "problem-retry")) }
                }
                a class="button quiet" href="/" { (t!(language, "problem-home")) }
            }
            @if let Some(RequestId(id)) = reference {
                p class="problem-reference" { (t!(language, "problem-reference", id = id)) }
            }
        }
    };
    let mut response = Page::new(visitor, title, content)
        .status(status)
        .into_response();
    if let Some(seconds) = problem.retry_after_seconds() {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Keeps what the first answer carried besides its body: `Allow`, cookies, positions.
fn with_headers_of(first: &HeaderMap, mut again: Response) -> Response {
    let own: Vec<HeaderName> = again.headers().keys().cloned().collect();
    for (name, value) in first {
        if name != CONTENT_LENGTH && !own.contains(name) {
            again.headers_mut().append(name, value.clone());
        }
    }
    again
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::header::{ALLOW, CONTENT_LANGUAGE};
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    fn app() -> Router {
        Router::new()
            .route("/here", get(|| async { "here" }))
            .route("/busy", get(|| async { Problem::busy(7) }))
            .route("/api/v1/here", get(|| async { "here" }))
            .route(
                "/api/v1/plain",
                get(|| async { (StatusCode::SERVICE_UNAVAILABLE, "no") }),
            )
            .layer(axum::middleware::from_fn(answer_problems))
            .layer(axum::middleware::from_fn(answer_problems))
    }

    async fn ask(method: &str, path: &str) -> (Response, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("accept-language", "ko");
        let response = app()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 100_000).await.unwrap();
        (
            Response::from_parts(parts, Body::empty()),
            String::from_utf8(body.to_vec()).unwrap(),
        )
    }

    #[tokio::test]
    async fn an_unknown_page_is_a_page_in_the_visitors_language() {
        let (response, body) = ask("GET", "/nowhere").await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert!(
            response.headers()[CONTENT_TYPE]
                .to_str()
                .unwrap()
                .starts_with("text/html")
        );
        assert!(body.contains("여기에는 아무것도 없어요"));
        assert!(body.contains("<html lang=\"ko\""));
    }

    #[tokio::test]
    async fn an_unknown_route_of_the_api_is_problem_json_in_the_visitors_language() {
        let (response, body) = ask("GET", "/api/v1/nowhere").await;
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[CONTENT_LANGUAGE], "ko");
        assert!(body.contains("/problems/not-found") && body.contains("여기에는"));
    }

    #[tokio::test]
    async fn a_wrong_method_says_which_are_right() {
        for path in ["/here", "/api/v1/here"] {
            let (response, _) = ask("DELETE", path).await;
            assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(response.headers()[ALLOW], "GET,HEAD");
        }
    }

    #[tokio::test]
    async fn plain_errors_become_problems_and_busy_says_when_to_come_back() {
        let (response, body) = ask("GET", "/api/v1/plain").await;
        assert!(response.headers().contains_key(RETRY_AFTER));
        assert!(body.contains("/problems/busy"));
        let (response, body) = ask("GET", "/busy").await;
        assert_eq!(response.headers()[RETRY_AFTER], "7");
        assert!(body.contains("href=\"/busy\""));
    }

    #[tokio::test]
    async fn answers_that_are_no_errors_pass_untouched() {
        let (response, body) = ask("GET", "/here").await;
        assert_eq!((response.status(), body.as_str()), (StatusCode::OK, "here"));
    }
}
