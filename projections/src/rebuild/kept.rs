//! Tables that were live before a switch: taken back, or retired.

use event_log::Keyring;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, PgPool};

use super::{Build, Builder, RebuildError, Rebuilt, SCHEMA, code_of};
use crate::build::{Pace, Progress, Source};

/// Whether no rebuild runs, nor begins before the transaction ends.
const NO_REBUILD: &str = "select pg_try_advisory_xact_lock(hashtext('reeltime rebuild'))";
/// Schemas that last as long as somebody works in them, who has this lock.
const PASSING: [(&str, &str); 3] = [
    ("read_verify", "reeltime verification"),
    ("diff_before", "reeltime diff"),
    ("diff_after", "reeltime diff"),
];
/// The projector waits no longer for those who are still at what it drops.
const LOCK_TIMEOUT: &str = "set local lock_timeout = '100ms'";

/// A table that was live. It says what happened up to its position.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Kept {
    pub model: String,
    pub version: i32,
    pub position: i64,
}

/// All that is kept.
pub async fn kept(connection: &mut PgConnection) -> sqlx::Result<Vec<Kept>> {
    let query = "select model, version, position from replay.kept order by model";
    sqlx::query_as(query).fetch_all(connection).await
}

/// Takes a switch back: the kept tables of these models (none: of all) catch up with
/// the live ones and take their place again; those are kept.
pub async fn roll_back(
    pool: &PgPool,
    keyring: &Keyring,
    models: &[String],
    pace: Pace,
    mut report: impl FnMut(Progress) + Send,
) -> Result<Rebuilt, RebuildError> {
    let mut builder = Builder::start(&pool.connect_options()).await?;
    let begun = super::builds(&mut builder.connection).await?;
    if !begun.is_empty() {
        let names = begun.into_iter().map(|build| build.model);
        return Err(RebuildError::Unfinished(names.collect()));
    }
    let kept = chosen(&mut builder.connection, models).await?;
    for one in &kept {
        let code = code_of(&one.model)?.version();
        if code != one.version {
            return Err(RebuildError::KeptByOther {
                model: one.model.clone(),
                kept: one.version,
                code,
            });
        }
    }
    let mut transaction = builder.connection.begin().await?;
    for one in &kept {
        let sql = format!("alter table read_kept.{} set schema {SCHEMA}", one.model);
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "with taken as (delete from replay.kept where model = $1 returning *)
             insert into replay.builds (model, version, position, was_kept)
             select model, version, position, true from taken",
        )
        .bind(&one.model)
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await?;
    let builds = super::builds(&mut builder.connection).await?;
    let source = Source::new(pool, keyring);
    builder.complete(&source, builds, pace, &mut report).await
}

/// Drops what is kept of these models (none: of all). Returns their names.
pub async fn retire(pool: &PgPool, models: &[String]) -> Result<Vec<String>, RebuildError> {
    let mut builder = Builder::start(&pool.connect_options()).await?;
    let kept = chosen(&mut builder.connection, models).await?;
    for one in &kept {
        drop_kept(&mut builder.connection, &one.model).await?;
    }
    Ok(kept.into_iter().map(|one| one.model).collect())
}

async fn chosen(
    connection: &mut PgConnection,
    models: &[String],
) -> Result<Vec<Kept>, RebuildError> {
    let mut all = kept(connection).await?;
    for name in models {
        if !all.iter().any(|kept| kept.model == *name) {
            return Err(RebuildError::NotKept(name.clone()));
        }
    }
    all.retain(|kept| models.is_empty() || models.contains(&kept.model));
    match all.is_empty() {
        true => Err(RebuildError::NotKept("any model".to_owned())),
        false => Ok(all),
    }
}

pub(super) async fn drop_kept(connection: &mut PgConnection, model: &str) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    let sql = format!("drop table if exists read_kept.{model}");
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut *transaction)
        .await?;
    sqlx::query("delete from replay.kept where model = $1")
        .bind(model)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

