//! Keeping order, over a socket.

use chrono::{DateTime, TimeDelta, Utc};
use commands::room as rooms;
use domain::{MemberId, Reason, RoomId};

use super::commanding::{Ordered, invalid};
use super::requests::Asking;
use crate::live::protocol::{Act, Said, Told};
use crate::live::refusal::Refusal;

/// An order as it was given.
struct Given {
    act: Act,
    member: Option<MemberId>,
    message: Option<i64>,
    for_s: Option<u32>,
    until: Option<DateTime<Utc>>,
    reason: Option<Reason>,
}

impl Given {
    fn member(&self) -> Result<MemberId, Refusal> {
        wanted("member", self.member)
    }
}

pub async fn moderate(asking: &Asking, ordered: Ordered, said: Said) -> Result<Told, Refusal> {
    let Said::Moderate {
        act,
        member,
        message,
        for_s,
        reason,
        ..
    } = said
    else {
        return Err(Refusal::new("bad_request"));
    };
    // all that was said: the same `cid` with anything else is another command
    let body = (ordered.room, act, member, message, for_s, &reason);
    let body = serde_json::to_value(body).expect("what was said is plain data");
    let reason = match &reason {
        Some(reason) => Reason::new(reason).map_err(|why| invalid("reason", why))?,
        None => None,
    };
    let given = Given {
        act,
        member: member.map(MemberId),
        message,
        for_s,
        until: for_s.map(|seconds| ordered.at + TimeDelta::seconds(i64::from(seconds))),
        reason,
    };
    match act {
        Act::Mute | Act::Unmute | Act::SlowMode | Act::Retract => {
            quieten(asking, ordered, given, &body).await
        }
        Act::Remove | Act::Ban | Act::Unban => send_away(asking, ordered, given, &body).await,
    }
}

async fn quieten(
    asking: &Asking,
    ordered: Ordered,
    given: Given,
    body: &serde_json::Value,
) -> Result<Told, Refusal> {
    let (room, by, at) = (RoomId(ordered.room), ordered.member, ordered.at);
    match given.act {
        Act::Mute => {
            let command = rooms::Mute {
                room,
                by,
                member: given.member()?,
                until: given.until,
                reason: given.reason,
                at,
            };
            asking.record(ordered, "mute", body, command).await
        }
        Act::SlowMode => {
            let seconds = wanted("for_s", given.for_s)?;
            let command = rooms::SetSlowMode { room, by, seconds };
            asking.record(ordered, "slow_mode", body, command).await
        }
        Act::Retract => {
            let command = rooms::Retract {
                room,
                member: by,
                message: wanted("message", given.message)?,
                reason: given.reason,
            };
            asking.record(ordered, "retract", body, command).await
        }
        Act::Unmute | Act::Remove | Act::Ban | Act::Unban => {
            let member = given.member()?;
            let command = rooms::Unmute { room, by, member };
            asking.record(ordered, "unmute", body, command).await
        }
    }
}

async fn send_away(
    asking: &Asking,
    ordered: Ordered,
    given: Given,
    body: &serde_json::Value,
) -> Result<Told, Refusal> {
    let (room, by, at) = (RoomId(ordered.room), ordered.member, ordered.at);
    let member = given.member()?;
    match given.act {
        Act::Remove => {
            let command = rooms::Remove {
                room,
                by,
                member,
                reason: given.reason,
                at,
            };
            asking.record(ordered, "remove", body, command).await
        }
        Act::Ban => {
            let command = rooms::Ban {
                room,
                by,
                member,
                until: given.until,
                reason: given.reason,
                at,
            };
            asking.record(ordered, "ban", body, command).await
        }
        Act::Unban | Act::Mute | Act::Unmute | Act::SlowMode | Act::Retract => {
            let command = rooms::Unban { room, by, member };
            asking.record(ordered, "unban", body, command).await
        }
    }
}

fn wanted<T>(field: &str, value: Option<T>) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::detailed("invalid", format!("{field} is missing")))
}
