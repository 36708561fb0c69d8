//! A room's events over plain HTTP: as Server-Sent Events for who can't have a WebSocket, and as
//! pages for who was told of a gap.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::ACCEPT;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::{self, Stream};
use serde::Deserialize;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use super::conversation::requests::{Asking, page, visible};
use super::conversation::{Done, PING_EVERY};
use super::doors::Entrance;
use super::link::Orders;
use super::presence::Held;
use super::protocol::{After, Told};
use super::refusal::Refusal;
use super::room::{Cursor, Room};
use super::{frame, pages};
use crate::api::rooms::verdicts;
use crate::app::App;
use crate::extract::{Path, Query};
use crate::fresh;
use crate::message;
use crate::pages::unkept;
use crate::problem::Problem;
use crate::session::Caller;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Proxies gather what is to be a stream unless they are told not to.
const UNBUFFERED: (HeaderName, HeaderValue) = (
    HeaderName::from_static("x-accel-buffering"),
    HeaderValue::from_static("no"),
);
const UNREADABLE_RETRY_SECONDS: u32 = 10;
/// Events of one page, at most.
const PAGE: i64 = 500;

#[derive(Deserialize)]
pub struct Wanted {
    /// For a page: the events behind this `seq`.
    #[serde(default)]
    after: i64,
    /// For a stream: makes the member present.
    #[serde(default)]
    enter: bool,
    /// For a stream: where to go on, as in an event's `id`; the header `Last-Event-ID` is newer.
    from: Option<String>,
}

/// `GET /api/v1/rooms/{room}/events`: a page as JSON, or a stream where `text/event-stream` is
/// accepted. 200, 403, 404, 429, 503.
pub async fn events(
    State(app): State<App>,
    Path(room): Path<Uuid>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
    caller: Option<Caller>,
    entrance: Result<Entrance, Problem>,
) -> Result<Response, Problem> {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/event-stream")) {
        let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
        let after = last.or(wanted.from.as_deref()).and_then(after);
        let streamed = follow(app, entrance?, room, (after, wanted.enter)).await?;
        return Ok(streamed);
    }
    let member = caller.map(|caller| caller.member);
    let room = visible(&app, room, member).await?;
    let events = pages::read(&app.live.log, room.id, wanted.after, PAGE).await;
    let events = events.map_err(Refusal::from)?;
    let told = pages::told(room.id, events, &app.live.names).await;
    Ok(unkept(axum::Json(told)))
}

/// `epoch:seq`
fn after(id: &str) -> Option<After> {
    let (epoch, seq) = id.split_once(':')?;
    Some(After {
        epoch: epoch.to_owned(),
        seq: seq.parse().ok()?,
    })
}

async fn follow(
    app: App,
    Entrance { speaker, seat }: Entrance,
    room: Uuid,
    (after, enter): (Option<After>, bool),
) -> Result<Response, Problem> {
    let asking = Asking {
        app: app.clone(),
        speaker: Arc::new(speaker),
        connection: seat.link.id,
        followed: vec![],
    };
    let (following, told) = asking.subscribe(0, room, enter, (after, 100)).await?;
    let (room, cursor, held) = following.into_parts();
    room.follow(&seat.link);
    room.greet(&seat.link, held.as_ref(), fresh::now());
    let epoch = app.live.epoch().await.map_err(Refusal::from)?.to_owned();
    let listener = Listener {
        epoch,
        room,
        cursor,
        _held: held,
        seat,
        app,
        due: VecDeque::from([frame::of(&told)]),
        pings: 0,
        next_ping: Instant::now() + PING_EVERY,
        ends_at: None,
        is_over: false,
    };
    Ok(([UNBUFFERED], Sse::new(listener.stream())).into_response())
}

