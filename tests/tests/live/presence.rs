use std::time::Duration;

use domain::room::Admission;
use futures::future::join_all;
use serde_json::{Value, json};
use tests::live::{Posts, Socket};
use tests::new_id;
use tests::site::{Member, Site};
use tokio::time::Instant;

use super::{Seat, Stage, open_room, open_room_for};

const PATIENCE: Duration = Duration::from_secs(30);

/// The kinds of a member's comings and goings, in order, from the log.
pub(super) async fn stays(site: &Site, room: &str, member: &Member) -> Vec<String> {
    let kinds: Vec<(String, Value)> = sqlx::query_as(
        "select event_type, payload from log.events where stream = $1
           and event_type in ('room.entered', 'room.left') order by version",
    )
    .bind(format!("room-{room}"))
    .fetch_all(&site.pool)
    .await
    .unwrap();
    let own = kinds
        .into_iter()
        .filter(|(_, said)| said["member"] == json!(member.id));
    own.map(|(kind, said)| match said["reason"].as_str() {
        Some(reason) => format!("{kind} {reason}"),
        None => kind,
    })
    .collect()
}

async fn until_stays(site: &Site, room: &str, member: &Member, expected: &[&str]) {
    let deadline = Instant::now() + PATIENCE;
    while stays(site, room, member).await != expected {
        let now = stays(site, room, member).await;
        assert!(Instant::now() < deadline, "{now:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn reload(tab: Seat, url: &str, member: &Member) -> Seat {
    let Seat { socket, room, .. } = tab;
    socket.close().await;
    Seat::take(url, member, &room).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_tabs_are_one_member_and_reloads_write_nothing() {
    let Stage {
        site,
        url: here,
        ann,
        room,
        ..
    } = Stage::set().await;
    let there = site.second_node().await;
    let mut tabs = Vec::new();
    for number in 0..5 {
        let url = [&here, &there.url][number % 2];
        tabs.push(Seat::take(url, &ann, &room).await);
    }
    let events = site.events().await;
    for round in 1..=100 {
        // all at once: for a moment nobody is there
        let reloading = tabs.into_iter().enumerate().map(|(number, tab)| {
            let url = [&here, &there.url][(number + round) % 2];
            reload(tab, url, &ann)
        });
        tabs = join_all(reloading).await;
        for tab in &tabs {
            let present = &tab.display.present;
            assert_eq!(present.len(), 1, "{present:?}");
        }
    }
    assert_eq!(site.events().await, events);
    assert_eq!(stays(&site, &room, &ann).await, ["room.entered"]);
    drop(there);
    site.end().await;
}

#[tokio::test]
async fn who_is_gone_has_left_once_the_linger_is_over() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let mut watching = Seat::take(&url, &bob, &room).await;
    let anns = Seat::take(&url, &ann, &room).await;
    anns.socket.close().await;
    let gone = Instant::now();
    until_stays(&site, &room, &ann, &["room.entered", "room.left closed"]).await;
    assert!(gone.elapsed() > Duration::from_secs(9), "too early");
    while watching.display.present.contains(&ann.id) || watching.display.applied.len() < 2 {
        let frame = watching.socket.expect("events").await.unwrap();
        watching.display.events(&frame);
    }
    let _back = Seat::take(&url, &ann, &room).await;
    let again = ["room.entered", "room.left closed", "room.entered"];
    until_stays(&site, &room, &ann, &again).await;
    site.end().await;
}

/// When something was last heard of a member who is there without a connection, in seconds ago.
async fn heard(site: &Site, member: &Member) -> Option<f64> {
    sqlx::query_scalar(
        "select extract(epoch from clock_timestamp() - heard_at)::float8
         from coordination.visits where member = $1::uuid",
    )
    .bind(&member.id)
    .fetch_optional(&site.pool)
    .await
    .unwrap()
}

async fn make_silent(site: &Site, member: &Member, minutes: i32) {
    sqlx::query(
        "update coordination.visits set heard_at = heard_at - make_interval(mins => $2)
         where member = $1::uuid",
    )
    .bind(&member.id)
    .bind(minutes)
    .execute(&site.pool)
    .await
    .unwrap();
}

#[tokio::test]
async fn who_came_without_a_connection_leaves_when_nothing_is_heard_of_them() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let room = open_room(&site, &ann).await;
    let path = format!("/api/v1/rooms/{room}");
    site.put(format!("{path}/presence"))
        .by(&ann)
        .await
        .expect(200);
    make_silent(&site, &ann, 14).await;
    site.get(format!("{path}/messages"))
        .by(&ann)
        .await
        .expect(200);
    assert!(heard(&site, &ann).await.unwrap() < 60.0, "it was put off");
    assert_eq!(stays(&site, &room, &ann).await, ["room.entered"]);
    make_silent(&site, &ann, 15).await;
    until_stays(&site, &room, &ann, &["room.entered", "room.left timeout"]).await;
    site.project().await;
    let shown = site.get(&path).by(&ann).await.expect(200).json();
    assert_eq!(shown["present"], json!(0));
    let deadline = Instant::now() + PATIENCE;
    while heard(&site, &ann).await.is_some() {
        assert!(Instant::now() < deadline, "the visit goes on");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    site.put(format!("{path}/presence"))
        .by(&ann)
        .await
        .expect(200);
    site.delete(format!("{path}/presence"))
        .by(&ann)
        .await
        .expect(204);
    assert_eq!(heard(&site, &ann).await, None);
    site.end().await;
}

#[tokio::test]
async fn a_connection_takes_a_visit_over() {
    let Stage {
        site,
        url,
        ann,
        room,
        ..
    } = Stage::set().await;
    site.put(format!("/api/v1/rooms/{room}/presence"))
        .by(&ann)
        .await
        .expect(200);
    assert!(heard(&site, &ann).await.is_some());
    let seat = Seat::take(&url, &ann, &room).await;
    assert_eq!(heard(&site, &ann).await, None);
    seat.socket.close().await;
    until_stays(&site, &room, &ann, &["room.entered", "room.left closed"]).await;
    site.end().await;
}

#[tokio::test]
async fn whoever_is_there_by_the_log_alone_does_not_stay_for_ever() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let room = open_room(&site, &ann).await;
    site.put(format!("/api/v1/rooms/{room}/presence"))
        .by(&ann)
        .await
        .expect(200);
    // as in a database that has the log and nothing else
    sqlx::query("delete from coordination.visits")
        .execute(&site.pool)
        .await
        .unwrap();
    let there = site.second_node().await;
    let deadline = Instant::now() + PATIENCE;
    while heard(&site, &ann).await.is_none() {
        assert!(Instant::now() < deadline, "nobody looks after them");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    make_silent(&site, &ann, 15).await;
    until_stays(&site, &room, &ann, &["room.entered", "room.left timeout"]).await;
    drop(there);
    site.end().await;
}

#[tokio::test]
async fn who_only_watches_is_not_there() {
    let Stage {
        site, url, room, ..
    } = Stage::set().await;
    let mut stranger = Socket::open(&url, None).await.unwrap();
    let seen = stranger.subscribe(&room, false, None).await.unwrap();
    assert_eq!(seen["snapshot"]["present"]["count"], json!(0));
    let refused = stranger.subscribe(&room, true, None).await.unwrap();
    assert_eq!(refused["code"], "unauthenticated");
    let refused = stranger.send(&room, new_id(), "Hello").await.unwrap();
    assert_eq!(refused["code"], "unauthenticated");
    site.end().await;
}

#[tokio::test]
async fn a_room_by_invitation_is_not_there_for_others() {
    let site = Site::start().await;
    let url = site.serve().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let room = open_room_for(&site, &ann, Admission::Invitation).await;
    let _anns = Seat::take(&url, &ann, &room).await;
    for token in [Some(bob.token.as_str()), None] {
        let mut socket = Socket::open(&url, token).await.unwrap();
        let refused = socket.subscribe(&room, false, None).await.unwrap();
        assert_eq!(refused["code"], "no_such_room");
        let nowhere = socket.subscribe(&new_id().to_string(), false, None).await;
        assert_eq!(nowhere.unwrap()["code"], "no_such_room");
        let history = json!({"t": "history", "room": room});
        assert_eq!(socket.ask(history).await.unwrap()["code"], "no_such_room");
    }
    site.end().await;
}

#[tokio::test]
async fn who_stayed_in_an_archived_room_is_there_again_when_they_hear_that_it_is_open() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let carl = site.sign_up("Carl").await;
    let mut bobs = Seat::take(&url, &bob, &room).await;
    let mut carls = Posts::to(&url, Some(&carl.token));
    carls.listen(&room, true, None).await.unwrap();
    let archive = format!("/api/v1/rooms/{room}/archive");
    site.put(&archive).by(&ann).await.expect(200);
    site.delete(&archive).by(&ann).await.expect(200);

    let is_open = |frame: &Value| frame.to_string().contains("reopened");
    loop {
        let frame = bobs.socket.expect("events").await.unwrap();
        bobs.display.events(&frame);
        if is_open(&frame) {
            break;
        }
    }
    assert!(bobs.display.present.is_empty());
    while !is_open(&carls.next().await.unwrap()) {}
    let place = bobs.display.place.clone();
    let again = bobs.socket.subscribe(&room, true, place.as_ref()).await;
    assert_eq!(again.unwrap()["mode"], "resume");
    let again = carls.listen(&room, true, place.as_ref()).await;
    assert_eq!(again.unwrap()["mode"], "resume");
    let stayed = ["room.entered", "room.left closed", "room.entered"];
    for member in [&bob, &carl] {
        until_stays(&site, &room, member, &stayed).await;
    }

    // by these lines, and no longer
    bobs.socket.close().await;
    drop(carls);
    let gone = [&stayed[..], &["room.left closed"]].concat();
    for member in [&bob, &carl] {
        until_stays(&site, &room, member, &gone).await;
    }
    site.end().await;
}

#[tokio::test]
async fn a_banned_members_sockets_end_at_once_on_every_node() {
    let Stage {
        site,
        url: here,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let there = site.second_node().await;
    let mut anns = Seat::take(&here, &ann, &room).await;
    let mut near = Seat::take(&here, &bob, &room).await;
    let mut far = Seat::take(&there.url, &bob, &room).await;
    let banned = Instant::now();
    anns.moderate("ban", &bob.id).await;
    for seat in [&mut near, &mut far] {
        let told = seat.socket.expect("ended").await.unwrap();
        assert_eq!(
            (&told["code"], &told["reason"], told["until"].is_string()),
            (&json!("banned"), &json!("Loud"), true)
        );
        assert_eq!(seat.socket.closed().await, Some(4503));
    }
    assert!(banned.elapsed() < Duration::from_secs(5));
    let mut back = Socket::open(&there.url, Some(&bob.token)).await.unwrap();
    let refused = back.subscribe(&room, true, None).await.unwrap();
    assert_eq!(refused["code"], "banned");
    assert_eq!(
        stays(&site, &room, &bob).await,
        ["room.entered", "room.left removed"]
    );
    drop(there);
    site.end().await;
}

/// They end its stays some hundreds at a time: in between it must not take itself for alive.
#[tokio::test]
async fn a_node_that_others_have_begun_to_end_closes_its_lines() {
    let Stage {
        site,
        url,
        ann,
        room,
        ..
    } = Stage::set().await;
    let mut seat = Seat::take(&url, &ann, &room).await;
    sqlx::query("update coordination.nodes set expires_at = '-infinity'")
        .execute(&site.pool)
        .await
        .unwrap();
    let closed = tokio::time::timeout(PATIENCE, seat.socket.closed()).await;
    assert_eq!(closed.unwrap(), Some(4003));
    site.end().await;
}

#[tokio::test]
async fn who_no_longer_keeps_order_in_a_private_room_is_out_of_it() {
    let site = Site::start().await;
    let url = site.serve().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let room = open_room_for(&site, &ann, Admission::Invitation).await;
    let moderator = format!("/api/v1/rooms/{room}/members/{}/moderator", bob.id);
    site.put(&moderator).by(&ann).await.expect(204);
    let mut seat = Seat::take(&url, &bob, &room).await;
    site.delete(&moderator).by(&ann).await.expect(204);
    assert_eq!(seat.socket.closed().await, Some(4503));
    let mut back = Socket::open(&url, Some(&bob.token)).await.unwrap();
    let refused = back.subscribe(&room, true, None).await.unwrap();
    assert_eq!(refused["code"], "no_such_room");
    site.end().await;
}
