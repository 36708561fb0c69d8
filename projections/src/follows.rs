//! Who follows whom.

use chrono::{DateTime, Utc};
use domain::{Event, follow, member};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::page::{MOST_COUNTED, Page, page};
use crate::table::table;

table! {
    /// That a member follows another one, and both are here.
    pub struct Follow in follows {
        key { member: Uuid, followed: Uuid }
        position: i64,
        since: DateTime<Utc>,
    }
}

impl ReadModel for Follow {
    fn apply(happened: &Happened, follows: &mut Changes<Follow>) {
        match &happened.event {
            Event::Follow(follow::Event::Followed(followed)) => follows.put(Follow {
                member: followed.member.0,
                followed: followed.followed.0,
                position: happened.position,
                since: happened.at,
            }),
            Event::Follow(follow::Event::Unfollowed(unfollowed)) => {
                follows.remove((unfollowed.member.0, unfollowed.followed.0));
            }
            // whoever leaves follows nobody, and is followed by nobody
            Event::Member(member::Event::Withdrawn(withdrawn)) => {
                follows.remove_where("member", withdrawn.member.0);
                follows.remove_where("followed", withdrawn.member.0);
            }
            Event::Member(_)
            | Event::Film(_)
            | Event::Reservation(_)
            | Event::Forgetting(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Watchlist(_)
            | Event::Comment(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Audit(_) => {}
        }
    }
}

/// How many follow a member, and whom the reading member has to do with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Following {
    /// At most [`MOST_COUNTED`].
    pub followers: i64,
    /// At most [`MOST_COUNTED`].
    pub following: i64,
    /// By who looks.
    pub followed: bool,
}

pub async fn of_member(
    connection: &mut PgConnection,
    member: Uuid,
    viewer: Option<Uuid>,
) -> sqlx::Result<Following> {
    sqlx::query_as(
        "select (select count(*) from (select from follows where followed = $1 limit $3) f) as followers,
                (select count(*) from (select from follows where member = $1 limit $3) f) as following,
                exists (select from follows where member = $2 and followed = $1) as followed",
    )
    .bind(member)
    .bind(viewer)
    .bind(MOST_COUNTED)
    .fetch_one(connection)
    .await
}

/// Somebody who follows, or is followed.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct FollowCard {
    pub position: i64,
    pub member: Uuid,
    pub name: Option<String>,
    pub about: String,
    pub since: DateTime<Utc>,
}

/// Who follows a member, the newest first; `after` is the last card's position.
pub async fn followers(
    connection: &mut PgConnection,
    member: Uuid,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<FollowCard, i64>> {
    let cards = sqlx::query_as(
        "select f.position, m.member, m.name, m.about, f.since
         from follows f join members m on m.member = f.member
         where f.followed = $1 and ($2::bigint is null or f.position < $2)
         order by f.position desc limit $3 + 1",
    );
    let cards = cards.bind(member).bind(after).bind(limit);
    let cards = cards.fetch_all(connection).await?;
    Ok(page(cards, limit, |card: &FollowCard| card.position))
}

/// Whom a member follows, the newest first; `after` is the last card's position.
pub async fn following(
    connection: &mut PgConnection,
    member: Uuid,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<FollowCard, i64>> {
    let cards = sqlx::query_as(
        "select f.position, m.member, m.name, m.about, f.since
         from follows f join members m on m.member = f.followed
         where f.member = $1 and ($2::bigint is null or f.position < $2)
         order by f.position desc limit $3 + 1",
    );
    let cards = cards.bind(member).bind(after).bind(limit);
    let cards = cards.fetch_all(connection).await?;
    Ok(page(cards, limit, |card: &FollowCard| card.position))
}

#[cfg(test)]
mod tests {
    use domain::{FollowId, MemberId};

    use super::*;
    use crate::given::*;

    fn followed(member: MemberId, followed: MemberId) -> Event {
        let follow = FollowId::of(member, followed);
        follow::Followed {
            follow,
            member,
            followed,
            again: false,
        }
        .into()
    }

    fn unfollowed(member: MemberId, followed: MemberId) -> Event {
        let follow = FollowId::of(member, followed);
        follow::Unfollowed {
            follow,
            member,
            followed,
        }
        .into()
    }

    fn pairs(events: Vec<Event>) -> Vec<(Uuid, Uuid)> {
        let rows: Vec<Follow> = given(events);
        rows.iter().map(|row| (row.member, row.followed)).collect()
    }

    #[test]
    fn a_member_follows_until_they_leave() {
        let events = vec![followed(BOB, ANN), followed(ANN, BOB)];
        assert_eq!(pairs(events.clone()), [(ANN.0, BOB.0), (BOB.0, ANN.0)]);
        let events = [events, vec![unfollowed(BOB, ANN)]].concat();
        assert_eq!(pairs(events), [(ANN.0, BOB.0)]);
    }

    #[test]
    fn who_withdraws_follows_nobody_and_is_followed_by_nobody() {
        let carl = MemberId(Uuid::from_u128(0xCA));
        let all = [(ANN, BOB), (BOB, ANN), (carl, ANN), (BOB, carl)];
        let mut events: Vec<Event> = all.map(|(one, other)| followed(one, other)).to_vec();
        events.push(member::Withdrawn { member: ANN }.into());
        assert_eq!(pairs(events), [(BOB.0, carl.0)]);
    }
}
