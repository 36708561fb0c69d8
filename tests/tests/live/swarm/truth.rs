//! The log of a room, opened.

use commands::Reeltime;
use domain::Event;
use domain::room::Event as Happened;
use event_log::{Keyring, Model, StreamName};
use sqlx::PgPool;
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
            kind,
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
            let text = posted.body.open().map(|text| text.as_str().to_owned());
            truth.messages.insert(seq, text);
        }
        Happened::MessageEdited(edited) => {
            let text = edited.body.open().map(|text| text.as_str().to_owned());
            truth.messages.insert(edited.message, text);
        }
        Happened::MessageRetracted(retracted) => {
            truth.messages.insert(retracted.message, None);
        }
        _ => {}
    }
}
