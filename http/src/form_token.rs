//! A token in each form of a member's pages, which nobody makes without what their browser keeps in
//! its cookies: a form that was written elsewhere is turned away even if a browser were wrong about
//! where it comes from (`security`). Pages get it where they are rendered, and it is looked for in
//! front of all handlers that are for members alone, so that none can forget it.
//!
//! It is made with the mark by which the browser is known to the member, where it has one, and the
//! vault's digest key: whoever signs in again in another tab can still send what they were writing,
//! and who reads the mark in the browser later makes no token of it. The session's own token does it
//! as well.
//!
//! Of pages alone: what the API takes is JSON, which no other site can send.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use serde::Deserialize;
use sha2::Sha256;

use crate::extract::Form;
use crate::message;
use crate::problem::Problem;
use crate::security::{BODY_LIMIT_BYTES, FILE_PATH};
use crate::session::Caller;

/// The hidden field's name.
pub const FIELD: &str = "form_token";
/// Drawn for each page: what its packed length tells of one token helps with no other.
const SALT_BYTES: usize = 16;

/// Another one each time, and all of them as good as long as there is the secret: a session's token,
/// or the browser's number with its member's.
pub fn make(secret: &[u8]) -> String {
    let mut salt = [0; SALT_BYTES];
    rand::rng().fill_bytes(&mut salt);
    let made: [u8; 32] = mac(secret, &salt).finalize().into_bytes().into();
    BASE64_URL_SAFE_NO_PAD.encode([&salt[..], &made[..]].concat())
}

pub fn is_of(secret: &[u8], token: &str) -> bool {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    let parts = bytes.split_at_checked(SALT_BYTES);
    parts.is_some_and(|(salt, made)| mac(secret, salt).verify_slice(made).is_ok())
}

/// No table has the secret, so it is the key.
fn mac(secret: &[u8], salt: &[u8]) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(secret);
    let mac = mac.expect("HMAC takes keys of any length");
    mac.chain_update(b"form").chain_update(salt)
}

/// The page with the token in each form that posts.
pub fn put_into(html: &str, token: &str) -> String {
    let mut page = String::with_capacity(html.len() + html.len() / 8);
    let mut rest = html;
    while let Some(start) = rest.find("<form") {
        // neither in a text nor in an attribute: there it would be `&gt;`
        let length = rest[start..]
            .find('>')
            .map_or(rest.len() - start, |end| end + 1);
        let (before, after) = rest.split_at(start + length);
        page.push_str(before);
        if before[start..].contains(" method=\"post\"") {
            page.push_str("<input type=\"hidden\" name=\"");
            page.push_str(FIELD);
            page.push_str("\" value=\"");
            page.push_str(token);
            page.push_str("\">");
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

#[derive(Deserialize)]
struct Held {
    form_token: Option<String>,
}

/// Turns away a form with a session's cookie and without a token of its browser's, of routes that
/// are not for strangers, too (`authorization`).
pub async fn expect(request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>();
    let Some(caller) = caller.filter(|caller| caller.in_browser) else {
        return next.run(request).await;
    };
    let path = request.uri().path();
    // a file comes in pieces: its handler looks for the token in front of it
    if request.method().is_safe() || path.starts_with("/api/") || path == FILE_PATH {
        return next.run(request).await;
    }
    let caller = caller.clone();
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_LIMIT_BYTES).await else {
        return Problem::payload_too_large(BODY_LIMIT_BYTES).into_response();
    };
    let form = Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    let held = match Form::<Held>::from_request(form, &()).await {
        Ok(Form(held)) => held.form_token,
        Err(problem) => return problem.into_response(),
    };
    if let Err(problem) = check(&caller, held.as_deref()) {
        return problem.into_response();
    }
    next.run(Request::from_parts(parts, Body::from(bytes)))
        .await
}

/// Whether a form with this token is the caller's own.
pub fn check(caller: &Caller, held: Option<&str>) -> Result<(), Problem> {
    let is_theirs = |held| {
        let known = caller.browser.as_deref();
        is_of(caller.token().as_bytes(), held) || known.is_some_and(|secret| is_of(secret, held))
    };
    if !caller.in_browser || held.is_some_and(is_theirs) {
        return Ok(());
    }
    let title = message!("problem-form-token");
    let problem = Problem::new(StatusCode::FORBIDDEN, "form-token", title);
    Err(problem.detail(message!("problem-form-token-detail")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_of_its_session_alone_and_another_each_time() {
        let token = make(b"ann");
        assert!(is_of(b"ann", &token));
        assert!(!is_of(b"bob", &token));
        assert_ne!(make(b"ann"), token);
        let mut changed = token.clone().into_bytes();
        changed[3] ^= 1;
        for wrong in [
            "",
            "x",
            "AAAA",
            &token[..token.len() - 2],
            "ä",
            &"A".repeat(64),
        ] {
            assert!(!is_of(b"ann", wrong), "{wrong}");
        }
        assert!(!is_of(b"ann", &String::from_utf8(changed).unwrap()));
    }

    #[test]
    fn each_form_that_posts_has_it_and_no_other() {
        let page = "<p>&lt;form method=\"post\"&gt;</p><form action=\"/search\" method=\"get\"></form>\
            <form class=\"a &gt; b\" method=\"post\" action=\"/one\"><button>1</button></form>\
            <form method=\"post\" action=\"/two\"></form>";
        let page = put_into(page, "t");
        let field = "<input type=\"hidden\" name=\"form_token\" value=\"t\">";
        assert_eq!(page.matches(field).count(), 2);
        assert!(page.contains(&format!("action=\"/one\">{field}<button>")));
        assert!(page.ends_with(&format!("action=\"/two\">{field}</form>")));
        assert_eq!(page.replace(field, "").len() + 2 * field.len(), page.len());
    }
}
