//! The log's SQL: all of it that is run from Rust.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

use crate::event::{Accepted, Recorded, StreamName};

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

#[derive(FromRow)]
struct EventRow {
    position: i64,
    stream: String,
    version: i64,
    event_id: Uuid,
    event_type: String,
    schema_version: i16,
    payload: String,
    key_id: Option<Uuid>,
    actor: Uuid,
    command_id: Uuid,
    correlation_id: Uuid,
    causation_id: Option<Uuid>,
    occurred_at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    hash: Vec<u8>,
}

impl From<EventRow> for Recorded {
    fn from(row: EventRow) -> Recorded {
        Recorded {
            position: row.position,
            stream: row.stream.into(),
            version: row.version,
            id: row.event_id,
            event_type: row.event_type,
            schema_version: row.schema_version,
            payload: row.payload,
            key_id: row.key_id,
            actor: row.actor,
            command: row.command_id,
            correlation: row.correlation_id,
            causation: row.causation_id,
            occurred_at: row.occurred_at,
            recorded_at: row.recorded_at,
            hash: row
                .hash
                .try_into()
                .expect("a check keeps hashes at 32 bytes"),
        }
    }
}

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
    let rows: Vec<EventRow> = sqlx::query_as(
        "select position, stream, version, event_id, event_type, schema_version,
                payload::text as payload, key_id, actor, command_id, correlation_id,
                causation_id, occurred_at, recorded_at, hash
         from log.events
         where position > $1 and position <= $1 + $2
         order by position",
    )
    .bind(position)
    .bind(limit)
    .fetch_all(executor)
    .await?;
    Ok(rows.into_iter().map(Recorded::from).collect())
}

/// The head's position alone.
pub async fn head_position(executor: impl PgExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("select log.head()")
        .fetch_one(executor)
        .await
}

/// The events of some streams, each stream's in the order of its versions.
///
/// One index scan for each stream: `= any(…)` makes the planner read the whole
/// table when there are many of them and few events.
pub async fn read_streams(
    executor: impl PgExecutor<'_>,
    streams: &[StreamName],
) -> sqlx::Result<Vec<Recorded>> {
    let names: Vec<&str> = streams.iter().map(StreamName::as_str).collect();
    let rows: Vec<EventRow> = sqlx::query_as(
        "select e.*
         from (select distinct name from unnest($1::text[]) as name) wanted
         cross join lateral (
             select position, stream, version, event_id, event_type, schema_version,
                    payload::text as payload, key_id, actor, command_id, correlation_id,
                    causation_id, occurred_at, recorded_at, hash
             from log.events
             where stream = wanted.name
             order by version
             offset 0
         ) e",
    )
    .bind(names)
    .fetch_all(executor)
    .await?;
    Ok(rows.into_iter().map(Recorded::from).collect())
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

/// Appends one batch in one round trip; false when the head is not where the
/// batch was planned.
pub async fn append(
    connection: &mut PgConnection,
    expected_head: i64,
    commands: &[StoredCommand],
    events: &[Arc<Recorded>],
) -> sqlx::Result<bool> {
    let all = || events.iter();
    sqlx::query_scalar(
        "select log.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                           $16, $17, $18, $19, $20)",
    )
    .bind(expected_head)
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
    .fetch_one(connection)
    .await
}
