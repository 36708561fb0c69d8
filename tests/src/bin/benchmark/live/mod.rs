//! Live rooms: how fast what is said reaches everybody, what a connection costs, and how everybody
//! moves when a node goes.
//!
//! Of fan-out there are two limits, taken in the same run. *Bare* is what one gets with axum's
//! WebSocket and a tokio broadcast: serialized once, one send for each message and socket,
//! nothing kept. *Raw* is as far as this machine goes: the same bytes for every socket, written
//! in one call from one buffer, no protocol but the frame. Clients, servers and publisher share
//! the machine's cores in all of them.

mod bare;
mod client;
mod idle;
mod moving;
mod ours;
mod packed;
mod probe;
pub mod process;
mod raw;
mod recorded;
mod visitor;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tokio::task::AbortHandle;

use probe::{best, probe};

const SHAPES: [Shape; 4] = [
    Shape {
        rooms: 1,
        members: 100,
    },
    Shape {
        rooms: 10,
        members: 100,
    },
    Shape {
        rooms: 100,
        members: 10,
    },
    Shape {
        rooms: 1,
        members: 1_000,
    },
];
/// In rooms of so many it is measured, too, what compression makes of it.
const OFFERING: usize = 100;
/// Slower is not live.
const P99: Duration = Duration::from_millis(250);
/// Times *bare*.
const AIM: f64 = 2.0;
/// From the commit to the reader, at half of what is possible.
const AIM_P50: Duration = Duration::from_millis(5);
const AIM_P99: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, PartialEq)]
pub enum LivePart {
    FanOut,
    Sends,
    Idle,
    Moving,
}

impl LivePart {
    pub const ALL: [(&str, LivePart); 4] = [
        ("fan-out", LivePart::FanOut),
        ("idle", LivePart::Idle),
        ("moving", LivePart::Moving),
        // the last: it also appends what no read model knows, and there the projector stops
        ("sends", LivePart::Sends),
    ];
}

#[derive(Clone, Copy)]
pub struct Shape {
    rooms: usize,
    members: usize,
}

/// Those of so many rooms, and of so many members in each.
pub fn shapes(rooms: Option<usize>, members: Option<usize>) -> Vec<Shape> {
    let is_wanted = |wanted: Option<usize>, is: usize| wanted.is_none_or(|wanted| wanted == is);
    let wanted = SHAPES.into_iter();
    let wanted = wanted.filter(|shape| is_wanted(rooms, shape.rooms));
    let wanted = wanted.filter(|shape| is_wanted(members, shape.members));
    wanted.collect()
}

/// Something that brings messages to sockets.
trait Server: Send + Sync + 'static {
    /// Before this, with its time as `stamp`.
    fn publish(&self, room: usize, stamp: u64);

    /// When what had this stamp was durable, if that is known.
    fn durable_at(&self, _stamp: u64) -> Option<u64> {
        None
    }
}

/// Stands behind what misses its aim.
const fn mark(is_missed: bool) -> &'static str {
    if is_missed { " !" } else { "" }
}

struct Running {
    server: Arc<dyn Server>,
    address: SocketAddr,
    /// Where a client asks for the socket of a room.
    path: fn(usize) -> String,
    /// Its clients offer compression.
    packs: bool,
    /// What it says first.
    greeting: Box<dyn Fn(usize) -> Vec<String> + Send + Sync>,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub async fn measure(
    pool: PgPool,
    each: Duration,
    (shapes, visitors): (&[Shape], u128),
    parts: &[LivePart],
) -> anyhow::Result<()> {
    let node = Arc::new(ours::Node::start(pool.clone()).await?);
    for part in parts {
        match part {
            LivePart::FanOut => fan_out(&node, each, shapes).await?,
            LivePart::Sends => recorded::sends(&node, &pool, each).await?,
            LivePart::Idle => idle::measure(&node, visitors).await?,
            LivePart::Moving => moving::measure(&node, visitors).await?,
        }
    }
    Ok(())
}

async fn fan_out(node: &Arc<ours::Node>, each: Duration, shapes: &[Shape]) -> anyhow::Result<()> {
    println!("\nFan-out: deliveries per second at p99 < {P99:?} (messages of 150 bytes)");
    for &shape in shapes {
        let Shape { rooms, members } = shape;
        let bare = best(shape, each, || bare::start(shape)).await?;
        let raw = best(shape, each, || raw::start(shape)).await?;
        let ours = best(shape, each, || node.open(shape)).await?;
        let recorded = best(shape, each, || recorded::start(node, shape)).await?;
        let at_half = probe(
            shape,
            each,
            recorded / 2.0,
            recorded::start(node, shape).await?,
        );
        let at_half = at_half.await?;
        println!("  {rooms} × {members}");
        println!("    bare                   {bare:10.0}");
        println!(
            "    raw                    {raw:10.0}   {:4.2} × bare",
            raw / bare
        );
        println!(
            "    ours, ready-made       {ours:10.0}   {:4.2} × bare{}, {:4.2} × raw",
            ours / bare,
            mark(ours < AIM * bare),
            ours / raw
        );
        println!(
            "    ours, recorded first   {recorded:10.0}   {:4.2} × bare{} ({:.0} messages per second)",
            recorded / bare,
            mark(recorded < AIM * bare),
            recorded / members as f64
        );
        let (p50, p99) = at_half.since_sent;
        println!("    at half of that, sent to read: p50 {p50:.1?}, p99 {p99:.1?}");
        let (p50, p99) = at_half.since_durable;
        println!(
            "    at half of that, commit to read: p50 {p50:.1?}{}, p99 {p99:.1?}{}",
            mark(p50 > AIM_P50),
            mark(p99 > AIM_P99)
        );
        if members == OFFERING {
            offering(node, each, shape, recorded).await?;
        }
    }
    Ok(())
}

/// The same for clients that offer compression, as every browser does.
async fn offering(
    node: &Arc<ours::Node>,
    each: Duration,
    shape: Shape,
    without: f64,
) -> anyhow::Result<()> {
    let start = || recorded::start_packing(node, shape);
    let reached = best(shape, each, start).await?;
    let at_half = probe(shape, each, reached / 2.0, start().await?).await?;
    println!(
        "    offering compression   {reached:10.0}   {:4.2} × without ({:.0} messages per second)",
        reached / without,
        reached / shape.members as f64
    );
    let (p50, p99) = at_half.since_durable;
    println!(
        "    at half of that, commit to read: p50 {p50:.1?}{}, p99 {p99:.1?}{}",
        mark(p50 > AIM_P50),
        mark(p99 > AIM_P99)
    );
    Ok(())
}
