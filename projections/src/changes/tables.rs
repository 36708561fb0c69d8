//! The statements that read and write rows of a table.

use std::fmt::Write;
use std::mem;

use sqlx::AssertSqlSafe;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgConnection};
use uuid::Uuid;

use super::{PatchAll, WriteError};
use crate::table::Row;

/// Rows that a patch of many has in memory at once.
const PATCHED_AT_ONCE: usize = 1_000;
/// Rows that are encoded before they are sent.
const COPIED_AT_ONCE: usize = 200;
/// Signature, flags, no extension.
const COPY_BEGINS: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const COPY_ENDS: i16 = -1;

/// Rows that are not there yet.
pub(super) async fn copy<R: Row>(
    connection: &mut PgConnection,
    rows: &[&R],
) -> Result<(), WriteError> {
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = R::COLUMNS.iter().map(|(name, _)| *name).collect();
    let sql = format!(
        "copy {} ({}) from stdin (format binary)",
        R::TABLE,
        names.join(", ")
    );
    let mut copying = connection.copy_in_raw(&sql).await?;
    copying.send(COPY_BEGINS).await?;
    for rows in rows.chunks(COPIED_AT_ONCE) {
        let bytes = encoded(rows).map_err(sqlx::Error::Encode)?;
        copying.send(bytes).await?;
    }
    copying.send(&COPY_ENDS.to_be_bytes()[..]).await?;
    copying.finish().await?;
    Ok(())
}

/// Rows as `COPY` takes them in its binary form.
fn encoded<R: Row>(rows: &[&R]) -> Result<Vec<u8>, BoxDynError> {
    let columns = i16::try_from(R::COLUMNS.len())?;
    let mut buffer = PgArgumentBuffer::default();
    for row in rows {
        buffer.extend_from_slice(&columns.to_be_bytes());
        row.encode(&mut buffer)?;
    }
    Ok(mem::take(&mut *buffer))
}

pub(super) async fn put_rows<R: Row>(
    connection: &mut PgConnection,
    rows: &[&R],
) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let arguments = R::row_arguments(rows).map_err(sqlx::Error::Encode)?;
    let sql = AssertSqlSafe(put_sql::<R>());
    sqlx::query_with(sql, arguments).execute(connection).await?;
    Ok(())
}

