//! Who learns what of the order in a room: the frames are the same for everybody, and say no more
//! than the list of its members does.

use std::collections::BTreeSet;

use reqwest::Client;
use serde_json::{Value, json};
use tests::live::{Posts, Socket};
use tests::new_id;

use super::{Seat, Stage, described};

async fn is_told(seat: &mut Seat, muted: bool) {
    let told = seat.socket.expect("standing").await.unwrap();
    assert_eq!(told["muted"], muted, "{told}");
    assert_eq!(told["muted_until"].is_string(), muted, "{told}");
    assert_eq!(told["reason"].as_str(), muted.then_some("Loud"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_muted_or_banned_is_told_to_themselves_alone() {
    let Stage {
        site,
        url: here,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let there = site.second_node().await;
    let (carl, dora) = (site.sign_up("Carl").await, site.sign_up("Dora").await);
    let mut anns = Seat::take(&here, &ann, &room).await;
    let mut bobs = [
        Seat::take(&here, &bob, &room).await,
        Seat::take(&there.url, &bob, &room).await,
    ];
    let mut carls = Seat::take(&there.url, &carl, &room).await;
    for seat in &mut bobs {
        is_told(seat, false).await;
    }
    let kept = [
        anns.moderate("mute", &bob.id).await,
        anns.moderate("ban", &dora.id).await,
        anns.moderate("unban", &dora.id).await,
    ];
    for seat in &mut bobs {
        is_told(seat, true).await;
    }
    // who comes later, too
    is_told(&mut Seat::take(&there.url, &bob, &room).await, true).await;
    let mut listening = Posts::to(&here, Some(&bob.token));
    listening.listen(&room, false, None).await.unwrap();
    while listening.next().await.unwrap()["muted"] != true {}
    drop(listening);
    let unmuted = anns.moderate("unmute", &bob.id).await;
    for seat in &mut bobs {
        is_told(seat, false).await;
    }

    let last = anns.say("Now.").await;
    let mut told: Vec<Value> = Vec::new();
    while carls.display.place.as_ref().unwrap().seq < last {
        let frame = carls.socket.next().await.unwrap();
        if frame["t"] == "events" {
            carls.display.events(&frame);
        }
        told.push(frame);
    }
    let page = format!("{here}/api/v1/rooms/{room}/events?after={}", kept[0] - 1);
    let page = Client::new().get(page);
    let page: Value = page.send().await.unwrap().json().await.unwrap();
    let mut standing = told.iter().filter(|frame| frame["t"] == "standing");
    assert!(standing.all(|frame| frame["muted"] == false));
    for told in [told, vec![page]] {
        let events = told.iter().filter_map(|frame| frame["e"].as_array());
        for seq in kept.into_iter().chain([unmuted]) {
            let mut events = events.clone().flatten();
            let event = events.find(|event| event["seq"] == seq).unwrap();
            assert_eq!(event["k"], "order_kept");
            assert_eq!(event.as_object().unwrap().len(), 4, "{event}");
        }
        let heard = json!(told).to_string();
        for secret in ["Loud", bob.id.as_str(), dora.id.as_str()] {
            assert!(!heard.contains(secret), "{heard}");
        }
    }
    drop(there);
    site.end().await;
}

#[tokio::test]
async fn why_a_message_was_taken_back_is_told_with_it() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let mut anns = Seat::take(&url, &ann, &room).await;
    let mut bobs = Seat::take(&url, &bob, &room).await;
    let said = bobs.say("Buy now!").await;
    let taken = json!({"t": "moderate", "room": room, "cid": new_id(), "act": "retract",
                       "message": said, "reason": "Spam"});
    let taken = anns.socket.ask(taken).await.unwrap();
    bobs.until(taken["seq"].as_i64().unwrap()).await;
    let asked = json!({"t": "message", "room": room, "message": said});
    let told = bobs.socket.ask(asked).await.unwrap();
    let message = &told["message"];
    assert_eq!(
        (&message["body"], &message["reason"]),
        (&Value::Null, &json!("Spam"))
    );
    site.end().await;
}

/// By each way in: a subscription, a greeting, a stream, a frame by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_back_while_banned_hears_until_when_and_why() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let mut anns = Seat::take(&url, &ann, &room).await;
    anns.moderate("ban", &bob.id).await;
    let is_told = |told: &Value| {
        assert_eq!(told["code"], "banned", "{told}");
        assert_eq!(told["reason"], "Loud", "{told}");
        assert!(told["until"].is_string(), "{told}");
    };
    let mut socket = Socket::open(&url, Some(&bob.token)).await.unwrap();
    socket.hold_to(described(&url).await);
    is_told(&socket.subscribe(&room, true, None).await.unwrap());
    let address = format!("{}/api/v1/live", url.replacen("http", "ws", 1));
    let greeting = Socket::connect(&address, Some(&bob.token), None).await;
    let mut greeting = greeting.unwrap();
    let hello = json!({"t": "hello", "id": 1, "rooms": {(room.clone()): null}});
    greeting.say(hello).await;
    is_told(&greeting.expect("ended").await.unwrap());

    let client = Client::new();
    let history = json!({"t": "history", "id": 1, "room": room});
    let posted = client.post(format!("{url}/api/v1/live")).json(&history);
    let posted = posted.bearer_auth(&bob.token).send().await.unwrap();
    is_told(&posted.json().await.unwrap());
    let events = client.get(format!("{url}/api/v1/rooms/{room}/events"));
    let events = events.header("accept", "text/event-stream");
    let refused = events.bearer_auth(&bob.token).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["type"], "/problems/banned");
    let detail = refused["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("Until ") && detail.ends_with("Reason: Loud"),
        "{detail}"
    );
    site.end().await;
}

/// Each may be told of its own commit before it has heard of the other's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_says_where_it_is_also_behind_what_another_node_has_just_recorded() {
    let Stage {
        site,
        url: here,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let there = site.second_node().await;
    let carl = site.sign_up("Carl").await;
    let mut near = Seat::take(&here, &ann, &room).await;
    let mut far = Seat::take(&there.url, &ann, &room).await;
    let mut told = BTreeSet::new();
    for act in ["mute", "unmute"].repeat(20) {
        let (one, other) = tokio::join!(near.moderate(act, &bob.id), far.moderate(act, &carl.id));
        told.extend([one, other]);
    }
    assert_eq!(told.len(), 80);
    drop(there);
    site.end().await;
}
