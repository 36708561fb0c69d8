//! Every coming and going in rooms: who was there when something was said.

use domain::Event;
use domain::room::Event as RoomEvent;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::rooms::Here;
use crate::table::table;

table! {
    /// A member entered a room, or left it.
    pub struct RoomPassage in room_passages {
        key { room: Uuid, seq: i64 }
        member: Uuid,
        entered: bool,
    }
}

impl ReadModel for RoomPassage {
    fn apply(happened: &Happened, passages: &mut Changes<RoomPassage>) {
        let Event::Room(event) = &happened.event else {
            return;
        };
        let (room, member, entered) = match event {
            RoomEvent::Entered(entered) => (entered.room, entered.member, true),
            RoomEvent::Left(left) => (left.room, left.member, false),
            RoomEvent::Opened(_)
            | RoomEvent::Renamed(_)
            | RoomEvent::Described(_)
            | RoomEvent::ClosingChosen(_)
            | RoomEvent::Archived(_)
            | RoomEvent::Reopened(_)
            | RoomEvent::MessagePosted(_)
            | RoomEvent::MessageEdited(_)
            | RoomEvent::MessageRetracted(_)
            | RoomEvent::Reacted(_)
            | RoomEvent::Unreacted(_)
            | RoomEvent::Invited(_)
            | RoomEvent::InvitationDeclined(_)
            | RoomEvent::Muted(_)
            | RoomEvent::Unmuted(_)
            | RoomEvent::Removed(_)
            | RoomEvent::Banned(_)
            | RoomEvent::Unbanned(_)
            | RoomEvent::SlowModeSet(_)
            | RoomEvent::ModeratorAppointed(_)
            | RoomEvent::ModeratorDismissed(_) => return,
        };
        passages.put(RoomPassage {
            room: room.0,
            seq: happened.version,
            member: member.0,
            entered,
        });
    }
}

/// Who was in the room at a sequence number: at most this many, by name.
pub async fn present_at(
    connection: &mut PgConnection,
    room: Uuid,
    seq: i64,
    limit: i64,
) -> sqlx::Result<Vec<Here>> {
    let rows: Vec<(Uuid, Option<String>)> = sqlx::query_as(
        "select last.member, m.name
         from (select distinct on (member) member, entered
               from room_passages
               where room = $1 and seq < $2
               order by member, seq desc) last
         left join members m using (member)
         where last.entered
         order by m.name, last.member limit $3",
    )
    .bind(room)
    .bind(seq)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    let here = |(member, name)| Here { member, name };
    Ok(rows.into_iter().map(here).collect())
}