/// Somebody was forgotten by the event at `position`. Drops all that is kept, the read side as it
/// was, and what was broken off: copies that nothing is written on to. All can be computed again.
/// In the projector's transaction. (A rebuild that runs comes to the event itself; if it is broken
/// off in front of it, [`drop_left_behind`] drops it.)
pub(crate) async fn drop_copies(connection: &mut PgConnection, position: i64) -> sqlx::Result<()> {
    let alone: bool = sqlx::query_scalar(NO_REBUILD)
        .fetch_one(&mut *connection)
        .await?;
    if !alone {
        // before it is looked what is kept: a rebuild that is just cancelled is kept again
        sqlx::query("insert into replay.spared (position) values ($1)")
            .bind(position)
            .execute(&mut *connection)
            .await?;
    }
    let mut drops: Vec<String> = sqlx::query_scalar(
        "select format('drop table if exists read_kept.%I', model) from replay.kept
         union all
         select format('drop table if exists read_next.%I; delete from replay.builds', model)
         from replay.builds where $1
         union all
         select format('drop schema if exists %I cascade', 'as_of_' || name) from replay.as_of",
    )
    .bind(alone)
    .fetch_all(&mut *connection)
    .await?;
    if !drops.is_empty() {
        end_who_is_in_the_past(connection).await?;
        drops.push("delete from replay.kept; delete from replay.as_of".to_owned());
        run(connection, drops).await?;
    }
    drop_passing(connection).await
}

/// Whoever still builds the read side as it was, or reads it, would be waited for: an index may take
/// a minute, and the projector's lease ends before. What they are at is dropped, so they are ended,
/// where they are of the projector's own role; others can't be.
async fn end_who_is_in_the_past(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query(
        "select pg_terminate_backend(pid)
         from (select distinct l.pid
               from pg_locks l
               join pg_class c on c.oid = l.relation
               join pg_namespace n on n.oid = c.relnamespace
               join replay.as_of a on n.nspname = 'as_of_' || a.name
               join pg_stat_activity b on b.pid = l.pid and b.usename = current_user
               where l.locktype = 'relation' and l.pid <> pg_backend_pid()
                 and l.database = (select oid from pg_database where datname = current_database()))
              as holding",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Drops what nobody is at any more: rebuilds that were broken off in front of an event by which
/// somebody was forgotten, verifications and comparisons that were.
pub(crate) async fn drop_left_behind(connection: &mut PgConnection) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    sqlx::query(LOCK_TIMEOUT).execute(&mut *transaction).await?;
    drop_spared(&mut transaction).await?;
    drop_passing(&mut transaction).await?;
    transaction.commit().await
}

/// Of a rebuild that was broken off, the models that did not come to an event by which somebody was
/// forgotten.
pub(super) async fn drop_spared(connection: &mut PgConnection) -> sqlx::Result<()> {
    let spared: Option<i64> = sqlx::query_scalar("select max(position) from replay.spared")
        .fetch_one(&mut *connection)
        .await?;
    let Some(spared) = spared else {
        return Ok(());
    };
    let alone: bool = sqlx::query_scalar(NO_REBUILD)
        .fetch_one(&mut *connection)
        .await?;
    if !alone {
        return Ok(());
    }
    let drops: Vec<String> = sqlx::query_scalar(
        "with dropped as (delete from replay.builds where position < $1 returning model)
         select format('drop table if exists read_next.%I', model) from dropped",
    )
    .bind(spared)
    .fetch_all(&mut *connection)
    .await?;
    run(connection, drops).await?;
    sqlx::query("delete from replay.spared where position <= $1")
        .bind(spared)
        .execute(connection)
        .await?;
    Ok(())
}

async fn drop_passing(connection: &mut PgConnection) -> sqlx::Result<()> {
    let (schemas, locks): (Vec<&str>, Vec<&str>) = PASSING.into_iter().unzip();
    let there: Vec<String> =
        sqlx::query_scalar("select nspname::text from pg_namespace where nspname::text = any($1)")
            .bind(&schemas)
            .fetch_all(&mut *connection)
            .await?;
    if there.is_empty() {
        return Ok(());
    }
    let drops: Vec<String> = sqlx::query_scalar(
        "select format('drop schema if exists %I cascade', schema)
         from unnest($1::text[], $2::text[]) as passing(schema, lock)
         where pg_try_advisory_xact_lock(hashtext(lock))",
    )
    .bind(&schemas)
    .bind(&locks)
    .fetch_all(&mut *connection)
    .await?;
    run(connection, drops).await
}

async fn run(connection: &mut PgConnection, statements: Vec<String>) -> sqlx::Result<()> {
    if statements.is_empty() {
        return Ok(());
    }
    sqlx::raw_sql(AssertSqlSafe(statements.join("; ")))
        .execute(connection)
        .await?;
    Ok(())
}

/// A table that was to be taken back is kept as before, wherever it had come to.
pub(super) async fn put_back(connection: &mut PgConnection, build: &Build) -> sqlx::Result<()> {
    let sql = format!("alter table {SCHEMA}.{} set schema read_kept", build.model);
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut *connection)
        .await?;
    sqlx::query("insert into replay.kept (model, version, position) values ($1, $2, $3)")
        .bind(&build.model)
        .bind(build.version)
        .bind(build.position)
        .execute(connection)
        .await?;
    Ok(())
}
