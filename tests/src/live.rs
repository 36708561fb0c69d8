//! Clients of the live protocol: a real socket or events and posts, and what they have displayed.

mod display;
mod events;
mod posts;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use uuid::Uuid;
use web::live::upgrade::PROTOCOL;

use crate::described::Described;

pub use display::{Applied, Display, Next, Place, Posted};
pub use events::{Event, Events};
pub use posts::Posts;

/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Of a client that is to fall behind.
const NARROW_BYTES: u32 = 4 * 1024;

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A connection that has said hello.
pub struct Socket {
    stream: Stream,
    next_id: u64,
    pub welcome: Value,
    /// Frames that came before what was waited for.
    waiting: VecDeque<Value>,
    /// What each frame is held against, in both directions.
    described: Option<Arc<Described>>,
}

/// Why nothing more comes: the close code, if there was one.
#[derive(Debug, PartialEq, Eq)]
pub struct Closed(pub Option<u16>);

impl Socket {
    /// `url` is the server's; without a token nobody is signed in.
    pub async fn open(url: &str, token: Option<&str>) -> Result<Socket, tungstenite::Error> {
        let address = format!("{}/api/v1/live", url.replacen("http", "ws", 1));
        let socket = Socket::connect(&address, token, None).await?;
        socket.greet().await
    }

    /// The same with as little as can be between its ends.
    pub async fn open_narrow(url: &str, token: Option<&str>) -> Result<Socket, tungstenite::Error> {
        let tcp = TcpSocket::new_v4()?;
        tcp.set_recv_buffer_size(NARROW_BYTES)?;
        let address = url.trim_start_matches("http://");
        let address = address.parse().expect("a server of ours");
        let stream = MaybeTlsStream::Plain(tcp.connect(address).await?);
        let address = format!("{}/api/v1/live", url.replacen("http", "ws", 1));
        let request = request(&address, token, None)?;
        let (stream, _) = tokio_tungstenite::client_async(request, stream).await?;
        Socket::of(stream).greet().await
    }

    fn of(stream: Stream) -> Socket {
        Socket {
            stream,
            next_id: 2,
            welcome: Value::Null,
            waiting: VecDeque::new(),
            described: None,
        }
    }

    /// From the welcome on nothing is said or told that is not as it is described.
    pub fn hold_to(&mut self, described: &Arc<Described>) {
        described.check_told(&self.welcome);
        self.described = Some(Arc::clone(described));
    }

    async fn greet(mut self) -> Result<Socket, tungstenite::Error> {
        self.say(json!({"t": "hello", "id": 1, "rooms": {}})).await;
        self.welcome = match self.expect("welcome").await {
            Ok(welcome) => welcome,
            Err(_) => return Err(tungstenite::Error::ConnectionClosed),
        };
        Ok(self)
    }

    /// Without saying anything yet.
    pub async fn connect(
        address: &str,
        token: Option<&str>,
        origin: Option<&str>,
    ) -> Result<Socket, tungstenite::Error> {
        let request = request(address, token, origin)?;
        let connecting = timeout(PATIENCE, tokio_tungstenite::connect_async(request));
        let connected = connecting.await;
        let (stream, _) = connected.map_err(|_| tungstenite::Error::ConnectionClosed)??;
        Ok(Socket::of(stream))
    }

    /// A frame without an answer. Whether it arrives is told by the next read.
    pub async fn say(&mut self, frame: Value) {
        if let Some(described) = &self.described {
            described.check_said(&frame);
        }
        let _ = self.stream.send(Message::text(frame.to_string())).await;
    }

    /// Bytes as they are, for frames that no client should send.
    pub async fn say_raw(&mut self, message: Message) {
        let _ = self.stream.send(message).await;
    }

