//! Rows as the server sends them: columns in binary, read without a value of the client's being
//! made for each. That is what makes reading fast, and `COPY`, whose rows are nothing else, faster
//! still: that is what checking reads.
//!
//! A row that was tampered with may hold anything: what does not fit reads as
//! zero or nothing, and then the chain says that it is wrong.

use std::ops::Deref;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{Stream, TryStreamExt};
use sqlx::postgres::{PgConnection, PgRow, PgValueFormat};
use sqlx::{FromRow, Row, ValueRef};
use uuid::Uuid;

use crate::event::{Recorded, StreamName};
use crate::names::Names;
use crate::store::{StoredCommand, event_columns, select_events};
use crate::tail::ReadError;

/// What the first message begins with: a signature, flags, no extension.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
const HEADER_BYTES: usize = 19;
/// Of an event.
const COLUMNS: usize = 16;
/// PostgreSQL counts time from 2000.
const EPOCH: DateTime<Utc> = DateTime::from_timestamp(946_684_800, 0).expect("it is in range");

/// The rows of a query, one for each message. It must be read to its end before
/// the connection is used again.
pub(crate) async fn copy<'c>(
    connection: &'c mut PgConnection,
    select: &str,
) -> sqlx::Result<impl Stream<Item = sqlx::Result<impl Deref<Target = [u8]> + use<>>> + use<'c>> {
    let statement = format!("copy ({select}) to stdout (format binary)");
    connection.copy_out_raw(&statement).await
}

/// The events from a position to another, both included, in order; to be filled
/// into a [`Recorded`] by [`fill`], with what the log's columns say that they name.
pub(crate) async fn events<'c>(
    connection: &'c mut PgConnection,
    from: i64,
    through: i64,
) -> sqlx::Result<impl Stream<Item = sqlx::Result<impl Deref<Target = [u8]> + use<>>> + use<'c>> {
    let select = concat!(
        "select ",
        event_columns!(),
        ", film, member, author from log.events"
    );
    copy(connection, &format!("{select} {}", between(from, through))).await
}

fn between(from: i64, through: i64) -> String {
    format!("where position between {from} and {through} order by position")
}

/// As [`events`], kept.
pub(crate) async fn collect(
    connection: &mut PgConnection,
    from: i64,
    through: i64,
) -> sqlx::Result<Vec<Recorded>> {
    let select = format!(select_events!("{range}"), range = between(from, through));
    collect_all(connection, &select).await
}

async fn collect_all(connection: &mut PgConnection, select: &str) -> sqlx::Result<Vec<Recorded>> {
    let mut rows = std::pin::pin!(copy(connection, select).await?);
    let mut collected = Vec::new();
    while let Some(message) = rows.try_next().await? {
        if let Some(mut fields) = Fields::of(&message) {
            let mut event = blank();
            take(&mut event, &mut fields);
            collected.push(event);
        }
    }
    Ok(collected)
}

/// The next at most `limit` events behind a position, proven to be without a gap; none
/// when there are none. For whoever reads much of the log: several times as fast as
/// [`crate::read_page`].
pub async fn copy_page(
    connection: &mut PgConnection,
    position: i64,
    limit: i64,
) -> Result<Vec<Recorded>, ReadError> {
    let through = position.saturating_add(limit);
    let events = collect(connection, position.saturating_add(1), through).await?;
    for (expected, event) in (position + 1..).zip(&events) {
        if event.position != expected {
            return Err(ReadError::Gap {
                expected,
                found: event.position,
            });
        }
    }
    Ok(events)
}

/// The stored answers of all commands that were accepted at positions up to `through`, in
/// the order of these. It must be read to its end before the connection is used again.
pub async fn answers(
    connection: &mut PgConnection,
    through: i64,
) -> sqlx::Result<impl Stream<Item = sqlx::Result<StoredCommand>> + use<'_>> {
    let select = format!(
        "select id, actor, position, events, digest from log.commands
         where position <= {through} order by position, actor, id"
    );
    let rows = copy(connection, &select).await?;
    let answer = |mut fields: Fields<'_>| StoredCommand {
        id: fields.uuid().unwrap_or_default(),
        actor: fields.uuid().unwrap_or_default(),
        position: fields.int8(),
        events: fields.int4(),
        digest: fields.next().unwrap_or_default().to_vec(),
    };
    let answers = rows.try_filter_map(move |message| {
        let answer = Fields::of(&message).map(answer);
        std::future::ready(Ok(answer))
    });
    Ok(answers)
}

/// The next at most `limit` events of a stream behind a version, in order. As [`copy_page`], for
/// whoever reads all of it, and on a connection that is thrown away when that is broken off.
pub async fn copy_stream(
    connection: &mut PgConnection,
    stream: &StreamName,
    version: i64,
    limit: i64,
) -> sqlx::Result<Vec<Recorded>> {
    // COPY takes no parameters
    let stream = stream.as_str().replace('\'', "''");
    let select = format!(
        select_events!(
            "where stream = '{stream}' and version > {version} order by version limit {limit}"
        ),
        stream = stream,
        version = version,
        limit = limit
    );
    collect_all(connection, &select).await
}

