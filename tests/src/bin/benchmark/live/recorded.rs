//! The whole way: a command is decided, recorded and committed, the tail brings it to the hub,
//! the hub makes frames, sockets write them. Its limit is the log's appends.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use commands::room::Send;
use commands::room::message::SEND_WINDOW;
use domain::{MessageText, RoomId};
use event_log::Tail;
use sqlx::PgPool;
use tests::{history, new_id};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

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

    /// Its position, once it is durable.
    pub async fn say(&self, room: RoomId, stamp: u64) -> Option<i64> {
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
        Some(sent.ok()?.position)
    }
}

struct Recorded {
    speakers: Arc<Speakers>,
    rooms: Vec<RoomId>,
    room_for: Arc<Semaphore>,
    /// Of what was said with each stamp.
    positions: Arc<Mutex<HashMap<u64, i64>>>,
    /// When this node knew that each was committed, which is before anybody is answered.
    committed: Arc<Mutex<HashMap<i64, u64>>>,
    _noting: JoinSet<()>,
}

/// Follows the log and notes when what is recorded is there.
async fn note(tail: Tail, head: i64, committed: Arc<Mutex<HashMap<i64, u64>>>) {
    let mut position = head;
    loop {
        tail.wait_past(position).await;
        let now = client::now();
        let head = tail.head();
        let mut committed = committed.lock().expect("no panic");
        committed.extend((position + 1..=head).map(|position| (position, now)));
        position = head;
    }
}

impl Server for Recorded {
    fn publish(&self, room: usize, stamp: u64) {
        // what finds no room is not delivered, and the rate too high
        let Ok(permit) = Arc::clone(&self.room_for).try_acquire_owned() else {
            return;
        };
        let (speakers, positions) = (Arc::clone(&self.speakers), Arc::clone(&self.positions));
        let room = self.rooms[room];
        tokio::spawn(async move {
            if let Some(position) = speakers.say(room, stamp).await {
                positions.lock().expect("no panic").insert(stamp, position);
            }
            drop(permit);
        });
    }

    fn durable_at(&self, stamp: u64) -> Option<u64> {
        let positions = self.positions.lock().expect("no panic");
        let committed = self.committed.lock().expect("no panic");
        committed.get(positions.get(&stamp)?).copied()
    }
}

/// New rooms of this shape, whose messages are recorded before they are told.
pub async fn start(node: &Arc<Node>, shape: Shape) -> anyhow::Result<Running> {
    let rooms = node.rooms(shape.rooms).await?;
    let followed = node.follow(&rooms).await?;
    let (tail, committed) = (node.app.tail.clone(), Arc::default());
    let mut noting = JoinSet::new();
    noting.spawn(note(tail.clone(), tail.head(), Arc::clone(&committed)));
    let server = Arc::new(Recorded {
        speakers: Speakers::of(node),
        rooms,
        room_for: Arc::new(Semaphore::new(AT_ONCE)),
        positions: Arc::default(),
        committed,
        _noting: noting,
    });
    Ok(node.running(followed, server))
}

/// The same for clients that offer compression.
pub async fn start_packing(node: &Arc<Node>, shape: Shape) -> anyhow::Result<Running> {
    let mut running = start(node, shape).await?;
    running.packs = true;
    Ok(running)
}

/// Commands of senders that are accepted, without their sockets, beside what the log takes at all.
pub async fn sends(node: &Arc<Node>, pool: &PgPool, each: Duration) -> anyhow::Result<()> {
    let log = appends::through_the_log(pool, SENDERS, each, 1).await?;
    let rooms: Arc<[RoomId]> = node.rooms(ROOMS).await?.into();
    let speakers = Speakers::of(node);
    let sent = rate(SENDERS, each, move |task| {
        let (speakers, room) = (Arc::clone(&speakers), rooms[task % rooms.len()]);
        async move { u64::from(speakers.say(room, client::now()).await.is_some()) }
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
