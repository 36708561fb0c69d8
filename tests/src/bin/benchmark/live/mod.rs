//! Fan-out: deliveries per second at p99 below a quarter of a second, beside two limits of the
//! same run.
//!
//! *Bare* is what one gets with axum's WebSocket and a tokio broadcast: serialized once, one
//! send for each message and socket, nothing kept. *Raw* is as far as this machine goes: the
//! same bytes for every socket, written in one call from one buffer, no protocol but the frame.
//! Clients, servers and publisher share the machine's cores in all of them.

mod bare;
mod client;
mod durable;
mod many;
mod ours;
mod raw;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use client::{Clients, Seen};

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
/// Slower is not live.
const P99: Duration = Duration::from_millis(250);
/// Of what was offered.
const DELIVERED: f64 = 0.98;
const FIRST_RATE: f64 = 200_000.0;
/// After the first rate that is too much: halvings of the distance.
const REFINEMENTS: usize = 3;
const TICK: Duration = Duration::from_millis(1);

#[derive(Clone, Copy)]
struct Shape {
    rooms: usize,
    members: usize,
}

/// Something that brings messages to sockets.
trait Server: Send + Sync + 'static {
    fn publish(&self, room: usize, message: &[u8]);
}

struct Running {
    server: Arc<dyn Server>,
    address: SocketAddr,
    /// Where a client asks for the socket of a room.
    path: fn(usize) -> String,
    /// What it says first.
    greeting: Box<dyn Fn(usize) -> Vec<String> + Send + Sync>,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub async fn measure(pool: PgPool, each: Duration) -> anyhow::Result<()> {
    let node = ours::Node::start(pool).await?;
    println!("\nFan-out: deliveries per second at p99 < {P99:?} (messages of 150 bytes)");
    println!("  rooms × members         bare                    raw                   ours");
    for shape in SHAPES {
        let bare = best(shape, each, || bare::start(shape)).await?;
        let raw = best(shape, each, || raw::start(shape)).await?;
        let ours = best(shape, each, || node.open(shape)).await?;
        println!(
            "  {:5} × {:7}   {:10.0}   {:10.0} ({:4.1} × bare)   {:10.0} ({:4.1} × bare, {:4.2} × raw)",
            shape.rooms,
            shape.members,
            bare,
            raw,
            raw / bare,
            ours,
            ours / bare,
            ours / raw
        );
    }
    durable::measure(&node, each).await?;
    many::measure(&node).await
}

/// Doubles the rate until it is too much, then halves the distance.
async fn best<F>(shape: Shape, each: Duration, start: impl Fn() -> F) -> anyhow::Result<f64>
where
    F: Future<Output = anyhow::Result<Running>>,
{
    let (mut good, mut reached, mut rate) = (0.0, 0.0_f64, FIRST_RATE);
    let mut refinements = 0;
    while refinements < REFINEMENTS {
        let done = probe(shape, each, rate, start().await?).await?;
        match done {
            Some(deliveries) => {
                good = rate;
                reached = reached.max(deliveries);
                rate = match refinements {
                    0 => rate * 2.0,
                    _ => rate * (1.0 + 0.5_f64.powi(i32::try_from(refinements)?)),
                };
            }
            None => rate = f64::midpoint(good, rate),
        }
        if done.is_none() || refinements > 0 {
            refinements += 1;
        }
    }
    Ok(reached)
}

/// Deliveries per second, if this rate of them was reached in time.
async fn probe(
    shape: Shape,
    each: Duration,
    rate: f64,
    running: Running,
) -> anyhow::Result<Option<f64>> {
    let clients = Clients::connect(&running, shape).await?;
    let messages_per_second = rate / shape.members as f64;
    let start = Instant::now();
    let mut sent = 0_usize;
    let mut ticks = tokio::time::interval(TICK);
    while start.elapsed() < each {
        ticks.tick().await;
        let due = messages_per_second * start.elapsed().as_secs_f64();
        while (sent as f64) < due && start.elapsed() < each {
            running
                .server
                .publish(sent % shape.rooms, &client::message());
            sent += 1;
        }
    }
    let took = start.elapsed();
    tokio::time::sleep(P99 * 2).await;
    let Seen {
        deliveries, p99, ..
    } = clients.finish().await;
    let offered = sent as f64 * shape.members as f64;
    // a publisher that gets no time is too much, too
    let kept_up = offered >= rate * took.as_secs_f64() * DELIVERED
        && deliveries as f64 >= offered * DELIVERED
        && p99 < P99;
    Ok(kept_up.then(|| deliveries as f64 / took.as_secs_f64()))
}
