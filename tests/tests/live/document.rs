//! The protocol is what its description says, in both directions.

use jsonschema::Validator;
use serde_json::{Value, json};
use tests::live::Socket;
use tests::new_id;
use tests::site::Site;
use tokio_tungstenite::tungstenite::Message;

use super::{Seat, open_room};

/// Checks frames against all messages whose names begin so.
async fn described(site: &Site, prefix: &str) -> Validator {
    let document = site.get("/api/v1/asyncapi.json").await.expect(200).json();
    let messages = document["components"]["messages"].as_object().unwrap();
    let frames = messages.iter().filter(|(name, _)| name.starts_with(prefix));
    let frames: Vec<&Value> = frames.map(|(_, message)| &message["payload"]).collect();
    let schema = json!({"components": document["components"], "oneOf": frames});
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(&schema).unwrap()
}

#[tokio::test]
async fn what_a_client_is_told_is_described() {
    let site = Site::start().await;
    let url = site.serve().await;
    let told = described(&site, "told-").await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let room = open_room(&site, &ann).await;
    let mut bobs = Seat::take(&url, &bob, &room).await;
    let mut seat = Seat::take(&url, &ann, &room).await;
    let place = seat.display.place.clone().unwrap();
    let mut frames = vec![seat.socket.welcome.clone()];
    let said = seat.say("Described?").await;
    let asked = [
        json!({"t": "send", "room": room, "cid": new_id(), "body": "", "spoiler": true}),
        json!({"t": "react", "room": room, "cid": new_id(), "message": said, "emoji": "🔥", "on": true}),
        json!({"t": "edit", "room": room, "cid": new_id(), "message": said, "body": "Now."}),
        json!({"t": "history", "room": room}),
        json!({"t": "message", "room": room, "message": said}),
        json!({"t": "retract", "room": room, "cid": new_id(), "message": said}),
        json!({"t": "moderate", "room": room, "cid": new_id(), "act": "slow_mode", "for_s": 5}),
        json!({"t": "moderate", "room": room, "cid": new_id(), "act": "mute", "member": bob.id,
               "for_s": 60, "reason": "Loud"}),
        json!({"t": "read", "room": room, "n": 1}),
        json!({"t": "sub", "room": room, "after": {"epoch": place.epoch, "seq": place.seq}}),
        json!({"t": "sub", "room": room}),
        json!({"t": "unsub", "room": room}),
    ];
    for frame in asked {
        frames.push(seat.socket.ask(frame).await.unwrap());
    }
    bobs.socket.say(json!({"t": "typing", "room": room})).await;
    frames.push(bobs.socket.expect("ephemeral").await.unwrap());
    frames.push(bobs.socket.expect("standing").await.unwrap());
    while bobs.display.applied.len() < 7 {
        let events = bobs.socket.expect("events").await.unwrap();
        bobs.display.events(&events);
        frames.push(events);
    }
    let ban = json!({"t": "moderate", "room": room, "cid": new_id(), "act": "ban",
                     "member": bob.id, "for_s": 60, "reason": "Loud"});
    frames.push(seat.socket.ask(ban).await.unwrap());
    frames.push(bobs.socket.expect("ended").await.unwrap());
    for frame in frames {
        let wrong: Vec<_> = told.iter_errors(&frame).map(|e| e.to_string()).collect();
        assert!(wrong.is_empty(), "{frame}: {wrong:#?}");
        for (field, value) in [
            ("t", json!("nonsense")),
            ("room", json!(7)),
            ("id", json!("7")),
        ] {
            let mut broken = frame.clone();
            if broken.get(field).is_some() {
                broken[field] = value;
                assert!(!told.is_valid(&broken), "{broken}");
            }
        }
    }
    site.end().await;
}

#[tokio::test]
async fn what_is_described_is_understood_and_nothing_else() {
    let site = Site::start().await;
    let url = site.serve().await;
    let said = described(&site, "said-").await;
    let (room, cid) = (new_id(), new_id());
    let place = json!({"epoch": "5eed", "seq": 7});
    let hello = json!({"t": "hello", "id": 1, "rooms": {(room.to_string()): place}});
    assert!(said.is_valid(&hello), "{hello}");
    let mut socket = Socket::open(&url, None).await.unwrap();
    for frame in [
        json!({"t": "sub", "id": 5, "room": room, "enter": false, "after": null, "last": 5}),
        json!({"t": "unsub", "id": 5, "room": room}),
        json!({"t": "send", "id": 5, "room": room, "cid": cid, "body": "x", "reply_to": null}),
        json!({"t": "edit", "id": 5, "room": room, "cid": cid, "message": 1, "body": "x"}),
        json!({"t": "retract", "id": 5, "room": room, "cid": cid, "message": 1}),
        json!({"t": "react", "id": 5, "room": room, "cid": cid, "message": 1, "emoji": "🔥", "on": false}),
        json!({"t": "read", "id": 5, "room": room, "n": 1}),
        json!({"t": "moderate", "id": 5, "room": room, "cid": cid, "act": "ban", "member": room}),
        json!({"t": "history", "id": 5, "room": room, "before": 5, "limit": 5}),
        json!({"t": "message", "id": 5, "room": room, "message": 5}),
        json!({"t": "report", "id": 5, "room": room, "cid": cid, "message": 5, "reason": "x"}),
    ] {
        assert!(said.is_valid(&frame), "{frame}");
        let answer = socket.ask(frame.clone()).await.unwrap();
        assert!(
            answer["t"] == "error" || answer["t"] == "unsubscribed",
            "{answer}"
        );
        for field in ["t", "id", "room"] {
            let mut lacking = frame.clone();
            lacking.as_object_mut().unwrap().remove(field);
            assert!(!said.is_valid(&lacking), "{lacking}");
        }
    }
    for frame in [
        json!({"t": "typing", "room": room}),
        json!({"t": "pong", "n": 1}),
    ] {
        assert!(said.is_valid(&frame), "{frame}");
        socket.say(frame).await;
    }
    for wrong in [
        json!({"t": "typing", "room": room, "loud": true}),
        json!({"t": "typing", "room": "here"}),
        json!({"t": "send", "id": 5, "room": room, "body": "x"}),
        json!({"t": "moderate", "id": 5, "room": room, "cid": cid, "act": "shoot"}),
        json!(["hello"]),
    ] {
        assert!(!said.is_valid(&wrong), "{wrong}");
        let mut socket = Socket::open(&url, None).await.unwrap();
        socket.say_raw(Message::text(wrong.to_string())).await;
        assert_eq!(socket.closed().await, Some(4501), "{wrong}");
    }
    site.end().await;
}
