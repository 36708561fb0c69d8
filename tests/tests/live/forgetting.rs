//! No copy in a node's memory keeps what was forgotten.

use std::time::Duration;

use reqwest::Client;
use serde_json::json;
use tests::live::{Place, Socket};
use tests::site::Member;
use tokio::time::Instant;

use super::{Seat, Stage, id_of};

const PATIENCE: Duration = Duration::from_secs(20);
const WORDS: &str = "The ending is a dream, I think.";

/// All that a member is told of a room who comes back to this place: from the ring, as a snapshot,
/// as history, as a page.
async fn told(url: &str, member: &Member, room: &str, place: &Place) -> [String; 4] {
    let mut socket = Socket::open(url, Some(&member.token)).await.unwrap();
    socket.subscribe(room, false, Some(place)).await.unwrap();
    let resumed = socket.expect("events").await.unwrap();
    let snapshot = socket.subscribe(room, false, None).await.unwrap();
    let history = json!({"t": "history", "room": room});
    let history = socket.ask(history).await.unwrap();
    let page = format!("{url}/api/v1/rooms/{room}/events?after={}", place.seq);
    let page = Client::new().get(page).send().await.unwrap();
    let frames = [resumed, snapshot, history].map(|frame| frame.to_string());
    let [resumed, snapshot, history] = frames;
    [resumed, snapshot, history, page.text().await.unwrap()]
}

#[tokio::test]
async fn nothing_of_who_is_forgotten_is_told_any_more() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let mut anns = Seat::take(&url, &ann, &room).await;
    let mut bobs = Seat::take(&url, &bob, &room).await;
    let said = bobs.say(WORDS).await;
    anns.until(said).await;
    let place = anns.display.place.clone().unwrap();
    let before = Place {
        seq: said - 1,
        ..place
    };
    let until = async |is_right: fn(&str) -> bool| {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let told = told(&url, &ann, &room, &before).await;
            let Some(wrong) = told.iter().find(|told| !is_right(told)) else {
                return;
            };
            assert!(Instant::now() < deadline, "{wrong}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    until(|told| told.contains(WORDS) && told.contains("Bob")).await;
    site.project().await;
    site.forget(id_of(&bob)).await;
    until(|told| !told.contains(WORDS) && !told.contains("Bob")).await;
    let told = told(&url, &ann, &room, &before).await;
    assert!(told[0].contains("message_posted"), "{}", told[0]);
    site.end().await;
}

#[tokio::test]
async fn what_a_moderator_of_the_room_wrote_on_it_goes_with_them() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let path = format!("/api/v1/rooms/{room}");
    site.put(format!("{path}/presence"))
        .by(&bob)
        .await
        .expect(200);
    let appointed = site
        .put(format!("{path}/members/{}/moderator", bob.id))
        .by(&ann);
    assert!(appointed.await.status.is_success());
    // somebody follows it all the time, so it is never found out anew
    let mut anns = Seat::take(&url, &ann, &room).await;
    let words = json!({ "name": "The attic", "description": WORDS });
    site.patch(&path).by(&bob).json(&words).await.expect(200);
    let said = anns.say("Thank you.").await;
    anns.until(said).await;
    let facts = async || {
        let mut socket = Socket::open(&url, Some(&ann.token)).await.unwrap();
        let subscribed = socket.subscribe(&room, false, None).await.unwrap();
        let facts = &subscribed["snapshot"]["room"];
        (facts["name"].clone(), facts["description"].clone())
    };
    let is_so = async |name: Option<&str>, description: Option<&str>| {
        let expected = (json!(name), json!(description));
        tests::until("it is told so", || async { facts().await == expected }).await;
    };
    is_so(Some("The attic"), Some(WORDS)).await;
    site.project().await;
    site.forget(id_of(&bob)).await;
    is_so(None, None).await;
    site.end().await;
}
