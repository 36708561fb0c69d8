//! Every *no* that a client hears: `application/problem+json` (RFC 9457) with a stable `type`.
//!
//! A problem does not know its reader. It answers in English JSON and rides along in the
//! response's extensions; `problem_answers` says it again for the visitor: in their language,
//! and as a page where a page was asked for. It never carries a cause: that goes to the log.

use std::fmt;

use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::language::{Language, Message};
use crate::message;

pub const PROBLEM_JSON: &str = "application/problem+json";

/// The boxed parts keep `Result<_, Problem>` as small as a pointer.
#[derive(Clone, Debug)]
pub struct Problem(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    status: StatusCode,
    slug: &'static str,
    title: Message,
    detail: Option<Detail>,
    errors: Vec<FieldError>,
    retry_after_seconds: Option<u32>,
}

#[derive(Clone, Debug)]
enum Detail {
    Spoken(Message),
    /// What a parser said; it has no translation.
    Technical(String),
}

/// What is wrong with one field of a form or a JSON body.
#[derive(Clone, Debug)]
pub struct FieldError {
    pub field: &'static str,
    pub message: Message,
}

/// The body of a problem as it is sent, also for the OpenAPI document.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ProblemBody {
    /// A stable identifier, relative to this server.
    #[serde(rename = "type")]
    #[schema(example = "/problems/not-found")]
    pub kind: String,
    pub title: String,
    #[schema(example = 404)]
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldErrorBody>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FieldErrorBody {
    #[schema(example = "rating")]
    pub field: String,
    /// A stable identifier of what is wrong.
    #[schema(example = "error-rating")]
    pub code: String,
    pub detail: String,
}

impl Problem {
    /// Any problem; `slug` becomes the stable `/problems/{slug}`.
    pub fn new(status: StatusCode, slug: &'static str, title: Message) -> Problem {
        Problem(Box::new(Parts {
            status,
            slug,
            title,
            detail: None,
            errors: Vec::new(),
            retry_after_seconds: None,
        }))
    }

    #[must_use]
    pub fn detail(mut self, detail: Message) -> Problem {
        self.0.detail = Some(Detail::Spoken(detail));
        self
    }

    #[must_use]
    pub fn technical_detail(mut self, detail: impl Into<String>) -> Problem {
        self.0.detail = Some(Detail::Technical(detail.into()));
        self
    }

    /// Adds what is wrong with one more field.
    #[must_use]
    pub fn and(mut self, field: &'static str, message: Message) -> Problem {
        self.0.errors.push(FieldError { field, message });
        self
    }

    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Problem {
        self.0.retry_after_seconds = Some(seconds.max(1));
        self
    }

    pub fn not_found() -> Problem {
        Problem::new(
            StatusCode::NOT_FOUND,
            "not-found",
            message!("problem-not-found"),
        )
        .detail(message!("problem-not-found-detail"))
    }

    /// What can't even be read; `why` is for the developer of the client.
    pub fn bad_request(why: impl Into<String>) -> Problem {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            message!("problem-bad-request"),
        )
        .technical_detail(why)
    }

    /// What can be read and breaks a rule: one field.
    pub fn invalid(field: &'static str, message: Message) -> Problem {
        Problem::unprocessable().and(field, message)
    }

    /// What can be read and breaks a rule; add the fields with [`Problem::and`].
    pub fn unprocessable() -> Problem {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            message!("problem-invalid"),
        )
    }

    pub fn conflict() -> Problem {
        Problem::new(
            StatusCode::CONFLICT,
            "conflict",
            message!("problem-conflict"),
        )
    }

    pub fn unauthenticated() -> Problem {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            message!("problem-unauthenticated"),
        )
        .detail(message!("problem-unauthenticated-detail"))
    }

    /// For what everybody may know exists. What a member may not see is not found.
    pub fn forbidden() -> Problem {
        Problem::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            message!("problem-forbidden"),
        )
    }

    pub fn payload_too_large(limit_bytes: usize) -> Problem {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "payload-too-large",
            message!("problem-payload-too-large"),
        )
        .detail(message!(
            "problem-payload-too-large-detail",
            kilobytes = limit_bytes / 1024
        ))
    }

    pub fn unsupported_media_type(expected: &'static str) -> Problem {
        Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            message!("problem-unsupported-media-type"),
        )
        .detail(message!(
            "problem-unsupported-media-type-detail",
            expected = expected
        ))
    }

    pub fn too_many_requests(retry_after_seconds: u32) -> Problem {
        let seconds = retry_after_seconds.max(1);
        Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            message!("problem-too-many-requests"),
        )
        .detail(message!(
            "problem-too-many-requests-detail",
            seconds = seconds
        ))
        .retry_after(seconds)
    }

    pub fn busy(retry_after_seconds: u32) -> Problem {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            message!("problem-busy"),
        )
        .detail(message!("problem-busy-detail"))
        .retry_after(retry_after_seconds)
    }

    /// Our own failure: the log gets the cause, the member one fixed sentence.
    pub fn internal(cause: impl fmt::Display) -> Problem {
        tracing::error!(%cause, "a request failed");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            message!("problem-internal"),
        )
        .detail(message!("problem-internal-detail"))
    }

    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    pub fn slug(&self) -> &'static str {
        self.0.slug
    }

    pub fn title(&self, language: Language) -> String {
        self.0.title.to(language)
    }

    pub fn detail_text(&self, language: Language) -> Option<String> {
        self.0.detail.as_ref().map(|detail| match detail {
            Detail::Spoken(message) => message.to(language),
            Detail::Technical(text) => text.clone(),
        })
    }

    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// Whether waiting a little may help.
    pub fn is_passing(&self) -> bool {
        self.0.retry_after_seconds.is_some()
    }

    /// When to come back, if waiting helps.
    pub fn retry_after_seconds(&self) -> Option<u32> {
        self.0.retry_after_seconds
    }

    pub fn body(&self, language: Language) -> ProblemBody {
        ProblemBody {
            kind: format!("/problems/{}", self.0.slug),
            title: self.title(language),
            status: self.0.status.as_u16(),
            detail: self.detail_text(language),
            errors: (self.0.errors.iter())
                .map(|error| FieldErrorBody {
                    field: error.field.to_owned(),
                    code: error.message.id().to_owned(),
                    detail: error.message.to(language),
                })
                .collect(),
        }
    }

    /// The answer in JSON, in a language.
    pub fn json(&self, language: Language) -> Response {
        let mut response = (self.0.status, axum::Json(self.body(language))).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
        if let Some(seconds) = self.0.retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.json(Language::En);
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests;
