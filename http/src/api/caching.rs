//! What clients may keep: an answer to a read carries an ETag over its content, and who has it
//! already is told so (304) instead of getting it again.

use axum::Extension;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// Kept by the client alone, and asked for again each time.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("private, no-cache");
/// An answer to a write may hold a token.
const NOWHERE: HeaderValue = HeaderValue::from_static("no-store");
/// Whose answer it is, and the language of a problem.
const DEPENDS_ON: HeaderValue = HeaderValue::from_static("Accept-Language, Cookie, Authorization");

/// On an answer that is made while it is sent: it may be as long as the log, and has no tag.
#[derive(Clone, Copy)]
pub struct Streamed;

impl Streamed {
    pub fn mark() -> Extension<Streamed> {
        Extension(Streamed)
    }
}

/// Middleware, inside of the compression.
pub async fn cache(mut request: Request, next: Next) -> Response {
    match *request.method() {
        // axum takes the body away further out, once its digest is known
        Method::HEAD => *request.method_mut() = Method::GET,
        Method::GET => {}
        _ => {
            let mut response = next.run(request).await;
            response.headers_mut().insert(CACHE_CONTROL, NOWHERE);
            return response;
        }
    }
    let known = request.headers().clone();
    let mut response = next.run(request).await;
    response.headers_mut().append(VARY, DEPENDS_ON);
    let is_for_few = response.headers().get(CACHE_CONTROL) == Some(&NOWHERE);
    if is_for_few || response.extensions().get::<Streamed>().is_some() {
        response.headers_mut().insert(CACHE_CONTROL, NOWHERE);
        return response;
    }
    response.headers_mut().insert(CACHE_CONTROL, ASK_AGAIN);
    if response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // no bound: our own handlers have made it, whole
    let Ok(content) = to_bytes(body, usize::MAX).await else {
        return axum::response::IntoResponse::into_response(Problem::internal("a body broke off"));
    };
    let tag = tag(&content);
    let is_known = is_known(&known, &tag);
    let value = HeaderValue::try_from(tag).expect("a tag is ASCII");
    parts.headers.insert(ETAG, value);
    if !is_known {
        return Response::from_parts(parts, Body::from(content));
    }
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(CONTENT_TYPE);
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}

/// Weak: compression changes the bytes on their way and not what they say.
fn tag(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    format!("W/\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&digest[..16]))
}

/// RFC 9110, 13.1.2: compared weakly.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = tag.trim_start_matches("W/");
    let lines = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.trim_start_matches("W/") == opaque)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knows(line: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static(line));
        is_known(&headers, &tag(b"content"))
    }

    #[test]
    fn a_tag_is_of_the_content_alone() {
        assert_eq!(tag(b"a"), tag(b"a"));
        assert_ne!(tag(b"a"), tag(b"b"));
        assert_eq!(tag(b"content"), "W/\"7XACtDnprIRfIjV9giusFA\"");
    }

    #[test]
    fn a_known_tag_is_found_weak_or_strong_among_others() {
        assert!(knows("W/\"7XACtDnprIRfIjV9giusFA\""));
        assert!(knows("\"x\", \"7XACtDnprIRfIjV9giusFA\""));
        assert!(knows("*"));
        assert!(!knows("W/\"7XACtDnprIRfIjV9giusFX\""));
        assert!(!is_known(&HeaderMap::new(), &tag(b"content")));
    }
}
