//! Asking for a change: a request's commands under stable ids, so that the same
//! request sent again changes nothing more and gets the same answer.

mod look;
mod sent;

use axum::extract::FromRequestParts;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use commands::{Asked, Command, ExecuteError, Refused};
use domain::MemberId;
use event_log::Accepted;
use serde::Serialize;
use uuid::Uuid;

use crate::address::ClientAddress;
use crate::app::App;
use crate::device::device;
use crate::known_browser::KnownBrowser;
use crate::problem::Problem;
use crate::problem_answers::RequestId;
use crate::reading::{Door, POSITION, POSITION_COOKIE, Wanted};
use crate::security::SEC_FETCH_SITE;
use crate::session::Caller;
use crate::visitor::Visitor;
use crate::{cookies, fresh, message};

pub use look::Look;
pub use sent::Sent;

/// The client's name for a write; the same one is the same write. A form has it
/// in its hidden field `command`.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const MAX_KEY_BYTES: usize = 255;
/// Ids derived from a client's key; fixed for ever.
const KEYS: Uuid = Uuid::from_u128(0x0d1f_54a7_67b5_4a0e_9be0_5a0f_2d4c_71e9);
/// Long enough for the next page, short enough to be forgotten.
const POSITION_SECONDS: u32 = 60;

/// A request that asks for a change. The extractor counts it against the
/// allowance of writes. What it has to read it reads by this, and lets go before it gives a
/// command: a handler that also takes a `Reading` answers nothing but 500.
pub struct Asking {
    app: App,
    caller: Option<Caller>,
    visitor: Visitor,
    /// The position that its readings show at least.
    wanted: Wanted,
    /// What the client calls this request, or what we do if it does not say.
    key: Uuid,
    at: DateTime<Utc>,
    correlation: Uuid,
    pub address: ClientAddress,
    /// From where it comes, as its member would call it.
    pub device: String,
    pub browser: KnownBrowser,
    /// It says that it comes from a page: what is answered, scripts could read.
    pub is_of_page: bool,
}

impl FromRequestParts<App> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Asking, Problem> {
        let (asking, allowed) = Asking::of(parts, app).await?;
        allowed?;
        Ok(asking)
    }
}

fn read_key(key: &[u8]) -> Result<Uuid, Problem> {
    if key.is_empty() || key.len() > MAX_KEY_BYTES {
        return Err(Problem::bad_request("Idempotency-Key has 1 to 255 bytes."));
    }
    Ok(Uuid::new_v5(&KEYS, key))
}

impl Asking {
    /// Also of a request beyond the allowance.
    async fn of(parts: &mut Parts, app: &App) -> Result<(Asking, Result<(), Problem>), Problem> {
        Door::Asks.open(parts)?;
        let Ok(address) = ClientAddress::from_request_parts(parts, app).await;
        let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
        let caller = parts.extensions.get::<Caller>().cloned();
        let member = caller.as_ref().map(|caller| caller.member);
        let allowed = app.limits.check_write(address, member);
        let key = match parts.headers.get(IDEMPOTENCY_KEY) {
            Some(key) => read_key(key.as_bytes())?,
            None => fresh::id(),
        };
        let request = parts.extensions.get::<RequestId>();
        let correlation = request.and_then(|RequestId(id)| id.parse().ok());
        let asking = Asking {
            app: app.clone(),
            caller,
            visitor,
            wanted: Wanted::of(&parts.headers),
            key,
            at: fresh::now(),
            correlation: correlation.unwrap_or_else(fresh::id),
            address,
            device: device(&parts.headers),
            browser: KnownBrowser::of(&parts.headers, app.secure_cookies),
            is_of_page: parts.headers.contains_key(SEC_FETCH_SITE),
        };
        Ok((asking, allowed))
    }

    /// Takes the key from a form's hidden field instead of the header.
    pub fn with_form_key(mut self, key: Option<&str>) -> Result<Asking, Problem> {
        self.name(key)?;
        Ok(self)
    }

    fn name(&mut self, key: Option<&str>) -> Result<(), Problem> {
        if let Some(key) = key.filter(|key| !key.is_empty()) {
            self.key = read_key(key.as_bytes())?;
        }
        Ok(())
    }

