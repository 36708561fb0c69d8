use std::num::NonZeroU32;

use reqwest::Client;
use serde_json::{Value, json};
use tests::live::{Closed, Event, Events, Posts, Socket};
use tests::site::{Site, generous, text};
use tests::until;
use tokio_tungstenite::tungstenite::Message;
use web::limits::Allowances;

use super::{Seat, Stage, open_room};

fn address(url: &str) -> String {
    format!("{}/api/v1/live", url.replacen("http", "ws", 1))
}

#[tokio::test]
async fn other_sites_pages_do_not_come_in() {
    let site = Site::start().await;
    let url = site.serve().await;
    for (origin, welcome) in [
        (None, true),
        (Some(url.as_str()), true),
        (Some("https://evil.example"), false),
        (Some("null"), false),
    ] {
        let connected = Socket::connect(&address(&url), None, origin).await;
        assert_eq!(connected.is_ok(), welcome, "{origin:?}");
    }
    site.end().await;
}

#[tokio::test]
async fn a_ticket_lets_one_connection_in() {
    let site = Site::start().await;
    let url = site.serve().await;
    let ann = site.ann().await;
    let ticket = Client::new().post(format!("{url}/api/v1/live/ticket"));
    let answer = ticket.bearer_auth(&ann.token).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let answer: Value = answer.json().await.unwrap();
    let address = format!("{}?ticket={}", address(&url), text(&answer["ticket"]));
    let mut socket = Socket::connect(&address, None, None).await.unwrap();
    socket.say(json!({"t": "hello", "id": 1})).await;
    socket.expect("welcome").await.unwrap();
    let room = open_room(&site, &ann).await;
    let subscribed = socket.subscribe(&room, true, None).await.unwrap();
    assert_eq!(subscribed["snapshot"]["me"]["role"], "maker");
    assert!(
        Socket::connect(&address, None, None).await.is_err(),
        "twice"
    );

    // nor when it is old, nor when its session has ended
    let ticket = async || {
        let ticket = site.post("/api/v1/live/ticket").by(&ann).await.expect(201);
        let ticket = text(&ticket.json()["ticket"]);
        format!("{}?ticket={ticket}", self::address(&url))
    };
    let old = ticket().await;
    let aged = "update vault.tickets set expires_at = expires_at - interval '30 seconds'";
    sqlx::query(aged).execute(&site.vault).await.unwrap();
    assert!(Socket::connect(&old, None, None).await.is_err());
    let orphaned = ticket().await;
    let signing_out = site.delete("/api/v1/sessions/current").by(&ann);
    signing_out.await.expect(204);
    assert!(Socket::connect(&orphaned, None, None).await.is_err());
    let nobody = Client::new().post(format!("{url}/api/v1/live/ticket"));
    assert_eq!(nobody.send().await.unwrap().status(), 401);
    site.end().await;
}

