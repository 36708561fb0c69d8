//! What stands against a member in a room, until when, and what was given as the reason: for that
//! member alone.

use chrono::{DateTime, Utc};
use domain::forgetting::{self, Extent, Forgotten};
use domain::room::Event as RoomEvent;
use domain::{Event, MemberId, Reason, Sealed};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

table! {
    /// A member was muted or banned in a room, or removed from it and has not come again: `act` is
    /// [`MUTE`], [`BAN`] or [`REMOVAL`].
    pub struct RoomVerdict in room_verdicts {
        key { room: Uuid, member: Uuid, act: String }
        /// `None`: until it is lifted.
        ends_at: Option<DateTime<Utc>>,
        /// `None`: none was given, or it is forgotten with who gave it.
        reason: Option<String>,
        given_by: Uuid,
    }
}

pub const MUTE: &str = "mute";
pub const BAN: &str = "ban";
pub const REMOVAL: &str = "removal";

impl ReadModel for RoomVerdict {
    fn apply(happened: &Happened, verdicts: &mut Changes<RoomVerdict>) {
        let event = match &happened.event {
            Event::Room(event) => event,
            Event::Forgetting(forgetting::Event::Forgotten(forgotten)) => {
                return forget(forgotten, verdicts);
            }
            Event::Film(_)
            | Event::Reservation(_)
            | Event::Member(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => return,
        };
        let room = event.stream().id;
        let key = |member: MemberId, act: &str| (room, member.0, act.to_owned());
        let verdict = |member: MemberId,
                       act: &str,
                       by: MemberId,
                       reason: Option<&Sealed<Reason>>| RoomVerdict {
            room,
            member: member.0,
            act: act.to_owned(),
            ends_at: None,
            reason: text(reason),
            given_by: by.0,
        };
        match event {
            RoomEvent::Muted(muted) => verdicts.put(RoomVerdict {
                ends_at: muted.until,
                ..verdict(muted.member, MUTE, muted.by, muted.reason.as_ref())
            }),
            RoomEvent::Unmuted(unmuted) => verdicts.remove(key(unmuted.member, MUTE)),
            RoomEvent::Banned(banned) => verdicts.put(RoomVerdict {
                ends_at: banned.until,
                ..verdict(banned.member, BAN, banned.by, banned.reason.as_ref())
            }),
            RoomEvent::Unbanned(unbanned) => verdicts.remove(key(unbanned.member, BAN)),
            RoomEvent::Removed(removed) => verdicts.put(verdict(
                removed.member,
                REMOVAL,
                removed.by,
                removed.reason.as_ref(),
            )),
            RoomEvent::Entered(entered) => verdicts.remove(key(entered.member, REMOVAL)),
            RoomEvent::Invited(invited) => verdicts.remove(key(invited.member, REMOVAL)),
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
            | RoomEvent::Left(_)
            | RoomEvent::InvitationDeclined(_)
            | RoomEvent::SlowModeSet(_)
            | RoomEvent::ModeratorAppointed(_)
            | RoomEvent::ModeratorDismissed(_) => {}
        }
    }
}

fn text(reason: Option<&Sealed<Reason>>) -> Option<String> {
    let reason = reason?.open()?;
    Some(reason.as_str().to_owned())
}

/// The reason is its author's words.
fn forget(forgotten: &Forgotten, verdicts: &mut Changes<RoomVerdict>) {
    if forgotten.extent == Extent::Everything {
        verdicts.patch_where("given_by", forgotten.member.0, |verdict| {
            verdict.reason = None;
        });
    }
}

/// What stands against a member in a room at that time, for the member alone.
pub async fn against(
    connection: &mut PgConnection,
    room: Uuid,
    member: Uuid,
    at: DateTime<Utc>,
) -> sqlx::Result<Vec<RoomVerdict>> {
    sqlx::query_as(
        "select * from room_verdicts
         where room = $1 and member = $2 and coalesce(ends_at > $3, true)",
    )
    .bind(room)
    .bind(member)
    .bind(at)
    .fetch_all(connection)
    .await
}

#[cfg(test)]
mod tests {
    use domain::room::{Banned, Muted, Removed, Unbanned, Unmuted};

    use super::*;
    use crate::given::*;

    fn loud() -> Option<Sealed<Reason>> {
        let reason = Reason::new("Loud").unwrap();
        reason.map(Sealed::from)
    }

    fn muted() -> Event {
        Muted {
            room: ROOM,
            member: BOB,
            by: ANN,
            until: Some(at(9)),
            reason: loud(),
            at: at(2),
        }
        .into()
    }

    fn banned() -> Event {
        Banned {
            room: ROOM,
            member: BOB,
            by: ANN,
            until: None,
            reason: None,
            at: at(2),
        }
        .into()
    }

    fn removed() -> Event {
        Removed {
            room: ROOM,
            member: BOB,
            by: ANN,
            reason: loud(),
        }
        .into()
    }

    fn acts(events: Vec<Event>) -> Vec<String> {
        let rows: Vec<RoomVerdict> = given(events);
        rows.into_iter().map(|row| row.act).collect()
    }

    #[test]
    fn what_was_said_stands_until_it_is_lifted() {
        let rows: Vec<RoomVerdict> = given(vec![room_opened(), muted()]);
        let verdict = RoomVerdict {
            room: ROOM.0,
            member: BOB.0,
            act: MUTE.to_owned(),
            ends_at: Some(at(9)),
            reason: Some("Loud".to_owned()),
            given_by: ANN.0,
        };
        assert_eq!(rows, [verdict]);
        let (room, member, by) = (ROOM, BOB, ANN);
        let unmuted: Event = Unmuted { room, member, by }.into();
        let unbanned: Event = Unbanned { room, member, by }.into();
        let all = vec![room_opened(), muted(), banned()];
        assert_eq!(acts(all.clone()), [BAN, MUTE]);
        assert_eq!(acts([all.clone(), vec![unmuted.clone()]].concat()), [BAN]);
        assert_eq!(acts([all, vec![unmuted, unbanned]].concat()), [""; 0]);
    }

    #[test]
    fn who_was_removed_was_so_until_they_come_again() {
        let gone = vec![room_opened(), entered(BOB), removed(), left(BOB)];
        assert_eq!(acts(gone.clone()), [REMOVAL]);
        assert_eq!(acts([gone, vec![entered(BOB)]].concat()), [""; 0]);
    }

    #[test]
    fn a_reason_is_forgotten_with_who_gave_it() {
        let reasons = |forgotten: Event| {
            let rows: Vec<RoomVerdict> = given(vec![room_opened(), muted(), forgotten]);
            rows.into_iter().map(|row| row.reason).collect::<Vec<_>>()
        };
        let kept = [Some("Loud".to_owned())];
        assert_eq!(reasons(forgotten(ANN, Extent::Everything)), [None]);
        assert_eq!(reasons(forgotten(BOB, Extent::Everything)), kept);
        assert_eq!(reasons(forgotten(ANN, Extent::Identity)), kept);
        let rows: Vec<RoomVerdict> = given(vec![room_opened(), without_keys(muted())]);
        assert_eq!(rows[0].reason, None);
    }
}
