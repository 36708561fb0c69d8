//! A node is killed, then one is drained: everybody goes on at another one.

use std::sync::Arc;
use std::time::Duration;

use domain::RoomId;
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use super::process::Node;
use super::recorded::Speakers;
use super::visitor::{self, Line, Moved, ROOMS, Visitor};
use super::{client, mark, ours};

/// Over which they come back after the kill.
const COMING: Duration = Duration::from_secs(5);
/// All have what they missed by then.
const AIM: f64 = 15.0;
/// Whoever has not come back by then has left.
const LINGER: Duration = Duration::from_secs(12);

pub async fn measure(node: &Arc<ours::Node>, members: u128) -> anyhow::Result<()> {
    let ids = node.rooms(ROOMS).await?;
    let rooms: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let watching = ROOMS as u128;
    let mut visitors = visitor::visitors(node, &rooms, members + watching, 1).await?;
    let options = node.app.pool.connect_options();
    let (killed, staying) = (Node::start(&options).await?, Node::start(&options).await?);
    // one in each room, so that its ring is there
    let watching = visitor::connect(visitors.split_off(visitors.len() - ROOMS), staying.address);
    let mut staying_on = JoinSet::new();
    for (mut visitor, mut line) in watching.await? {
        staying_on.spawn(async move { visitor.stay(&mut line).await.map(drop) });
    }
    let lines = visitor::connect(visitors, killed.address).await?;
    println!("\n{} members, each in one of {ROOMS} rooms", lines.len());
    let lines = after_a_kill(node, &ids, lines, killed, &staying).await?;

    let drained = Node::start(&options).await?;
    let visitors = lines.into_iter().map(|(visitor, _)| visitor).collect();
    let lines = visitor::connect(visitors, drained.address).await?;
    tokio::time::sleep(LINGER).await;
    through_a_drain(node, lines, drained, &staying).await?;
    anyhow::ensure!(staying_on.len() == ROOMS, "some were closed");
    Ok(())
}

async fn after_a_kill(
    node: &Arc<ours::Node>,
    rooms: &[RoomId],
    lines: Vec<(Visitor, Line)>,
    killed: Node,
    to: &Node,
) -> anyhow::Result<Vec<(Visitor, Line)>> {
    let read = reads(to).await?;
    let moving = moving(lines, to);
    let start = Instant::now();
    killed.kill();
    let speakers = Speakers::of(node);
    for room in rooms {
        anyhow::ensure!(
            speakers.say(*room, client::now()).await.is_some(),
            "nothing is recorded"
        );
    }
    let moved = all(moving).await?;
    let (took, read) = (start.elapsed().as_secs_f64(), reads(to).await? - read);
    println!(
        "  killed, they come back over {COMING:?}: all have what they missed after {took:.1} s{}; {} \
         resumed; pages and snapshots read for them: {read}{}",
        mark(took > AIM),
        moved.iter().filter(|moved| moved.resumed).count(),
        mark(read > 0.0)
    );
    let lines = moved.into_iter().map(|moved| (moved.visitor, moved.line));
    Ok(lines.collect())
}

async fn through_a_drain(
    node: &ours::Node,
    lines: Vec<(Visitor, Line)>,
    drained: Node,
    to: &Node,
) -> anyhow::Result<()> {
    let read = reads(to).await?;
    let left = left(node).await?;
    let moving = moving(lines, to);
    let start = Instant::now();
    drained.begin_to_stop();
    drained.ended().await?;
    let ended = start.elapsed();
    let moved = all(moving).await?;
    let mut away: Vec<Duration> = moved.iter().map(|moved| moved.away).collect();
    away.sort_unstable();
    tokio::time::sleep(LINGER).await;
    let left = self::left(node).await? - left;
    println!(
        "  SIGTERM: the node has ended after {:.1} s; without a line: p50 {:.0?}, p99 {:.0?}, \
         longest {:.0?}; {} resumed, {} cut, {left} left{}; pages and snapshots read: {}",
        ended.as_secs_f64(),
        away[away.len() / 2],
        away[away.len() * 99 / 100],
        away[away.len() - 1],
        moved.iter().filter(|moved| moved.resumed).count(),
        moved.iter().filter(|moved| moved.was_cut).count(),
        mark(left > 0),
        reads(to).await? - read
    );
    Ok(())
}

fn moving(lines: Vec<(Visitor, Line)>, to: &Node) -> JoinSet<anyhow::Result<Moved>> {
    let to = to.address;
    let moving = lines.into_iter();
    moving
        .map(|(visitor, line)| visitor.move_on(line, to, COMING))
        .collect()
}

async fn all(moving: JoinSet<anyhow::Result<Moved>>) -> anyhow::Result<Vec<Moved>> {
    moving.join_all().await.into_iter().collect()
}

/// How often it has asked the database for what is in rooms.
async fn reads(node: &Node) -> anyhow::Result<f64> {
    let pages = node.counted("live_pages_read").await?;
    Ok(pages + node.counted("live_snapshots_read").await?)
}

async fn left(node: &ours::Node) -> anyhow::Result<i64> {
    let left = "select count(*) from log.events where event_type = 'room.left'";
    Ok(sqlx::query_scalar(left).fetch_one(&node.app.pool).await?)
}