struct Listener {
    app: App,
    epoch: String,
    room: Arc<Room>,
    cursor: Cursor,
    _held: Option<Held>,
    seat: super::connections::Seat,
    /// Frames to send before the ring's: at most one page.
    due: VecDeque<Bytes>,
    /// Nobody answers them: they keep the stream open, tell a client that it is, and where the room
    /// is by now.
    pings: u64,
    next_ping: Instant,
    ends_at: Option<Instant>,
    is_over: bool,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.room.unfollow(&self.seat.link);
    }
}

impl Listener {
    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut listener| async move {
            let frame = listener.next().await?;
            let event = listener.event(&frame);
            Some((Ok(event), listener))
        })
    }

    /// With the place to go on from when the connection breaks here.
    fn event(&self, frame: &Bytes) -> Event {
        let json = frame::payload(frame);
        let event = Event::default().data(String::from_utf8_lossy(&json));
        if self.is_over {
            // behind what was dropped unsent: the client goes on from what it has
            return event;
        }
        let seq = match self.cursor {
            Cursor::Ring { seq, .. } | Cursor::Table(seq) => seq,
        };
        event.id(format!("{}:{seq}", self.epoch))
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            // before anything is sent: in a busy room there is always more
            self.obey();
            if let Some(due) = self.due.pop_front() {
                return Some(due);
            }
            if self.is_over {
                return None;
            }
            let mut out = Vec::new();
            // one frame at a time: each has its own place
            self.room.take(&mut self.cursor, false, &mut 1, &mut out);
            if let Some(frame) = out.pop() {
                if self.seat.link.is_closed(self.room.id) {
                    // it was closed while it was read: that is told first, and ends it
                    continue;
                }
                return Some(frame);
            }
            if let Cursor::Table(behind) = self.cursor {
                let page = page(self.app.clone(), Arc::clone(&self.room), behind, false).await;
                if let Done::Page { frame, cursor, .. } = page {
                    self.cursor = cursor;
                    self.due.extend(frame);
                }
                continue;
            }
            self.wait().await;
        }
    }

    async fn wait(&mut self) {
        let ends_at = self.ends_at;
        let end = async {
            match ends_at {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.seat.link.rung() => {}
            () = end => {}
            () = sleep_until(self.next_ping) => self.ping(),
        }
    }

    /// Does what the node has ordered.
    fn obey(&mut self) {
        if self.is_over {
            return;
        }
        self.is_over = self.ends_at.is_some_and(|at| at <= Instant::now());
        let Orders {
            close,
            goaway_ms,
            ended,
            standing,
        } = self.seat.link.take();
        if let Some(in_ms) = goaway_ms {
            self.ends_at = Some(Instant::now() + Duration::from_millis(in_ms));
            self.due.push_back(frame::of(&Told::Goaway { in_ms }));
        }
        if !standing.is_empty() {
            let told = self.room.standing_of(self.seat.link.member, fresh::now());
            self.due.extend(told.as_ref().map(frame::of));
        }
        if close.is_some() || !ended.is_empty() {
            self.is_over = true;
            self.due.clear();
        }
        for (room, verdict) in ended {
            self.due.push_back(frame::of(&verdict.told(room)));
        }
    }

    fn ping(&mut self) {
        self.next_ping = Instant::now() + PING_EVERY;
        self.pings += 1;
        let head = BTreeMap::from([(self.room.id, self.room.head())]);
        let n = self.pings;
        self.due.push_back(frame::of(&Told::Ping { n, head }));
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        match refusal.code.as_str() {
            "no_such_room" | "no_such_message" => Problem::not_found(),
            "unauthenticated" => Problem::unauthenticated(),
            "banned" => {
                let problem = Problem::from(commands::Refused::Banned);
                verdicts::explained(problem, refusal.until, refusal.reason.as_deref())
            }
            "unreadable" => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "room-unreadable",
                message!("problem-room-unreadable"),
            )
            .detail(message!("problem-room-unreadable-detail"))
            .retry_after(UNREADABLE_RETRY_SECONDS),
            _ if refusal.temporary => Problem::busy(2),
            _ => Problem::internal(refusal.code),
        }
    }
}
