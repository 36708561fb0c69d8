//! A node that goes sends everybody to another one, each at a time of their own.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use tests::live::Socket;
use tests::site::{Member, Site};
use web::live::presence::LINGER;

use super::{Seat, Stage};

const MEMBERS: usize = 12;
const TABS: usize = 4;

async fn everybody(site: &Site, first: [Member; 2]) -> Vec<Member> {
    let mut members = Vec::from(first);
    for number in members.len()..MEMBERS {
        members.push(site.sign_up(&format!("Member {number}")).await);
    }
    members
}

/// Each in the room with so many tabs.
async fn seated<'m>(
    url: &str,
    members: &'m [Member],
    room: &str,
    tabs: usize,
) -> Vec<(Seat, &'m Member)> {
    let mut seats = Vec::new();
    for member in members {
        for _ in 0..tabs {
            seats.push((Seat::take(url, member, room).await, member));
        }
    }
    seats
}

/// Stays until it is told to go, and goes on elsewhere, after having been away for so long: when it
/// had to go.
async fn move_on(mut seat: Seat, member: &Member, to: &str, away: Duration) -> (Seat, u64) {
    let goaway = loop {
        let frame = seat.socket.next().await.unwrap();
        match frame["t"].as_str() {
            Some("goaway") => break frame,
            Some("events") => drop(seat.display.events(&frame)),
            _ => {}
        }
    };
    let in_ms = goaway["in_ms"].as_u64().unwrap();
    tokio::time::sleep(Duration::from_millis(in_ms)).await;
    let opening = Socket::open(to, Some(&member.token));
    let (former, next) = match away.is_zero() {
        true => (Some(seat.socket), opening.await),
        false => {
            seat.socket.close().await;
            // what a busy machine needs for a connection is not on top of that time
            let (next, ()) = tokio::join!(opening, tokio::time::sleep(away));
            (None, next)
        }
    };
    let mut next = next.unwrap();
    let place = seat.display.place.clone();
    let subscribed = next.subscribe(&seat.room, true, place.as_ref()).await;
    let subscribed = subscribed.unwrap();
    assert_eq!(subscribed["mode"], "resume", "{subscribed}");
    seat.display.subscribed(&subscribed);
    if let Some(former) = former {
        former.close().await;
    }
    seat.socket = next;
    (seat, in_ms)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_goes_is_missed_by_nobody() {
    let Stage {
        site,
        url: here,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let there = site.second_node().await;
    let members = everybody(&site, [ann, bob]).await;
    let seats = seated(&here, &members, &room, TABS).await;
    let before = site.events().await;
    let moving = seats
        .into_iter()
        .map(|(seat, member)| move_on(seat, member, &there.url, Duration::ZERO));
    let (moved, ()) = tokio::join!(join_all(moving), site.app.live.drain());
    assert_eq!(site.app.live.connections.count(), 0);
    let slots: BTreeSet<u64> = moved.iter().map(|(_, in_ms)| *in_ms).collect();
    assert!(slots.len() > MEMBERS, "they come all at once: {slots:?}");
    // nobody new, and nobody any more
    assert!(Socket::open(&here, None).await.is_err());
    tokio::time::sleep(LINGER + Duration::from_secs(3)).await;
    assert_eq!(site.events().await, before, "somebody was away");
    let (mut first, _) = moved.into_iter().next().unwrap();
    assert_eq!(first.display.present.len(), MEMBERS);
    let seq = first.say("Still here.").await;
    first.until(seq).await;
    drop(there);
    site.end().await;
}

/// The linger counts from when somebody went, not from when the first of all was sent away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_sent_away_last_has_as_long_to_come_back() {
    let Stage {
        site,
        url: here,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let there = site.second_node().await;
    let members = everybody(&site, [ann, bob]).await;
    let seats = seated(&here, &members, &room, 1).await;
    let before = site.events().await;
    let away = LINGER - Duration::from_secs(2);
    let moving = seats
        .into_iter()
        .map(|(seat, member)| move_on(seat, member, &there.url, away));
    let (moved, ()) = tokio::join!(join_all(moving), site.app.live.drain());
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(site.events().await, before, "somebody was away");
    drop((moved, there));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_go_by_themselves_is_sent_away() {
    let Stage {
        site,
        url,
        bob,
        room,
        ..
    } = Stage::set().await;
    let mut seat = Seat::take(&url, &bob, &room).await;
    let (code, ()) = tokio::join!(seat.socket.closed(), site.app.live.drain());
    assert_eq!(code, Some(4001));
    assert_eq!(site.app.live.connections.count(), 0);
    site.end().await;
}
