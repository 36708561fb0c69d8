//! How requests of `oauth2` and `openidconnect` travel: over one client that follows no
//! redirects, waits and reads with a bound; and how answers are put right that the libraries
//! could not read: an `error` with status 200 (Naver, GitHub), `expires_in` as a string (Naver).

use std::time::Duration;

use futures::future::BoxFuture;
use oauth2::http::StatusCode;
use oauth2::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use serde_json::{Value, json};

use crate::outgoing;

/// A provider that takes longer is not there.
const PATIENCE: Duration = Duration::from_secs(10);
/// Answers are a few kilobytes; a longer one is refused.
const LONGEST_ANSWER_BYTES: usize = 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    #[error("no answer: {0}")]
    Failed(#[from] reqwest::Error),
    #[error("a longer answer than anybody reads")]
    TooLong,
}

#[derive(Clone, Debug)]
pub struct Bridge(reqwest::Client);

impl Bridge {
    pub fn new() -> reqwest::Result<Bridge> {
        let client = outgoing::client().timeout(PATIENCE).build()?;
        Ok(Bridge(client))
    }

    pub async fn send(&self, mut request: HttpRequest) -> Result<HttpResponse, Unreachable> {
        let headers = request.headers_mut();
        // GitHub answers in a form's encoding who asks for no JSON
        headers
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static("application/json"));
        let mut answer = self.0.execute(request.try_into()?).await?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > LONGEST_ANSWER_BYTES {
                return Err(Unreachable::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Bridge {
    type Error = Unreachable;
    type Future = BoxFuture<'c, Result<HttpResponse, Unreachable>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// The same for tokens, whose answers are put right.
pub struct Tokens(pub Bridge);

impl<'c> AsyncHttpClient<'c> for Tokens {
    type Error = Unreachable;
    type Future = BoxFuture<'c, Result<HttpResponse, Unreachable>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async { self.0.send(request).await.map(put_right) })
    }
}

fn put_right(mut response: HttpResponse) -> HttpResponse {
    let Ok(Value::Object(mut answer)) = serde_json::from_slice(response.body()) else {
        return response;
    };
    if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
        // the description may repeat what was sent
        let error = json!({"error": error.as_str().unwrap_or("unreadable")});
        *response.status_mut() = StatusCode::BAD_REQUEST;
        *response.body_mut() = error.to_string().into_bytes();
        return response;
    }
    if let Some(Value::String(seconds)) = answer.get("expires_in") {
        let seconds = seconds.parse::<u64>().ok();
        answer.insert("expires_in".to_owned(), json!(seconds));
        *response.body_mut() = Value::Object(answer).to_string().into_bytes();
    }
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(body: &str) -> (u16, Value) {
        let right = put_right(HttpResponse::new(body.as_bytes().to_vec()));
        let body = serde_json::from_slice(right.body()).unwrap();
        (right.status().as_u16(), body)
    }

    #[test]
    fn an_error_is_one_whatever_its_status() {
        let said = r#"{"error":"bad_verification_code","error_description":"code=secret"}"#;
        let right = json!({"error": "bad_verification_code"});
        assert_eq!(answered(said), (400, right));
    }

    #[test]
    fn an_expiry_may_be_a_string() {
        let (status, body) = answered(r#"{"access_token":"a","expires_in":"3600"}"#);
        assert_eq!((status, &body["expires_in"]), (200, &json!(3600)));
        let (_, body) = answered(r#"{"access_token":"a","expires_in":3600}"#);
        assert_eq!(body["expires_in"], 3600);
        let (_, body) = answered(r#"{"access_token":"a","expires_in":"soon"}"#);
        assert_eq!(body["expires_in"], Value::Null);
    }

    #[test]
    fn what_is_no_json_stays() {
        let right = put_right(HttpResponse::new(b"<html>".to_vec()));
        assert_eq!(right.body(), b"<html>");
    }
}
