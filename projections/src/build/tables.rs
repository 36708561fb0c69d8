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
pub(super) async fn start_over(
    connection: &mut PgConnection,
    table: &str,
    resumable: bool,
) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    run(&mut transaction, format!("truncate {table}")).await?;
    make_key(&mut transaction, table).await?;
    if resumable {
        sqlx::query("update replay.builds set position = 0 where model = $1")
            .bind(table)
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await
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
    // the largest first, so that none is left over when the others are done
    let tables: Vec<String> = sqlx::query_scalar(
        "select name from unnest($2::text[]) as name
         order by pg_table_size(format('%I.%I', $1, name)::regclass) desc",
    )
    .bind(schema)
    .bind(tables)
    .fetch_all(&mut connection)
    .await?;
    connection.close().await?;
    let next = AtomicUsize::new(0);
    let finishing = (0..pace.writers()).map(|_| finish_some(options, schema, &tables, &next));
    try_join_all(finishing).await.map(drop)
}

/// Takes the next table as long as there is one.
async fn finish_some(
    options: &PgConnectOptions,
    schema: &str,
    tables: &[String],
    next: &AtomicUsize,
) -> sqlx::Result<()> {
    let mut connection = options.connect().await?;
    run(&mut connection, format!("{INDEX_MEMORY}; {ALONE}")).await?;
    while let Some(table) = tables.get(next.fetch_add(1, Ordering::Relaxed)) {
        finish_one(&mut connection, schema, table).await?;
    }
    Ok(())
}

async fn finish_one(connection: &mut PgConnection, schema: &str, table: &str) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    // a killed one's connection may still be at it
    let lock = format!("lock table {schema}.{table} in share update exclusive mode");
    run(&mut transaction, lock).await?;
    let indexes: Vec<String> = sqlx::query_scalar(
        "select regexp_replace(pg_get_indexdef(i.indexrelid), ' ON read\\.', ' ON ' || $1 || '.')
         from pg_index i join pg_class n on n.oid = i.indexrelid
         where i.indrelid = ('read.' || $2)::regclass
           and to_regclass(format('%I.%I', $1, n.relname)) is null
         order by n.relname",
    )
    .bind(schema)
    .bind(table)
    .fetch_all(&mut *transaction)
    .await?;
    for index in indexes {
        run(&mut transaction, index).await?;
    }
    let sql = format!(
        "alter table {schema}.{table} reset (autovacuum_enabled);
         analyze {schema}.{table}"
    );
    run(&mut transaction, sql).await?;
    transaction.commit().await
}

/// Names of schemas, tables and indexes are the program's own or checked.
async fn run(connection: &mut PgConnection, sql: String) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await?;
    Ok(())
}
