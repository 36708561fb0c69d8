//! A round's work: what is due goes into `coordination.stays` and into the log, in one
//! transaction that excludes the rounds of other nodes. So nobody can bring a member back between
//! *nobody else has them* and *left*.

use std::collections::HashSet;

use commands::room::{Enter, Leave};
use commands::{Asked, ExecuteError};
use domain::room::Leaving;
use domain::{MemberId, RoomId};
use event_log::Accepted;
use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

use super::{Place, visits};
use crate::fresh;
use crate::live::hub::Shared;
use crate::live::refusal::Refusal;

/// Who came, who went, and whose node died, in one round; more wait for the next.
pub const AT_ONCE: i64 = 500;
/// Commands of a round that run at the same time.
const COMMANDS: usize = 128;
/// A round that stands still holds up all nodes; the database ends it (a paused node's, too).
const ROUND_WITHIN: &str = "4s";

/// Ids derived from a stay; fixed for ever.
const ENTERING: Uuid = Uuid::from_u128(0x6c2f_4a0e_0b7d_4f43_9d53_2a1f_7be0_9c11);
const LEAVING: Uuid = Uuid::from_u128(0x0e9d_5b66_31a2_4c0b_8f0e_64c7_35d1_82aa);

/// Why a round was not finished.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// Others took this node for dead and ended its stays.
    #[error("this node was taken for dead")]
    Fenced,
    #[error("the log is busy")]
    Busy,
}

/// Who is to be recorded in a round.
pub struct Due {
    pub coming: Vec<(Place, Uuid)>,
    pub going: Vec<(Place, Uuid)>,
    pub over: Vec<Place>,
}

/// What a round has recorded.
pub struct Recorded {
    pub entered: Entered,
    /// More are gone than one round ends.
    pub is_behind: bool,
}

/// What is due, in one transaction, of one node at a time.
pub async fn record(
    pool: &PgPool,
    node: Uuid,
    hub: &Shared,
    (due, ends_others): (&Due, bool),
) -> Result<Recorded, RoundError> {
    let mut transaction = begin(pool).await?;
    let lives = sqlx::query(
        "select from coordination.nodes where node = $1 and expires_at > '-infinity' for share",
    )
    .bind(node)
    .fetch_optional(&mut *transaction)
    .await?;
    if lives.is_none() {
        return Err(RoundError::Fenced);
    }
    remove(&mut transaction, node, &due.over).await?;
    let entered = enter(&mut transaction, node, hub, &due.coming).await?;
    leave(&mut transaction, node, hub, &due.going).await?;
    let mut is_behind = false;
    if ends_others {
        is_behind |= end_the_dead(&mut transaction, hub).await?;
        is_behind |= end_the_silent(&mut transaction, hub).await?;
    }
    transaction.commit().await?;
    Ok(Recorded { entered, is_behind })
}

/// While it lasts, nobody else has a round.
async fn begin(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    let mut transaction = pool.begin().await?;
    sqlx::query("select set_config('idle_in_transaction_session_timeout', $1, true)")
        .bind(ROUND_WITHIN)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("select coordination.lock_stays()")
        .execute(&mut *transaction)
        .await?;
    Ok(transaction)
}

/// Whoever is there by the log alone is on a visit from now on.
pub async fn adopt(pool: &PgPool) -> sqlx::Result<()> {
    let mut transaction = begin(pool).await?;
    visits::adopt(&mut transaction).await?;
    transaction.commit().await
}

pub type Entered = Vec<(Place, Result<i64, Refusal>)>;

