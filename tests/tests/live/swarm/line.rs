//! What a client of the swarm speaks through: a WebSocket, or events over HTTP and posts beside
//! them where it can't have one.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client as Http, Response, StatusCode};
use serde_json::{Value, json};
use tests::described::Described;
use tests::live::{Closed, Place, Socket};
use tokio::time::timeout;

use super::client::Plan;

/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Socket,
    Posts,
}

pub enum Line {
    Socket(Box<Socket>),
    Posts(Box<Posts>),
}

impl Line {
    /// `None`: it did not come about.
    pub async fn open(plan: &Plan, url: &str) -> Option<Line> {
        if plan.way == Way::Posts {
            return Some(Line::Posts(Box::new(Posts::to(plan, url))));
        }
        let mut socket = Socket::open(url, Some(&plan.member.token)).await.ok()?;
        socket.hold_to(&plan.described);
        Some(Line::Socket(Box::new(socket)))
    }

    /// Enters the room and follows it from this place on, or from a snapshot.
    pub async fn subscribe(&mut self, room: &str, place: Option<&Place>) -> Result<Value, Closed> {
        match self {
            Line::Socket(socket) => socket.subscribe(room, true, place).await,
            Line::Posts(posts) => posts.listen(room, place).await,
        }
    }

    /// A frame, and its answer.
    pub async fn ask(&mut self, frame: Value) -> Result<Value, Closed> {
        match self {
            Line::Socket(socket) => socket.ask(frame).await,
            Line::Posts(posts) => posts.ask(frame).await,
        }
    }

    /// A frame without an answer.
    pub async fn say(&mut self, frame: Value) {
        match self {
            Line::Socket(socket) => socket.say(frame).await,
            // whether it arrives is told by the next one
            Line::Posts(posts) => drop(posts.post(&frame).await),
        }
    }

    /// What it is told next. Who gives up waiting for it loses nothing.
    pub async fn next(&mut self) -> Result<Value, Closed> {
        match self {
            Line::Socket(socket) => socket.next().await,
            Line::Posts(posts) => posts.next().await,
        }
    }
}

pub struct Posts {
    http: Http,
    url: String,
    token: String,
    described: Arc<Described>,
    last_id: u64,
    events: Option<Response>,
    /// What has come of an event that is not whole yet.
    begun: Vec<u8>,
}

impl Posts {
    fn to(plan: &Plan, url: &str) -> Posts {
        Posts {
            http: Http::new(),
            url: url.to_owned(),
            token: plan.member.token.clone(),
            described: Arc::clone(&plan.described),
            last_id: 0,
            events: None,
            begun: Vec::new(),
        }
    }

    async fn listen(&mut self, room: &str, place: Option<&Place>) -> Result<Value, Closed> {
        (self.events, self.begun) = (None, Vec::new());
        let from = place.map_or(String::new(), |place| {
            format!("&from={}:{}", place.epoch, place.seq)
        });
        let url = format!("{}/api/v1/rooms/{room}/events?enter=true{from}", self.url);
        let events = self.http.get(url).bearer_auth(&self.token);
        let events = events.header("accept", "text/event-stream").send();
        let events = timeout(PATIENCE, events).await.map_err(|_| Closed(None))?;
        self.events = Some(accepted(events)?);
        loop {
            let frame = self.next().await?;
            match frame["t"].as_str() {
                Some("subscribed") => return Ok(frame),
                Some("goaway" | "ended") => return Err(Closed(None)),
                _ => {}
            }
        }
    }

    async fn next(&mut self) -> Result<Value, Closed> {
        loop {
            if let Some(frame) = self.take_whole() {
                self.described.check_told(&frame);
                return Ok(frame);
            }
            let events = self.events.as_mut().ok_or(Closed(None))?;
            match timeout(PATIENCE, events.chunk()).await {
                Ok(Ok(Some(chunk))) => self.begun.extend_from_slice(&chunk),
                _ => return Err(Closed(None)),
            }
        }
    }

    /// The frame of an event that has come to its end.
    fn take_whole(&mut self) -> Option<Value> {
        let end = self.begun.windows(2).position(|pair| pair == b"\n\n")?;
        let event: Vec<u8> = self.begun.drain(..end + 2).collect();
        let event = String::from_utf8(event).unwrap();
        let mut lines = event.lines();
        let data = lines.find_map(|line| line.strip_prefix("data: "));
        Some(serde_json::from_str(data.unwrap()).unwrap())
    }

    async fn ask(&mut self, mut frame: Value) -> Result<Value, Closed> {
        self.last_id += 1;
        frame["id"] = json!(self.last_id);
        let answer = self.post(&frame).await?;
        let answer: Value = answer.json().await.map_err(|_| Closed(None))?;
        self.described.check_told(&answer);
        assert_eq!(answer["id"], frame["id"], "{answer}");
        Ok(answer)
    }

    async fn post(&mut self, frame: &Value) -> Result<Response, Closed> {
        self.described.check_said(frame);
        let post = self.http.post(format!("{}/api/v1/live", self.url));
        let post = post.bearer_auth(&self.token).json(frame).timeout(PATIENCE);
        accepted(post.send().await)
    }
}

/// A node that is not there, or has no time: it is tried again at another one.
fn accepted(answer: reqwest::Result<Response>) -> Result<Response, Closed> {
    let answer = answer.map_err(|_| Closed(None))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let is_for_now = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    assert!(is_for_now, "{status}");
    Err(Closed(None))
}
