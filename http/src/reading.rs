//! Reading: an answer is the state at one position, which it states, and which is
//! not older than what the client has written or asks for. What was read of a model that
//! stands alone is older, and the answer says so.

use std::sync::{Arc, Mutex};

use axum::extract::FromRequestParts;
use axum::http::header::CACHE_CONTROL;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use domain::MemberId;
use event_log::is_away;
use projections::{Detached, Snapshot};
use uuid::Uuid;

use crate::app::App;
use crate::cookies;
use crate::problem::Problem;
use crate::session::{Caller, OpenSnapshot};
use crate::visitor::Visitor;

/// On every answer: the log's position that it shows. On a request: show at least
/// this one.
pub const POSITION: HeaderName = HeaderName::from_static("reeltime-position");
/// On an answer that shows a read model which stands alone, below the others: each with its
/// position (`reviews=1204`). The answer's `Reeltime-Position` is then the lowest of them.
pub const DETACHED: HeaderName = HeaderName::from_static("reeltime-detached");
/// What a browser wrote last, so that its next page shows it.
pub const POSITION_COOKIE: &str = "position";

/// The position that a request wants to see.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wanted {
    /// By the header: an older answer would be wrong.
    Insists(i64),
    /// By the cookie: an older answer is better than none.
    Prefers(i64),
    Any,
}

impl Wanted {
    /// A header that is no position is told by the extractor.
    pub fn of(headers: &HeaderMap) -> Wanted {
        let header = headers.get(POSITION).and_then(|value| value.to_str().ok());
        if let Some(position) = header.and_then(|value| value.parse().ok()) {
            return Wanted::Insists(position);
        }
        let cookie = cookies::get_either(headers, POSITION_COOKIE);
        let cookie = cookie.and_then(|position| position.parse().ok());
        cookie.map_or(Wanted::Any, Wanted::Prefers)
    }

    pub fn position(self) -> Option<i64> {
        match self {
            Wanted::Insists(position) | Wanted::Prefers(position) => Some(position),
            Wanted::Any => None,
        }
    }
}

/// What a handler does. The read models have a few connections, and the log may take its time: who
/// asks for a change reads by its `Asking`, which lets go of what it has read before it waits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Door {
    Reads,
    Asks,
}

impl Door {
    /// A handler that takes both would hold the one while it waits for the other: it never answers.
    pub fn open(self, parts: &mut Parts) -> Result<(), Problem> {
        if self == Door::Asks {
            parts.extensions.remove::<OpenSnapshot>();
        }
        match parts.extensions.insert(self) {
            Some(other) if other != self => Err(Problem::internal(
                "a handler reads while it asks for a change",
            )),
            _ => Ok(()),
        }
    }
}

/// A snapshot of the read models for one answer, and who reads it.
pub struct Reading {
    pub app: App,
    pub snapshot: Snapshot,
    pub caller: Option<Caller>,
    pub visitor: Visitor,
    /// What is shown is for few: no copy stays anywhere.
    pub is_for_few: bool,
}

impl Reading {
    /// Of who asks for a change, too: by [`Asking::look`](crate::asking::Asking::look).
    pub(crate) async fn open(
        app: &App,
        wanted: Wanted,
        (caller, visitor): (Option<Caller>, Visitor),
    ) -> Result<Reading, Problem> {
        let snapshot = app.reader.snapshot(wanted.position()).await;
        Reading::of(app, snapshot.map_err(failed)?, wanted, (caller, visitor))
    }

    fn of(
        app: &App,
        snapshot: Snapshot,
        wanted: Wanted,
        (caller, visitor): (Option<Caller>, Visitor),
    ) -> Result<Reading, Problem> {
        if snapshot.stale && matches!(wanted, Wanted::Insists(_)) {
            return Err(Problem::busy(1));
        }
        Ok(Reading {
            app: app.clone(),
            snapshot,
            caller,
            visitor,
            is_for_few: false,
        })
    }

    /// The reading member, for queries that tell what is theirs.
    pub fn viewer(&self) -> Option<Uuid> {
        let member: Option<MemberId> = self.caller.as_ref().map(|caller| caller.member);
        member.map(|member| member.0)
    }