/// An event to be filled.
pub(crate) fn blank() -> Recorded {
    Recorded {
        position: 0,
        stream: "".into(),
        version: 0,
        about: None,
        id: Uuid::nil(),
        event_type: String::new(),
        schema_version: 0,
        payload: String::new(),
        key_id: None,
        actor: Uuid::nil(),
        command: Uuid::nil(),
        correlation: Uuid::nil(),
        causation: None,
        occurred_at: EPOCH,
        recorded_at: EPOCH,
        hash: [0; 32],
    }
}

/// Makes an event what a message of [`events`] says; nothing when the message holds no row.
pub(crate) fn fill(event: &mut Recorded, message: &[u8]) -> Option<Names> {
    let mut fields = Fields::of(message)?;
    take(event, &mut fields);
    Some(Names {
        film: fields.uuid(),
        member: fields.uuid(),
        author: fields.uuid(),
    })
}

/// By the places of its columns: looking for sixteen names would cost more than reading them. A row
/// may have more behind them, none before.
impl FromRow<'_, PgRow> for Recorded {
    fn from_row(row: &PgRow) -> sqlx::Result<Recorded> {
        if row.try_get_raw(COLUMNS - 1)?.format() != PgValueFormat::Binary {
            return Err(sqlx::Error::Decode("events are read as binary".into()));
        }
        let mut event = blank();
        take(&mut event, &mut Queried { row, place: 0 });
        Ok(event)
    }
}

/// The columns in the order of `event_columns!`.
fn take<'m>(event: &mut Recorded, columns: &mut impl Columns<'m>) {
    event.position = columns.int8();
    let stream = columns.text();
    if event.stream.as_str() != stream {
        event.stream = stream.into();
    }
    event.version = columns.int8();
    event.about = columns.maybe_int8();
    event.id = columns.uuid().unwrap_or_default();
    columns.text().clone_into(&mut event.event_type);
    event.schema_version = columns.int2();
    columns.text().clone_into(&mut event.payload);
    event.key_id = columns.uuid();
    event.actor = columns.uuid().unwrap_or_default();
    event.command = columns.uuid().unwrap_or_default();
    event.correlation = columns.uuid().unwrap_or_default();
    event.causation = columns.uuid();
    event.occurred_at = columns.time();
    event.recorded_at = columns.time();
    event.hash = columns.array();
}

/// The columns of one row, in order.
pub(crate) trait Columns<'m> {
    /// None: null.
    fn next(&mut self) -> Option<&'m [u8]>;

    fn int8(&mut self) -> i64 {
        i64::from_be_bytes(self.array())
    }

    fn maybe_int8(&mut self) -> Option<i64> {
        let bytes = self.next()?;
        Some(i64::from_be_bytes(bytes.try_into().unwrap_or_default()))
    }

    fn int4(&mut self) -> i32 {
        i32::from_be_bytes(self.array())
    }

    fn int2(&mut self) -> i16 {
        i16::from_be_bytes(self.array())
    }

    fn uuid(&mut self) -> Option<Uuid> {
        let bytes = self.next()?;
        Some(Uuid::from_slice(bytes).unwrap_or_default())
    }

    fn time(&mut self) -> DateTime<Utc> {
        let since = TimeDelta::microseconds(self.int8());
        EPOCH.checked_add_signed(since).unwrap_or_default()
    }

    fn text(&mut self) -> &'m str {
        str::from_utf8(self.next().unwrap_or_default()).unwrap_or_default()
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let bytes = self.next().unwrap_or_default();
        bytes.try_into().unwrap_or([0; N])
    }
}

/// Of a message of `COPY`.
pub(crate) struct Fields<'m> {
    rest: &'m [u8],
}

impl<'m> Fields<'m> {
    /// None: the message is the header alone, or the trailer.
    pub fn of(message: &'m [u8]) -> Option<Fields<'m>> {
        let row = if message.starts_with(SIGNATURE) {
            message.get(HEADER_BYTES..)?
        } else {
            message
        };
        let (count, rest) = row.split_first_chunk::<2>()?;
        (i16::from_be_bytes(*count) >= 0).then_some(Fields { rest })
    }
}

impl<'m> Columns<'m> for Fields<'m> {
    fn next(&mut self) -> Option<&'m [u8]> {
        let (length, rest) = self.rest.split_first_chunk::<4>()?;
        self.rest = rest;
        let length = usize::try_from(i32::from_be_bytes(*length)).ok()?;
        let (field, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(field)
    }
}

/// Of a query's row, which is binary as that of any prepared statement.
struct Queried<'r> {
    row: &'r PgRow,
    place: usize,
}

impl<'r> Columns<'r> for Queried<'r> {
    fn next(&mut self) -> Option<&'r [u8]> {
        let value = self.row.try_get_raw(self.place).ok()?;
        self.place += 1;
        (!value.is_null()).then(|| value.as_bytes().ok())?
    }
}