    /// Sends a frame under a new id and waits for its answer; what comes before stays for
    /// [`Socket::next`].
    pub async fn ask(&mut self, mut frame: Value) -> Result<Value, Closed> {
        let id = self.next_id;
        self.next_id += 1;
        frame["id"] = json!(id);
        self.say(frame).await;
        let mut before = Vec::new();
        let answer = loop {
            let frame = self.read().await?;
            if frame["id"] == json!(id) {
                break frame;
            }
            before.push(frame);
        };
        self.waiting.extend(before);
        Ok(answer)
    }

    /// The next frame of this kind; others before it stay.
    pub async fn expect(&mut self, kind: &str) -> Result<Value, Closed> {
        if let Some(found) = self.waiting.iter().position(|frame| frame["t"] == kind) {
            return Ok(self.waiting.remove(found).expect("found"));
        }
        let mut before = Vec::new();
        let found = loop {
            let frame = self.read().await?;
            if frame["t"] == kind {
                break frame;
            }
            before.push(frame);
        };
        self.waiting.extend(before);
        Ok(found)
    }

    /// The next frame, whatever it is.
    pub async fn next(&mut self) -> Result<Value, Closed> {
        match self.waiting.pop_front() {
            Some(frame) => Ok(frame),
            None => self.read().await,
        }
    }

    /// Answers pings by itself. When nothing comes in time, the line is dead.
    async fn read(&mut self) -> Result<Value, Closed> {
        loop {
            let frame = timeout(PATIENCE, self.read_when_it_comes()).await;
            let frame = frame.map_err(|_| Closed(None))??;
            if frame["t"] == "ping" {
                self.say(json!({"t": "pong", "n": frame["n"]})).await;
                continue;
            }
            return Ok(frame);
        }
    }

    /// The next frame, also a ping, however long it takes.
    pub async fn read_when_it_comes(&mut self) -> Result<Value, Closed> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    let frame = serde_json::from_str(&text).expect("frames are JSON");
                    if let Some(described) = &self.described {
                        described.check_told(&frame);
                    }
                    return Ok(frame);
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(Closed(frame.map(|frame| frame.code.into())));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Closed(None)),
            }
        }
    }

    /// The close code with which the server ends it.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            if let Err(Closed(code)) = self.read().await {
                return code;
            }
        }
    }

    /// Says goodbye, as a page does that is left, and hangs up once that is answered: until then
    /// the server waits.
    pub async fn close(mut self) {
        let _ = self.stream.close(None).await;
        let until_answered = async { while self.read_when_it_comes().await.is_ok() {} };
        let _ = timeout(Duration::from_secs(1), until_answered).await;
    }

    pub async fn subscribe(
        &mut self,
        room: &str,
        enter: bool,
        after: Option<&Place>,
    ) -> Result<Value, Closed> {
        let after = after.map(|place| json!({"epoch": place.epoch, "seq": place.seq}));
        let sub = json!({"t": "sub", "room": room, "enter": enter, "after": after});
        let answer = self.ask(sub).await?;
        if answer["mode"] == "snapshot" {
            // what came before belongs to what was before
            let belongs = |frame: &Value| frame["t"] == "events" && frame["room"] == room;
            self.waiting.retain(|frame| !belongs(frame));
        }
        Ok(answer)
    }

    pub async fn send(&mut self, room: &str, cid: Uuid, body: &str) -> Result<Value, Closed> {
        self.ask(json!({"t": "send", "room": room, "cid": cid, "body": body}))
            .await
    }
}

fn request(
    address: &str,
    token: Option<&str>,
    origin: Option<&str>,
) -> Result<Request, tungstenite::Error> {
    let mut request = address.into_client_request()?;
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", HeaderValue::from_static(PROTOCOL));
    if let Some(token) = token {
        let bearer = format!("Bearer {token}");
        headers.insert("authorization", bearer.parse().expect("a token is ASCII"));
    }
    if let Some(origin) = origin {
        headers.insert("origin", origin.parse().expect("ASCII"));
    }
    Ok(request)
}
