//! A node that is killed with its connections.

use std::time::Duration;

use sealing::MasterKeys;
use tests::database;
use tests::process::{DataDir, Process};
use tests::site::{Member, Site};
use tokio::time::Instant;

use super::presence::stays;
use super::{Seat, Stage};

/// By then whoever was on a dead node has left.
const GONE_WITHIN: Duration = Duration::from_secs(15);
/// A node that was silent for longer looks on for a while before it ends others.
const STEADY: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(60);

/// Takes what comes until so many are shown as present.
async fn until_present(watching: &mut Seat, count: usize) {
    while watching.display.present.len() != count {
        let frame = watching.socket.expect("events").await.unwrap();
        watching.display.events(&frame);
    }
}

/// Waits until all have left by the log. Since when that could be expected: from now on, or from
/// when the node that ends the other one could say in time that it lives itself.
async fn until_left(site: &Site, room: &str, members: &[Member]) -> Instant {
    let mut expected = Instant::now();
    let deadline = expected + PATIENCE;
    let (mut beat, mut heard) = (last_beat(site).await, expected);
    for member in members {
        while stays(site, room, member).await != ["room.entered", "room.left node_lost"] {
            let now = Instant::now();
            assert!(now < deadline, "they never leave");
            match last_beat(site).await {
                last if last != beat => (beat, heard) = (last, now),
                _ if now - heard > STEADY => expected = now,
                _ => {}
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    expected
}

/// Until when the node that lives has said that it does.
async fn last_beat(site: &Site) -> String {
    sqlx::query_scalar("select max(expires_at)::text from coordination.nodes")
        .fetch_one(&site.pool)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_on_a_killed_node_has_left_within_fifteen_seconds() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let data_dir = DataDir::new();
    let [log, vault] = [&site.pool, &site.vault].map(database::address);
    let key = MasterKeys::text(&tests::MASTER_KEY);
    let databases = ["--database-url", &log, "--vault-url", &vault];
    let arguments = [&databases[..], &["--master-key", &key]].concat();
    let lost = Process::start(&data_dir, &arguments).await;
    let mut watching = Seat::take(&url, &bob, &room).await;
    let members = [ann, site.sign_up("Cho").await, site.sign_up("Dan").await];
    let mut seats = Vec::new();
    for member in &members {
        seats.push(Seat::take(&lost.url, member, &room).await);
    }
    until_present(&mut watching, members.len() + 1).await;

    lost.kill();
    let expected = until_left(&site, &room, &members).await;
    assert!(expected.elapsed() < GONE_WITHIN, "{:?}", expected.elapsed());
    until_present(&mut watching, 1).await;
    assert!(watching.display.present.contains(&bob.id));
    site.end().await;
}
