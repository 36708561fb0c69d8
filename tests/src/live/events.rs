//! Frames of the live protocol as Server-Sent Events.

use std::sync::Arc;

use axum::body::Body;
use http_body_util::BodyExt;
use reqwest::Response;
use serde_json::Value;
use tokio::time::timeout;

use super::{Closed, PATIENCE};
use crate::described::Described;

/// A stream of events. Nothing of it is read before it is asked for.
pub struct Events {
    body: Body,
    /// What has come of an event that is not whole yet.
    begun: Vec<u8>,
    /// What each frame is held against.
    described: Option<Arc<Described>>,
}

#[derive(Debug)]
pub struct Event {
    /// Where a client goes on behind it.
    pub id: Option<String>,
    pub frame: Value,
}

impl From<Body> for Events {
    fn from(body: Body) -> Events {
        Events {
            body,
            begun: Vec::new(),
            described: None,
        }
    }
}

impl From<Response> for Events {
    fn from(response: Response) -> Events {
        Events::from(Body::new(reqwest::Body::from(response)))
    }
}

impl Events {
    /// From here on nothing is told that is not as it is described.
    pub fn hold_to(&mut self, described: &Arc<Described>) {
        self.described = Some(Arc::clone(described));
    }

    /// The next event. Who gives up waiting for it loses nothing.
    pub async fn next(&mut self) -> Result<Event, Closed> {
        let event = timeout(PATIENCE, self.read()).await;
        event.ok().flatten().ok_or(Closed(None))
    }

    /// Everything from here to the end.
    ///
    /// # Panics
    /// When it does not end in time, or in the middle of an event.
    pub async fn rest(mut self) -> Vec<Event> {
        let mut rest = Vec::new();
        while let Some(event) = timeout(PATIENCE, self.read()).await.expect("it ends") {
            rest.push(event);
        }
        assert!(self.begun.is_empty(), "an event is cut off");
        rest
    }

    /// `None`: it has ended.
    async fn read(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.take_whole() {
                if let Some(described) = &self.described {
                    described.check_told(&event.frame);
                }
                return Some(event);
            }
            let come = self.body.frame().await?.ok()?;
            if let Ok(bytes) = come.into_data() {
                self.begun.extend_from_slice(&bytes);
            }
        }
    }

    fn take_whole(&mut self) -> Option<Event> {
        let end = self.begun.windows(2).position(|pair| pair == b"\n\n")?;
        let event: Vec<u8> = self.begun.drain(..end + 2).collect();
        let event = String::from_utf8(event).expect("events are UTF-8");
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
        let data = field("data: ").expect("each event is a frame");
        Some(Event {
            id: field("id: ").map(str::to_owned),
            frame: serde_json::from_str(data).expect("frames are JSON"),
        })
    }
}
