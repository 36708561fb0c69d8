//! The whole way: a command is decided, recorded and committed, the tail brings it to the hub,
//! the hub makes frames, sockets write them. Its limit is the log's appends.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use commands::room::Send;
use commands::room::message::SEND_WINDOW;
use domain::{MessageText, RoomId};
use tests::{history, new_id};

use super::client::{self, Clients, Seen};
use super::ours::Node;
use super::{P99, SHAPES, Shape};
use crate::rate;

/// Senders at once.
const SENDERS: usize = 256;

pub async fn measure(node: &Node, each: Duration) -> anyhow::Result<()> {
    println!("\nThe same, each message recorded first ({SENDERS} senders)");
    println!(
        "  rooms × members   recorded per second   deliveries per second   sent to read: p50, p99"
    );
    for shape in SHAPES {
        let ids = node.rooms(shape.rooms).await?;
        let running = node.follow(ids.clone()).await?;
        let clients = Clients::connect(&running, shape).await?;
        let recorded = send(node, &ids, each).await;
        tokio::time::sleep(P99 * 2).await;
        let Seen {
            deliveries,
            p50,
            p99,
        } = clients.finish().await;
        let Shape { rooms, members } = shape;
        println!(
            "  {rooms:5} × {members:7}   {recorded:19.0}   {:21.0}   {p50:?}, {p99:?}",
            deliveries as f64 / each.as_secs_f64()
        );
    }
    Ok(())
}

/// As fast as it goes.
async fn send(node: &Node, rooms: &[RoomId], each: Duration) -> f64 {
    let sequencer = node.app.sequencer.clone();
    let rooms: Arc<[RoomId]> = rooms.into();
    let sent = Arc::<AtomicI64>::default();
    rate(SENDERS, each, move |task| {
        let (sequencer, rooms, sent) = (sequencer.clone(), rooms.clone(), sent.clone());
        async move {
            let number = sent.fetch_add(1, Ordering::Relaxed);
            let member = history::member(u128::try_from(task).unwrap_or(0) % history::MEMBERS);
            let command = Send {
                room: rooms[task % rooms.len()],
                member,
                cid: new_id(),
                body: MessageText::new(&client::body()).expect("a text"),
                reply_to: None,
                mentions: vec![],
                spoiler: false,
                // so far apart that no member is too fast
                at: tests::now() + SEND_WINDOW * i32::try_from(number).unwrap_or(i32::MAX),
            };
            let sent = commands::execute(&sequencer, history::asked(member), command).await;
            u64::from(sent.is_ok())
        }
    })
    .await
}
