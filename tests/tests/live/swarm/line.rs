//! What a client of the swarm speaks through: a WebSocket, or events over HTTP and posts beside
//! them where it can't have one.

use serde_json::Value;
use tests::live::{Closed, Place, Posts, Socket};

use super::client::Plan;

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
            let mut posts = Posts::to(url, Some(&plan.member.token));
            posts.hold_to(&plan.described);
            return Some(Line::Posts(Box::new(posts)));
        }
        let mut socket = Socket::open(url, Some(&plan.member.token)).await.ok()?;
        socket.hold_to(&plan.described);
        Some(Line::Socket(Box::new(socket)))
    }

    /// Follows the room from this place on, or from a snapshot.
    pub async fn subscribe(
        &mut self,
        room: &str,
        enter: bool,
        place: Option<&Place>,
    ) -> Result<Value, Closed> {
        match self {
            Line::Socket(socket) => socket.subscribe(room, enter, place).await,
            Line::Posts(posts) => posts.listen(room, enter, place).await,
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
            Line::Posts(posts) => posts.say(frame).await,
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