    /// The answer, with the position that it shows.
    pub fn respond(self, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        tell(&mut response, self.snapshot.position, self.is_for_few);
        if !self.snapshot.detached.is_empty() {
            let read = Read(Arc::new(Mutex::new(Some(self.snapshot))));
            response.extensions_mut().insert(read);
        }
        response
    }

    /// Gives the connection back: what is left says what was read, and who read it.
    pub async fn let_go(mut self) -> Result<Seen, Problem> {
        let detached = self.snapshot.detached_and_read().await;
        Ok(Seen {
            visitor: self.visitor,
            position: self.snapshot.position,
            detached: detached.map_err(failed)?,
            is_for_few: self.is_for_few,
        })
    }
}

/// What is left of a reading that gave its connection back: enough for a page.
pub struct Seen {
    pub visitor: Visitor,
    position: i64,
    detached: Vec<Detached>,
    is_for_few: bool,
}

impl Seen {
    /// The answer, with the position that it shows.
    pub fn respond(self, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        tell(&mut response, self.position, self.is_for_few);
        tell_lowest(&mut response, &self.detached);
        response
    }
}

fn tell(response: &mut Response, position: i64, is_for_few: bool) {
    let headers = response.headers_mut();
    headers.insert(POSITION, HeaderValue::from(position));
    if is_for_few {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// What an answer was read from, while models are detached.
#[derive(Clone)]
struct Read(Arc<Mutex<Option<Snapshot>>>);

/// States the lower position of detached models that an answer was read from.
pub async fn tell_detached(response: &mut Response) -> sqlx::Result<()> {
    let read = response.extensions_mut().remove::<Read>();
    let snapshot = read.and_then(|read| read.0.lock().ok()?.take());
    if let Some(mut snapshot) = snapshot {
        tell_lowest(response, &snapshot.detached_and_read().await?);
    }
    Ok(())
}

fn tell_lowest(response: &mut Response, detached: &[Detached]) {
    let Some(lowest) = detached.iter().map(|detached| detached.position).min() else {
        return;
    };
    let each = |Detached { model, position }: &Detached| format!("{model}={position}");
    let told = detached.iter().map(each).collect::<Vec<_>>().join(", ");
    let headers = response.headers_mut();
    headers.insert(POSITION, HeaderValue::from(lowest));
    headers.insert(
        DETACHED,
        HeaderValue::try_from(told).expect("names of tables are ASCII"),
    );
}

impl FromRequestParts<App> for Reading {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Reading, Problem> {
        let wanted = Wanted::of(&parts.headers);
        if parts.headers.contains_key(POSITION) && !matches!(wanted, Wanted::Insists(_)) {
            return Err(Problem::bad_request("Reeltime-Position is a whole number."));
        }
        Door::Reads.open(parts)?;
        let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
        let who = (parts.extensions.get::<Caller>().cloned(), visitor);
        let open = parts.extensions.remove::<OpenSnapshot>();
        match open.and_then(|open| open.0.lock().ok()?.take()) {
            Some(snapshot) => Reading::of(app, snapshot, wanted, who),
            None => Reading::open(app, wanted, who).await,
        }
    }
}

/// Numbers and times beyond what PostgreSQL can hold: it knows no year before −4713.
const OUT_OF_RANGE: [&str; 3] = ["22003", "22007", "22008"];

/// What a failed query is to the client: *busy* while the database is away, and their own mistake
/// where they asked for a time that no calendar has.
pub fn failed(error: sqlx::Error) -> Problem {
    let code = error.as_database_error().and_then(|error| error.code());
    if code.is_some_and(|code| OUT_OF_RANGE.contains(&&*code)) {
        tracing::warn!(%error, "a number or a time is out of range");
        return Problem::bad_request("A number or a time is out of range.");
    }
    if is_away(&error) {
        tracing::warn!(%error, "the database is away");
        Problem::busy(2)
    } else {
        Problem::internal(error)
    }
}
