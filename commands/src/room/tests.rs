//! A room that Ann has opened, and what may be done in it.

mod coming;
mod order;
mod talking;

use domain::room::{
    Banned, Message, MessageEdited, MessagePosted, MessageRetracted, ModeratorAppointed, Muted,
    Reacted, Removed, Reply, SlowModeSet, Unreacted,
};
use domain::{MessageText, Reaction, Reason};
use uuid::Uuid;

use super::message::{MAX_CHANGES, MAX_OWN_CHANGES, SENDS};
use super::*;
use crate::harness::*;

const ROOM: RoomId = RoomId(Uuid::from_u128(0x200));
const CARL: MemberId = MemberId(Uuid::from_u128(0xD));

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
}

fn open() -> Open {
    Open {
        room: ROOM,
        member: ANN,
        film: Some(PARASITE),
        name: RoomName::new("The smell").unwrap(),
        description: RoomDescription::default(),
        admission: Admission::Public,
        closes_when_empty: false,
        at: at(0),
    }
}

fn opened() -> Opened {
    Opened {
        room: ROOM,
        member: ANN,
        film: Some(PARASITE),
        name: RoomName::new("The smell").unwrap().into(),
        description: RoomDescription::default().into(),
        admission: Admission::Public,
        closes_when_empty: false,
        at: at(0),
    }
}

/// Ann has opened the room; Bob and Carl are members.
fn room<const N: usize>(then: [Event; N]) -> History {
    in_room(opened(), then)
}

fn private<const N: usize>(then: [Event; N]) -> History {
    let admission = Admission::Invitation;
    in_room(
        Opened {
            admission,
            ..opened()
        },
        then,
    )
}

fn in_room<const N: usize>(opened: Opened, then: [Event; N]) -> History {
    let mut history = given([
        listed().into(),
        signed_up(ANN).into(),
        signed_up(BOB).into(),
        signed_up(CARL).into(),
        opened.into(),
    ]);
    history.record(&then);
    history
}

fn enter(member: MemberId) -> Enter {
    Enter {
        room: ROOM,
        member,
        at: at(60),
    }
}

fn entered(member: MemberId) -> Event {
    Entered { room: ROOM, member }.into()
}

fn leave(member: MemberId, reason: Leaving) -> Leave {
    Leave {
        room: ROOM,
        member,
        reason,
        at: at(60),
    }
}

fn gone(member: MemberId, reason: Leaving) -> Event {
    left(ROOM, member, reason, at(60))
}

fn archived() -> Event {
    Archived {
        room: ROOM,
        by: None,
    }
    .into()
}

fn invited(member: MemberId) -> Event {
    Invited {
        room: ROOM,
        member,
        by: ANN,
    }
    .into()
}

fn appointed(member: MemberId) -> Event {
    ModeratorAppointed {
        room: ROOM,
        member,
        by: ANN,
    }
    .into()
}

fn text(typed: &str) -> MessageText {
    MessageText::new(typed).unwrap()
}

fn send(member: MemberId, cid: u128, second: i64) -> Send {
    Send {
        room: ROOM,
        member,
        cid: Uuid::from_u128(cid),
        body: text("Stairs."),
        reply_to: None,
        mentions: vec![],
        spoiler: false,
        at: at(second),
    }
}

fn said(member: MemberId, n: i64, second: i64) -> MessagePosted {
    MessagePosted {
        room: ROOM,
        n,
        member,
        cid: Uuid::from_u128(n.unsigned_abs().into()),
        body: text("Stairs.").into(),
        reply_to: None,
        mentions: vec![],
        spoiler: false,
        at: at(second),
    }
}

/// The room's first message is its second event.
const FIRST: i64 = 2;

fn edit(member: MemberId) -> Edit {
    Edit {
        room: ROOM,
        member,
        message: FIRST,
        body: text("The stairs."),
        mentions: vec![],
        spoiler: false,
        at: at(60),
    }
}

fn retract(member: MemberId) -> Retract {
    Retract {
        room: ROOM,
        member,
        message: FIRST,
        reason: None,
    }
}

fn retracted_by(by: MemberId, reason: Option<Reason>) -> Event {
    MessageRetracted {
        room: ROOM,
        message: FIRST,
        author: BOB,
        by,
        reason: reason.map(Into::into),
        measure: None,
    }
    .into()
}

fn fire() -> Reaction {
    Reaction::new("🔥").unwrap()
}

fn react(member: MemberId, on: bool) -> React {
    React {
        room: ROOM,
        member,
        message: FIRST,
        reaction: fire(),
        on,
        at: at(60),
    }
}

fn reacted(member: MemberId) -> Event {
    Reacted {
        room: ROOM,
        message: FIRST,
        member,
        reaction: fire(),
    }
    .into()
}

fn mute(until: Option<DateTime<Utc>>) -> Mute {
    Mute {
        room: ROOM,
        by: ANN,
        member: BOB,
        until,
        reason: None,
        at: at(60),
    }
}

fn muted(until: Option<DateTime<Utc>>) -> Event {
    Muted {
        room: ROOM,
        member: BOB,
        by: ANN,
        until,
        reason: None,
        at: at(60),
    }
    .into()
}

fn ban() -> Ban {
    Ban {
        room: ROOM,
        by: ANN,
        member: BOB,
        until: Some(at(100)),
        reason: None,
        at: at(60),
    }
}

fn banned() -> Event {
    Banned {
        room: ROOM,
        member: BOB,
        by: ANN,
        until: Some(at(100)),
        reason: None,
        at: at(60),
    }
    .into()
}

fn removed() -> Event {
    Removed {
        room: ROOM,
        member: BOB,
        by: ANN,
        reason: None,
    }
    .into()
}
