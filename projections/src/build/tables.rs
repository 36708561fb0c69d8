//! Tables of the live ones' shape in another schema: made with their key alone, and
//! indexed once they are full.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

/// An index of a table while it is built takes no more memory than this.
const INDEX_MEMORY: &str = "set maintenance_work_mem = '128MB'";

/// Makes the schema anew, without tables.
pub(crate) async fn clear(connection: &mut PgConnection, schema: &str) -> sqlx::Result<()> {
    let sql = format!("drop schema if exists {schema} cascade; create schema {schema}");
    run(connection, sql).await
}

/// An empty table of the live one's shape, without indexes. Nothing is swept in it
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

/// The table's key, by which its rows are changed while it is filled.
pub(crate) async fn with_key(
    connection: &mut PgConnection,
    schema: &str,
    table: &str,
) -> sqlx::Result<()> {
    let keys: Vec<String> = sqlx::query_scalar(
        "select format('alter table %I.%I add constraint %I %s', $1::text, c.relname, k.conname,
                       pg_get_constraintdef(k.oid))
         from pg_constraint k join pg_class c on c.oid = k.conrelid
         where k.conrelid = ('read.' || $2)::regclass and k.contype in ('p', 'u')
         order by k.contype, k.conname",
    )
    .bind(schema)
    .bind(table)
    .fetch_all(&mut *connection)
    .await?;
    run(connection, keys.join("; ")).await
}

/// What is left to do once it is filled: all other indexes that it does not have yet,
/// and what the planner must know.
pub(crate) async fn finish(
    connection: &mut PgConnection,
    schema: &str,
    table: &str,
) -> sqlx::Result<()> {
    run(connection, INDEX_MEMORY.to_owned()).await?;
    let indexes: Vec<String> = sqlx::query_scalar(
        "select regexp_replace(pg_get_indexdef(i.indexrelid), ' ON read\\.', ' ON ' || $1 || '.')
         from pg_index i join pg_class n on n.oid = i.indexrelid
         where i.indrelid = ('read.' || $2)::regclass
           and to_regclass(format('%I.%I', $1, n.relname)) is null
         order by n.relname",
    )
    .bind(schema)
    .bind(table)
    .fetch_all(&mut *connection)
    .await?;
    for index in indexes {
        run(connection, index).await?;
    }
    let sql = format!(
        "alter table {schema}.{table} reset (autovacuum_enabled);
         analyze {schema}.{table}"
    );
    run(connection, sql).await
}

/// Names of schemas, tables and indexes are the program's own or checked.
async fn run(connection: &mut PgConnection, sql: String) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await?;
    Ok(())
}
