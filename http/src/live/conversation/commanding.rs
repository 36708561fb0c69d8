//! What a client wants done: the same commands, rules and limits as over HTTP. A command's id is
//! the client's `cid`, and its answer comes when it is durable.

use chrono::{DateTime, Utc};
use commands::read_marker::Read;
use commands::report::Report;
use commands::{Asked, Command, room as rooms};
use domain::{Invalid, MemberId, MessageText, Reaction, Reason, RoomId, Thing};
use event_log::Accepted;
use serde::Serialize;
use uuid::Uuid;

use super::moderating;
use super::requests::Asking;
use crate::fresh;
use crate::live::protocol::{Said, Told};
use crate::live::refusal::Refusal;
use crate::mentions::mentioned;

/// A client that has used up its member's writes waits so long.
const WRITES_RETRY_MS: u64 = 1_000;

/// A command on its way: what its answer echoes, and under which id it is recorded.
#[derive(Clone, Copy)]
pub struct Ordered {
    pub id: u64,
    pub room: Uuid,
    pub cid: Option<Uuid>,
    pub member: MemberId,
    pub at: DateTime<Utc>,
}

pub async fn command(asking: &Asking, said: Said) -> Result<Told, Refusal> {
    let member = asking.member()?;
    let limits = &asking.app.limits;
    let writing = limits.check_write(asking.speaker.address, Some(member));
    if writing.is_err() {
        return Err(Refusal::wait("rate_limited", WRITES_RETRY_MS));
    }
    let (Some(id), Some(room)) = (said.id(), said.room()) else {
        return Err(Refusal::new("bad_request"));
    };
    let ordered = Ordered {
        id,
        room,
        cid: said.cid(),
        member,
        at: fresh::now(),
    };
    match said {
        Said::Send { .. } | Said::Edit { .. } => speak(asking, ordered, said).await,
        Said::Moderate { .. } => moderating::moderate(asking, ordered, said).await,
        said => touch(asking, ordered, said).await,
    }
}

async fn speak(asking: &Asking, ordered: Ordered, said: Said) -> Result<Told, Refusal> {
    let Ordered {
        room, member, at, ..
    } = ordered;
    match said {
        Said::Send {
            cid,
            body,
            reply_to,
            spoiler,
            ..
        } => {
            let said = (room, &body, reply_to, spoiler);
            let command = rooms::Send {
                room: RoomId(room),
                member,
                cid,
                body: text(&body)?,
                reply_to,
                mentions: named(asking, &body).await?,
                spoiler,
                at,
            };
            asking.record(ordered, "send", &said, command).await
        }
        Said::Edit {
            message,
            body,
            spoiler,
            ..
        } => {
            let said = (room, message, &body, spoiler);
            let command = rooms::Edit {
                room: RoomId(room),
                member,
                message,
                body: text(&body)?,
                mentions: named(asking, &body).await?,
                spoiler,
                at,
            };
            asking.record(ordered, "edit", &said, command).await
        }
        _ => Err(Refusal::new("bad_request")),
    }
}

/// What is done with a message, or in a room, without saying anything.
async fn touch(asking: &Asking, ordered: Ordered, said: Said) -> Result<Told, Refusal> {
    let Ordered {
        room: id,
        member,
        at,
        ..
    } = ordered;
    let room = RoomId(id);
    match said {
        Said::Retract { message, .. } => {
            let command = rooms::Retract {
                room,
                member,
                message,
                reason: None,
            };
            asking
                .record(ordered, "retract", &(id, message), command)
                .await
        }
        Said::React {
            message, emoji, on, ..
        } => {
            let said = (id, message, &emoji, on);
            let command = rooms::React {
                room,
                member,
                message,
                reaction: Reaction::new(&emoji).map_err(|why| invalid("emoji", why))?,
                on,
                at,
            };
            asking.record(ordered, "react", &said, command).await
        }
        Said::Report {
            message, reason, ..
        } => {
            let said = (id, message, &reason);
            let command = Report {
                about: Thing::Message { room, message },
                member,
                reason: Reason::new(&reason).map_err(|why| invalid("reason", why))?,
            };
            asking.record(ordered, "report", &said, command).await
        }
        Said::Read { n, .. } => {
            let command = Read {
                room,
                member,
                n,
                at,
            };
            asking.record(ordered, "read", &(id, n), command).await
        }
        _ => Err(Refusal::new("bad_request")),
    }
}

impl Asking {
    /// Decides and records; the answer comes when it is durable.
    pub async fn record<C>(
        &self,
        ordered: Ordered,
        operation: &str,
        said: &impl Serialize,
        command: C,
    ) -> Result<Told, Refusal>
    where
        C: Command + Send + 'static,
    {
        let body = serde_json::to_vec(said).expect("what was said is plain data");
        let asked = Asked {
            id: ordered.cid.unwrap_or_else(fresh::id),
            actor: ordered.member.0,
            digest: self.app.vault.digest(operation, &body),
            at: ordered.at,
            correlation: fresh::id(),
            causation: None,
        };
        let accepted = commands::execute(&self.app.sequencer, asked, command).await?;
        Ok(Told::Ack {
            id: ordered.id,
            cid: ordered.cid,
            seq: self.seq(ordered.room, accepted).await?,
            pos: accepted.position,
            again: accepted.again,
        })
    }

    /// Where in the room the command's last event is.
    async fn seq(&self, room: Uuid, accepted: Accepted) -> Result<Option<i64>, Refusal> {
        if accepted.events == 0 {
            return Ok(None);
        }
        let events = i64::from(accepted.events);
        let (log, tail) = (&self.app.live.log, &self.app.tail);
        let behind = accepted.position - events;
        let recorded = log.accepted(tail, behind, events).await?;
        let stream = RoomId(room).stream().to_string();
        let mut own = recorded.iter().rev();
        let own = own.find(|event| event.stream.as_str() == stream);
        Ok(own.map(|event| event.version))
    }
}

pub fn invalid(field: &str, why: Invalid) -> Refusal {
    Refusal::detailed("invalid", format!("{field}: {why}"))
}

async fn named(asking: &Asking, body: &str) -> Result<Vec<MemberId>, Refusal> {
    let named = mentioned(&asking.app, body).await;
    named.map_err(|_| Refusal::busy())
}

fn text(body: &str) -> Result<MessageText, Refusal> {
    MessageText::new(body).map_err(|why| invalid("body", why))
}
