//! What no rebuild can beat: reading the same events, and writing the same rows, each with `COPY`
//! and nothing in between.

use std::time::{Duration, Instant};

use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, PgPool};

/// All events, as rebuilding reads them.
pub async fn copy_events(pool: &PgPool, head: i64) -> anyhow::Result<Duration> {
    let mut connection = pool.acquire().await?;
    let start = Instant::now();
    let mut position = 0;
    while position < head {
        let events = event_log::copy_page(&mut connection, position, 20_000).await?;
        position = events.last().map_or(head, |event| event.position);
    }
    Ok(start.elapsed())
}

/// All rows of the read tables, into tables with their key. Fetched before the time
/// is taken.
pub async fn copy_rows(pool: &PgPool) -> anyhow::Result<(Duration, i64)> {
    let mut connection = pool.acquire().await?;
    let begin = "set synchronous_commit = off; drop schema if exists copied cascade;
                 create schema copied";
    sqlx::raw_sql(begin).execute(&mut *connection).await?;
    let (mut taken, mut rows) = (Duration::ZERO, 0);
    for (table, _) in projections::model_versions() {
        let sql = format!("copy read.{table} to stdout (format binary)");
        let chunks: Vec<_> = connection.copy_out_raw(&sql).await?.try_collect().await?;
        let clone = format!(
            "create table copied.{table} (like read.{table} including all excluding indexes)"
        );
        sqlx::raw_sql(AssertSqlSafe(clone))
            .execute(&mut *connection)
            .await?;
        let key: String = sqlx::query_scalar(
            "select pg_get_constraintdef(oid) from pg_constraint
             where conrelid = ('read.' || $1)::regclass and contype = 'p'",
        )
        .bind(table)
        .fetch_one(&mut *connection)
        .await?;
        let key = format!("alter table copied.{table} add {key}");
        sqlx::raw_sql(AssertSqlSafe(key))
            .execute(&mut *connection)
            .await?;
        let bytes: Vec<u8> = chunks.concat();
        let start = Instant::now();
        let sql = format!("copy copied.{table} from stdin (format binary)");
        let mut copying = connection.copy_in_raw(&sql).await?;
        copying.send(bytes).await?;
        rows += i64::try_from(copying.finish().await?)?;
        taken += start.elapsed();
    }
    Ok((taken, rows))
}
