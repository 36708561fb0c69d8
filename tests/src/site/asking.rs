//! Requests of a site, and its answers.

use std::fmt::Display;
use std::pin::Pin;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use web::form_token;

use super::{Member, text};
use crate::secrets;

/// A request that is made up; await it to send it.
pub struct Asking<'a> {
    pub(super) router: &'a Router,
    pub(super) request: axum::http::request::Builder,
    pub(super) body: Body,
    pub(super) is_api: bool,
}

impl Asking<'_> {
    #[must_use]
    pub fn by(self, member: &Member) -> Self {
        let token = format!("Bearer {}", member.token);
        self.header(AUTHORIZATION.as_str(), token)
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl Display) -> Self {
        self.request = self.request.header(name, value.to_string());
        self
    }

    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    #[must_use]
    pub fn body(self, media_type: &str, body: impl Into<Body>) -> Self {
        let mut asking = self.header(CONTENT_TYPE.as_str(), media_type);
        asking.body = body.into();
        asking
    }

    /// The body of an answer that does not end by itself.
    pub async fn streamed(self) -> Body {
        let request = self.request.body(self.body).expect("a request");
        let Ok(response) = self.router.clone().oneshot(request).await;
        assert_eq!(response.status(), 200);
        response.into_body()
    }

    async fn send(self) -> Answer {
        let request = self.request.body(self.body).expect("a request");
        let Ok(response) = self.router.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        let answer = Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        };
        remember(&answer);
        if self.is_api {
            assert!(answer.position() >= 0);
        }
        answer
    }
}

/// Sessions and tickets are given out in cookies and in JSON.
fn remember(answer: &Answer) {
    for cookie in answer.cookies() {
        let cookie = cookie.split(';').next().unwrap_or_default();
        if let Some((_, value)) = cookie.split_once('=').filter(|(name, _)| is_secret(name)) {
            secrets::remember(value);
        }
    }
    let media = answer.headers.get(CONTENT_TYPE);
    if media.is_some_and(|media| media == "application/json")
        && let Ok(Value::Object(fields)) = serde_json::from_slice(&answer.body)
    {
        let secret = ["token", "ticket"]
            .iter()
            .filter_map(|name| fields.get(*name));
        secret.for_each(|value| secrets::remember(&text(value)));
    }
}

fn is_secret(name: &str) -> bool {
    !["position", "flash", "language"].contains(&name)
}

impl<'a> IntoFuture for Asking<'a> {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// Itself, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{error}: {}", self.text());
        })
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The page's forms that post, each with whether this session's token is in it.
    pub fn forms(&self, session: &str) -> Vec<(String, bool)> {
        let html = self.text();
        let forms = html.split("<form").skip(1);
        let forms = forms.filter(|form| form.contains(" method=\"post\""));
        let field = format!(" name=\"{}\" value=\"", form_token::FIELD);
        forms
            .map(|form| {
                let form = form.split("</form>").next().unwrap_or_default();
                let token = form
                    .split(&field)
                    .nth(1)
                    .and_then(|rest| rest.split('"').next());
                let is_ours =
                    token.is_some_and(|token| form_token::is_of(session.as_bytes(), token));
                (form.to_owned(), is_ours)
            })
            .collect()
    }

    /// A header's text; empty without one.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// All cookies that it sets, as they are written.
    pub fn cookies(&self) -> Vec<&str> {
        let cookies = self.headers.get_all("set-cookie").iter();
        cookies
            .map(|value| value.to_str().expect("ASCII"))
            .collect()
    }

    #[track_caller]
    pub fn position(&self) -> i64 {
        let position = self.header("reeltime-position").parse();
        position.unwrap_or_else(|_| panic!("no position: {self:?}"))
    }

    /// The problem that it is: status and the end of its `type`.
    #[track_caller]
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let kind = text(&self.json()["type"]);
        let slug = kind.trim_start_matches("/problems/").to_owned();
        (self.status.as_u16(), slug)
    }

    /// The wrong fields, each with its code.
    #[track_caller]
    pub fn errors(&self) -> Vec<(String, String)> {
        let problem = self.json();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let errors = errors.iter();
        errors
            .map(|error| (text(&error["field"]), text(&error["code"])))
            .collect()
    }
}
