//! Logs that are damaged on purpose, behind their guards' back, and read whole.

use std::num::{NonZeroU32, NonZeroUsize};

use event_log::verify::{Readers, Signatures, Verdict, verify};
use event_log::{Recorded, StreamName, chain};
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};
use tests::guards::unguarded;
use tests::{database, new_id};
use uuid::Uuid;

pub(super) async fn copy_of(name: &str) -> PgPool {
    let copy = format!("t_{}", new_id().simple());
    let pool = PgPoolOptions::new().max_connections(1);
    let admin = pool.connect_with(database::server()).await.unwrap();
    let copying = format!("create database {copy} template {name}");
    sqlx::query(AssertSqlSafe(copying))
        .execute(&admin)
        .await
        .unwrap();
    admin.close().await;
    database::pool(database::server().database(&copy))
}

/// Changes a log behind its guards' back.
pub(super) async fn tamper(database: &PgPool, sql: impl Into<String>) {
    let sql = sql.into();
    let tampering = sqlx::raw_sql(AssertSqlSafe(unguarded(&sql)));
    let done = tampering.execute(database).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

pub(super) async fn verified_with(
    database: &PgPool,
    range: u32,
    signatures: &Signatures,
) -> Verdict {
    let decode = |event: &Recorded| {
        let stored = event.stored();
        let closed = sealing::Opening::Closed;
        let (name, version) = (stored.event_type, stored.schema_version);
        domain::Event::from_stored(name, version, stored.payload, closed)
            .map(drop)
            .map_err(|error| error.to_string())
    };
    let readers = Readers {
        count: NonZeroUsize::new(2).unwrap(),
        range: NonZeroU32::new(range).unwrap(),
    };
    verify(database, readers, signatures, decode, |_, _| {})
        .await
        .unwrap()
}

pub(super) async fn event(database: &PgPool, position: i64) -> Recorded {
    let events = event_log::read_after(database, position - 1, 1);
    events.await.unwrap().remove(0)
}

/// Makes room for `by` events from a position on, or closes their gap.
pub(super) fn shift(from: i64, by: i64) -> String {
    format!(
        "update log.events set position = -position where position >= {from};
         update log.events set position = {by} - position where position < 0"
    )
}

pub(super) fn swap(one: i64, other: i64) -> String {
    format!(
        "update log.events set position = -1 where position = {one};
         update log.events set position = {one} where position = {other};
         update log.events set position = {other} where position = -1"
    )
}

/// An event that nobody recorded, as a statement.
pub(super) fn insert(event: &Recorded) -> String {
    let hash: String = event
        .hash
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!(
        "insert into log.events (position, stream, version, event_id, event_type, schema_version,
             payload, key_id, actor, command_id, correlation_id, occurred_at, recorded_at, hash,
             film, member, author)
         select *, nullif((payload ->> 'film')::uuid, actor),
                nullif((payload ->> 'member')::uuid, actor),
                nullif((payload ->> 'author')::uuid, actor)
         from (values ({}, '{}', {}, '{}'::uuid, '{}', {}, '{}'::json, nullif('{}', '')::uuid,
                       '{}'::uuid, '{}'::uuid, '{}'::uuid, '{}'::timestamptz, '{}'::timestamptz,
                       '\\x{hash}'::bytea))
             as e(position, stream, version, event_id, event_type, schema_version, payload, key_id,
                  actor, command_id, correlation_id, occurred_at, recorded_at, hash)",
        event.position,
        event.stream,
        event.version,
        event.id,
        event.event_type,
        event.schema_version,
        event.payload,
        event.key_id.map(|id| id.to_string()).unwrap_or_default(),
        event.actor,
        event.command,
        event.correlation,
        event.occurred_at,
        event.recorded_at,
    )
}

/// As if it were recorded behind another; in a stream of its own.
pub(super) fn forged(before: &Recorded) -> Recorded {
    let mut event = before.clone();
    event.position += 1;
    event.stream = StreamName::new("comment", Uuid::from_u128(0xBAD));
    event.version = 1;
    event.id = Uuid::from_u128(0xBAD);
    event.command = Uuid::from_u128(0xBAD);
    event.hash = chain::hash(&before.hash, &event);
    event
}