    /// An id for something that this request makes: the same when it comes again,
    /// and another for another member who uses the same key.
    pub fn made_id(&self, actor: Option<MemberId>, what: &str) -> Uuid {
        let actor = actor.map_or(Uuid::nil(), |member| member.0);
        let scope = Uuid::new_v5(&self.key, actor.as_bytes());
        Uuid::new_v5(&scope, what.as_bytes())
    }

    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Decides and records one command of this request. `operation` names it (a
    /// request may hold several), `body` is all that the client said for it.
    pub async fn execute<C>(
        &self,
        actor: Option<MemberId>,
        operation: &str,
        body: &impl Serialize,
        command: C,
    ) -> Result<Accepted, Problem>
    where
        C: Command + Send + 'static,
    {
        let body = serde_json::to_vec(body).map_err(Problem::internal)?;
        let asked = Asked {
            id: self.made_id(actor, operation),
            actor: actor.map_or(Uuid::nil(), |member| member.0),
            digest: self.app.vault.digest(operation, &body),
            at: self.at,
            correlation: self.correlation,
            causation: None,
        };
        let accepted = commands::execute(&self.app.sequencer, asked, command).await;
        accepted.map_err(Problem::from)
    }

    /// The same, and gives the position at which it is recorded.
    pub async fn record<C>(
        &self,
        actor: Option<MemberId>,
        operation: &str,
        body: &impl Serialize,
        command: C,
    ) -> Result<i64, Problem>
    where
        C: Command + Send + 'static,
    {
        let accepted = self.execute(actor, operation, body, command).await?;
        Ok(accepted.position)
    }

    /// The answer to a write: says where it is recorded, and lets the browser's
    /// next page show it.
    pub fn respond(&self, position: i64, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        let headers = response.headers_mut();
        headers.insert(POSITION, HeaderValue::from(position));
        let secure = self.app.secure_cookies;
        let cookie = cookies::set(
            POSITION_COOKIE,
            &position.to_string(),
            POSITION_SECONDS,
            secure,
        );
        headers.append(SET_COOKIE, cookie);
        response
    }
}

impl From<ExecuteError> for Problem {
    fn from(error: ExecuteError) -> Problem {
        match error {
            ExecuteError::Refused(refused) => Problem::from(refused),
            ExecuteError::IdReused => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                message!("problem-idempotency-key-reused"),
            ),
            ExecuteError::Busy => Problem::busy(2),
            ExecuteError::Internal(why) => Problem::internal(why),
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Problem {
        let conflict = |title| Problem::new(StatusCode::CONFLICT, refused.slug(), title);
        let forbidden = |title| Problem::new(StatusCode::FORBIDDEN, refused.slug(), title);
        match refused {
            Refused::NoSuchFilm
            | Refused::NoSuchMember
            | Refused::NoSuchReview
            | Refused::NoSuchComment
            | Refused::NoSuchRole
            | Refused::NoSuchRoom
            | Refused::NoSuchMessage
            | Refused::NoSuchReport
            | Refused::NoSuchMeasure => Problem::not_found(),
            Refused::Withdrawn => Problem::new(
                StatusCode::UNAUTHORIZED,
                refused.slug(),
                message!("problem-withdrawn"),
            ),
            Refused::NameTaken => {
                conflict(message!("problem-name-taken")).and("name", message!("error-name-taken"))
            }
            Refused::TooManyNames => conflict(message!("problem-too-many-names"))
                .and("name", message!("error-too-many-names")),
            Refused::EmailTaken => conflict(message!("problem-email-taken"))
                .and("email", message!("error-email-taken")),
            Refused::Outdated => conflict(message!("problem-conflict")),
            Refused::IdentityTaken => conflict(message!("problem-identity-taken")),
            Refused::TooManyIdentities => conflict(message!("problem-too-many-identities")),
            Refused::LastWayIn => conflict(message!("problem-last-way-in")),
            Refused::SameFilm => conflict(message!("problem-same-film")),
            Refused::OwnRole => conflict(message!("problem-own-role")),
            Refused::OwnReview => forbidden(message!("problem-own-review")),
            Refused::Oneself => forbidden(message!("problem-oneself")),
            Refused::RoomArchived => conflict(message!("problem-room-archived")),
            Refused::RoomFull => conflict(message!("problem-room-full")),
            Refused::MemberBanned => conflict(message!("problem-member-banned")),
            Refused::TooManyChanges => conflict(message!("problem-too-many-changes")),
            Refused::Banned => forbidden(message!("problem-banned")),
            Refused::Muted => forbidden(message!("problem-muted")),
            Refused::NotYourMessage => forbidden(message!("problem-not-your-message")),
            Refused::OwnThing => forbidden(message!("problem-own-thing")),
            Refused::Suspended => forbidden(message!("problem-suspended"))
                .detail(message!("problem-suspended-detail")),
            Refused::Hidden => conflict(message!("problem-hidden")),
            Refused::AlreadyModerated => conflict(message!("problem-already-moderated")),
            Refused::AlreadyAppealed => conflict(message!("problem-already-appealed")),
            Refused::OwnMeasure => forbidden(message!("problem-own-measure")),
            Refused::HasRole => conflict(message!("problem-has-role")),
            Refused::NoTime => {
                Problem::unprocessable().and("until", message!("error-suspension-time"))
            }
            Refused::GoneForGood => conflict(message!("problem-gone-for-good")),
            Refused::NotAModerator => forbidden(message!("problem-not-a-moderator")),
            Refused::NotTheMaker => forbidden(message!("problem-not-the-maker")),
            Refused::KeepsOrder => forbidden(message!("problem-keeps-order")),
            Refused::TooFast { retry_ms } => {
                let seconds = u32::try_from(retry_ms.div_ceil(1_000)).unwrap_or(u32::MAX);
                let title = message!("problem-too-fast", seconds = seconds);
                Problem::new(StatusCode::TOO_MANY_REQUESTS, refused.slug(), title)
                    .retry_after(seconds)
            }
        }
    }
}
