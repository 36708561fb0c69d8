//! Up to where members have read rooms: unread = the room's last message − the marker.

use domain::{Event, read_marker};
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

table! {
    pub struct ReadMarker in read_markers {
        key { room: Uuid, member: Uuid }
        /// The last message that was read.
        n: i64,
    }
}

impl ReadModel for ReadMarker {
    fn apply(happened: &Happened, markers: &mut Changes<ReadMarker>) {
        let Event::ReadMarker(read_marker::Event::Moved(moved)) = &happened.event else {
            return;
        };
        markers.put(ReadMarker {
            room: moved.room.0,
            member: moved.member.0,
            n: moved.n,
        });
    }
}
