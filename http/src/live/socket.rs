//! A WebSocket, taken over from hyper as a bare TCP stream.
//!
//! The write side is ours: what lies between the connection's places in its rooms' rings and
//! their ends goes out in one vectored write, and what is for this socket alone between two such
//! stretches. There is no queue per socket: a slow one only falls behind in the rings.
//! The read side is tungstenite's: masks, fragments, control frames, the closing handshake. It
//! works on memory; what it wants to answer joins what is for this socket alone.

use std::io::{self, IoSlice, Read, Write};
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message};

use super::close::Close;
use super::conversation::Conversation;
use super::deflate::Unpacking;
use super::{FRAME_BYTES, READ_BUFFER_BYTES, ROOMS, frame};

/// Bytes after which a stretch ends (the frame that reaches it is sent whole).
pub const STRETCH_BYTES: usize = 64 * 1024;
/// Written at once: a run of frames of each room, and the answers.
const PARTS: usize = ROOMS + 1;
/// Frames that are heard in one turn; then it is another socket's.
const FRAMES_AT_ONCE: u32 = 64;
/// Answers that wait to be written; at the bound nothing more is read from the socket.
const ANSWER_BYTES: usize = 32 * 1024;
/// A socket that takes nothing for this long is closed as too slow.
pub const STALL: Duration = Duration::from_secs(10);
/// How long a closing socket may take to hear why.
const FAREWELL: Duration = Duration::from_secs(2);
/// A discarded read at the end.
const DISCARD_BYTES: usize = 4 * 1024;

/// Why a socket is done: with a verdict to tell, or there is nobody to tell.
enum End {
    Close(Close),
    Gone,
}

impl From<Close> for End {
    fn from(close: Close) -> End {
        End::Close(close)
    }
}

struct Socket {
    stream: TcpStream,
    /// Between the stream and the protocol, where packing was agreed on.
    unpacking: Option<Unpacking>,
    protocol: WebSocketContext,
    /// Whole frames for this socket alone.
    answers: Vec<u8>,
    out: Outgoing,
    /// More may lie in the buffer than was listened to.
    holds_unread: bool,
    /// Since when the peer takes nothing.
    stalled: Option<Instant>,
}

/// Speaks until one side ends it.
pub async fn serve(stream: TcpStream, early: Bytes, mut talk: Conversation) {
    let unpacking = talk.packs().then(|| Unpacking::new(&early));
    let begun = match unpacking {
        Some(_) => Vec::new(),
        None => early.to_vec(),
    };
    // with it goes the buffer into which the handshake was read
    drop(early);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_message_size(Some(FRAME_BYTES))
        .max_frame_size(Some(FRAME_BYTES));
    let protocol = WebSocketContext::from_partially_read(begun, Role::Server, Some(config));
    let mut socket = Socket {
        stream,
        unpacking,
        protocol,
        answers: Vec::new(),
        out: Outgoing::default(),
        holds_unread: false,
        stalled: None,
    };
    let Err(end) = socket.speak(&mut talk).await;
    drop(talk); // it follows no room any more
    if let End::Close(close) = end {
        // who does not listen is left behind
        let _ = timeout(FAREWELL, socket.farewell(close)).await;
    }
}

impl Socket {
    async fn speak(&mut self, talk: &mut Conversation) -> Result<std::convert::Infallible, End> {
        let link = talk.link();
        let mut alarm = pin!(sleep_until(talk.deadline()));
        self.read(talk)?;
        loop {
            talk.obey(&mut self.answers)?;
            self.write_all_that_is_due(talk)?;
            if self.out.is_empty() {
                talk.go_on();
            }
            if self.holds_unread && self.is_listening(talk) {
                self.read(talk)?;
                // others' turn
                tokio::task::yield_now().await;
                continue;
            }
            let deadline = self.deadline(talk);
            if deadline < alarm.deadline() {
                alarm.as_mut().reset(deadline);
            }
            tokio::select! {
                () = link.rung() => {}
                ready = self.stream.readable(), if self.is_listening(talk) => {
                    ready.map_err(|_| End::Gone)?;
                    self.read(talk)?;
                }
                ready = self.stream.writable(), if !self.out.is_empty() => {
                    ready.map_err(|_| End::Gone)?;
                }
                () = talk.work(), if talk.is_working() => {
                    talk.finish(&mut self.answers);
                    // what was read meanwhile lies in the buffer
                    self.read(talk)?;
                }
                () = &mut alarm => {
                    self.check_stall()?;
                    talk.tick(&mut self.answers)?;
                    alarm.as_mut().reset(self.deadline(talk));
                }
            }
        }
    }

    fn deadline(&self, talk: &Conversation) -> Instant {
        match self.stalled {
            Some(since) => talk.deadline().min(since + STALL),
            None => talk.deadline(),
        }
    }

    fn check_stall(&self) -> Result<(), Close> {
        match self.stalled {
            Some(since) if since.elapsed() >= STALL => Err(Close::TooSlow),
            _ => Ok(()),
        }
    }

    /// One request at a time, and no further answers than a client can take: what it sends
    /// meanwhile waits in its own TCP window.
    fn is_listening(&self, talk: &Conversation) -> bool {
        !talk.is_working() && self.answers.len() < ANSWER_BYTES
    }

