//! Keeping order, over a socket.

use chrono::TimeDelta;
use commands::room::{self as rooms, Order, Retract, SetSlowMode};
use domain::{MemberId, Reason, RoomId};

use super::commanding::{Ordered, invalid};
use super::requests::Asking;
use crate::fields::LONGEST_TERM_S;
use crate::live::protocol::{Act, Said, Told};
use crate::live::refusal::Refusal;

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
    let reason = reason.as_deref().map_or(Ok(None), Reason::new);
    let reason = reason.map_err(|why| invalid("reason", why))?;
    let (room, by, at) = (RoomId(ordered.room), ordered.member, ordered.at);
    if let Some(act) = about_a_member(act) {
        let term = for_s.map(term).transpose()?;
        let command = Order {
            act,
            room,
            by,
            member: MemberId(wanted("member", member)?),
            until: term.map(|term| at + term),
            reason,
            at,
        };
        return asking.record(ordered, act.name(), &body, command).await;
    }
    if act == Act::SlowMode {
        let seconds = wanted("for_s", for_s)?;
        let command = SetSlowMode { room, by, seconds };
        return asking.record(ordered, "slow_mode", &body, command).await;
    }
    let command = Retract {
        room,
        member: by,
        message: wanted("message", message)?,
        reason,
    };
    asking.record(ordered, "retract", &body, command).await
}

const fn about_a_member(act: Act) -> Option<rooms::Act> {
    match act {
        Act::Mute => Some(rooms::Act::Mute),
        Act::Unmute => Some(rooms::Act::Unmute),
        Act::Remove => Some(rooms::Act::Remove),
        Act::Ban => Some(rooms::Act::Ban),
        Act::Unban => Some(rooms::Act::Unban),
        Act::SlowMode | Act::Retract => None,
    }
}

fn term(seconds: u32) -> Result<TimeDelta, Refusal> {
    if !(1..=LONGEST_TERM_S).contains(&seconds) {
        let why = format!("for_s is from 1 to {LONGEST_TERM_S}");
        return Err(Refusal::detailed("invalid", why));
    }
    Ok(TimeDelta::seconds(seconds.into()))
}

fn wanted<T>(field: &str, value: Option<T>) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::detailed("invalid", format!("{field} is missing")))
}
