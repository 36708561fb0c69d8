//! A room stands still on a node that can't read what happened there; the node's other rooms go
//! on, and this one goes on by itself once it can be read.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::PgPool;
use tests::chromium::{Chromium, DESKTOP};
use tests::site::{Member, SecondNode};
use tokio::time::Instant;
use uuid::Uuid;

use super::{Seat, Stage, open_room};

const PATIENCE: Duration = Duration::from_secs(20);

/// Damages a member's keys, for nodes that don't know them yet; once more mends them.
async fn turn_keys(vault: &PgPool, member: &Member) {
    let turned = sqlx::query("update vault.keys set wrapped = reverse(wrapped) where member = $1")
        .bind(member.id.parse::<Uuid>().unwrap())
        .execute(vault)
        .await;
    assert_eq!(turned.unwrap().rows_affected(), 2);
}

async fn get(node: &SecondNode, path: &str) -> (u16, Value) {
    let answer = reqwest::get(format!("{}{path}", node.url)).await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Asks for the room until it can be read: the answer.
async fn readable(seat: &mut Seat) -> Value {
    let deadline = Instant::now() + PATIENCE;
    let (room, place) = (seat.room.clone(), seat.display.place.clone());
    loop {
        let answer = seat.socket.subscribe(&room, true, place.as_ref()).await;
        let answer = answer.unwrap();
        if answer["t"] == "subscribed" {
            return answer;
        }
        assert!(
            Instant::now() < deadline,
            "it stands still for ever: {answer}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_a_node_cannot_read_stands_still_alone_until_it_can() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let there = site.second_node().await;
    let other = open_room(&site, &ann).await;
    let mut stands = Seat::take(&there.url, &ann, &room).await;
    let mut goes_on = Seat::take(&there.url, &ann, &other).await;
    let mut here = Seat::take(&url, &bob, &room).await;
    turn_keys(&site.vault, &bob).await;
    let first = here.say("Can you read me?").await;
    here.until(first).await;

    let ended = stands.socket.expect("ended").await.unwrap();
    assert_eq!(
        ended,
        json!({"t": "ended", "room": room, "code": "resubscribe"})
    );
    let place = stands.display.place.clone();
    let refused = stands
        .socket
        .subscribe(&room, true, place.as_ref())
        .await
        .unwrap();
    assert_eq!(
        (
            &refused["code"],
            &refused["temporary"],
            &refused["retry_ms"]
        ),
        (&"unreadable".into(), &true.into(), &10_000.into())
    );
    let (status, problem) = get(&there, &format!("/api/v1/rooms/{room}/events")).await;
    assert_eq!(
        (status, &problem["type"]),
        (503, &"/problems/room-unreadable".into())
    );

    // what else can't be read there is of no room
    let renamed = json!({ "name": "Robert" });
    site.patch("/api/v1/me")
        .by(&bob)
        .json(&renamed)
        .await
        .expect(200);
    let said = goes_on.say("Here it goes on.").await;
    goes_on.until(said).await;
    let (_, ready) = get(&there, "/health/ready").await;
    assert_eq!(
        (&ready["rooms_stopped"], &ready["degraded"]),
        (&1.into(), &true.into())
    );

    turn_keys(&site.vault, &bob).await;
    let subscribed = readable(&mut stands).await;
    stands.display.subscribed(&subscribed);
    let said = here.say("Now?").await;
    stands.until(said).await;
    assert_eq!(stands.shows(first), Some("Can you read me?"));
    let (_, ready) = get(&there, "/health/ready").await;
    assert_eq!(ready["rooms_stopped"], 0);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_looks_at_a_room_that_stands_still_is_told_so() {
    let Stage {
        site,
        url,
        bob,
        room,
        ..
    } = Stage::set().await;
    let there = site.second_node().await;
    let chromium = Chromium::start();
    let browser = chromium.open(&there.url, "en", DESKTOP).await;
    browser.visit(&format!("/rooms/{room}")).await;
    browser
        .until("document.querySelector('#room').dataset.state === 'live'")
        .await;
    let mut here = Seat::take(&url, &bob, &room).await;
    turn_keys(&site.vault, &bob).await;
    here.say("Can you read me?").await;
    browser
        .until(
            "document.querySelector('#room-status:not([hidden])')?.textContent \
             === 'This room can’t be read right now. It goes on by itself…'",
        )
        .await;
    browser.close().await;
    turn_keys(&site.vault, &bob).await;
    site.end().await;
}
