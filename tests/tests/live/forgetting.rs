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
