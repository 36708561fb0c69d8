//! Members with a browser tab in a room: they resume, answer pings, and move when they are told
//! to or when the line breaks.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use rand::RngExt;
use serde_json::{Value, json};
use tests::{history, now};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use uuid::Uuid;

use super::client::masked;
use super::ours;

pub const ROOMS: usize = 100;
/// Connecting at the same time.
const AT_ONCE: usize = 256;
/// After a connection that did not come about.
const PAUSE: Duration = Duration::from_millis(200);
const CLOSE: u8 = 0x88;

/// One tab.
pub struct Visitor {
    token: String,
    room: Uuid,
    place: Option<(String, i64)>,
}

/// Its connection, and what it has read of the next frame.
pub struct Line {
    stream: TcpStream,
    held: Vec<u8>,
}

/// How a visitor moved.
pub struct Moved {
    pub visitor: Visitor,
    pub line: Line,
    /// From the old line's end until all that was missed is there.
    pub away: Duration,
    pub resumed: bool,
    /// Nobody had said that they should go.
    pub was_cut: bool,
}

pub enum End {
    Told(Duration),
    Cut,
}

/// So many tabs of so many members each, in [`ROOMS`] rooms.
pub async fn visitors(
    node: &ours::Node,
    rooms: &[Uuid],
    members: u128,
    tabs: u128,
) -> anyhow::Result<Vec<Visitor>> {
    history::sign_up_until(&node.app.sequencer, members).await?;
    let head = event_log::head(&node.app.pool).await?.position;
    while node.app.reader.snapshot(Some(head)).await?.stale {}
    let vault = &node.app.vault;
    let sessions = stream::iter(0..members).map(|number| async move {
        let member = history::member(number);
        // a session of nobody's is swept out
        vault.add_account(member, "no password").await?;
        let token =
            vault.begin_session(member, ("", web::vault::sessions::Factors::One), (0, now()));
        let token = token.await?;
        let token = token.expect("nobody has ended it");
        anyhow::Ok((number, token.reveal().to_owned()))
    });
    let sessions: Vec<(u128, String)> = sessions.buffered(AT_ONCE / 16).try_collect().await?;
    let visitors = sessions.into_iter().flat_map(|(number, token)| {
        let visitor = move |_| Visitor {
            token: token.clone(),
            room: rooms[usize::try_from(number).unwrap_or(0) % rooms.len()],
            place: None,
        };
        (0..tabs).map(visitor)
    });
    Ok(visitors.collect())
}

/// All of them, connected and in their rooms.
pub async fn connect(
    visitors: Vec<Visitor>,
    address: SocketAddr,
) -> anyhow::Result<Vec<(Visitor, Line)>> {
    let connecting = stream::iter(visitors).map(|mut visitor| async move {
        let (line, _) = visitor.visit(address).await?;
        anyhow::Ok((visitor, line))
    });
    connecting.buffer_unordered(AT_ONCE).try_collect().await
}

