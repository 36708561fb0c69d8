//! Reading on in a room.

use chrono::{DateTime, TimeDelta, Utc};
use domain::read_marker::Moved;
use domain::{Event, MemberId, ReadMarkerId, RoomId, Stream};

use crate::{Command, Refused, Seen, member};

/// A member's marker moves once in so long in a room, on all nodes together; who says so sooner is
/// told when to say it again.
pub const READ_EVERY: TimeDelta = TimeDelta::seconds(5);

/// Moves the member's marker on to a message; it never goes back.
#[derive(Clone, Debug)]
pub struct Read {
    pub room: RoomId,
    pub member: MemberId,
    /// The last message that was read; beyond the room's last one it is that one.
    pub n: i64,
    pub at: DateTime<Utc>,
}

impl Read {
    fn marker(&self) -> ReadMarkerId {
        ReadMarkerId::of(self.room, self.member)
    }
}

impl Command for Read {
    fn streams(&self) -> Vec<Stream> {
        vec![
            self.member.stream(),
            self.room.stream(),
            self.marker().stream(),
        ]
    }

    fn decide(&self, seen: &impl Seen) -> Result<Vec<Event>, Refused> {
        let (room, member) = (self.room, self.member);
        member::active(seen, member)?;
        let state = seen
            .room(room)
            .filter(|room| room.is_open_to(member))
            .ok_or(Refused::NoSuchRoom)?;
        let n = self.n.min(state.last_n);
        let marker = seen.read_marker(self.marker());
        if n <= marker.map_or(0, |marker| marker.n) {
            return Ok(vec![]);
        }
        if let Some(marker) = marker {
            may_move_now(marker.at, self.at)?;
        }
        Ok(vec![
            Moved {
                marker: self.marker(),
                room,
                member,
                n,
                at: self.at,
            }
            .into(),
        ])
    }
}

/// Also where the clock of the node that moved it is ahead: nobody waits longer than that.
fn may_move_now(moved_at: DateTime<Utc>, at: DateTime<Utc>) -> Result<(), Refused> {
    let wait = READ_EVERY - (at - moved_at).abs();
    match wait.num_microseconds() {
        Some(wait_us) if wait_us > 0 => Err(Refused::TooFast {
            retry_ms: wait_us.unsigned_abs().div_ceil(1_000),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use domain::room::{Admission, MessagePosted, Opened};
    use domain::{MessageText, RoomDescription, RoomName};
    use uuid::Uuid;

    use super::*;
    use crate::harness::*;

    const ROOM: RoomId = RoomId(Uuid::from_u128(0x200));

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::milliseconds(ms)
    }

    fn posted(n: i64) -> Event {
        MessagePosted {
            room: ROOM,
            n,
            member: ANN,
            cid: Uuid::from_u128(n.unsigned_abs().into()),
            body: MessageText::new("Rain.").unwrap().into(),
            reply_to: None,
            mentions: vec![],
            spoiler: false,
            at: at(0),
        }
        .into()
    }

    fn moved(n: i64, ms: i64) -> Event {
        Moved {
            marker: ReadMarkerId::of(ROOM, BOB),
            room: ROOM,
            member: BOB,
            n,
            at: at(ms),
        }
        .into()
    }

    /// Three messages of Ann's, of which Bob has read some.
    fn room<const N: usize>(then: [Event; N]) -> History {
        let opened = Opened {
            room: ROOM,
            member: ANN,
            film: None,
            name: RoomName::new("The smell").unwrap().into(),
            description: RoomDescription::default().into(),
            admission: Admission::Public,
            closes_when_empty: false,
            at: at(0),
        };
        let mut history = given([signed_up(ANN).into(), signed_up(BOB).into(), opened.into()]);
        history.record(&[posted(1), posted(2), posted(3)]);
        history.record(&then);
        history
    }

    fn read(n: i64, ms: i64) -> Read {
        Read {
            room: ROOM,
            member: BOB,
            n,
            at: at(ms),
        }
    }

    #[test]
    fn a_marker_moves_on_and_never_back() {
        room([]).when(read(2, 0)).then([moved(2, 0)]);
        room([moved(2, 0)])
            .when(read(99, 9_000))
            .then([moved(3, 9_000)]);
        for n in [1, 2] {
            room([moved(2, 0)]).when(read(n, 1)).then([]);
        }
    }

    #[test]
    fn a_marker_moves_once_in_five_seconds() {
        let too_soon = |retry_ms| Refused::TooFast { retry_ms };
        room([moved(1, 0)])
            .when(read(2, 1))
            .refused(too_soon(4_999));
        room([moved(1, 0)])
            .when(read(2, 4_999))
            .refused(too_soon(1));
        room([moved(1, 0)])
            .when(read(2, 5_000))
            .then([moved(2, 5_000)]);
        // the clock of another node
        room([moved(1, 900)])
            .when(read(2, 0))
            .refused(too_soon(4_100));
        room([moved(1, 90_000)])
            .when(read(2, 0))
            .then([moved(2, 0)]);
    }
}
