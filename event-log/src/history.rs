//! Streams as they were: what one was folded from at a version, and pages of it backwards.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, PgExecutor};
use uuid::Uuid;

use crate::event::{Recorded, StreamName};
use crate::store::{RECENT_PARTS, select_events};

/// The next at most `limit` of those events behind a version of a stream, up to another, that its
/// state there is made of: as it is loaded for decisions.
pub async fn read_whole_at(
    executor: impl PgExecutor<'_>,
    stream: &StreamName,
    (behind, version): (i64, i64),
    limit: i64,
) -> sqlx::Result<Vec<Recorded>> {
    sqlx::query_as(select_events!(
        "where stream = $1 and version > $4 and version <= $2
           and (about is null or version = $2
                or (about = version and version >= (
                    select min(about)
                    from (select about from log.events
                          where stream = $1 and about = version and about <= $2
                          order by about desc limit $3) recent)))
         order by version limit $5"
    ))
    .bind(stream.as_str())
    .bind(version)
    .bind(RECENT_PARTS)
    .bind(behind)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// Of a stream up to a version the first event and the last of each of these types, in order. Of
/// types that the log has no index for (`events_that_tell`) it takes long.
pub async fn read_last_of_types(
    executor: impl PgExecutor<'_>,
    stream: &StreamName,
    version: i64,
    event_types: &[&'static str],
) -> sqlx::Result<Vec<Recorded>> {
    let mut query = format!("({})", select_events!("where stream = $1 and version = 1"));
    for event_type in event_types {
        // as it stands in the index, which is of some types alone
        query += &format!(
            " union all ({}'{event_type}' order by version desc limit 1)",
            select_events!("where stream = $1 and version > 1 and version <= $2 and event_type = ")
        );
    }
    sqlx::query_as(AssertSqlSafe(format!(
        "select * from ({query}) e order by position"
    )))
    .bind(stream.as_str())
    .bind(version)
    .fetch_all(executor)
    .await
}

/// Of a stream up to a version, the last event of a type for each of these ids that is in a field of
/// its payload, in order. Of a type and a field that the log has no index for (`events_that_hold`) it
/// takes long.
pub async fn read_last_naming(
    executor: impl PgExecutor<'_>,
    stream: &StreamName,
    version: i64,
    (event_type, field): (&'static str, &'static str),
    ids: &[Uuid],
) -> sqlx::Result<Vec<Recorded>> {
    // as it stands in the index, which is of one type alone
    let last = format!(
        "{} and event_type = '{event_type}' and (payload ->> '{field}')::uuid = named.id
         order by version desc limit 1",
        select_events!("where stream = $1 and version <= $2")
    );
    sqlx::query_as(AssertSqlSafe(format!(
        "select e.* from unnest($3::uuid[]) as named(id)
         cross join lateral ({last}) e
         order by e.position"
    )))
    .bind(stream.as_str())
    .bind(version)
    .bind(ids)
    .fetch_all(executor)
    .await
}

/// The last at most `limit` events of a stream up to a version, in order.
pub async fn read_backwards(
    executor: impl PgExecutor<'_>,
    stream: &StreamName,
    version: i64,
    limit: i64,
) -> sqlx::Result<Vec<Recorded>> {
    let mut events: Vec<Recorded> = sqlx::query_as(select_events!(
        "where stream = $1 and version <= $2
         order by version desc limit $3"
    ))
    .bind(stream.as_str())
    .bind(version)
    .bind(limit)
    .fetch_all(executor)
    .await?;
    events.reverse();
    Ok(events)
}

/// The events at these positions, in order.
pub async fn read_positions(
    executor: impl PgExecutor<'_>,
    positions: &[i64],
) -> sqlx::Result<Vec<Recorded>> {
    sqlx::query_as(select_events!("where position = any($1) order by position"))
        .bind(positions)
        .fetch_all(executor)
        .await
}

/// A stream's version when the log was at a position. Where that is an event of the stream, as it
/// is for whoever goes on behind one, that event tells it, or the next one. Else, as versions grow
/// with positions, it is found by halving.
pub async fn version_at(
    connection: &mut PgConnection,
    stream: &StreamName,
    position: i64,
) -> sqlx::Result<i64> {
    if position <= 0 {
        return Ok(0);
    }
    // halved on the server: one round trip
    sqlx::query_scalar(
        "select coalesce(
             (select version from log.events where position = $2 and stream = $1),
             (select version - 1 from log.events where position = $3 and stream = $1),
             (with recursive halved(earlier, later) as (
                 select 0::bigint, coalesce(max(version), 0) + 1 from log.events where stream = $1
                 union all
                 select case when is_there then middle else earlier end,
                        case when is_there then later else middle end
                 from (select *, (earlier + later) / 2 as middle from halved
                       where later - earlier > 1) step
                 cross join lateral (
                     select coalesce((select position <= $2 from log.events
                                      where stream = $1 and version = middle), false) as is_there
                 ) looked
             )
             select max(earlier) from halved))",
    )
    .bind(stream.as_str())
    .bind(position)
    .bind(position.saturating_add(1))
    .fetch_one(connection)
    .await
}