    fn read(&mut self, talk: &mut Conversation) -> Result<(), End> {
        self.holds_unread = true;
        for _ in 0..FRAMES_AT_ONCE {
            if !self.is_listening(talk) {
                break;
            }
            let mut memory = Memory {
                stream: &self.stream,
                unpacking: self.unpacking.as_mut(),
                answers: &mut self.answers,
            };
            match self.protocol.read(&mut memory) {
                Ok(Message::Text(text)) => talk.hear(&text, &mut self.answers)?,
                Ok(Message::Ping(_) | Message::Pong(_)) => {
                    talk.count_chatter()?;
                    talk.is_alive();
                }
                Ok(Message::Close(_)) => {
                    // the answer to it; its error says that this is the end
                    let _ = self.protocol.flush(&mut memory);
                    return Err(Close::Goodbye.into());
                }
                Ok(Message::Binary(_) | Message::Frame(_)) => return Err(Close::BadFrame.into()),
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.holds_unread = false;
                    return Ok(());
                }
                Err(Error::Capacity(_)) => return Err(Close::BadFrame.into()),
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {
                    return Err(Close::BadFrame.into());
                }
                Err(Error::Io(_) | Error::ConnectionClosed | Error::AlreadyClosed) => {
                    return Err(End::Gone);
                }
                Err(_) => return Err(Close::Protocol.into()),
            }
        }
        Ok(())
    }

    /// Writes until nothing is left or the peer takes no more.
    fn write_all_that_is_due(&mut self, talk: &mut Conversation) -> Result<(), End> {
        loop {
            if self.out.is_empty() {
                self.out.fill(&mut self.answers, talk);
                if self.out.is_empty() {
                    self.stalled = None;
                    return Ok(());
                }
            }
            match self.out.write(&self.stream) {
                Ok(()) => self.stalled = None,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.stalled.get_or_insert_with(Instant::now);
                    return Ok(());
                }
                Err(_) => return Err(End::Gone),
            }
        }
    }

    /// Tells the verdict behind what is half written, and reads on until the peer is gone: a
    /// stream that is closed with something unread is reset, and the verdict lost.
    async fn farewell(&mut self, close: Close) -> io::Result<()> {
        let mut memory = Memory {
            stream: &self.stream,
            unpacking: self.unpacking.as_mut(),
            answers: &mut self.answers,
        };
        // it may have been closed by the peer, which was answered
        let _ = self.protocol.close(&mut memory, Some(close.frame()));
        self.out.finish_frame(&mut self.answers);
        while !self.out.is_empty() {
            self.stream.writable().await?;
            match self.out.write(&self.stream) {
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
        }
        let mut discarded = [0; DISCARD_BYTES];
        loop {
            self.stream.readable().await?;
            match self.stream.try_read(&mut discarded) {
                Ok(0) => return Ok(()),
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
        }
    }
}

/// tungstenite's other end: it reads the stream without waiting, and writes into memory.
struct Memory<'a> {
    stream: &'a TcpStream,
    unpacking: Option<&'a mut Unpacking>,
    answers: &'a mut Vec<u8>,
}

impl Read for Memory<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut stream = Arriving(self.stream);
        match &mut self.unpacking {
            Some(unpacking) => unpacking.read(&mut stream, buffer),
            None => stream.read(buffer),
        }
    }
}

/// What has come by now.
struct Arriving<'a>(&'a TcpStream);

impl Read for Arriving<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

impl Write for Memory<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.answers.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The stretch that is being written.
#[derive(Default)]
struct Outgoing {
    parts: Vec<Bytes>,
    /// Parts that are written, and bytes of the next one.
    written: usize,
    offset: usize,
}

impl Outgoing {
    fn is_empty(&self) -> bool {
        self.written == self.parts.len()
    }

    fn fill(&mut self, answers: &mut Vec<u8>, talk: &mut Conversation) {
        self.parts.clear();
        (self.written, self.offset) = (0, 0);
        if !answers.is_empty() {
            self.parts.push(std::mem::take(answers).into());
        }
        talk.take_news(&mut self.parts);
    }

    /// One write of all that is left; `WouldBlock` when the peer took nothing.
    fn write(&mut self, stream: &TcpStream) -> io::Result<()> {
        let mut slices = [IoSlice::new(&[]); PARTS];
        let left = &self.parts[self.written..];
        let count = left.len().min(slices.len());
        for (slice, part) in slices.iter_mut().zip(left) {
            *slice = IoSlice::new(part);
        }
        slices[0] = IoSlice::new(&left[0][self.offset..]);
        let mut taken = stream.try_write_vectored(&slices[..count])?;
        while taken > 0 {
            let part = self.parts[self.written].len() - self.offset;
            if taken < part {
                self.offset += taken;
                break;
            }
            taken -= part;
            self.offset = 0;
            self.written += 1;
        }
        Ok(())
    }

    /// Keeps of the stretch only what must not be torn, and the answers behind it.
    fn finish_frame(&mut self, answers: &mut Vec<u8>) {
        let torn = (self.offset > 0).then(|| {
            let part = &self.parts[self.written];
            part.slice(self.offset..frame::end_at(part, self.offset))
        });
        self.parts.clear();
        (self.written, self.offset) = (0, 0);
        self.parts.extend(torn);
        if !answers.is_empty() {
            self.parts.push(std::mem::take(answers).into());
        }
    }
}
