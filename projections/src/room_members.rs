//! Who has to do with a room: who keeps order, is invited, is there, is muted or banned.

use chrono::{DateTime, Utc};
use domain::room::Event as RoomEvent;
use domain::{Event, MemberId};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

table! {
    /// A member in a room, as it stands with them.
    pub struct RoomMember in room_members {
        key { room: Uuid, member: Uuid }
        /// `member`, `moderator` or `maker`.
        role: String,
        invited: bool,
        present: bool,
        muted: bool,
        muted_until: Option<DateTime<Utc>>,
        banned: bool,
        banned_until: Option<DateTime<Utc>>,
    }
}

impl ReadModel for RoomMember {
    fn apply(happened: &Happened, members: &mut Changes<RoomMember>) {
        let Event::Room(event) = &happened.event else {
            return;
        };
        let room = event.stream().id;
        let mut change = |member: MemberId, patch: fn(&mut RoomMember)| {
            members.put_or_patch(stranger(room, member), patch);
        };
        match event {
            RoomEvent::Opened(opened) => change(opened.member, |row| row.role = "maker".into()),
            RoomEvent::Entered(entered) => change(entered.member, |row| row.present = true),
            RoomEvent::Left(left) => change(left.member, |row| row.present = false),
            RoomEvent::Invited(invited) => change(invited.member, |row| row.invited = true),
            RoomEvent::InvitationDeclined(declined) => {
                change(declined.member, |row| row.invited = false);
            }
            RoomEvent::Removed(removed) => change(removed.member, |row| row.invited = false),
            RoomEvent::ModeratorAppointed(appointed) => {
                change(appointed.member, |row| row.role = "moderator".into());
            }
            RoomEvent::ModeratorDismissed(dismissed) => {
                change(dismissed.member, |row| row.role = "member".into());
            }
            RoomEvent::Unmuted(unmuted) => change(unmuted.member, |row| row.muted = false),
            RoomEvent::Unbanned(unbanned) => change(unbanned.member, |row| row.banned = false),
            RoomEvent::Muted(muted) => {
                let until = muted.until;
                members.put_or_patch(stranger(room, muted.member), move |row| {
                    (row.muted, row.muted_until) = (true, until);
                });
            }
            RoomEvent::Banned(banned) => {
                let until = banned.until;
                members.put_or_patch(stranger(room, banned.member), move |row| {
                    (row.banned, row.banned_until) = (true, until);
                    row.invited = false;
                });
            }
            RoomEvent::Renamed(_)
            | RoomEvent::Described(_)
            | RoomEvent::ClosingChosen(_)
            | RoomEvent::Archived(_)
            | RoomEvent::Reopened(_)
            | RoomEvent::MessagePosted(_)
            | RoomEvent::MessageEdited(_)
            | RoomEvent::MessageRetracted(_)
            | RoomEvent::Reacted(_)
            | RoomEvent::Unreacted(_)
            | RoomEvent::SlowModeSet(_) => {}
        }
    }
}

fn stranger(room: Uuid, member: MemberId) -> RoomMember {
    RoomMember {
        room,
        member: member.0,
        role: "member".to_owned(),
        invited: false,
        present: false,
        muted: false,
        muted_until: None,
        banned: false,
        banned_until: None,
    }
}

/// A member of a room as its lists show them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RoomMemberCard {
    pub member: Uuid,
    /// `None`: a former member.
    pub name: Option<String>,
    pub role: String,
    pub invited: bool,
    pub present: bool,
    pub muted: bool,
    pub muted_until: Option<DateTime<Utc>>,
    pub banned: bool,
    pub banned_until: Option<DateTime<Utc>>,
}

/// Who is there and who keeps order; whoever keeps order sees besides who is invited, or at that time
/// muted or banned, everybody else that of themselves alone. Those who are there first.
pub async fn of_room(
    connection: &mut PgConnection,
    room: Uuid,
    (viewer, keeps_order): (Option<Uuid>, bool),
    at: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<RoomMemberCard>> {
    sqlx::query_as(
        "select p.member, m.name, p.role, p.present, shown.invited,
                shown.muted, case when shown.muted then p.muted_until end as muted_until,
                shown.banned, case when shown.banned then p.banned_until end as banned_until
         from room_members p
         join members m using (member)
         cross join lateral (
             select $3::boolean or coalesce(p.member = $2::uuid, false) as all_of_it
         ) looking
         cross join lateral (
             select looking.all_of_it and p.invited as invited,
                    looking.all_of_it and p.muted and coalesce(p.muted_until > $5, true) as muted,
                    looking.all_of_it and p.banned and coalesce(p.banned_until > $5, true) as banned
         ) shown
         where p.room = $1
           and (p.present or p.role <> 'member' or shown.invited or shown.muted or shown.banned)
         order by p.present desc, p.role = 'member', m.name, p.member limit $4",
    )
    .bind(room)
    .bind(viewer)
    .bind(keeps_order)
    .bind(limit)
    .bind(at)
    .fetch_all(connection)
    .await
}

/// How it stands with a member in a room, for who keeps order there: also with one who never had to
/// do with it but for what they said.
pub async fn one(
    connection: &mut PgConnection,
    room: Uuid,
    member: Uuid,
    at: DateTime<Utc>,
) -> sqlx::Result<Option<RoomMemberCard>> {
    sqlx::query_as(
        "select m.member, m.name, coalesce(p.role, 'member') as role,
                coalesce(p.present, false) as present, coalesce(p.invited, false) as invited,
                coalesce(p.muted and coalesce(p.muted_until > $3, true), false) as muted,
                p.muted_until,
                coalesce(p.banned and coalesce(p.banned_until > $3, true), false) as banned,
                p.banned_until
         from members m left join room_members p on p.room = $1 and p.member = m.member
         where m.member = $2",
    )
    .bind(room)
    .bind(member)
    .bind(at)
    .fetch_optional(connection)
    .await
}

/// Rooms and members who are there by the log, though no node has them by a connection and nothing
/// was heard of them. Read in the transaction that looks after them, beside any snapshot.
pub async fn untraced(
    connection: &mut PgConnection,
    limit: i64,
) -> sqlx::Result<Vec<(Uuid, Uuid)>> {
    sqlx::query_as(
        "select p.room, p.member from read.room_members p
         where p.present
           and not exists (select from coordination.stays s
                           where s.room = p.room and s.member = p.member)
           and not exists (select from coordination.visits v
                           where v.room = p.room and v.member = p.member)
         limit $1",
    )
    .bind(limit)
    .fetch_all(connection)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn who_enters_is_there_until_they_leave() {
        let there = |events| {
            let rows: Vec<RoomMember> = given(events);
            let there = rows.into_iter().filter(|row| row.present);
            there.map(|row| row.member).collect::<Vec<_>>()
        };
        assert!(there(vec![room_opened()]).is_empty());
        let both = vec![room_opened(), entered(ANN), entered(BOB)];
        assert_eq!(there(both.clone()), [ANN.0, BOB.0]);
        let twice = [both, vec![entered(BOB), left(ANN), left(ANN)]].concat();
        assert_eq!(there(twice), [BOB.0]);
    }

    #[test]
    fn the_maker_is_one_from_the_beginning() {
        let rows: Vec<RoomMember> = given(vec![room_opened(), entered(BOB)]);
        assert_eq!(
            (rows[0].role.as_str(), rows[1].role.as_str()),
            ("maker", "member")
        );
    }
}
