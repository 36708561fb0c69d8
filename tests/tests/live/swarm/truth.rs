//! The log of a room, opened.

use commands::Reeltime;
use domain::Event;
use domain::room::Event as Happened;
use event_log::{Keyring, Model, StreamName};
use sqlx::PgPool;
use tests::live::Posted;
use tests::oracle::{Fact, Truth};
use uuid::Uuid;

pub async fn truth(pool: &PgPool, keyring: &Keyring, room: &str) -> sqlx::Result<Truth> {
    let stream = StreamName::from(format!("room-{room}"));
    let recorded = event_log::read_stream(pool, &stream, 0, i64::MAX).await?;
    let ids = recorded.iter().filter_map(|event| event.key_id);
    let keys = keyring.fetch(ids.collect::<Vec<Uuid>>()).await?;
    let mut truth = Truth::default();
    for event in &recorded {
        let Event::Room(happened) = Reeltime::decode(event.stored(), &keys).unwrap() else {
            panic!("{event:?} in a room's stream");
        };
        take(&mut truth, event.version, &happened);
        let kind = event.event_type.strip_prefix("room.").unwrap().to_owned();
        let mut fact = Fact {
            pos: event.position,
            at: event.recorded_at,
            kind,
            // nobody keeps order here, and no room is archived: who asked for it is told
            by: Some(event.actor.to_string()),
            ..Fact::default()
        };
        match &happened {
            Happened::Entered(entered) => fact.member = Some(entered.member.to_string()),
            Happened::Left(left) => fact.member = Some(left.member.to_string()),
            Happened::MessagePosted(posted) => {
                fact.cid = Some(posted.cid);
                fact.body = posted.body.open().map(|text| text.as_str().to_owned());
            }
            _ => {}
        }
        truth.facts.push(fact);
    }
    Ok(truth)
}

fn take(truth: &mut Truth, seq: i64, happened: &Happened) {
    match happened {
        Happened::MessagePosted(posted) => {
            let posted = Posted {
                by: posted.member.to_string(),
                n: posted.n,
                text: posted.body.open().map(|text| text.as_str().to_owned()),
            };
            truth.messages.insert(seq, posted);
        }
        Happened::MessageEdited(edited) => {
            let text = edited.body.open().map(|text| text.as_str().to_owned());
            posted(truth, edited.message).text = text;
        }
        Happened::MessageRetracted(retracted) => {
            posted(truth, retracted.message).text = None;
        }
        _ => {}
    }
}

fn posted(truth: &mut Truth, seq: i64) -> &mut Posted {
    let posted = truth.messages.get_mut(&seq);
    posted.expect("it was said before")
}
