//! Computing all read tables from the log again: beside the live ones in a
//! schema of its own, then switched in, or compared with them row for row.
//!
//! The events go in windows, each in a transaction of its own with its
//! checkpoint; the schemas are clones of the live tables' shape.

use event_log::{Keyring, lease, read_page};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, PgPool};

use crate::batch;
use crate::model::AnyModel;
use crate::projector::{self, ProjectError, checkpoint, connect};
use crate::standing;

/// Events in one transaction: large enough that commits don't matter, small
/// enough that a window fits in memory.
const WINDOW: i64 = 10_000;

/// Row for row, live against computed again.
#[derive(Debug)]
pub struct Verdict {
    /// Where both were compared.
    pub position: i64,
    pub tables: usize,
    pub rows: i64,
    pub differences: Vec<Difference>,
}

/// A row that is not the same in the live table and in the rebuilt one.
#[derive(Debug)]
pub struct Difference {
    pub table: String,
    /// As JSON; `None`: only the rebuilt table has it.
    pub live: Option<String>,
    /// As JSON; `None`: only the live table has it.
    pub rebuilt: Option<String>,
}

/// Differences that are told for each table and side; more are only more of the same.
const MAX_DIFFERENCES: i64 = 20;

/// Computes all read tables again and switches them in, while members read and
/// write. `progress` hears of each window: position reached and the log's head.
/// Returns the position of the switch.
pub async fn rebuild(
    pool: &PgPool,
    keyring: &Keyring,
    mut progress: impl FnMut(i64, i64),
) -> Result<i64, ProjectError> {
    let mut building = Building::start(pool, keyring, "read_next").await?;
    building.catch_up(&mut progress, i64::MAX).await?;
    let position = building.switch_in(&mut progress).await?;
    Ok(position)
}

/// Computes all read tables again and compares them with the live ones at one
/// position, while members read and write.
pub async fn verify(
    pool: &PgPool,
    keyring: &Keyring,
    mut progress: impl FnMut(i64, i64),
) -> Result<Verdict, ProjectError> {
    let mut building = Building::start(pool, keyring, "read_verify").await?;
    let live: i64 = sqlx::query_scalar("select coalesce(max(position), 0) from read.checkpoints")
        .fetch_one(pool)
        .await?;
    building.catch_up(&mut progress, live).await?;
    let verdict = building.compare(&mut progress).await?;
    building.drop_schema().await?;
    Ok(verdict)
}

struct Building<'a> {
    pool: &'a PgPool,
    keyring: &'a Keyring,
    schema: &'static str,
    connection: PgConnection,
    models: Vec<Box<dyn AnyModel>>,
    tables: Vec<String>,
    position: i64,
}

