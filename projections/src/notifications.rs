//! What members are told: that they were named, answered or invited in a room, and what the site's
//! moderators did.

use chrono::{DateTime, Utc};
use domain::measure::Event as MeasureEvent;
use domain::room::{Event as RoomEvent, MessagePosted};
use domain::{Event, MemberId, notifications};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::page::{Page, page};
use crate::table::table;

/// Unseen ones that are counted; beyond it there are *that many and more*.
pub const MOST_COUNTED: i64 = 100;

table! {
    pub struct Notification in notifications {
        key { member: Uuid, position: i64 }
        /// `mention`, `reply` or `invitation`; of a measure `hidden`, `suspended`, `lifted`,
        /// `appeal-granted` or `appeal-refused`.
        kind: String,
        /// Who caused it; moderators of the site are not named.
        caused_by: Option<Uuid>,
        room: Option<Uuid>,
        seq: Option<i64>,
        measure: Option<Uuid>,
        at: DateTime<Utc>,
    }
}

impl ReadModel for Notification {
    fn apply(happened: &Happened, list: &mut Changes<Notification>) {
        let event = match &happened.event {
            Event::Room(event) => event,
            Event::Measure(event) => {
                if let Some(told) = of_measure(happened, event) {
                    list.put(told);
                }
                return;
            }
            Event::Film(_)
            | Event::Reservation(_)
            | Event::Member(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Comment(_)
            | Event::Forgetting(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Notifications(_)
            | Event::Audit(_) => return,
        };
        match event {
            RoomEvent::MessagePosted(posted) => {
                for (member, kind) in told(posted) {
                    let seq = Some(happened.version);
                    list.put(notification(happened, member, kind, (posted.member, seq)));
                }
            }
            RoomEvent::MessageEdited(edited) => {
                let named = edited.newly_named.iter();
                for member in named.filter(|member| **member != edited.member) {
                    let seq = Some(edited.message);
                    list.put(notification(
                        happened,
                        *member,
                        "mention",
                        (edited.member, seq),
                    ));
                }
            }
            RoomEvent::Invited(invited) => {
                let caused = (invited.by, None);
                list.put(notification(happened, invited.member, "invitation", caused));
            }
            RoomEvent::Opened(_)
            | RoomEvent::Renamed(_)
            | RoomEvent::Described(_)
            | RoomEvent::ClosingChosen(_)
            | RoomEvent::Archived(_)
            | RoomEvent::Reopened(_)
            | RoomEvent::MessageRetracted(_)
            | RoomEvent::Reacted(_)
            | RoomEvent::Unreacted(_)
            | RoomEvent::Entered(_)
            | RoomEvent::Left(_)
            | RoomEvent::InvitationDeclined(_)
            | RoomEvent::Muted(_)
            | RoomEvent::Unmuted(_)
            | RoomEvent::Removed(_)
            | RoomEvent::Banned(_)
            | RoomEvent::Unbanned(_)
            | RoomEvent::SlowModeSet(_)
            | RoomEvent::ModeratorAppointed(_)
            | RoomEvent::ModeratorDismissed(_) => {}
        }
    }
}

fn notification(
    happened: &Happened,
    member: MemberId,
    kind: &str,
    (caused_by, seq): (MemberId, Option<i64>),
) -> Notification {
    Notification {
        member: member.0,
        position: happened.position,
        kind: kind.to_owned(),
        caused_by: Some(caused_by.0),
        room: Some(happened.event.stream().id),
        seq,
        measure: None,
        at: happened.at,
    }
}

/// What a member is told of a measure; nothing of their own appeal.
fn of_measure(happened: &Happened, event: &MeasureEvent) -> Option<Notification> {
    let (member, measure, kind) = match event {
        MeasureEvent::Taken(taken) => {
            let kind = if taken.until.is_some() {
                "suspended"
            } else {
                "hidden"
            };
            (taken.member, taken.measure, kind)
        }
        MeasureEvent::Lifted(lifted) => (lifted.member, lifted.measure, "lifted"),
        MeasureEvent::Ended(ended) => (ended.member, ended.measure, "lifted"),
        MeasureEvent::Appealed(_) => return None,
        MeasureEvent::Decided(decided) => {
            let kind = if decided.granted {
                "appeal-granted"
            } else {
                "appeal-refused"
            };
            (decided.member, decided.measure, kind)
        }
    };
    Some(Notification {
        member: member.0,
        position: happened.position,
        kind: kind.to_owned(),
        caused_by: None,
        room: None,
        seq: None,
        measure: Some(measure.0),
        at: happened.at,
    })
}

/// Each once, and not the author.
fn told(posted: &MessagePosted) -> impl Iterator<Item = (MemberId, &'static str)> {
    let answered = posted.reply_to.map(|reply| reply.author);
    let named = posted.mentions.iter().map(|member| (*member, "mention"));
    let answered = answered.filter(|author| !posted.mentions.contains(author));
    let all = named.chain(answered.map(|author| (author, "reply")));
    all.filter(|(member, _)| *member != posted.member)
}

table! {
    /// Up to where a member has seen theirs.
    pub struct NotificationsSeen in notifications_seen {
        key { member: Uuid }
        position: i64,
    }
}

impl ReadModel for NotificationsSeen {
    fn apply(happened: &Happened, list: &mut Changes<NotificationsSeen>) {
        let Event::Notifications(notifications::Event::Seen(seen)) = &happened.event else {
            return;
        };
        list.put(NotificationsSeen {
            member: seen.member.0,
            position: seen.position,
        });
    }
}

/// A notification as the member's list shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct NotificationCard {
    pub position: i64,
    pub kind: String,
    pub caused_by: Option<Uuid>,
    pub caused_by_name: Option<String>,
    pub room: Option<Uuid>,
    pub room_name: Option<String>,
    pub seq: Option<i64>,
    pub measure: Option<Uuid>,
    /// `None`: an invitation, a measure, or the message was retracted or forgotten.
    pub text: Option<String>,
    pub spoiler: Option<bool>,
    pub at: DateTime<Utc>,
    pub seen: bool,
}

/// A member's, newest first; `after` is the last card's position. What is of rooms that are not
/// for them any more is left out.
pub async fn of_member(
    connection: &mut PgConnection,
    member: Uuid,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<NotificationCard, i64>> {
    let cards = sqlx::query_as(
        "select t.position, t.kind, t.caused_by, causer.name as caused_by_name, t.room,
                r.name as room_name, t.seq, t.measure, m.text, m.spoiler, t.at,
                t.position <= coalesce(s.position, 0) as seen
         from notifications t
         left join rooms r using (room)
         left join room_members own on own.room = t.room and own.member = t.member
         left join members causer on causer.member = t.caused_by
         left join messages m on m.room = t.room and m.seq = t.seq
         left join notifications_seen s on s.member = t.member
         where t.member = $1 and ($2::bigint is null or t.position < $2)
           and (t.measure is not null or r.admission = 'public' or own.role <> 'member' or own.invited)
         order by t.position desc limit $3 + 1",
    )
    .bind(member)
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &NotificationCard| card.position))
}

