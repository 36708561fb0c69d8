use serde_json::json;
use tests::live::{Applied, Display, Next, Place, Socket};
use tests::new_id;

use super::{Seat, Stage};

#[tokio::test]
async fn what_ann_says_is_heard_by_bob_on_another_node() {
    let Stage {
        site,
        url: here,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let there = site.second_node().await;
    let mut anns = Seat::take(&here, &ann, &room).await;
    let mut bobs = Seat::take(&there.url, &bob, &room).await;

    let first = anns.say("기생충 볼까요?").await;
    let second = bobs.say("Dune II?").await;
    for seat in [&mut anns, &mut bobs] {
        seat.until(second).await;
        assert_eq!(seat.shows(first), Some("기생충 볼까요?"));
        assert_eq!(seat.shows(second), Some("Dune II?"));
    }
    drop(there);
    site.end().await;
}

#[tokio::test]
async fn a_message_sent_again_under_its_cid_is_there_once() {
    let Stage {
        site,
        url,
        ann,
        room,
        ..
    } = Stage::set().await;
    let mut seat = Seat::take(&url, &ann, &room).await;
    let cid = new_id();
    let first = seat.socket.send(&room, cid, "Once.").await.unwrap();
    let mut other = Socket::open(&url, Some(&ann.token)).await.unwrap();
    let again = other.send(&room, cid, "Once.").await.unwrap();
    assert_eq!(
        (&first["again"], &again["again"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(first["seq"], again["seq"]);
    assert_eq!(first["pos"], again["pos"]);

    let reused = other.send(&room, cid, "Something else.").await.unwrap();
    assert_eq!(
        (&reused["t"], &reused["code"]),
        (&json!("error"), &json!("cid_reused"))
    );
    let last = seat.say("After it.").await;
    seat.until(last).await;
    assert_eq!(seat.display.messages.len(), 2);
    site.end().await;
}

#[tokio::test]
async fn who_comes_back_gets_what_they_missed_and_nothing_twice() {
    let Stage {
        site,
        url: here,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let there = site.second_node().await;
    let mut anns = Seat::take(&here, &ann, &room).await;
    let _stays = Seat::take(&here, &bob, &room).await;
    let mut bobs = Seat::take(&here, &bob, &room).await;
    let seen = anns.say("Seen.").await;
    bobs.until(seen).await;
    let place = bobs.display.place.clone().unwrap();
    bobs.socket.close().await;
    let missed = anns.say("Missed.").await;

    // the first node has it in its ring, the second one only in the table
    for url in [&here, &there.url] {
        let mut socket = Socket::open(url, Some(&bob.token)).await.unwrap();
        let mut display = Display {
            place: Some(place.clone()),
            ..Display::default()
        };
        let subscribed = socket.subscribe(&room, false, Some(&place)).await.unwrap();
        assert_eq!(subscribed["mode"], "resume", "{subscribed}");
        while display.place.as_ref().unwrap().seq < missed {
            let frame = socket.expect("events").await.unwrap();
            assert_eq!(display.events(&frame), Next::GoOn);
        }
        let expected: Vec<i64> = (place.seq + 1..=missed).collect();
        let applied: Vec<i64> = display.applied.iter().map(Applied::seq).collect();
        assert_eq!(applied, expected);
        assert_eq!(display.messages[&missed].text.as_deref(), Some("Missed."));
    }
    drop(there);
    site.end().await;
}

#[tokio::test]
async fn another_log_is_begun_from_a_snapshot() {
    let Stage {
        site,
        url,
        ann,
        room,
        ..
    } = Stage::set().await;
    let mut seat = Seat::take(&url, &ann, &room).await;
    let said = seat.say("Hello.").await;
    for (epoch, seq) in [("another", said), ("", said + 5)] {
        let epoch = match epoch {
            "" => seat.display.place.clone().unwrap().epoch,
            other => other.to_owned(),
        };
        let place = Place { epoch, seq };
        let subscribed = seat
            .socket
            .subscribe(&room, false, Some(&place))
            .await
            .unwrap();
        assert_eq!(subscribed["mode"], "snapshot");
    }
    site.end().await;
}

#[tokio::test]
async fn what_was_taken_back_or_changed_is_not_replayed_as_it_was() {
    let Stage {
        site,
        url: here,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let there = site.second_node().await;
    let mut seat = Seat::take(&here, &ann, &room).await;
    let beginning = Place {
        seq: 0,
        ..seat.display.place.clone().unwrap()
    };
    let retracted = seat.say("The murderer is the gardener.").await;
    let edited = seat.say("The murderer is the butler.").await;
    seat.until(edited).await;
    for frame in [
        json!({"t": "retract", "room": room, "cid": new_id(), "message": retracted}),
        json!({"t": "edit", "room": room, "cid": new_id(), "message": edited, "body": "Watch it, @Bob!"}),
    ] {
        let ack = seat.socket.ask(frame).await.unwrap();
        assert_eq!(ack["t"], "ack", "{ack}");
    }
    seat.until(edited + 2).await;
    assert_eq!(seat.shows(retracted), None);
    assert_eq!(seat.shows(edited), Some("Watch it, @Bob!"));

    for url in [&here, &there.url] {
        let mut socket = Socket::open(url, None).await.unwrap();
        socket
            .subscribe(&room, false, Some(&beginning))
            .await
            .unwrap();
        let mut display = Display {
            place: Some(beginning.clone()),
            ..Display::default()
        };
        let mut heard = String::new();
        while display.place.as_ref().unwrap().seq < edited + 2 {
            let frame = socket.expect("events").await.unwrap();
            heard.push_str(&frame.to_string());
            assert_eq!(display.events(&frame), Next::GoOn);
        }
        assert!(!heard.contains("murderer"), "{heard}");
        assert_eq!(
            display.messages[&edited].text.as_deref(),
            Some("Watch it, @Bob!")
        );
        // who is named, where it was said and where it was edited
        let named = format!(r#""mentions":["{}"]"#, bob.id);
        assert_eq!(heard.matches(&named).count(), 2, "{heard}");
        let history = json!({"t": "history", "room": room});
        let history = socket.ask(history).await.unwrap();
        assert!(!history.to_string().contains("murderer"), "{history}");
    }
    drop(there);
    site.end().await;
}

#[tokio::test]
async fn reactions_replies_and_history_are_told() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let mut anns = Seat::take(&url, &ann, &room).await;
    let mut bobs = Seat::take(&url, &bob, &room).await;
    let question = anns.say("Which one first?").await;
    let reply = json!({"t": "send", "room": room, "cid": new_id(), "body": "Oldboy.",
                       "reply_to": question, "spoiler": true});
    let reply = bobs.socket.ask(reply).await.unwrap()["seq"]
        .as_i64()
        .unwrap();
    let react = json!({"t": "react", "room": room, "cid": new_id(), "message": reply,
                       "emoji": "🔥", "on": true});
    assert_eq!(anns.socket.ask(react).await.unwrap()["t"], "ack");
    let wrong = json!({"t": "react", "room": room, "cid": new_id(), "message": reply,
                       "emoji": "fire", "on": true});
    assert_eq!(anns.socket.ask(wrong).await.unwrap()["code"], "invalid");

    let one = json!({"t": "message", "room": room, "message": reply});
    let one = &anns.socket.ask(one).await.unwrap()["message"];
    assert_eq!(one["reply_to"], json!(question));
    assert_eq!(one["spoiler"], json!(true));
    assert_eq!(one["name"], json!("Bob"));
    assert_eq!(
        one["reactions"],
        json!([{"emoji": "🔥", "count": 1, "mine": true}])
    );
    let older = json!({"t": "history", "room": room, "before": reply, "limit": 1});
    let older = bobs.socket.ask(older).await.unwrap();
    assert_eq!(older["messages"][0]["seq"], json!(question));
    assert_eq!(older["more"], json!(false));
    site.end().await;
}

#[tokio::test]
async fn what_is_read_says_as_of_which_event_it_is() {
    let Stage {
        site,
        url,
        ann,
        room,
        ..
    } = Stage::set().await;
    let mut seat = Seat::take(&url, &ann, &room).await;
    let said = seat.say("The murderer is the gardener.").await;
    seat.until(said).await;
    let retract = json!({"t": "retract", "room": room, "cid": new_id(), "message": said});
    for (at, is_retracted) in [(said, false), (said + 1, true)] {
        seat.until(at).await;
        let history = json!({"t": "history", "room": room});
        let history = seat.socket.ask(history).await.unwrap();
        let message = json!({"t": "message", "room": room, "message": said});
        let message = seat.socket.ask(message).await.unwrap();
        for (told, shown) in [
            (&history, &history["messages"][0]),
            (&message, &message["message"]),
        ] {
            assert_eq!(told["at"], at, "{told}");
            assert_eq!(shown["retracted"], is_retracted, "{told}");
        }
        seat.socket.ask(retract.clone()).await.unwrap();
    }
    site.end().await;
}

#[tokio::test]
async fn the_sixth_message_in_five_seconds_has_to_wait() {
    let Stage {
        site,
        url,
        ann,
        room,
        ..
    } = Stage::set().await;
    let mut seat = Seat::take(&url, &ann, &room).await;
    for number in 1..=5 {
        seat.say(&format!("Number {number}")).await;
    }
    let sixth = seat.socket.send(&room, new_id(), "Number 6").await.unwrap();
    assert_eq!(sixth["code"], "rate_limited");
    assert_eq!(sixth["temporary"], json!(true));
    assert!(sixth["retry_ms"].as_u64().unwrap() <= 5_000, "{sixth}");
    site.end().await;
}

#[tokio::test]
async fn who_types_is_seen_on_both_nodes_and_not_recorded() {
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
    let events = site.events().await;
    anns.socket.say(json!({"t": "typing", "room": room})).await;
    for seat in [&mut near, &mut far] {
        let typing = seat.socket.expect("ephemeral").await.unwrap();
        assert_eq!(typing["members"], json!([ann.id]));
        assert_eq!(typing["k"], "typing");
    }
    assert_eq!(site.events().await, events);
    drop(there);
    site.end().await;
}

#[tokio::test]
async fn a_greeting_names_rooms_to_go_on_in() {
    let Stage {
        site,
        url,
        ann,
        room,
        ..
    } = Stage::set().await;
    let other = super::open_room(&site, &ann).await;
    let mut seat = Seat::take(&url, &ann, &room).await;
    let first = seat.say("First.").await;
    let place = seat.display.place.clone().unwrap();
    let address = format!("{}/api/v1/live", url.replacen("http", "ws", 1));
    let mut socket = Socket::connect(&address, Some(&ann.token), None)
        .await
        .unwrap();
    let nowhere = new_id();
    let rooms = json!({
        &room: {"epoch": place.epoch, "seq": first - 1},
        &other: null,
        nowhere.to_string(): null,
    });
    socket
        .say(json!({"t": "hello", "id": 1, "rooms": rooms}))
        .await;
    socket.expect("welcome").await.unwrap();
    let mut modes = Vec::new();
    for _ in 0..2 {
        let subscribed = socket.expect("subscribed").await.unwrap();
        assert_eq!(subscribed["id"], 1);
        modes.push((subscribed["room"].clone(), subscribed["mode"].clone()));
    }
    assert!(modes.contains(&(json!(room), json!("resume"))), "{modes:?}");
    assert!(
        modes.contains(&(json!(other), json!("snapshot"))),
        "{modes:?}"
    );
    assert_eq!(
        socket.expect("ended").await.unwrap()["room"],
        json!(nowhere)
    );
    let missed = socket.expect("events").await.unwrap();
    assert_eq!(missed["e"][0]["seq"], json!(first));
    let again = socket.subscribe(&room, false, None).await.unwrap();
    assert_eq!(again["mode"], "snapshot");

    let mut greedy = Socket::connect(&address, None, None).await.unwrap();
    let many = (0..65).map(|_| (new_id().to_string(), json!(null)));
    let many: serde_json::Map<_, _> = many.collect();
    greedy
        .say(json!({"t": "hello", "id": 1, "rooms": many}))
        .await;
    let refused = greedy.expect("error").await.unwrap();
    assert_eq!(refused["code"], "too_many_rooms");
    site.end().await;
}