impl<'a> Building<'a> {
    /// Clones the live tables' shape, empty. One at a time for each schema: the
    /// lock is the session's.
    async fn start(
        pool: &'a PgPool,
        keyring: &'a Keyring,
        schema: &'static str,
    ) -> Result<Building<'a>, ProjectError> {
        let mut connection = connect(&pool.connect_options(), schema).await?;
        sqlx::query("select pg_advisory_lock(hashtext($1))")
            .bind(schema)
            .execute(&mut connection)
            .await?;
        let tables: Vec<String> = sqlx::query_scalar(
            "select tablename::text from pg_tables where schemaname = 'read' order by tablename",
        )
        .fetch_all(&mut connection)
        .await?;
        let mut sql = format!("drop schema if exists {schema} cascade; create schema {schema};");
        for table in &tables {
            sql += &format!("create table {schema}.{table} (like read.{table} including all);");
        }
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await?;
        Ok(Building {
            pool,
            keyring,
            schema,
            connection,
            models: crate::models(),
            tables,
            position: 0,
        })
    }

    /// Applies window after window up to `to`, or to the log's end.
    async fn catch_up(
        &mut self,
        progress: &mut impl FnMut(i64, i64),
        to: i64,
    ) -> Result<(), ProjectError> {
        loop {
            let head = event_log::head(self.pool).await?.position;
            let window = WINDOW.min(to.saturating_sub(self.position));
            let events = read_page(self.pool, self.position, window).await?;
            if events.is_empty() {
                return Ok(());
            }
            let connection = &mut self.connection;
            batch::apply(connection, self.keyring, &events, &mut self.models, None).await?;
            self.position = events.last().map_or(self.position, |event| event.position);
            progress(self.position, head);
        }
    }

    /// Under a lock that keeps out the projector and waits for open snapshots:
    /// applies what is left, then renames the schemas. A reader sees all old
    /// tables or all new ones, since each begins with the checkpoints.
    async fn switch_in(mut self, progress: &mut impl FnMut(i64, i64)) -> Result<i64, ProjectError> {
        let mut gate = connect(&self.pool.connect_options(), "read").await?;
        let mut switch = gate.begin().await?;
        lease::revoke(&mut switch, projector::LEASE).await?;
        // whatever was appended since the last window; the log itself goes on
        let live = checkpoint(&mut switch).await?;
        self.catch_up(progress, live.max(self.position)).await?;
        for model in &self.models {
            standing::join(&mut self.connection, model.name(), model.version()).await?;
        }
        sqlx::raw_sql(AssertSqlSafe(format!(
            "lock table read.checkpoints in access exclusive mode;
             alter schema read rename to read_previous;
             alter schema {} rename to read;",
            self.schema
        )))
        .execute(&mut *switch)
        .await?;
        switch.commit().await?;
        sqlx::raw_sql("drop schema read_previous cascade")
            .execute(&mut gate)
            .await?;
        Ok(self.position)
    }

    /// Compares in one snapshot: what is left is applied inside it and thrown
    /// away with it, so both stand at the same position.
    async fn compare(
        &mut self,
        progress: &mut impl FnMut(i64, i64),
    ) -> Result<Verdict, ProjectError> {
        let begin = "begin isolation level repeatable read";
        let mut snapshot = self.connection.begin_with(begin).await?;
        let position: i64 =
            sqlx::query_scalar("select coalesce(max(position), 0) from read.checkpoints")
                .fetch_one(&mut *snapshot)
                .await?;
        while self.position < position {
            let window = WINDOW.min(position - self.position);
            let events = read_page(self.pool, self.position, window).await?;
            batch::apply(&mut snapshot, self.keyring, &events, &mut self.models, None).await?;
            self.position = events.last().map_or(position, |event| event.position);
            progress(self.position, position);
        }
        let mut verdict = Verdict {
            position,
            tables: 0,
            rows: 0,
            differences: Vec::new(),
        };
        let kept = |table: &&String| !["checkpoints", "models"].contains(&table.as_str());
        for table in self.tables.iter().filter(kept) {
            let counting = AssertSqlSafe(format!("select count(*) from read.{table}"));
            verdict.rows += sqlx::query_scalar::<_, i64>(counting)
                .fetch_one(&mut *snapshot)
                .await?;
            verdict.tables += 1;
            let (live, rebuilt) = (format!("read.{table}"), format!("{}.{table}", self.schema));
            for row in only_in(&mut snapshot, &live, &rebuilt).await? {
                verdict.differences.push(Difference {
                    table: table.clone(),
                    live: Some(row),
                    rebuilt: None,
                });
            }
            for row in only_in(&mut snapshot, &rebuilt, &live).await? {
                verdict.differences.push(Difference {
                    table: table.clone(),
                    live: None,
                    rebuilt: Some(row),
                });
            }
        }
        Ok(verdict)
    }

    async fn drop_schema(mut self) -> Result<(), ProjectError> {
        let sql = AssertSqlSafe(format!("drop schema {} cascade", self.schema));
        sqlx::raw_sql(sql).execute(&mut self.connection).await?;
        Ok(())
    }
}

async fn only_in(
    connection: &mut PgConnection,
    these: &str,
    those: &str,
) -> sqlx::Result<Vec<String>> {
    let sql = format!(
        "select to_jsonb(d)::text
         from (select * from {these} except all select * from {those}) d limit $1"
    );
    sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(MAX_DIFFERENCES)
        .fetch_all(connection)
        .await
}
