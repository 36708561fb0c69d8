//! What connections cost on which nothing is said: of memory, and of time for pings.

use std::time::Duration;

use tokio::task::JoinSet;

use super::process::Node;
use super::visitor::{self, ROOMS};
use super::{mark, ours};

const TABS: u128 = 2;
const AIM_KIB: f64 = 16.0;
/// Of a core.
const AIM_PERCENT: f64 = 5.0;
/// Until what happens at the beginning is over.
const SETTLING: Duration = Duration::from_secs(3);
/// As long as it takes until everybody was pinged.
const IDLE: Duration = Duration::from_secs(26);

pub async fn measure(node: &ours::Node, members: u128) -> anyhow::Result<()> {
    let rooms: Vec<_> = node
        .rooms(ROOMS)
        .await?
        .into_iter()
        .map(|id| id.0)
        .collect();
    let visitors = visitor::visitors(node, &rooms, members, TABS).await?;
    let connections = visitors.len();
    let serving = Node::start(&node.app.pool.connect_options()).await?;
    let before = serving.resident_bytes()?;
    let mut staying = JoinSet::new();
    for (visitor, line) in visitor::connect(visitors, serving.address).await? {
        staying.spawn(visitor.move_on(line, serving.address, Duration::ZERO));
    }
    tokio::time::sleep(SETTLING).await;
    let busy = serving.cpu_time()?;
    tokio::time::sleep(IDLE).await;
    let share = (serving.cpu_time()? - busy).as_secs_f64() / IDLE.as_secs_f64();
    let each = serving.resident_bytes()?.saturating_sub(before) / connections as u64;
    anyhow::ensure!(staying.len() == connections, "some were closed");
    let (kib, percent) = (each as f64 / 1_024.0, share * 100.0);
    println!(
        "\n{connections} idle connections of {members} members in {ROOMS} rooms: {kib:.1} KiB \
         each{}, {percent:.1} % of a core{}",
        mark(kib > AIM_KIB),
        mark(percent > AIM_PERCENT)
    );
    Ok(())
}