#[tokio::test]
async fn what_is_no_frame_ends_the_connection_for_good() {
    let site = Site::start().await;
    let url = site.serve().await;
    let too_long = format!(
        "{{\"t\":\"typing\",\"room\":\"{}\"}}",
        "x".repeat(16 * 1024)
    );
    for (said, code) in [
        (Message::text("hello"), 4501),
        (Message::text(r#"{"t":"shout"}"#), 4501),
        (Message::binary(vec![1, 2, 3]), 4501),
        (Message::text(too_long), 4501),
        (Message::text(r#"{"t":"hello","id":9}"#), 4506),
    ] {
        let mut socket = Socket::open(&url, None).await.unwrap();
        socket.say_raw(said.clone()).await;
        assert_eq!(socket.closed().await, Some(code), "{said:.60}");
    }
    let mut impatient = Socket::connect(&address(&url), None, None).await.unwrap();
    impatient.say(json!({"t": "pong", "n": 1})).await;
    assert_eq!(impatient.closed().await, Some(4500), "no hello first");
    let mut silent = Socket::connect(&address(&url), None, None).await.unwrap();
    assert_eq!(silent.closed().await, Some(4500), "no hello in time");
    site.end().await;
}

#[tokio::test]
async fn who_never_stops_chattering_is_sent_away() {
    let site = Site::start().await;
    let url = site.serve().await;
    let mut socket = Socket::open(&url, None).await.unwrap();
    for n in 0..=1_000 {
        socket.say(json!({"t": "pong", "n": n})).await;
    }
    assert_eq!(socket.closed().await, Some(4506));
    site.end().await;
}

/// Asked after 25 seconds, and 8 later taken for dead.
#[tokio::test]
async fn who_does_not_answer_a_ping_is_taken_for_dead() {
    let site = Site::start().await;
    let url = site.serve().await;
    let mut deaf = Socket::open(&url, None).await.unwrap();
    let ping = deaf.read_when_it_comes().await.unwrap();
    assert_eq!(ping["t"], "ping", "{ping}");
    let closed = deaf.read_when_it_comes().await.unwrap_err();
    assert_eq!(closed, Closed(Some(4012)));
    site.end().await;
}

#[tokio::test]
async fn a_connection_ends_with_its_session() {
    let Stage {
        site,
        url,
        ann,
        room,
        ..
    } = Stage::set().await;
    let mut seat = Seat::take(&url, &ann, &room).await;
    site.delete("/api/v1/sessions/current")
        .by(&ann)
        .await
        .expect(204);
    assert_eq!(seat.socket.closed().await, Some(4004));
    site.end().await;
}

#[tokio::test]
async fn a_ninth_connection_of_a_member_is_turned_away() {
    let site = Site::start().await;
    let url = site.serve().await;
    let ann = site.ann().await;
    let mut open = Vec::new();
    for _ in 0..8 {
        open.push(Socket::open(&url, Some(&ann.token)).await.unwrap());
    }
    assert!(Socket::open(&url, Some(&ann.token)).await.is_err());
    let bob = site.bob().await;
    assert!(Socket::open(&url, Some(&bob.token)).await.is_ok());
    site.end().await;
}

#[tokio::test]
async fn an_address_has_so_many_sockets_and_streams_and_no_more() {
    let site = Site::start_with(Allowances {
        live_connections: NonZeroU32::new(2).unwrap(),
        ..generous()
    })
    .await;
    let url = site.serve().await;
    let ann = site.ann().await;
    let room = open_room(&site, &ann).await;
    let socket = Socket::open(&url, None).await.unwrap();
    let mut listening = Posts::to(&url, None);
    let subscribed = listening.listen(&room, false, None).await.unwrap();
    assert_eq!(subscribed["mode"], "snapshot");
    let events = Client::new().get(format!("{url}/api/v1/rooms/{room}/events"));
    let refused = events.header("accept", "text/event-stream").send();
    let refused = refused.await.unwrap();
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    assert!(Socket::open(&url, None).await.is_err());
    drop(socket);
    until("the place is free again", async || {
        Socket::open(&url, None).await.is_ok()
    })
    .await;
    site.end().await;
}

#[tokio::test]
async fn what_is_read_through_a_socket_is_counted_as_reading() {
    let site = Site::start_with(Allowances {
        reads_per_minute: NonZeroU32::new(3).unwrap(),
        ..generous()
    })
    .await;
    let url = site.serve().await;
    let ann = site.ann().await;
    let room = open_room(&site, &ann).await;
    // the first of three
    let mut socket = Socket::open(&url, None).await.unwrap();
    let history = json!({"t": "history", "room": room});
    for _ in 0..2 {
        let told = socket.ask(history.clone()).await.unwrap();
        assert!(told["messages"].is_array(), "{told}");
    }
    let refused = socket.ask(history.clone()).await.unwrap();
    assert_eq!(refused["code"], "rate_limited", "{refused}");
    assert_eq!(refused["temporary"], json!(true));
    // by plain POST it is the same reading
    let posted = Client::new().post(format!("{url}/api/v1/live"));
    let asked = json!({"t": "history", "id": 9, "room": room});
    let posted = posted.json(&asked).send().await.unwrap();
    let told: Value = posted.json().await.unwrap();
    assert_eq!(told["code"], "rate_limited", "{told}");
    site.end().await;
}

#[tokio::test]
async fn each_room_of_a_greeting_is_counted_as_reading() {
    let site = Site::start_with(Allowances {
        reads_per_minute: NonZeroU32::new(2).unwrap(),
        ..generous()
    })
    .await;
    let url = site.serve().await;
    let ann = site.ann().await;
    let rooms = [open_room(&site, &ann).await, open_room(&site, &ann).await];
    let [first, second] = &rooms;
    // the first of two
    let mut socket = Socket::connect(&address(&url), None, None).await.unwrap();
    let hello = json!({"t": "hello", "id": 1, "rooms": {first: null, second: null}});
    socket.say(hello).await;
    let followed = socket.expect("subscribed").await.unwrap();
    let told = socket.expect("ended").await.unwrap();
    assert_eq!(told["code"], "resubscribe", "{told}");
    assert_ne!(told["room"], followed["room"]);
    // who does so hears when to
    let sub = json!({"t": "sub", "room": told["room"], "enter": false});
    let refused = socket.ask(sub).await.unwrap();
    assert_eq!(refused["code"], "rate_limited", "{refused}");
    site.end().await;
}

#[tokio::test]
async fn without_a_websocket_events_stream_over_http_and_resume() {
    let Stage {
        site,
        url,
        ann,
        room,
        ..
    } = Stage::set().await;
    let mut seat = Seat::take(&url, &ann, &room).await;
    let first = seat.say("First.").await;
    let events = format!("{url}/api/v1/rooms/{room}/events");
    let stream = async |last: &str| {
        let request = Client::new().get(&events);
        let request = request.header("accept", "text/event-stream");
        let response = request.header("last-event-id", last).send().await;
        Events::from(response.unwrap())
    };
    let mut listening = stream("").await;
    let snapshot = read_until(&mut listening, "First.").await;
    assert_eq!(snapshot[0].frame["mode"], "snapshot");
    let second = seat.say("Second.").await;
    let told = read_until(&mut listening, "Second.").await;
    let epoch = &seat.display.place.clone().unwrap().epoch;
    let place = told.last().and_then(|event| event.id.clone());
    assert_eq!(place, Some(format!("{epoch}:{second}")));
    drop(listening);

    let mut resumed = stream(&format!("{epoch}:{first}")).await;
    let told = read_until(&mut resumed, "Second.").await;
    assert_eq!(told[0].frame["mode"], "resume");
    assert!(!told.iter().any(|event| says(event, "First.")), "{told:?}");
    drop(resumed);

    let page = Client::new().get(format!("{events}?after={}", first - 1));
    let page: Value = page.send().await.unwrap().json().await.unwrap();
    let seqs: Vec<i64> = page["e"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["seq"].as_i64().unwrap())
        .collect();
    assert_eq!(seqs, [first, second]);
    site.end().await;
}

pub(super) async fn read_until(events: &mut Events, wanted: &str) -> Vec<Event> {
    let mut read = Vec::new();
    loop {
        let event = events.next().await.unwrap();
        let is_it = says(&event, wanted);
        read.push(event);
        if is_it {
            return read;
        }
    }
}

fn says(event: &Event, wanted: &str) -> bool {
    event.frame.to_string().contains(wanted)
}
