//! Clients that take nothing, or far too little.

use std::sync::Arc;
use std::time::Duration;

use commands::room::Send;
use commands::room::message::SEND_WINDOW;
use domain::{MessageText, RoomId};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use tests::live::{Applied, Closed, Display, Next, Socket};
use tests::site::{Member, Site};
use tests::{history, new_id};
use tokio::time::Instant;
use web::live::frame;
use web::live::ring::BYTES;
use web::live::room::Room;

use super::{Seat, Stage, id_of, open_room};

/// More than what lies between two ends of a connection, beside what the ring holds.
const CLOGGING_BYTES: usize = 12 * 1024 * 1024;
const CLOG_BYTES: usize = 32 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);
/// More than are streamed from the table.
const MESSAGES: i32 = 2_100;
/// A machine that builds beside it is slow once, not always.
const ATTEMPTS: u32 = 3;

/// Passes that many bytes to everybody who follows the room, none of them recorded.
async fn pass(room: &Arc<Room>, bytes: usize) {
    let clog = json!({"t": "ephemeral", "room": room.id, "k": "typing", "members": [],
                      "ttl_ms": 1, "names": {"x": "x".repeat(CLOG_BYTES)}});
    let clog = frame::of(&clog);
    for _ in 0..bytes / CLOG_BYTES {
        room.pass(clog.clone());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_nothing_for_ten_seconds_is_told_so_and_nobody_else_is_held_up() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let mut slow = Socket::open_narrow(&url, Some(&bob.token)).await.unwrap();
    slow.subscribe(&room, true, None).await.unwrap();
    let live = &site.app.live;
    pass(
        &live.room(room.parse().unwrap()).await.unwrap(),
        CLOGGING_BYTES,
    )
    .await;
    let mut quick = Seat::take(&url, &ann, &room).await;
    let said = quick.say("Is somebody asleep?").await;
    quick.until(said).await;

    let deadline = Instant::now() + PATIENCE;
    while live.connections.count() > 1 {
        assert!(Instant::now() < deadline, "it is kept for ever");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(slow.closed().await, Some(4008));
    let last = quick.say("Good morning.").await;
    quick.until(last).await;
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_falls_too_far_behind_is_told_of_the_gap_and_can_fill_it() {
    let site = Site::start().await;
    let url = site.serve().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    for attempt in 1.. {
        let room = open_room(&site, &ann).await;
        match fall_behind(&site, &url, (&ann, &bob), &room).await {
            Ok(display) => {
                check_filled(&display);
                break;
            }
            // all that talk took longer than a server waits for who takes nothing, which is told to
            // who listens in time
            Err(Closed(Some(4008) | None)) if attempt < ATTEMPTS => {}
            Err(closed) => panic!("{closed:?}"),
        }
    }
    site.end().await;
}

/// Bob takes nothing while Ann talks, and then all there is: what he shows in the end.
async fn fall_behind(
    site: &Site,
    url: &str,
    (ann, bob): (&Member, &Member),
    id: &str,
) -> Result<Display, Closed> {
    let mut slow = Socket::open_narrow(url, Some(&bob.token)).await.unwrap();
    let mut display = Display::default();
    display.subscribed(&slow.subscribe(id, true, None).await?);
    let room = site.app.live.room(id.parse().unwrap()).await.unwrap();
    pass(&room, CLOGGING_BYTES).await;
    let last = talk(site, ann, id, MESSAGES).await;
    let deadline = Instant::now() + PATIENCE;
    while room.head() < last {
        assert!(Instant::now() < deadline, "the room does not hear it");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // what was said is in the ring no more
    pass(&room, BYTES + CLOG_BYTES).await;

    let mut gaps = 0;
    while display.place.as_ref().unwrap().seq < last {
        let frame = slow.next().await?;
        match frame["t"].as_str() {
            Some("events") => assert_eq!(display.events(&frame), Next::GoOn),
            Some("gap") => {
                gaps += 1;
                fill(site, &mut display, &frame).await;
            }
            _ => {}
        }
    }
    assert_eq!(gaps, 1);
    Ok(display)
}

fn check_filled(display: &Display) {
    let messages = i32::try_from(display.messages.len());
    assert_eq!(messages, Ok(MESSAGES));
    let seqs: Vec<i64> = display.applied.iter().map(Applied::seq).collect();
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1));
}

/// Says so much, faster than anybody may; the `seq` of the last word.
async fn talk(site: &Site, member: &Member, room: &str, messages: i32) -> i64 {
    let (room, member) = (RoomId(room.parse().unwrap()), id_of(member));
    let sending = stream::iter(0..messages).map(|number| {
        let command = Send {
            room,
            member,
            cid: new_id(),
            body: MessageText::new(&format!("Word {number}")).unwrap(),
            reply_to: None,
            mentions: vec![],
            spoiler: false,
            at: tests::now() + SEND_WINDOW * number,
        };
        commands::execute(&site.app.sequencer, history::asked(member), command)
    });
    let sent: Vec<_> = sending.buffered(64).collect().await;
    assert!(sent.iter().all(Result::is_ok));
    let stream = room.stream().to_string().into();
    event_log::stream_version(&site.pool, &stream)
        .await
        .unwrap()
}

/// As the frame says: pages behind one another, until the gap is filled.
async fn fill(site: &Site, display: &mut Display, gap: &Value) {
    let (from, to) = (gap["from"].as_i64().unwrap(), gap["to"].as_i64().unwrap());
    assert_eq!(from, display.place.as_ref().unwrap().seq + 1);
    let fetch = gap["fetch"].as_str().unwrap();
    let (path, _) = fetch.split_once("?after=").unwrap();
    assert_eq!(fetch, format!("{path}?after={}", from - 1));
    while display.place.as_ref().unwrap().seq < to {
        let after = display.place.as_ref().unwrap().seq;
        let page = site.get(format!("{path}?after={after}")).await.expect(200);
        assert_eq!(display.events(&page.json()), Next::GoOn);
    }
}