/// How many a member has not seen: at most [`MOST_COUNTED`].
pub async fn unseen(connection: &mut PgConnection, member: Uuid) -> sqlx::Result<i64> {
    sqlx::query_scalar(
        "select count(*) from (
             select from notifications t
             left join rooms r using (room)
             left join room_members own on own.room = t.room and own.member = t.member
             where t.member = $1
               and t.position > coalesce((select position from notifications_seen
                                          where member = $1), 0)
               and (t.measure is not null or r.admission = 'public' or own.role <> 'member' or own.invited)
             limit $2) unseen",
    )
    .bind(member)
    .bind(MOST_COUNTED)
    .fetch_one(connection)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn who_is_named_or_answered_is_told_once_and_nobody_of_themselves() {
        let rows: Vec<Notification> = given(vec![room_opened(), message_posted(1), answered(2, 2)]);
        let told: Vec<(Uuid, &str)> = rows
            .iter()
            .map(|row| (row.member, row.kind.as_str()))
            .collect();
        assert_eq!(told, [(ANN.0, "mention"), (BOB.0, "reply")]);
    }

    #[test]
    fn an_edit_tells_those_whom_it_names_anew() {
        let carl = MemberId(Uuid::from_u128(0xCA));
        let edit = naming_edit(&[ANN, carl, BOB], &[carl, BOB]);
        let rows: Vec<Notification> = given(vec![room_opened(), message_posted(1), edit]);
        let told: Vec<_> = rows.iter().map(|row| (row.member, row.seq)).collect();
        assert_eq!(
            told,
            [(ANN.0, Some(2)), (carl.0, Some(2))],
            "not its author"
        );
    }
}
