//! A client without a WebSocket: it listens to events and posts what it says.

use reqwest::{Client, Response};
use serde_json::{Value, json};
use tests::new_id;
use tests::site::Member;

use super::document::described;
use super::{Seat, Stage};

struct Poster<'a> {
    url: &'a str,
    member: Option<&'a Member>,
}

impl Poster<'_> {
    async fn post(&self, frame: &Value) -> Response {
        let mut request = Client::new().post(format!("{}/api/v1/live", self.url));
        if let Some(member) = self.member {
            request = request.bearer_auth(&member.token);
        }
        request.json(frame).send().await.unwrap()
    }

    async fn ask(&self, frame: &Value) -> Value {
        let answer = self.post(frame).await;
        assert_eq!(answer.status(), 200, "{frame}");
        answer.json().await.unwrap()
    }
}

#[tokio::test]
async fn what_is_posted_is_answered_as_over_a_socket() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let told = described(&site, "told-").await;
    let mut seat = Seat::take(&url, &ann, &room).await;
    let bobs = Poster {
        url: &url,
        member: Some(&bob),
    };
    let send = json!({"t": "send", "id": 7, "room": room, "cid": new_id(), "body": "By post."});
    let first = bobs.ask(&send).await;
    assert_eq!((&first["t"], &first["id"]), (&json!("ack"), &json!(7)));
    let seq = first["seq"].as_i64().unwrap();
    seat.until(seq).await;
    assert_eq!(seat.shows(seq), Some("By post."));
    let again = bobs.ask(&send).await;
    assert_eq!(
        (&again["seq"], &again["again"]),
        (&json!(seq), &json!(true))
    );
    let edit = json!({"t": "edit", "id": 8, "room": room, "cid": new_id(), "message": seq, "body": "Edited."});
    let edited = bobs.ask(&edit).await["seq"].as_i64().unwrap();
    seat.until(edited).await;
    assert_eq!(seat.shows(seq), Some("Edited."));
    for frame in [
        json!({"t": "history", "id": 1, "room": room}),
        json!({"t": "message", "id": 2, "room": room, "message": seq}),
        json!({"t": "read", "id": 3, "room": room, "n": 1}),
        json!({"t": "react", "id": 4, "room": room, "cid": new_id(), "message": seq, "emoji": "🔥", "on": true}),
        json!({"t": "send", "id": 5, "room": room, "cid": new_id(), "body": ""}),
        json!({"t": "moderate", "id": 6, "room": room, "cid": new_id(), "act": "mute", "member": ann.id}),
        json!({"t": "sub", "id": 7, "room": room}),
    ] {
        let answer = bobs.ask(&frame).await;
        assert!(told.is_valid(&answer), "{answer}");
        assert_eq!(answer["id"], frame["id"], "{answer}");
    }
    let wrong = json!({"t": "send", "id": 1, "room": room, "body": "x", "loud": true});
    assert_eq!(bobs.post(&wrong).await.status(), 422);
    let stranger = Poster {
        url: &url,
        member: None,
    };
    assert_eq!(stranger.ask(&send).await["code"], "unauthenticated");
    let history = json!({"t": "history", "id": 1, "room": room});
    assert_eq!(
        stranger.ask(&history).await["messages"][0]["body"],
        "Edited."
    );
    site.end().await;
}

#[tokio::test]
async fn who_listens_to_events_is_there_and_seen_typing() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let mut seat = Seat::take(&url, &ann, &room).await;
    let bobs = Poster {
        url: &url,
        member: Some(&bob),
    };
    let typing = json!({"t": "typing", "room": room});
    // who is not there is not seen
    assert_eq!(bobs.post(&typing).await.status(), 204);
    let place = seat.display.place.clone().unwrap();
    let from = format!("{}:{}", place.epoch, place.seq);
    let events = format!("{url}/api/v1/rooms/{room}/events?enter=true&from={from}");
    let request = Client::new().get(events).bearer_auth(&bob.token);
    let mut listening = request
        .header("accept", "text/event-stream")
        .send()
        .await
        .unwrap();
    assert_eq!(listening.headers()["x-accel-buffering"], "no");
    let told = super::doors::read_until(&mut listening, "entered").await;
    assert!(told.contains(r#""mode":"resume""#), "{told}");
    assert!(!told.contains("typing"), "{told}");
    assert_eq!(bobs.post(&typing).await.status(), 204);
    let seen = seat.socket.expect("ephemeral").await.unwrap();
    assert_eq!(seen["members"], json!([bob.id]));
    drop(listening);
    let left = seat.display.place.clone().unwrap().seq + 2;
    seat.until(left).await;
    assert!(!seat.display.present.contains(&bob.id));
    site.end().await;
}