async fn enter(
    connection: &mut PgConnection,
    node: Uuid,
    hub: &Shared,
    coming: &[(Place, Uuid)],
) -> Result<Entered, RoundError> {
    let (rooms, members) = columns(coming.iter().map(|(place, _)| place));
    let stays: Vec<Uuid> = coming.iter().map(|(_, stay)| *stay).collect();
    sqlx::query(
        "insert into coordination.stays (node, room, member, stay)
         select $1, * from unnest($2::uuid[], $3::uuid[], $4::uuid[])
         on conflict (room, member, node) do update set stay = excluded.stay",
    )
    .bind(node)
    .bind(rooms)
    .bind(members)
    .bind(stays)
    .execute(&mut *connection)
    .await?;
    let places: Vec<Place> = coming.iter().map(|(place, _)| *place).collect();
    visits::take_over(connection, &places).await?;
    let entering = coming.iter().copied().map(|(place, stay)| {
        let (room, member) = place;
        let command = Enter {
            room: RoomId(room),
            member,
            at: fresh::now(),
        };
        let asked = asked(Uuid::new_v5(&ENTERING, stay.as_bytes()), member, stay);
        let sequencer = hub.sequencer.clone();
        async move { (place, commands::execute(&sequencer, asked, command).await) }
    });
    let entered: Vec<(Place, Result<Accepted, ExecuteError>)> = stream::iter(entering)
        .buffer_unordered(COMMANDS)
        .collect()
        .await;
    let mut told = Vec::with_capacity(entered.len());
    let mut refused = Vec::new();
    for (place, entered) in entered {
        match entered {
            Ok(accepted) => told.push((place, Ok(accepted.position))),
            Err(ExecuteError::Busy) => return Err(RoundError::Busy),
            Err(error) => {
                refused.push(place);
                told.push((place, Err(error.into())));
            }
        }
    }
    remove(connection, node, &refused).await?;
    Ok(told)
}

/// Ends stays of this node, and presences that no other node holds.
async fn leave(
    connection: &mut PgConnection,
    node: Uuid,
    hub: &Shared,
    going: &[(Place, Uuid)],
) -> Result<(), RoundError> {
    let places: Vec<Place> = going.iter().map(|(place, _)| *place).collect();
    remove(connection, node, &places).await?;
    let held = held(connection, &places).await?;
    let left = going.iter().filter(|(place, _)| !held.contains(place));
    record_leaving(hub, left.copied().collect(), Leaving::Closed).await
}

/// Ends what nodes held that have not said for long that they live; true: there may be more of it.
async fn end_the_dead(connection: &mut PgConnection, hub: &Shared) -> Result<bool, RoundError> {
    let mut is_behind = false;
    // a node that comes back while some of its stays are ended already must not go on
    let dead: Vec<(Uuid, bool)> = sqlx::query_as(
        "update coordination.nodes set expires_at = '-infinity'
         where expires_at < clock_timestamp()
         returning node, drained",
    )
    .fetch_all(&mut *connection)
    .await?;
    for (node, drained) in dead {
        let ended: Vec<(Uuid, Uuid, Uuid)> = sqlx::query_as(
            "delete from coordination.stays where (room, member, node) in
                 (select room, member, node from coordination.stays where node = $1 limit $2)
             returning room, member, stay",
        )
        .bind(node)
        .bind(AT_ONCE)
        .fetch_all(&mut *connection)
        .await?;
        let ended: Vec<(Place, Uuid)> = ended
            .into_iter()
            .map(|(room, member, stay)| ((room, MemberId(member)), stay))
            .collect();
        is_behind |= is_full(&ended);
        let places: Vec<Place> = ended.iter().map(|(place, _)| *place).collect();
        let held = held(connection, &places).await?;
        let left = ended.into_iter().filter(|(place, _)| !held.contains(place));
        let reason = match drained {
            true => Leaving::Closed,
            false => Leaving::NodeLost,
        };
        record_leaving(hub, left.collect(), reason).await?;
        sqlx::query(
            "delete from coordination.nodes n where node = $1
                 and not exists (select from coordination.stays s where s.node = n.node)",
        )
        .bind(node)
        .execute(&mut *connection)
        .await?;
    }
    Ok(is_behind)
}