impl Visitor {
    /// Stays until the line ends, and goes on elsewhere: when told to, or within `coming` if it
    /// was cut.
    pub async fn move_on(
        mut self,
        mut line: Line,
        to: SocketAddr,
        coming: Duration,
    ) -> anyhow::Result<Moved> {
        let end = self.stay(&mut line).await?;
        if let End::Told(within) = end {
            tokio::time::sleep(within).await;
        }
        drop(line);
        let gone = Instant::now();
        if let End::Cut = end {
            let pause = rand::rng().random_range(Duration::ZERO..coming);
            tokio::time::sleep(pause).await;
        }
        let (line, resumed) = loop {
            match self.visit(to).await {
                Ok(visited) => break visited,
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        };
        Ok(Moved {
            away: gone.elapsed(),
            visitor: self,
            line,
            resumed,
            was_cut: matches!(end, End::Cut),
        })
    }

    /// Answers pings until the line ends.
    pub async fn stay(&mut self, line: &mut Line) -> anyhow::Result<End> {
        loop {
            let Ok(Some(frame)) = line.next().await else {
                return Ok(End::Cut);
            };
            match frame["t"].as_str() {
                Some("ping") => line.say(&json!({"t": "pong", "n": frame["n"]})).await?,
                Some("events") => self.take(&frame)?,
                Some("goaway") => {
                    let within = frame["in_ms"].as_u64().context("a time")?;
                    return Ok(End::Told(Duration::from_millis(within)));
                }
                _ => {}
            }
        }
    }

    /// Until all that was missed is there; true: it went on from where it was.
    async fn visit(&mut self, address: SocketAddr) -> anyhow::Result<(Line, bool)> {
        let mut line = Line::open(address, &self.token).await?;
        line.say(&json!({"t": "hello", "id": 1})).await?;
        let after = self.place.as_ref();
        let after = after.map(|(epoch, seq)| json!({"epoch": epoch, "seq": seq}));
        let sub = json!({"t": "sub", "id": 2, "room": self.room, "enter": true, "after": after,
                         "last": 0});
        line.say(&sub).await?;
        let answer = loop {
            let frame = line.next().await?.context("it was closed")?;
            if frame["id"] == 2 {
                break frame;
            }
        };
        anyhow::ensure!(answer["t"] == "subscribed", "{answer}");
        let head = answer["head"].as_i64().context("a head")?;
        let resumed = answer["mode"] == "resume";
        if !resumed {
            let epoch = answer["epoch"].as_str().context("an epoch")?;
            let at = answer["snapshot"]["at"].as_i64().context("a place")?;
            self.place = Some((epoch.to_owned(), at));
        }
        while self.place.as_ref().is_some_and(|(_, seq)| *seq < head) {
            let frame = line.next().await?.context("it was closed")?;
            if frame["t"] == "events" {
                self.take(&frame)?;
            }
        }
        Ok((line, resumed))
    }

    fn take(&mut self, frame: &Value) -> anyhow::Result<()> {
        let (_, place) = self.place.as_mut().context("a place")?;
        for event in frame["e"].as_array().context("events")? {
            let seq = event["seq"].as_i64().context("a number")?;
            anyhow::ensure!(seq <= *place + 1, "{seq} follows {place}");
            *place = seq.max(*place);
        }
        Ok(())
    }
}

impl Line {
    async fn open(address: SocketAddr, token: &str) -> anyhow::Result<Line> {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET /api/v1/live HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: {}\r\nauthorization: Bearer {token}\r\n\r\n",
            web::live::upgrade::PROTOCOL
        );
        stream.write_all(request.as_bytes()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.context("no handshake")?);
        }
        let head = String::from_utf8_lossy(&head);
        let status = head.lines().next().unwrap_or_default();
        anyhow::ensure!(status.contains(" 101 "), "no upgrade: {status}");
        Ok(Line {
            stream,
            held: Vec::new(),
        })
    }

    async fn say(&mut self, said: &Value) -> std::io::Result<()> {
        self.stream.write_all(&masked(&said.to_string())).await
    }

    /// The next frame; `None`: it is over.
    async fn next(&mut self) -> anyhow::Result<Option<Value>> {
        loop {
            if let Some((start, end)) = whole_frame(&self.held) {
                if self.held[0] == CLOSE {
                    return Ok(None);
                }
                let frame = serde_json::from_slice(&self.held[start..end])?;
                self.held.drain(..end);
                return Ok(Some(frame));
            }
            if self.stream.read_buf(&mut self.held).await? == 0 {
                return Ok(None);
            }
        }
    }
}

/// Where the next whole frame's payload begins and ends.
fn whole_frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let (start, length) = match *bytes.get(1)? {
        127 => {
            let length = bytes.get(2..10)?.try_into().ok()?;
            (10, usize::try_from(u64::from_be_bytes(length)).ok()?)
        }
        126 => {
            let length = bytes.get(2..4)?.try_into().ok()?;
            (4, u16::from_be_bytes(length).into())
        }
        short => (2, usize::from(short)),
    };
    (bytes.len() >= start + length).then_some((start, start + length))
}
