//! Tables of the live ones' shape in another schema: made bare, and indexed once they are full.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::try_join_all;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use super::Pace;
use crate::changes::make_key;

/// An index of a table while it is built takes no more memory than this.
const INDEX_MEMORY: &str = "set maintenance_work_mem = '128MB'";
/// Nor more than the connection's own process.
const ALONE: &str = "set max_parallel_maintenance_workers = 0";

/// Makes the schema anew, without tables.
pub(crate) async fn clear(connection: &mut PgConnection, schema: &str) -> sqlx::Result<()> {
    let sql = format!("drop schema if exists {schema} cascade; create schema {schema}");
    run(connection, sql).await
}

/// An empty table of the live one's shape, without its key and indexes. Nothing is swept in it
/// while it is filled.
pub(crate) async fn create(
    connection: &mut PgConnection,
    schema: &str,
    table: &str,
) -> sqlx::Result<()> {
    let sql = format!(
        "drop table if exists {schema}.{table};
         create table {schema}.{table} (like read.{table} including all excluding indexes);
         alter table {schema}.{table} set (autovacuum_enabled = false)"
    );
    run(connection, sql).await
}

/// Empties a table for a build that begins anew.
pub(super) async fn start_over(connection: &mut PgConnection, table: &str) -> sqlx::Result<()> {
    run(&mut *connection, format!("truncate {table}")).await?;
    make_key(connection, table).await
}

/// Long values are packed as the server packs fastest: its usual way takes longer than the rest of
/// writing them.
pub(super) async fn pack_quickly(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query(
        "select set_config(name, 'lz4', false) from pg_settings
         where name = 'default_toast_compression' and 'lz4' = any(enumvals)",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What is left to do once tables are filled: all other indexes that they do not have yet, and what
/// the planner must know. On as many connections as the pace allows.
pub(crate) async fn finish(
    options: &PgConnectOptions,
    schema: &str,
    tables: &[&str],
    pace: Pace,
) -> sqlx::Result<()> {
    let mut connection = options.connect().await?;
    for table in tables {
        // a killed one's connection may still be at it; it ends with what it is at
        let sql = format!("lock table {schema}.{table} in share update exclusive mode");
        let mut transaction = connection.begin().await?;
        run(&mut transaction, sql).await?;
        transaction.commit().await?;
    }
    let indexes = missing_indexes(&mut connection, schema, tables).await?;
    at_once(options, &indexes, pace).await?;
    let analyzing = tables.iter().map(|table| {
        format!(
            "alter table {schema}.{table} reset (autovacuum_enabled);
             analyze {schema}.{table}"
        )
    });
    at_once(options, &analyzing.collect::<Vec<_>>(), pace).await
}

/// Those that take longest first, so that none is left over when the others are done: of words, then
/// of the largest tables.
async fn missing_indexes(
    connection: &mut PgConnection,
    schema: &str,
    tables: &[&str],
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select regexp_replace(pg_get_indexdef(i.indexrelid), ' ON read\\.', ' ON ' || $1 || '.')
         from unnest($2::text[]) as tables(name)
         join pg_index i on i.indrelid = ('read.' || tables.name)::regclass
         join pg_class n on n.oid = i.indexrelid
         join pg_am way on way.oid = n.relam
         where to_regclass(format('%I.%I', $1, n.relname)) is null
         order by way.amname = 'gin' desc,
                  pg_table_size(format('%I.%I', $1, tables.name)::regclass) desc, n.relname",
    )
    .bind(schema)
    .bind(tables)
    .fetch_all(connection)
    .await
}

/// Statements on as many connections as the pace allows.
async fn at_once(
    options: &PgConnectOptions,
    statements: &[String],
    pace: Pace,
) -> sqlx::Result<()> {
    let next = AtomicUsize::new(0);
    let working = (0..pace.writers()).map(|_| async {
        let mut connection = options.connect().await?;
        run(&mut connection, format!("{INDEX_MEMORY}; {ALONE}")).await?;
        while let Some(statement) = statements.get(next.fetch_add(1, Ordering::Relaxed)) {
            run(&mut connection, statement.clone()).await?;
        }
        Ok(())
    });
    try_join_all(working).await.map(drop)
}

/// Names of schemas, tables and indexes are the program's own or checked.
async fn run(connection: &mut PgConnection, sql: String) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await?;
    Ok(())
}
