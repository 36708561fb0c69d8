//! Offers messages at a rate and looks whether all arrive in time.

use std::time::Duration;

use tokio::time::Instant;

use super::client::{self, Clients};
use super::{P99, Running, Shape};

/// Of what was offered.
const DELIVERED: f64 = 0.98;
const FIRST_RATE: f64 = 100_000.0;
const STEP: f64 = 3.0;
/// Between the last rate that was reached and the first that was too much.
const REFINEMENTS: usize = 4;
/// Below that something is broken.
const LEAST_RATE: f64 = 100.0;
const TICK: Duration = Duration::from_millis(1);

/// What a probe saw. Durations are p50 and p99.
pub struct Probed {
    pub deliveries_per_second: f64,
    pub since_sent: (Duration, Duration),
    pub since_durable: (Duration, Duration),
    /// All that was offered was delivered in time.
    kept_up: bool,
}

/// The most deliveries per second: the rate grows in steps until it is too much, then the
/// distance is halved.
pub async fn best<F>(shape: Shape, each: Duration, start: impl Fn() -> F) -> anyhow::Result<f64>
where
    F: Future<Output = anyhow::Result<Running>>,
{
    let (mut good, mut bad) = (None, None);
    let (mut reached, mut rate, mut refinements) = (0.0_f64, FIRST_RATE, 0);
    while refinements < REFINEMENTS && rate > LEAST_RATE {
        refinements += usize::from(good.is_some() && bad.is_some());
        let probed = probe(shape, each, rate, start().await?).await?;
        if probed.kept_up {
            good = Some(rate);
            reached = reached.max(probed.deliveries_per_second);
        } else {
            bad = Some(rate);
        }
        rate = match (good, bad) {
            (Some(good), Some(bad)) => (good * bad).sqrt(),
            (Some(good), None) => good * STEP,
            (None, _) => rate / STEP,
        };
    }
    Ok(reached)
}

/// Offers so many deliveries per second.
pub async fn probe(
    shape: Shape,
    each: Duration,
    rate: f64,
    running: Running,
) -> anyhow::Result<Probed> {
    let clients = Clients::connect(&running, shape).await?;
    let messages_per_second = rate / shape.members as f64;
    let start = Instant::now();
    let mut sent = 0_usize;
    let mut ticks = tokio::time::interval(TICK);
    while start.elapsed() < each {
        ticks.tick().await;
        let due = messages_per_second * start.elapsed().as_secs_f64();
        while (sent as f64) < due && start.elapsed() < each {
            running.server.publish(sent % shape.rooms, client::now());
            sent += 1;
        }
    }
    let took = start.elapsed();
    tokio::time::sleep(P99 * 2).await;
    let seen = clients.finish().await;
    let offered = sent as f64 * shape.members as f64;
    let since_sent = seen.ages(Some);
    Ok(Probed {
        deliveries_per_second: seen.deliveries as f64 / took.as_secs_f64(),
        since_sent,
        since_durable: seen.ages(|stamp| running.server.durable_at(stamp)),
        // a publisher that gets no time is too much, too
        kept_up: offered >= rate * took.as_secs_f64() * DELIVERED
            && seen.deliveries as f64 >= offered * DELIVERED
            && since_sent.1 < P99,
    })
}
