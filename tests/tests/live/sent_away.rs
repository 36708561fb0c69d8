//! Who is sent away from a room, and what goes on there.

use commands::room::message::SEND_WINDOW;
use commands::room::{self as rooms, Ban};
use domain::{MessageText, RoomId};
use futures::future::join_all;
use tests::live::Applied;
use tests::{history, new_id, now};

use super::{Seat, Stage, id_of};

/// As many as one commit takes with ease.
const AT_ONCE: i32 = 20;

/// What is recorded at once is told at once, but not to who was sent away in the middle of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_sent_away_is_shown_nothing_of_what_was_recorded_with_it() {
    let Stage {
        site,
        url,
        ann,
        bob,
        room,
    } = Stage::set().await;
    let there = site.second_node().await;
    let carl = site.sign_up("Carl").await;
    let mut bobs = [
        Seat::take(&url, &bob, &room).await,
        Seat::take(&there.url, &bob, &room).await,
    ];
    let mut anns = Seat::take(&url, &ann, &room).await;
    let (id, speaker) = (RoomId(room.parse().unwrap()), id_of(&carl));
    let sequencer = &site.app.sequencer;
    let say = |number: i32| {
        let send = rooms::Send {
            room: id,
            member: speaker,
            cid: new_id(),
            body: MessageText::new("Now, between us.").unwrap(),
            reply_to: None,
            mentions: vec![],
            spoiler: false,
            // so far apart that nobody is too fast
            at: now() + SEND_WINDOW * number,
        };
        commands::execute(sequencer, history::asked(speaker), send)
    };
    let ban = Ban {
        room: id,
        by: id_of(&ann),
        member: id_of(&bob),
        until: None,
        reason: None,
        at: now(),
    };
    let banning = commands::execute(sequencer, history::asked(id_of(&ann)), ban);
    // the node has their key and states from here on: what is asked together is decided in order
    say(0).await.unwrap();
    // the first one is committed alone, and what comes meanwhile together
    let (first, banned, said) = tokio::join!(say(1), banning, join_all((2..=AT_ONCE).map(say)));
    for recorded in said.into_iter().chain([first, banned]) {
        recorded.unwrap();
    }
    let last = anns.say("Is he gone?").await;
    anns.until(last).await;
    let kept = anns
        .display
        .applied
        .iter()
        .find_map(|applied| match applied {
            Applied::Event { seq, kind, .. } if kind == "order_kept" => Some(*seq),
            _ => None,
        });
    for seat in &mut bobs {
        loop {
            let frame = seat.socket.next().await.unwrap();
            match frame["t"].as_str() {
                Some("events") => {
                    seat.display.events(&frame);
                }
                Some("ended") => break,
                _ => {}
            }
        }
        assert!(seat.display.place.as_ref().map(|place| place.seq) <= kept);
    }
    drop(there);
    site.end().await;
}
