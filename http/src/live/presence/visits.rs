//! Members who are in a room without a connection, by a form or the API. They are there until they
//! leave, or until nothing is heard of them for a while; then the next round of presence has
//! them leave. A connection takes the visit over: from then on they are there by it.

use std::time::Duration;

use domain::{MemberId, RoomId};
use projections::room_members;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::Place;
use super::recording::{AT_ONCE, columns};

/// Whoever looks at nothing of the room and says nothing in it for so long has left.
pub const SILENCE: Duration = Duration::from_secs(15 * 60);
/// What is heard sooner again is not written down.
const HEARD_EVERY: Duration = Duration::from_secs(30);

/// Names the leaving that ends a visit; fixed for ever.
const VISITS: Uuid = Uuid::from_u128(0x5a0c_27e1_94d8_4b6f_a3c1_6e8b_10f2_7d55);

/// Before they enter in the log: should a round be ending their last visit just now, this waits
/// for it, so that they enter behind it.
pub async fn begin(pool: &PgPool, room: RoomId, member: MemberId) -> sqlx::Result<()> {
    sqlx::query(
        "insert into coordination.visits (room, member) values ($1, $2)
         on conflict (room, member) do update set heard_at = excluded.heard_at",
    )
    .bind(room.0)
    .bind(member.0)
    .execute(pool)
    .await?;
    Ok(())
}

/// Something was heard of a member, if they are there by a visit.
pub async fn hear(pool: &PgPool, room: RoomId, member: MemberId) {
    let heard = sqlx::query(
        "update coordination.visits set heard_at = clock_timestamp()
         where room = $1 and member = $2
           and heard_at < clock_timestamp() - make_interval(secs => $3)",
    )
    .bind(room.0)
    .bind(member.0)
    .bind(HEARD_EVERY.as_secs_f64())
    .execute(pool)
    .await;
    if let Err(error) = heard {
        // heard again with their next request
        tracing::debug!(%error, "a visit is not put off");
    }
}

/// They leave by themselves.
pub async fn end(pool: &PgPool, room: RoomId, member: MemberId) -> sqlx::Result<()> {
    sqlx::query("delete from coordination.visits where room = $1 and member = $2")
        .bind(room.0)
        .bind(member.0)
        .execute(pool)
        .await?;
    Ok(())
}

/// Connections are there instead.
pub async fn take_over(connection: &mut PgConnection, places: &[Place]) -> sqlx::Result<()> {
    let (rooms, members) = columns(places.iter());
    sqlx::query(
        "delete from coordination.visits v
         using unnest($1::uuid[], $2::uuid[]) as held(room, member)
         where v.room = held.room and v.member = held.member",
    )
    .bind(rooms)
    .bind(members)
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends those that nothing was heard of, each with what names its end.
pub async fn silent(connection: &mut PgConnection) -> sqlx::Result<Vec<(Place, Uuid)>> {
    let ended: Vec<(Uuid, Uuid, i64)> = sqlx::query_as(
        "delete from coordination.visits where (room, member) in
             (select room, member from coordination.visits
              where heard_at < clock_timestamp() - make_interval(secs => $1)
              order by heard_at limit $2)
         returning room, member, (extract(epoch from heard_at) * 1000000)::bigint",
    )
    .bind(SILENCE.as_secs_f64())
    .bind(AT_ONCE)
    .fetch_all(connection)
    .await?;
    let ended = ended.into_iter().map(|(room, member, heard_us)| {
        let visit = [
            room.as_bytes(),
            member.as_bytes(),
            &heard_us.to_be_bytes()[..],
        ];
        let visit = Uuid::new_v5(&VISITS, &visit.concat());
        ((room, MemberId(member)), visit)
    });
    Ok(ended.collect())
}

/// Whoever is there by the log, though no node has them and nothing was heard of them, is on a
/// visit from now on: the log came from elsewhere, or what was known beside it was lost.
pub async fn adopt(connection: &mut PgConnection) -> sqlx::Result<()> {
    let untraced = room_members::untraced(connection, AT_ONCE).await?;
    let (rooms, members): (Vec<Uuid>, Vec<Uuid>) = untraced.into_iter().unzip();
    sqlx::query(
        "insert into coordination.visits (room, member)
         select * from unnest($1::uuid[], $2::uuid[]) on conflict do nothing",
    )
    .bind(rooms)
    .bind(members)
    .execute(connection)
    .await?;
    Ok(())
}
