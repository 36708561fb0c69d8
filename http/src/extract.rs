//! axum's extractors, with every rejection a [`Problem`], and stricter: text that is not UTF-8
//! or holds a NUL (which PostgreSQL can't store) is refused instead of being mended.
//!
//! Bodies are bounded before they get here (`security::limit_body`).

use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message;
use crate::problem::Problem;
use crate::security::BODY_LIMIT_BYTES;

/// A JSON body; as an answer, one in JSON.
pub struct Json<T>(pub T);

/// A posted HTML form.
pub struct Form<T>(pub T);

/// The query string. What can't be read is 400.
pub struct Query<T>(pub T);

/// The parts of the path. What can't be read names nothing: 404.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Json<T>, Problem> {
        let media = media_type(request.headers());
        if media != "application/json" && !media.ends_with("+json") {
            return Err(Problem::unsupported_media_type("application/json"));
        }
        let bytes = body(request, state).await?;
        refuse_nul_in_json(&bytes)?;
        match axum::Json::from_bytes(&bytes) {
            // serde would also take an array of a struct's values
            Ok(_) if !bytes.trim_ascii_start().starts_with(b"{") => {
                Err(Problem::unprocessable().technical_detail("The body is no JSON object."))
            }
            Ok(axum::Json(value)) => Ok(Json(value)),
            Err(rejection @ JsonRejection::JsonDataError(_)) => {
                Err(Problem::unprocessable().technical_detail(rejection.body_text()))
            }
            Err(rejection) => Err(Problem::bad_request(rejection.body_text())),
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Form<T>, Problem> {
        if media_type(request.headers()) != "application/x-www-form-urlencoded" {
            return Err(Problem::unsupported_media_type(
                "application/x-www-form-urlencoded",
            ));
        }
        let (parts, stream) = request.into_parts();
        let bytes = body(Request::from_parts(parts.clone(), stream), state).await?;
        refuse_unreadable(&bytes)?;
        let again = Request::from_parts(parts, bytes.into());
        match axum_extra::extract::Form::from_request(again, state).await {
            Ok(axum_extra::extract::Form(value)) => Ok(Form(value)),
            Err(rejection) => Err(Problem::unprocessable().technical_detail(rejection.body_text())),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Query<T>, Problem> {
        refuse_unreadable(parts.uri.query().unwrap_or_default().as_bytes())?;
        match axum_extra::extract::Query::from_request_parts(parts, state).await {
            Ok(axum_extra::extract::Query(value)) => Ok(Query(value)),
            Err(rejection) => Err(Problem::bad_request(rejection.body_text())),
        }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Path<T>, Problem> {
        if parts.uri.path().contains("%00") {
            return Err(Problem::not_found());
        }
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Path(value)),
            Err(PathRejection::FailedToDeserializePathParams(rejection))
                if !is_our_mistake(rejection.kind()) =>
            {
                Err(Problem::not_found())
            }
            Err(rejection) => Err(Problem::internal(rejection)),
        }
    }
}

/// A handler that asks for other parts than its route has.
fn is_our_mistake(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WrongNumberOfParameters { .. } | ErrorKind::UnsupportedType { .. }
    )
}

/// The media type without its parameters, in lower case.
pub fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = value
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::payload_too_large(BODY_LIMIT_BYTES)
            } else {
                Problem::bad_request(rejection.body_text())
            }
        })
}

/// form-urlencoded bytes, whose usual decoder mends broken UTF-8 silently.
fn refuse_unreadable(encoded: &[u8]) -> Result<(), Problem> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((&byte, after)) = rest.split_first() {
        let pair = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match pair.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(value) if byte == b'%' => {
                decoded.push(value);
                rest = &after[2..];
            }
            _ => {
                decoded.push(byte);
                rest = after;
            }
        }
    }
    if std::str::from_utf8(&decoded).is_err() {
        return Err(Problem::bad_request("The text is not UTF-8."));
    }
    if decoded.contains(&0) {
        return Err(unstorable());
    }
    Ok(())
}

/// JSON can say NUL only as an escape; the exact look is taken only if one may be there.
fn refuse_nul_in_json(bytes: &[u8]) -> Result<(), Problem> {
    if !bytes.windows(6).any(|window| window == b"\\u0000") {
        return Ok(());
    }
    match serde_json::from_slice::<serde_json::Value>(bytes) {
        Ok(value) if holds_nul(&value) => Err(unstorable()),
        // What is no JSON at all is told by the extractor itself.
        _ => Ok(()),
    }
}

/// As deep as serde_json reads: 128 levels.
fn holds_nul(value: &serde_json::Value) -> bool {
    use serde_json::Value;
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn unstorable() -> Problem {
    Problem::unprocessable().detail(message!("error-characters"))
}

#[cfg(test)]
mod tests;
