//! A client without a WebSocket: it listens to events, and posts what it says.

use std::sync::Arc;

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Closed, Events, PATIENCE, Place};
use crate::described::Described;

pub struct Posts {
    http: Client,
    url: String,
    token: Option<String>,
    last_id: u64,
    events: Option<Events>,
    /// What each frame is held against, in both directions.
    described: Option<Arc<Described>>,
}

impl Posts {
    /// `url` is the server's; without a token nobody is signed in.
    pub fn to(url: &str, token: Option<&str>) -> Posts {
        Posts {
            http: Client::new(),
            url: url.to_owned(),
            token: token.map(str::to_owned),
            last_id: 0,
            events: None,
            described: None,
        }
    }

    /// From here on nothing is said or told that is not as it is described.
    pub fn hold_to(&mut self, described: &Arc<Described>) {
        self.described = Some(Arc::clone(described));
    }

    /// Follows a room from this place on, or from a snapshot, and nothing else any more. What is
    /// refused is told as over a socket.
    pub async fn listen(
        &mut self,
        room: &str,
        enter: bool,
        place: Option<&Place>,
    ) -> Result<Value, Closed> {
        self.events = None;
        let from = place.map_or(String::new(), |place| {
            format!("&from={}:{}", place.epoch, place.seq)
        });
        let url = format!(
            "{}/api/v1/rooms/{room}/events?enter={enter}{from}",
            self.url
        );
        let mut request = self.http.get(url).header("accept", "text/event-stream");
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = timeout(PATIENCE, request.send()).await;
        let answer = answer.map_err(|_| Closed(None))?;
        if let Some(refused) = refused(&answer) {
            return Ok(refused);
        }
        let answer = accepted(answer)?;
        assert_eq!(answer.headers()["x-accel-buffering"], "no");
        let events = self.events.insert(answer.into());
        if let Some(described) = &self.described {
            events.hold_to(described);
        }
        loop {
            let frame = self.next().await?;
            match frame["t"].as_str() {
                Some("subscribed") => return Ok(frame),
                Some("goaway" | "ended") => return Err(Closed(None)),
                _ => {}
            }
        }
    }

    /// The next frame of the room that it listens to. Who gives up waiting for it loses nothing.
    pub async fn next(&mut self) -> Result<Value, Closed> {
        let events = self.events.as_mut().ok_or(Closed(None))?;
        Ok(events.next().await?.frame)
    }

    /// Posts a frame under a new id: its answer.
    pub async fn ask(&mut self, mut frame: Value) -> Result<Value, Closed> {
        self.last_id += 1;
        frame["id"] = json!(self.last_id);
        let answer = accepted(self.post(&frame).await)?;
        let answer: Value = answer.json().await.map_err(|_| Closed(None))?;
        if let Some(described) = &self.described {
            described.check_told(&answer);
        }
        assert_eq!(answer["id"], frame["id"], "{answer}");
        Ok(answer)
    }

    /// Posts a frame that has no answer. Whether it arrived is told by the next one.
    pub async fn say(&mut self, frame: Value) {
        let _ = accepted(self.post(&frame).await);
    }

    /// Posts a frame as it is.
    pub async fn post(&mut self, frame: &Value) -> reqwest::Result<Response> {
        if let Some(described) = &self.described {
            described.check_said(frame);
        }
        let mut request = self.http.post(format!("{}/api/v1/live", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        request.json(frame).timeout(PATIENCE).send().await
    }
}

/// The room is closed to them.
fn refused(answer: &reqwest::Result<Response>) -> Option<Value> {
    let code = match answer.as_ref().ok()?.status() {
        StatusCode::FORBIDDEN => "banned",
        StatusCode::NOT_FOUND => "no_such_room",
        _ => return None,
    };
    Some(json!({"t": "error", "code": code, "temporary": false}))
}

/// A node that is not there, or has no time, may be tried again, or another one; whatever else is no
/// success is the client's mistake.
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
