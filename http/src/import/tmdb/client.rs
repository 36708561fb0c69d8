//! Asking TMDB: at its pace, again where a connection failed, never twice where the answer
//! would be the same. The token is in one header and nowhere else.

use std::fmt;
use std::time::Duration;

use rand::RngExt;
use reqwest::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

use super::answers::Refusal;
use super::pace::Pace;
use crate::outgoing;
use crate::secret_text::SecretText;

/// What TMDB serves anybody.
const REQUESTS_PER_SECOND: u32 = 40;
/// Of one request: the connection, and the whole answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(30);
/// The daily list of ids has megabytes.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(600);
/// A failed request is made again so often.
const ATTEMPTS: u32 = 8;
/// Between the first two; each following pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Refusals for being too fast that one request takes; then it counts as failed.
const MOST_RESTS: u32 = 50;
/// Where TMDB does not say for how long, and the longest that it may say.
const REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(300);
/// A longer answer is none of TMDB's; the daily list has some 25 MB.
const LONGEST_ANSWER_BYTES: usize = 16 * 1024 * 1024;
const LONGEST_EXPORT_BYTES: usize = 256 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error(
        "TMDB does not accept the token: it wants the API Read Access Token (not the API Key) of \
         https://www.themoviedb.org/settings/api"
    )]
    BadToken,
    #[error("TMDB has no {0}")]
    NotFound(String),
    #[error("TMDB refuses {path} ({status}): {message}")]
    Refused {
        path: String,
        status: StatusCode,
        message: String,
    },
    #[error("TMDB can't be reached for {path}: {cause}")]
    Unreachable { path: String, cause: String },
    #[error("TMDB's answer to {path} can't be read: {cause}")]
    Unreadable { path: String, cause: String },
}

pub struct Client {
    http: reqwest::Client,
    bearer: HeaderValue,
    api: String,
    exports: String,
    pace: Pace,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.api)
    }
}

/// How one attempt went.
enum Attempt {
    Answered(Vec<u8>),
    /// Too fast: again after this.
    Rest(Duration),
    /// Again, soon.
    Failed(String),
    Over(Trouble),
}

impl Client {
    /// `api` and `exports` are addresses without a slash at the end.
    pub fn new(token: &SecretText, api: &str, exports: &str) -> anyhow::Result<Client> {
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.reveal()))
            .map_err(|_| anyhow::anyhow!("TMDB's token has signs that no token has"))?;
        bearer.set_sensitive(true);
        let http = outgoing::client()
            .connect_timeout(CONNECT_TIMEOUT)
            .build()?;
        Ok(Client {
            http,
            bearer,
            api: api.trim_end_matches('/').to_owned(),
            exports: exports.trim_end_matches('/').to_owned(),
            pace: Pace::new(REQUESTS_PER_SECOND),
        })
    }

    /// Asks the API for a path (`/movie/popular?page=2`).
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Trouble> {
        let address = format!("{}{path}", self.api);
        let whole = |body: &[u8]| match serde_json::from_slice(body) {
            // a connection may end in the middle without saying so
            Err(error) if error.is_eof() => Err(None),
            Err(error) => Err(Some(error.to_string())),
            Ok(answer) => Ok(answer),
        };
        self.ask(&address, path, (TIMEOUT, LONGEST_ANSWER_BYTES), whole)
            .await
    }

    /// A file of the daily lists, as `read` understands it; `None` is asked for again.
    pub async fn export<T>(
        &self,
        name: &str,
        read: impl Fn(&[u8]) -> Result<T, Option<String>>,
    ) -> Result<T, Trouble> {
        let address = format!("{}/{name}", self.exports);
        let bounds = (EXPORT_TIMEOUT, LONGEST_EXPORT_BYTES);
        self.ask(&address, name, bounds, read).await
    }

    async fn ask<T>(
        &self,
        address: &str,
        path: &str,
        bounds: (Duration, usize),
        read: impl Fn(&[u8]) -> Result<T, Option<String>>,
    ) -> Result<T, Trouble> {
        let (mut attempts, mut rests) = (0, 0);
        loop {
            self.pace.turn().await;
            let failure = match self.attempt(address, path, bounds).await {
                Attempt::Answered(body) => match read(&body) {
                    Ok(answer) => {
                        self.pace.went_well();
                        return Ok(answer);
                    }
                    Err(None) => "the answer was cut off".to_owned(),
                    Err(Some(cause)) => {
                        let path = path.to_owned();
                        return Err(Trouble::Unreadable { path, cause });
                    }
                },
                Attempt::Rest(wait) if rests < MOST_RESTS => {
                    rests += 1;
                    self.pace.rest(wait);
                    continue;
                }
                Attempt::Rest(_) => "it refuses us for being too fast, again and again".to_owned(),
                Attempt::Failed(cause) => cause,
                Attempt::Over(trouble) => return Err(trouble),
            };
            attempts += 1;
            if attempts >= ATTEMPTS {
                return Err(Trouble::Unreachable {
                    path: path.to_owned(),
                    cause: failure,
                });
            }
            tracing::debug!(path, attempts, failure, "asking TMDB again");
            tokio::time::sleep(pause(attempts)).await;
        }
    }

    async fn attempt(
        &self,
        address: &str,
        path: &str,
        (timeout, longest): (Duration, usize),
    ) -> Attempt {
        let mut asked = self.http.get(address).timeout(timeout);
        if address.starts_with(&self.api) {
            asked = asked.header(AUTHORIZATION, self.bearer.clone());
        }
        let mut answer = match asked.send().await {
            Ok(answer) => answer,
            Err(error) => return Attempt::Failed(cause(&error)),
        };
        let status = answer.status();
        let wait = retry_after(&answer);
        let body = match body(&mut answer, longest).await {
            Ok(body) => body,
            Err(cause) => return Attempt::Failed(cause),
        };
        if status.is_success() {
            return Attempt::Answered(body);
        }
        let refusal: Refusal = serde_json::from_slice(&body).unwrap_or_default();
        match (status, refusal.status_code) {
            (StatusCode::TOO_MANY_REQUESTS, _) | (_, Some(25)) => Attempt::Rest(wait),
            (StatusCode::UNAUTHORIZED, _) | (_, Some(7)) => Attempt::Over(Trouble::BadToken),
            (StatusCode::NOT_FOUND, _) | (_, Some(34)) => {
                Attempt::Over(Trouble::NotFound(path.to_owned()))
            }
            (status, _) if status.is_server_error() => Attempt::Failed(status.to_string()),
            (status, _) => Attempt::Over(Trouble::Refused {
                path: path.to_owned(),
                status,
                message: refusal.status_message,
            }),
        }
    }
}

/// Longer each time, and never the same for two that failed together.
fn pause(attempts: u32) -> Duration {
    let pause = FIRST_PAUSE * 2_u32.pow(attempts - 1);
    pause.mul_f64(rand::rng().random_range(0.5..1.5))
}

/// Without the address, which `Trouble` tells; with what lies beneath.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    match error.is_timeout() {
        true => "no answer in time".to_owned(),
        false => innermost.to_string(),
    }
}

async fn body(answer: &mut Response, longest: usize) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| cause(&error))? {
        if body.len() + chunk.len() > longest {
            return Err("a longer answer than anybody reads".to_owned());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// In seconds; TMDB gives no dates.
fn retry_after(answer: &Response) -> Duration {
    let said = answer.headers().get(RETRY_AFTER);
    let seconds = said.and_then(|value| value.to_str().ok()?.parse().ok());
    seconds.map_or(REST, Duration::from_secs).min(LONGEST_REST)
}