/// Ends the visits of those that nothing was heard of for long; true: there may be more of them.
async fn end_the_silent(connection: &mut PgConnection, hub: &Shared) -> Result<bool, RoundError> {
    let silent = visits::silent(connection).await?;
    let is_behind = is_full(&silent);
    let places: Vec<Place> = silent.iter().map(|(place, _)| *place).collect();
    let held = held(connection, &places).await?;
    let left = silent
        .into_iter()
        .filter(|(place, _)| !held.contains(place));
    record_leaving(hub, left.collect(), Leaving::Timeout).await?;
    Ok(is_behind)
}

/// Whether as many as one round takes at all.
fn is_full(ended: &[(Place, Uuid)]) -> bool {
    i64::try_from(ended.len()).is_ok_and(|count| count >= AT_ONCE)
}

/// A node died, or a visitor has been silent for too long.
pub async fn someone_is_gone(pool: &PgPool) -> sqlx::Result<bool> {
    let gone = "select exists (select from coordination.nodes where expires_at < clock_timestamp())
                or exists (select from coordination.visits
                           where heard_at < clock_timestamp() - make_interval(secs => $1))";
    let gone = sqlx::query_scalar(gone).bind(visits::SILENCE.as_secs_f64());
    gone.fetch_one(pool).await
}

async fn record_leaving(
    hub: &Shared,
    left: Vec<(Place, Uuid)>,
    reason: Leaving,
) -> Result<(), RoundError> {
    let leaving = left.into_iter().map(|((room, member), stay)| {
        let command = Leave {
            room: RoomId(room),
            member,
            reason,
            at: fresh::now(),
        };
        let asked = asked(Uuid::new_v5(&LEAVING, stay.as_bytes()), member, stay);
        let sequencer = hub.sequencer.clone();
        async move { commands::execute(&sequencer, asked, command).await }
    });
    let mut leaving = stream::iter(leaving).buffer_unordered(COMMANDS);
    while let Some(left) = leaving.next().await {
        match left {
            Ok(_) => {}
            Err(ExecuteError::Busy) => return Err(RoundError::Busy),
            Err(error) => tracing::error!(%error, "a member could not leave a room"),
        }
    }
    Ok(())
}

fn asked(id: Uuid, member: MemberId, stay: Uuid) -> Asked {
    Asked {
        id,
        actor: member.0,
        digest: Sha256::digest(stay.as_bytes()).into(),
        at: fresh::now(),
        correlation: stay,
        causation: None,
    }
}

async fn remove(connection: &mut PgConnection, node: Uuid, places: &[Place]) -> sqlx::Result<()> {
    if places.is_empty() {
        return Ok(());
    }
    let (rooms, members) = columns(places.iter());
    sqlx::query(
        "delete from coordination.stays s
         using unnest($2::uuid[], $3::uuid[]) as gone(room, member)
         where s.node = $1 and s.room = gone.room and s.member = gone.member",
    )
    .bind(node)
    .bind(rooms)
    .bind(members)
    .execute(connection)
    .await?;
    Ok(())
}

/// Which of these some node holds, or are on a visit.
async fn held(connection: &mut PgConnection, places: &[Place]) -> sqlx::Result<HashSet<Place>> {
    if places.is_empty() {
        return Ok(HashSet::new());
    }
    let (rooms, members) = columns(places.iter());
    let held: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "select s.room, s.member from coordination.stays s
         join unnest($1::uuid[], $2::uuid[]) as asked(room, member)
             on s.room = asked.room and s.member = asked.member
         union
         select v.room, v.member from coordination.visits v
         join unnest($1::uuid[], $2::uuid[]) as asked(room, member)
             on v.room = asked.room and v.member = asked.member",
    )
    .bind(rooms)
    .bind(members)
    .fetch_all(connection)
    .await?;
    let place = |(room, member)| (room, MemberId(member));
    Ok(held.into_iter().map(place).collect())
}

pub fn columns<'a>(places: impl Iterator<Item = &'a Place>) -> (Vec<Uuid>, Vec<Uuid>) {
    places.map(|(room, member)| (*room, member.0)).unzip()
}
