//! A client without a WebSocket: it listens to events and posts what it says.

use chrono::{DateTime, Utc};
use commands::read_marker::READ_EVERY;
use serde_json::json;
use tests::live::Posts;
use tests::new_id;

use super::{Seat, Stage, described};

#[tokio::test]
async fn what_is_posted_is_answered_as_over_a_socket() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let mut seat = Seat::take(&url, &ann, &room).await;
    let mut bobs = Posts::to(&url, Some(&bob.token));
    bobs.hold_to(described(&url).await);
    let send = json!({"t": "send", "room": room, "cid": new_id(), "body": "By post."});
    let first = bobs.ask(send.clone()).await.unwrap();
    assert_eq!(first["t"], "ack", "{first}");
    let seq = first["seq"].as_i64().unwrap();
    seat.until(seq).await;
    assert_eq!(seat.shows(seq), Some("By post."));
    let again = bobs.ask(send.clone()).await.unwrap();
    assert_eq!(
        (&again["seq"], &again["again"]),
        (&json!(seq), &json!(true))
    );
    let edit =
        json!({"t": "edit", "room": room, "cid": new_id(), "message": seq, "body": "Edited."});
    let edited = bobs.ask(edit).await.unwrap()["seq"].as_i64().unwrap();
    seat.until(edited).await;
    assert_eq!(seat.shows(seq), Some("Edited."));
    for frame in [
        json!({"t": "history", "room": room}),
        json!({"t": "message", "room": room, "message": seq}),
        json!({"t": "read", "room": room, "n": 1}),
        json!({"t": "react", "room": room, "cid": new_id(), "message": seq, "emoji": "🔥", "on": true}),
        json!({"t": "send", "room": room, "cid": new_id(), "body": ""}),
        json!({"t": "moderate", "room": room, "cid": new_id(), "act": "mute", "member": ann.id}),
        json!({"t": "sub", "room": room}),
    ] {
        bobs.ask(frame).await.unwrap();
    }
    let wrong = json!({"t": "send", "id": 1, "room": room, "body": "x", "loud": true});
    let mut careless = Posts::to(&url, Some(&bob.token));
    assert_eq!(careless.post(&wrong).await.unwrap().status(), 422);
    let mut stranger = Posts::to(&url, None);
    let refused = stranger.ask(send).await.unwrap();
    assert_eq!(refused["code"], "unauthenticated");
    let history = json!({"t": "history", "room": room});
    let told = stranger.ask(history).await.unwrap();
    assert_eq!(told["messages"][0]["body"], "Edited.");
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
    let mut bobs = Posts::to(&url, Some(&bob.token));
    bobs.hold_to(described(&url).await);
    let typing = json!({"t": "typing", "room": room});
    // who is not there is not seen
    assert_eq!(bobs.post(&typing).await.unwrap().status(), 204);
    let place = seat.display.place.clone();
    let subscribed = bobs.listen(&room, true, place.as_ref()).await.unwrap();
    assert_eq!(subscribed["mode"], "resume");
    loop {
        let told = bobs.next().await.unwrap().to_string();
        assert!(!told.contains("typing"), "{told}");
        if told.contains("entered") {
            break;
        }
    }
    assert_eq!(bobs.post(&typing).await.unwrap().status(), 204);
    let seen = seat.socket.expect("ephemeral").await.unwrap();
    assert_eq!(seen["members"], json!([bob.id]));
    drop(bobs);
    let left = seat.display.place.clone().unwrap().seq + 2;
    seat.until(left).await;
    assert!(!seat.display.present.contains(&bob.id));
    site.end().await;
}

/// On all nodes together; and what a page that goes has posted is not lost for it.
#[tokio::test]
async fn a_marker_moves_once_in_five_seconds_and_what_is_posted_sooner_waits() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let there = site.second_node().await;
    let mut anns = Seat::take(&url, &ann, &room).await;
    let mut bobs = Seat::take(&url, &bob, &room).await;
    let mut elsewhere = Seat::take(&there.url, &bob, &room).await;
    for body in ["One.", "Two."] {
        anns.say(body).await;
    }
    let read = |n: i64| json!({"t": "read", "room": room, "n": n});
    let first = bobs.socket.ask(read(1)).await.unwrap();
    assert_eq!(first["t"], "ack", "{first}");
    for seat in [&mut bobs, &mut elsewhere] {
        let soon = seat.socket.ask(read(2)).await.unwrap();
        assert_eq!(soon["code"], "rate_limited", "{soon}");
        assert!(soon["retry_ms"].as_u64().unwrap() <= 5_000, "{soon}");
    }
    let mut going = Posts::to(&there.url, Some(&bob.token));
    going.hold_to(described(&url).await);
    let told = going.ask(read(2)).await.unwrap();
    assert_eq!(told["t"], "ack", "{told}");
    let moves: Vec<DateTime<Utc>> = sqlx::query_scalar(
        "select occurred_at from log.events where event_type = 'read_marker.moved'
         order by position",
    )
    .fetch_all(&site.pool)
    .await
    .unwrap();
    let [first, last] = moves[..] else {
        panic!("{moves:?}");
    };
    assert!(last - first >= READ_EVERY, "{moves:?}");
    drop(there);
    site.end().await;
}
