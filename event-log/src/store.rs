//! The log's SQL: all of it that is run from Rust.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

use crate::event::{Accepted, Recorded, StreamName};
use crate::names::Names;

/// The last event's position, hash and time: what the next one is chained to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Head {
    pub position: i64,
    pub hash: [u8; 32],
    pub recorded_at: DateTime<Utc>,
}

impl Head {
    pub const EMPTY: Head = Head {
        position: 0,
        hash: crate::chain::GENESIS,
        recorded_at: DateTime::UNIX_EPOCH,
    };

    pub fn of(event: &Recorded) -> Head {
        Head {
            position: event.position,
            hash: event.hash,
            recorded_at: event.recorded_at,
        }
    }
}

/// The answer of a command, as it is stored.
#[derive(Clone, Debug, FromRow)]
pub struct StoredCommand {
    pub id: Uuid,
    pub actor: Uuid,
    pub position: i64,
    pub events: i32,
    pub digest: Vec<u8>,
}

impl StoredCommand {
    pub fn answer(&self) -> Accepted {
        Accepted {
            position: self.position,
            events: self.events,
            again: true,
        }
    }
}

/// An event's columns, as [`Recorded`] is read from a row.
macro_rules! event_columns {
    () => {
        "position, stream, version, about, event_id, event_type, schema_version, payload, key_id,
         actor, command_id, correlation_id, causation_id, occurred_at, recorded_at, hash"
    };
}
pub(crate) use event_columns;

/// Selects events.
macro_rules! select_events {
    ($rest:literal) => {
        concat!(
            "select ",
            $crate::store::event_columns!(),
            " from log.events ",
            $rest
        )
    };
}
pub(crate) use select_events;

pub async fn head(executor: impl PgExecutor<'_>) -> sqlx::Result<Head> {
    let row: Option<(i64, Vec<u8>, DateTime<Utc>)> = sqlx::query_as(
        "select position, hash, recorded_at from log.events order by position desc limit 1",
    )
    .fetch_optional(executor)
    .await?;
    Ok(
        row.map_or(Head::EMPTY, |(position, hash, recorded_at)| Head {
            position,
            hash: hash.try_into().expect("a check keeps hashes at 32 bytes"),
            recorded_at,
        }),
    )
}