/// Through a cursor, which sees the rows as they were: there may be many.
pub(super) async fn patch_rows<R: Row>(
    connection: &mut PgConnection,
    (column, value): (&'static str, Uuid),
    patch: &PatchAll<R>,
) -> sqlx::Result<()> {
    let (table, names) = (R::TABLE, names_sql::<R>());
    let declare = format!(
        "declare patched_rows no scroll cursor for
         select {names} from {table} t where t.{column} = '{value}'"
    );
    sqlx::raw_sql(AssertSqlSafe(declare))
        .execute(&mut *connection)
        .await?;
    let fetch = format!("fetch {PATCHED_AT_ONCE} from patched_rows");
    loop {
        // another table's cursor has the same name and other columns
        let fetching = sqlx::query_as(AssertSqlSafe(fetch.clone())).persistent(false);
        let mut rows: Vec<R> = fetching.fetch_all(&mut *connection).await?;
        if rows.is_empty() {
            break;
        }
        rows.iter_mut().for_each(patch);
        put_rows(connection, &rows.iter().collect::<Vec<_>>()).await?;
    }
    sqlx::raw_sql("close patched_rows")
        .execute(connection)
        .await?;
    Ok(())
}

fn names_sql<R: Row>() -> String {
    let columns = R::COLUMNS.iter();
    let names: Vec<String> = columns.map(|(name, _)| format!("t.{name}")).collect();
    names.join(", ")
}

pub(super) async fn remove<R: Row>(
    connection: &mut PgConnection,
    keys: &[&R::Key],
) -> Result<(), WriteError> {
    if keys.is_empty() {
        return Ok(());
    }
    let arguments = R::key_arguments(keys).map_err(sqlx::Error::Encode)?;
    let sql = format!("delete from {} t using {}", R::TABLE, keys_sql::<R>());
    let sql = AssertSqlSafe(sql);
    sqlx::query_with(sql, arguments).execute(connection).await?;
    Ok(())
}

/// The rows with these keys that are there.
pub(super) async fn rows_of<R: Row>(
    connection: &mut PgConnection,
    keys: &[R::Key],
) -> sqlx::Result<Vec<R>> {
    let keys: Vec<&R::Key> = keys.iter().collect();
    let arguments = R::key_arguments(&keys).map_err(sqlx::Error::Encode)?;
    let (names, table, keys) = (names_sql::<R>(), R::TABLE, keys_sql::<R>());
    let sql = format!("select {names} from {table} t, {keys}");
    sqlx::query_as_with(AssertSqlSafe(sql), arguments)
        .fetch_all(connection)
        .await
}

/// All rows with this value in a column.
pub(super) async fn remove_where<R: Row>(
    connection: &mut PgConnection,
    column: &'static str,
    value: Uuid,
) -> sqlx::Result<()> {
    let sql = format!("delete from {} where {column} = $1", R::TABLE);
    let removing = sqlx::query(AssertSqlSafe(sql)).bind(value);
    removing.execute(connection).await?;
    Ok(())
}

fn put_sql<R: Row>() -> String {
    let names: Vec<&str> = R::COLUMNS.iter().map(|(name, _)| *name).collect();
    let arrays: Vec<String> = (1..)
        .zip(R::COLUMNS)
        .map(|(n, (_, sql))| format!("${n}::{sql}[]"))
        .collect();
    let mut sql = format!(
        "insert into {} ({}) select * from unnest({}) on conflict ({}) do ",
        R::TABLE,
        names.join(", "),
        arrays.join(", "),
        names[..R::KEY_COLUMNS].join(", "),
    );
    let set: Vec<String> = names[R::KEY_COLUMNS..]
        .iter()
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    if set.is_empty() {
        sql.push_str("nothing");
    } else {
        let _ = write!(sql, "update set {}", set.join(", "));
    }
    sql
}

/// `unnest(…) as k(…) where …`: joins a table `t` with the keys given as arrays.
fn keys_sql<R: Row>() -> String {
    let key = &R::COLUMNS[..R::KEY_COLUMNS];
    let arrays: Vec<String> = (1..)
        .zip(key)
        .map(|(n, (_, sql))| format!("${n}::{sql}[]"))
        .collect();
    let names: Vec<&str> = key.iter().map(|(name, _)| *name).collect();
    let equal: Vec<String> = names
        .iter()
        .map(|name| format!("t.{name} = k.{name}"))
        .collect();
    format!(
        "unnest({}) as k({}) where {}",
        arrays.join(", "),
        names.join(", "),
        equal.join(" and ")
    )
}

/// The key of a table that is being built, as the live one has it; there already, it stays. Rows
/// under one key are a unique violation.
pub(crate) async fn make_key(connection: &mut PgConnection, table: &str) -> sqlx::Result<()> {
    let constraints: Vec<String> = sqlx::query_scalar(
        "select format('alter table %I add constraint %I %s', $1::text, k.conname,
                       pg_get_constraintdef(k.oid))
         from pg_constraint k
         where k.conrelid = ('read.' || $1)::regclass and k.contype in ('p', 'u')
           and not exists (select from pg_constraint there
                           where there.conrelid = $1::regclass and there.conname = k.conname)
         order by k.contype, k.conname",
    )
    .bind(table)
    .fetch_all(&mut *connection)
    .await?;
    run(connection, constraints).await
}

/// Indexes by this column that the live table has and one that is being built lacks.
pub(super) async fn make_index(
    connection: &mut PgConnection,
    table: &str,
    column: &str,
) -> sqlx::Result<()> {
    let indexes: Vec<String> = sqlx::query_scalar(
        "select replace(pg_get_indexdef(i.indexrelid), ' ON read.', ' ON ')
         from pg_index i
         join pg_class name on name.oid = i.indexrelid
         join pg_attribute first on first.attrelid = i.indrelid and first.attnum = i.indkey[0]
         where i.indrelid = ('read.' || $1)::regclass and first.attname = $2
           and not exists (select from pg_index there
                           join pg_class its on its.oid = there.indexrelid
                           where there.indrelid = $1::regclass and its.relname = name.relname)",
    )
    .bind(table)
    .bind(column)
    .fetch_all(&mut *connection)
    .await?;
    run(connection, indexes).await
}

/// Names of tables and indexes are the program's own.
async fn run(connection: &mut PgConnection, statements: Vec<String>) -> sqlx::Result<()> {
    let sql = AssertSqlSafe(statements.join("; "));
    sqlx::raw_sql(sql).execute(connection).await?;
    Ok(())
}
