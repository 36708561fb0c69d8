//! Saying something in a room whatever its rules are.

use chrono::{DateTime, Utc};
use commands::{Command, Refused, Seen, Sequencer};
use domain::room::MessagePosted;
use domain::{Event, MemberId, MessageText, RoomId, Stream};
use serde_json::Value;
use tests::{history, now};
use uuid::Uuid;

struct Loud {
    room: RoomId,
    member: MemberId,
    cid: Uuid,
    body: MessageText,
    at: DateTime<Utc>,
}

impl Command for Loud {
    fn streams(&self) -> Vec<Stream> {
        vec![self.member.stream(), self.room.stream()]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let room = seen.room(self.room).ok_or(Refused::NoSuchRoom)?;
        if room.recent.iter().any(|sent| sent.cid == self.cid) {
            return Ok(vec![]);
        }
        let posted = MessagePosted {
            room: self.room,
            n: room.last_n + 1,
            member: self.member,
            cid: self.cid,
            body: self.body.clone().into(),
            reply_to: None,
            mentions: vec![],
            spoiler: false,
            at: self.at,
        };
        Ok(vec![posted.into()])
    }
}

/// What a frame says.
pub async fn say(sequencer: &Sequencer, member: &str, said: &Value) {
    let id = |field: &str| said[field].as_str().unwrap().parse::<Uuid>().unwrap();
    let member = MemberId(member.parse().unwrap());
    let loud = Loud {
        room: RoomId(id("room")),
        member,
        cid: id("cid"),
        body: MessageText::new(said["body"].as_str().unwrap()).unwrap(),
        at: now(),
    };
    let said = commands::execute(sequencer, history::asked(member), loud).await;
    said.unwrap();
}