/// The next at most `limit` events behind a position, in order.
pub async fn read_after(
    executor: impl PgExecutor<'_>,
    position: i64,
    limit: i64,
) -> sqlx::Result<Vec<Recorded>> {
    sqlx::query_as(select_events!(
        "where position > $1 and position <= $1 + $2
         order by position"
    ))
    .bind(position)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// The head's position alone.
pub async fn head_position(executor: impl PgExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("select log.head()")
        .fetch_one(executor)
        .await
}

/// Beginnings of parts that a whole stream is loaded with; older ones, and what else is
/// about parts, concern their parts alone: a room of a million messages loads like a
/// small one.
pub const RECENT_PARTS: i64 = 1_000;

#[derive(FromRow)]
struct LoadedRow {
    #[sqlx(flatten)]
    event: Recorded,
    wanted: String,
}

/// The events of some streams and parts of streams behind a version of each, each beside the name
/// under which it was wanted, in the order of their versions.
///
/// One index scan for each: `= any(…)` makes the planner read the whole table when
/// there are many of them and few events. Every range has both its ends, though what is behind
/// one version ends at the newest by itself: the planner takes an open range for a third of its
/// stream, and reads a log that is mostly one room from end to end.
pub(crate) async fn load(
    executor: impl PgExecutor<'_>,
    wanted: &BTreeMap<&StreamName, i64>,
) -> sqlx::Result<Vec<(StreamName, Recorded)>> {
    let names: Vec<&str> = wanted.keys().map(|name| name.as_str()).collect();
    let behind: Vec<i64> = wanted.values().copied().collect();
    let (streams, parts): (Vec<&str>, Vec<Option<i64>>) =
        wanted.keys().map(|name| name.split()).unzip();
    let rows: Vec<LoadedRow> = sqlx::query_as(concat!(
        "select e.*, wanted.name as wanted
         from unnest($1::text[], $2::text[], $3::bigint[], $5::bigint[])
              as wanted(name, stream, part, behind)
         cross join lateral (
             select max(version) as version from log.events where stream = wanted.stream
             offset 0
         ) newest
         cross join lateral (
             select min(part) as part
             from (select distinct about as part from log.events
                   where stream = wanted.stream
                     and about > wanted.behind and about <= newest.version
                   order by about desc limit $4) parts
         ) recent
         cross join lateral ((",
        select_events!(
            "where wanted.part is null and stream = wanted.stream
               and version > wanted.behind and version <= newest.version
               and (about is null or version = newest.version
                    or (about = version and version >= recent.part))
             order by version"
        ),
        ") union all (",
        select_events!(
            "where stream = wanted.stream and about = wanted.part
             order by version"
        ),
        ") offset 0) e"
    ))
    .bind(names)
    .bind(streams)
    .bind(parts)
    .bind(RECENT_PARTS)
    .bind(behind)
    .fetch_all(executor)
    .await?;
    let loaded = |row: LoadedRow| (row.wanted.into(), row.event);
    Ok(rows.into_iter().map(loaded).collect())
}

/// The stored answers of those commands that were accepted before.
pub async fn find_commands(
    executor: impl PgExecutor<'_>,
    ids: &[(Uuid, Uuid)],
) -> sqlx::Result<Vec<StoredCommand>> {
    let (commands, actors): (Vec<Uuid>, Vec<Uuid>) = ids.iter().copied().unzip();
    sqlx::query_as(
        "select c.*
         from unnest($1::uuid[], $2::uuid[]) as asked(id, actor)
         cross join lateral (
             select id, actor, position, events, digest
             from log.commands
             where id = asked.id and actor = asked.actor
             offset 0
         ) c",
    )
    .bind(commands)
    .bind(actors)
    .fetch_all(executor)
    .await
}

/// Holds the log's lock until the transaction ends.
pub async fn lock(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("select log.lock()").execute(connection).await?;
    Ok(())
}

/// The hash of the event at a position, if there is one.
pub async fn hash_at(
    executor: impl PgExecutor<'_>,
    position: i64,
) -> sqlx::Result<Option<[u8; 32]>> {
    let hash: Option<Vec<u8>> =
        sqlx::query_scalar("select hash from log.events where position = $1")
            .bind(position)
            .fetch_optional(executor)
            .await?;
    let hash = hash.map(|hash| hash.try_into().expect("a check keeps hashes at 32 bytes"));
    Ok(hash)
}

/// Appends one batch in one round trip; false when the head is not where the
/// batch was planned.
pub async fn append(
    connection: &mut PgConnection,
    expected_head: Head,
    commands: &[StoredCommand],
    events: &[Arc<Recorded>],
) -> sqlx::Result<bool> {
    let all = || events.iter();
    let names: Vec<Names> = all().map(|event| Names::of(event)).collect();
    sqlx::query_scalar(
        "select log.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                           $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)",
    )
    .bind(expected_head.position)
    .bind(expected_head.hash.as_slice())
    .bind(commands.iter().map(|c| c.id).collect::<Vec<_>>())
    .bind(commands.iter().map(|c| c.actor).collect::<Vec<_>>())
    .bind(commands.iter().map(|c| c.position).collect::<Vec<_>>())
    .bind(commands.iter().map(|c| c.events).collect::<Vec<_>>())
    .bind(
        commands
            .iter()
            .map(|c| c.digest.as_slice())
            .collect::<Vec<_>>(),
    )
    .bind(all().map(|e| e.stream.as_str()).collect::<Vec<_>>())
    .bind(all().map(|e| e.version).collect::<Vec<_>>())
    .bind(all().map(|e| e.about).collect::<Vec<_>>())
    .bind(all().map(|e| e.id).collect::<Vec<_>>())
    .bind(all().map(|e| e.event_type.as_str()).collect::<Vec<_>>())
    .bind(all().map(|e| e.schema_version).collect::<Vec<_>>())
    .bind(all().map(|e| e.payload.as_str()).collect::<Vec<_>>())
    .bind(all().map(|e| e.key_id).collect::<Vec<_>>())
    .bind(all().map(|e| e.actor).collect::<Vec<_>>())
    .bind(all().map(|e| e.command).collect::<Vec<_>>())
    .bind(all().map(|e| e.correlation).collect::<Vec<_>>())
    .bind(all().map(|e| e.causation).collect::<Vec<_>>())
    .bind(all().map(|e| e.occurred_at).collect::<Vec<_>>())
    .bind(all().map(|e| e.recorded_at).collect::<Vec<_>>())
    .bind(all().map(|e| e.hash.as_slice()).collect::<Vec<_>>())
    .bind(names.iter().map(|n| n.film).collect::<Vec<_>>())
    .bind(names.iter().map(|n| n.member).collect::<Vec<_>>())
    .bind(names.iter().map(|n| n.author).collect::<Vec<_>>())
    .fetch_one(connection)
    .await
}

/// The next at most `limit` events of a stream behind a version.
pub async fn read_stream(
    executor: impl PgExecutor<'_>,
    stream: &StreamName,
    version: i64,
    limit: i64,
) -> sqlx::Result<Vec<Recorded>> {
    sqlx::query_as(select_events!(
        "where stream = $1 and version > $2
         order by version limit $3"
    ))
    .bind(stream.as_str())
    .bind(version)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// The next at most `limit` events of all streams of a category, stream by stream, behind a version
/// of one of them.
pub async fn read_category(
    executor: impl PgExecutor<'_>,
    category: &str,
    after: Option<&(StreamName, i64)>,
    limit: i64,
) -> sqlx::Result<Vec<Recorded>> {
    let first = (StreamName::from(format!("{category}-")), 0);
    let (stream, version) = after.unwrap_or(&first);
    // in the order of bytes, `.` is what comes behind `-`
    sqlx::query_as(select_events!(
        "where (stream, version) > ($1, $2) and stream < $3
         order by stream, version limit $4"
    ))
    .bind(stream.as_str())
    .bind(version)
    .bind(format!("{category}."))
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// A stream's last version; 0 when it has no event.
pub async fn stream_version(
    executor: impl PgExecutor<'_>,
    stream: &StreamName,
) -> sqlx::Result<i64> {
    sqlx::query_scalar("select coalesce(max(version), 0) from log.events where stream = $1")
        .bind(stream.as_str())
        .fetch_one(executor)
        .await
}

/// The newest at most `limit` parts of a stream that begin before the version `before`, oldest
/// first: their events up to the version `through`, in order.
pub async fn read_parts(
    executor: impl PgExecutor<'_>,
    stream: &StreamName,
    (before, through): (i64, i64),
    limit: i64,
) -> sqlx::Result<Vec<Recorded>> {
    sqlx::query_as(concat!(
        "select e.*
         from (select distinct about as part from log.events
               where stream = $1 and about < $2 and about <= $3
               order by about desc limit $4) parts
         cross join lateral (",
        select_events!("where stream = $1 and about = parts.part and version <= $3 offset 0"),
        ") e
         order by parts.part, e.version"
    ))
    .bind(stream.as_str())
    .bind(before)
    .bind(through)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// Of each of these parts of a stream the last event that is of one of these types.
pub async fn read_last_about(
    executor: impl PgExecutor<'_>,
    stream: &StreamName,
    parts: &[i64],
    event_types: &[&str],
) -> sqlx::Result<Vec<Recorded>> {
    sqlx::query_as(concat!(
        "select e.*
         from unnest($2::bigint[]) as parts(part)
         cross join lateral (",
        select_events!(
            "where stream = $1 and about = parts.part and event_type = any($3)
             order by version desc limit 1"
        ),
        ") e"
    ))
    .bind(stream.as_str())
    .bind(parts)
    .bind(event_types)
    .fetch_all(executor)
    .await
}

/// At most `limit` events of some correlations, in order.
pub async fn read_correlations(
    executor: impl PgExecutor<'_>,
    correlations: &[Uuid],
    limit: i64,
) -> sqlx::Result<Vec<Recorded>> {
    sqlx::query_as(select_events!(
        "where correlation_id = any($1)
         order by position limit $2"
    ))
    .bind(correlations)
    .bind(limit)
    .fetch_all(executor)
    .await
}

/// The last position that was recorded before a time. Needs no index on times:
/// they never decrease, so it is found by halving.
pub async fn position_before(
    connection: &mut PgConnection,
    time: DateTime<Utc>,
) -> sqlx::Result<i64> {
    // halved on the server: one round trip
    sqlx::query_scalar(
        "with recursive halved(earlier, later) as (
             select 0::bigint, log.head() + 1
             union all
             select case when is_before then middle else earlier end,
                    case when is_before then later else middle end
             from (select *, (earlier + later) / 2 as middle from halved
                   where later - earlier > 1) step
             cross join lateral (
                 select coalesce((select recorded_at < $1 from log.events
                                  where position <= middle
                                  order by position desc limit 1), true) as is_before
             ) looked
         )
         select max(earlier) from halved",
    )
    .bind(time)
    .fetch_one(connection)
    .await
}
