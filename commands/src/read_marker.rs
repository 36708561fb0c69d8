//! Reading on in a room.

use domain::read_marker::Moved;
use domain::{Event, MemberId, ReadMarkerId, RoomId, Stream};

use crate::{Command, Refused, Seen, member};

/// Moves the member's marker on to a message; it never goes back. Whoever asks sees to it that
/// this is not for every message (once in [`READ_EVERY`] is enough).
#[derive(Clone, Debug)]
pub struct Read {
    pub room: RoomId,
    pub member: MemberId,
    /// The last message that was read; beyond the room's last one it is that one.
    pub n: i64,
}

/// How often a member's marker moves in a room.
pub const READ_EVERY: std::time::Duration = std::time::Duration::from_secs(5);

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
        let read = seen.read_marker(self.marker()).map_or(0, |marker| marker.n);
        let n = self.n.min(state.last_n);
        if n <= read {
            return Ok(vec![]);
        }
        Ok(vec![
            Moved {
                marker: self.marker(),
                room,
                member,
                n,
            }
            .into(),
        ])
    }
}
