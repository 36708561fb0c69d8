//! Members whose names a node does not know, while it can't read them.

use std::collections::BTreeSet;
use std::time::Duration;

use tests::until;
use tokio::time::{Instant, timeout};

use super::{Seat, Stage, id_of};

/// What is not given by then is taken.
const TAKEN: Duration = Duration::from_millis(500);

/// Four words of somebody unknown take longer if each waits for a connection until that is given up.
const AT_ONCE: Duration = Duration::from_secs(6);

#[tokio::test]
async fn a_name_that_can_not_be_read_holds_nobody_up() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    // which has never heard of Bob
    let there = site.second_node().await;
    let mut anns = Seat::take(&there.url, &ann, &room).await;
    let mut held = Vec::new();
    while let Ok(snapshot) = timeout(TAKEN, there.app.reader.snapshot(None)).await {
        held.push(snapshot.unwrap());
    }
    let begun = Instant::now();
    let mut bobs = Seat::take(&url, &bob, &room).await;
    for word in ["Does", "anybody", "hear", "me?"] {
        let said = bobs.say(word).await;
        anns.until(said).await;
        assert_eq!(anns.shows(said), Some(word));
    }
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());

    drop(held);
    let wanted = BTreeSet::from([id_of(&bob).0]);
    let names = &there.app.live.names;
    until("the name is known", async || {
        names.by_now(&wanted).await.values().eq(["Bob"])
    })
    .await;
    drop(there);
    site.end().await;
}
