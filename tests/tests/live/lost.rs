//! A node that is killed with its connections.

use std::time::Duration;

use sealing::MasterKeys;
use tests::database;
use tests::process::{DataDir, Process};
use tokio::time::Instant;

use super::presence::stays;
use super::{Seat, Stage};

/// By then whoever was on a dead node has left.
const GONE_WITHIN: Duration = Duration::from_secs(15);

/// Takes what comes until so many are shown as present.
async fn until_present(watching: &mut Seat, count: usize) {
    while watching.display.present.len() != count {
        let frame = watching.socket.expect("events").await.unwrap();
        watching.display.events(&frame);
    }
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
    let address = database::address(&site.pool);
    let key = MasterKeys::text(&tests::MASTER_KEY);
    let arguments = ["--database-url", &address, "--master-key", &key];
    let lost = Process::start(&data_dir, &arguments).await;
    let mut watching = Seat::take(&url, &bob, &room).await;
    let members = [ann, site.sign_up("Cho").await, site.sign_up("Dan").await];
    let mut seats = Vec::new();
    for member in &members {
        seats.push(Seat::take(&lost.url, member, &room).await);
    }
    until_present(&mut watching, members.len() + 1).await;

    lost.kill();
    let killed = Instant::now();
    until_present(&mut watching, 1).await;
    assert!(killed.elapsed() < GONE_WITHIN, "{:?}", killed.elapsed());
    assert!(watching.display.present.contains(&bob.id));
    for member in &members {
        let stays = stays(&site, &room, member).await;
        assert_eq!(stays, ["room.entered", "room.left node_lost"]);
    }
    site.end().await;
}
