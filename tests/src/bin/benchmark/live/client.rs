//! Clients that count what they get and how old it is. They read frames by their headers alone,
//! so that they cost as little as can be.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::packed::{PACKED, Unpacked};
use super::{Running, Shape};

/// About what a line of talk takes as an event.
const MESSAGE_BYTES: usize = 150;
const STAMP_BYTES: usize = 16;
const READ_BYTES: usize = 64 * 1024;
/// One in so many is timed.
const SAMPLE: u64 = 8;
/// How soon a client notices that the measuring is over.
const IMPATIENCE: Duration = Duration::from_millis(100);

pub struct Seen {
    pub deliveries: u64,
    /// Of some messages: their stamps, and when they were read.
    samples: Vec<(u64, u64)>,
}

pub struct Clients {
    reading: JoinSet<Seen>,
    over: Arc<AtomicBool>,
}

/// A message with its stamp at its end.
pub fn message(stamp: u64) -> Vec<u8> {
    let mut message = vec![b'x'; MESSAGE_BYTES - STAMP_BYTES];
    message.extend_from_slice(format!("{stamp:016}").as_bytes());
    message
}

/// A message to be recorded: as an event it is about as long.
pub fn body(stamp: u64) -> String {
    format!("Say it again, and say it slowly. @{stamp:016}")
}

/// Nanoseconds since the first call.
pub fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_nanos()).expect("centuries")
}

impl Clients {
    /// So many as the shape says, all in their rooms.
    pub async fn connect(running: &Running, shape: Shape) -> anyhow::Result<Clients> {
        let over = Arc::<AtomicBool>::default();
        let unpacked = Arc::<Unpacked>::default();
        let mut reading = JoinSet::new();
        for number in 0..shape.rooms * shape.members {
            let stream = enter(running, number % shape.rooms).await?;
            reading.spawn(count(stream, over.clone(), unpacked.clone()));
        }
        Ok(Clients { reading, over })
    }

    pub async fn finish(self) -> Seen {
        self.over.store(true, Ordering::Relaxed);
        let all = self.reading.join_all().await;
        Seen {
            deliveries: all.iter().map(|seen| seen.deliveries).sum(),
            samples: all.into_iter().flat_map(|seen| seen.samples).collect(),
        }
    }
}

impl Seen {
    /// How old what was read was, counted from what is said of its stamp: p50 and p99.
    pub fn ages(&self, since: impl Fn(u64) -> Option<u64>) -> (Duration, Duration) {
        let samples = self.samples.iter();
        let ages = samples.filter_map(|(stamp, read)| Some(read.saturating_sub(since(*stamp)?)));
        let mut ages: Vec<u64> = ages.collect();
        ages.sort_unstable();
        let age = |percent: usize| {
            let age = ages.get(ages.len() * percent / 100).copied();
            age.map_or(Duration::MAX, Duration::from_nanos)
        };
        (age(50), age(99))
    }
}

pub fn handshake(running: &Running, room: usize) -> String {
    let (address, path) = (running.address, (running.path)(room));
    let offer = match running.packs {
        true => "sec-websocket-extensions: permessage-deflate\r\n",
        false => "",
    };
    format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: {}\r\n{offer}\r\n",
        web::live::upgrade::PROTOCOL
    )
}

/// The handshake, and what the servers want to hear first.
async fn enter(running: &Running, room: usize) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(running.address).await?;
    stream.set_nodelay(true)?;
    stream
        .write_all(handshake(running, room).as_bytes())
        .await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.context("no handshake")?);
    }
    anyhow::ensure!(head.starts_with(b"HTTP/1.1 101"), "no upgrade");
    let packs = String::from_utf8_lossy(&head).contains("permessage-deflate");
    anyhow::ensure!(packs == running.packs, "another agreement");
    let greeting = (running.greeting)(room);
    for said in &greeting {
        stream.write_all(&masked(said)).await?;
        // its answer, whatever it says
        let mut header = [0; 2];
        stream.read_exact(&mut header).await?;
        let length = match header[1] {
            126 => stream.read_u16().await?.into(),
            short => usize::from(short),
        };
        stream.read_exact(&mut vec![0; length]).await?;
    }
    Ok(stream)
}

/// A short text as a client's frame; its mask changes nothing.
pub fn masked(said: &str) -> Vec<u8> {
    let length = u16::try_from(said.len()).expect("a short text");
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(said.as_bytes());
    frame
}

/// Counts frames, and reads the stamps of some.
async fn count(mut stream: TcpStream, over: Arc<AtomicBool>, unpacked: Arc<Unpacked>) -> Seen {
    let mut buffer = vec![0; READ_BYTES];
    let (mut held, mut deliveries, mut samples) = (0, 0, Vec::new());
    while !over.load(Ordering::Relaxed) {
        let reading = stream.read(&mut buffer[held..]);
        let read = match tokio::time::timeout(IMPATIENCE, reading).await {
            Ok(Ok(0) | Err(_)) => break,
            Ok(Ok(read)) => read,
            Err(_) => continue,
        };
        held += read;
        let mut at = 0;
        while let Some((start, end)) = next_frame(&buffer[at..held]) {
            let frame = &buffer[at + start..at + end];
            let said = match buffer[at] & PACKED {
                0 => Said::of(frame),
                _ => unpacked.look_up(frame),
            };
            at += end;
            let before = deliveries / SAMPLE;
            deliveries += said.messages;
            if deliveries / SAMPLE > before {
                samples.extend(said.stamp().map(|stamp| (stamp, now())));
            }
        }
        buffer.copy_within(at..held, 0);
        held -= at;
    }
    Seen {
        deliveries,
        samples,
    }
}

/// What a frame says.
#[derive(Clone, Copy)]
pub struct Said {
    messages: u64,
    /// Of the last one.
    stamp: Option<[u8; STAMP_BYTES]>,
}

impl Said {
    pub fn of(frame: &[u8]) -> Said {
        let (messages, stamp) = match frame.starts_with(EVENTS) {
            true => (events_in(frame), last_stamp(frame)),
            false => (1, frame.get(MESSAGE_BYTES - STAMP_BYTES..)),
        };
        let stamp = stamp.and_then(|stamp| stamp.try_into().ok());
        Said { messages, stamp }
    }

    fn stamp(&self) -> Option<u64> {
        let stamp = self.stamp.as_ref()?;
        std::str::from_utf8(stamp).ok()?.parse().ok()
    }
}

const EVENTS: &[u8] = br#"{"t":"events""#;
const SEQ: &[u8] = br#""seq":"#;

/// How many events a frame has: their numbers have no gap.
fn events_in(frame: &[u8]) -> u64 {
    let places = || frame.windows(SEQ.len());
    let first = places().position(|window| window == SEQ);
    let last = places().rposition(|window| window == SEQ);
    match (first, last) {
        (Some(first), Some(last)) => number(frame, last) - number(frame, first) + 1,
        _ => 0,
    }
}

fn number(frame: &[u8], at: usize) -> u64 {
    let digits = frame[at + SEQ.len()..].iter();
    let digits = digits.take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}

/// The time in the last message of a frame.
fn last_stamp(frame: &[u8]) -> Option<&[u8]> {
    let at = frame.iter().rposition(|byte| *byte == b'@')?;
    frame.get(at + 1..at + 1 + STAMP_BYTES)
}

/// Where the next whole frame's payload begins and ends.
fn next_frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let (start, length) = match *bytes.get(1)? {
        126 => (
            4,
            u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]).into(),
        ),
        short => (2, usize::from(short)),
    };
    (bytes.len() >= start + length).then_some((start, start + length))
}
