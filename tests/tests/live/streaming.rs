//! Streams of events of readers who take less than their room brings.

use tests::live::{Event, Events};
use tests::site::{Member, Site};
use web::live::close::Close;

use super::{Seat, Stage};

/// Without a socket between its ends, which would take in what nobody reads.
async fn stream(site: &Site, member: &Member, room: &str) -> Events {
    let events = site.get(format!("/api/v1/rooms/{room}/events")).by(member);
    let events = events.header("accept", "text/event-stream");
    events.streamed().await.into()
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
    anns.moderate("ban", &bob.id).await;
    let last = anns.say("Now, between us.").await;
    anns.until(last).await;

    let heard: Vec<Event> = bobs.rest().await;
    let ended = heard.iter().any(|event| event.frame["t"] == "ended");
    assert!(ended, "{heard:?}");
    let mut frames = heard.iter().map(|event| event.frame.to_string());
    assert!(
        !frames.any(|frame| frame.contains("between us")),
        "{heard:?}"
    );
    assert!(
        heard.iter().all(|event| event.id.is_none()),
        "what was not sent is not behind them: {heard:?}"
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
    let heard = bobs.rest().await;
    assert!(heard.is_empty(), "{heard:?}");
    site.end().await;
}
