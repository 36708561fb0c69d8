//! The whole way: a command is decided, recorded and committed, the tail brings it to the hub,
//! the hub makes frames, sockets write them. Its limit is the log's appends.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use commands::room::Send;
use commands::room::message::SEND_WINDOW;
use domain::{MessageText, RoomId};
use sqlx::PgPool;
use tests::{history, new_id};
use tokio::sync::Semaphore;

use super::client;
use super::ours::Node;
use super::{Running, Server, Shape, mark};
use crate::{appends, rate};

/// Sends that are on their way; more than that is too much.
const AT_ONCE: usize = 2_048;
/// Senders that wait for each answer before they send again.
const SENDERS: usize = 256;
const ROOMS: usize = 100;
/// Times the log's appends.
const AIM: f64 = 0.5;

/// Who says it, and when: so far apart that no member is too fast.
pub struct Speakers {
    node: Arc<Node>,
    said: AtomicI64,
}

impl Speakers {
    pub fn of(node: &Arc<Node>) -> Arc<Speakers> {
        Arc::new(Speakers {
            node: Arc::clone(node),
            said: AtomicI64::default(),
        })
    }

    /// True once it is durable.
    pub async fn say(&self, room: RoomId, stamp: u64) -> bool {
        let number = self.said.fetch_add(1, Ordering::Relaxed);
        let speaker = u128::try_from(number).unwrap_or(0) % history::MEMBERS;
        let member = history::member(speaker);
        let command = Send {
            room,
            member,
            cid: new_id(),
            body: MessageText::new(&client::body(stamp)).expect("a text"),
            reply_to: None,
            mentions: vec![],
            spoiler: false,
            at: tests::now() + SEND_WINDOW * i32::try_from(number).unwrap_or(i32::MAX),
        };
        let asked = history::asked(member);
        let sent = commands::execute(&self.node.app.sequencer, asked, command).await;
        sent.is_ok()
    }
}

struct Recorded {
    speakers: Arc<Speakers>,
    rooms: Vec<RoomId>,
    room_for: Arc<Semaphore>,
    durable: Arc<Mutex<HashMap<u64, u64>>>,
}

impl Server for Recorded {
    fn publish(&self, room: usize, stamp: u64) {
        // what finds no room is not delivered, and the rate too high
        let Ok(permit) = Arc::clone(&self.room_for).try_acquire_owned() else {
            return;
        };
        let (speakers, durable) = (Arc::clone(&self.speakers), Arc::clone(&self.durable));
        let room = self.rooms[room];
        tokio::spawn(async move {
            if speakers.say(room, stamp).await {
                let now = client::now();
                durable.lock().expect("no panic").insert(stamp, now);
            }
            drop(permit);
        });
    }

    fn durable_at(&self, stamp: u64) -> Option<u64> {
        let durable = self.durable.lock().expect("no panic");
        durable.get(&stamp).copied()
    }
}

/// New rooms of this shape, whose messages are recorded before they are told.
pub async fn start(node: &Arc<Node>, shape: Shape) -> anyhow::Result<Running> {
    let rooms = node.rooms(shape.rooms).await?;
    let followed = node.follow(&rooms).await?;
    let server = Arc::new(Recorded {
        speakers: Speakers::of(node),
        rooms,
        room_for: Arc::new(Semaphore::new(AT_ONCE)),
        durable: Arc::default(),
    });
    Ok(node.running(followed, server))
}

/// The same for clients that offer compression.
pub async fn start_packing(node: &Arc<Node>, shape: Shape) -> anyhow::Result<Running> {
    let mut running = start(node, shape).await?;
    running.packs = true;
    Ok(running)
}

/// Sends that are accepted, beside what the log takes at all.
pub async fn sends(node: &Arc<Node>, pool: &PgPool, each: Duration) -> anyhow::Result<()> {
    let log = appends::through_the_log(pool, SENDERS, each, 1).await?;
    let rooms: Arc<[RoomId]> = node.rooms(ROOMS).await?.into();
    let speakers = Speakers::of(node);
    let sent = rate(SENDERS, each, move |task| {
        let (speakers, room) = (Arc::clone(&speakers), rooms[task % rooms.len()]);
        async move { u64::from(speakers.say(room, client::now()).await) }
    });
    let sent = sent.await;
    println!(
        "\nAccepted sends of {SENDERS} senders in {ROOMS} rooms: {sent:.0} per second, {:.2} × the \
         log's appends ({log:.0}){}",
        sent / log,
        mark(sent < AIM * log)
    );
    Ok(())
}
