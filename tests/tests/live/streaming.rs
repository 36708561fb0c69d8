//! Streams of events of readers who take less than their room brings.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use serde_json::json;
use tests::new_id;
use tests::site::{Member, Site};
use tokio::time::timeout;
use web::live::close::Close;

use super::{Seat, Stage};

const PATIENCE: Duration = Duration::from_secs(20);

/// Nothing of it is read before it is asked for.
async fn stream(site: &Site, member: &Member, room: &str) -> Body {
    let events = site.get(format!("/api/v1/rooms/{room}/events")).by(member);
    events
        .header("accept", "text/event-stream")
        .streamed()
        .await
}

/// What comes from here to the end.
async fn rest(stream: Body) -> String {
    let rest = timeout(PATIENCE, stream.collect()).await;
    let rest = rest.expect("it ends").unwrap().to_bytes();
    String::from_utf8_lossy(&rest).into_owned()
}

#[tokio::test]
async fn who_is_sent_away_hears_nothing_more_of_what_waits_for_them() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let bobs = stream(&site, &bob, &room).await;
    let mut anns = Seat::take(&url, &ann, &room).await;
    anns.say("Is he gone?").await;
    let ban = json!({"t": "moderate", "room": room, "cid": new_id(), "act": "ban",
                     "member": bob.id, "for_s": 600});
    assert_eq!(anns.socket.ask(ban).await.unwrap()["t"], "ack");
    let last = anns.say("Now, between us.").await;
    anns.until(last).await;

    let heard = rest(bobs).await;
    assert!(heard.contains(r#""t":"ended""#), "{heard}");
    assert!(!heard.contains("between us"), "{heard}");
    assert!(
        !heard.contains("id:"),
        "what was not sent is not behind them: {heard}"
    );
    site.end().await;
}

#[tokio::test]
async fn a_stream_that_is_closed_ends_before_what_waits_for_it() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let bobs = stream(&site, &bob, &room).await;
    let mut anns = Seat::take(&url, &ann, &room).await;
    site.app.live.connections.close_all(Close::SignedOut);
    assert_eq!(anns.socket.closed().await, Some(4004));
    let mut anns = Seat::take(&url, &ann, &room).await;
    let last = anns.say("Whose session was that?").await;
    anns.until(last).await;
    assert_eq!(rest(bobs).await, "");
    site.end().await;
}
