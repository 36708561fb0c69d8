//! Somebody is forgotten: copies of the read tables that nothing is written on to are dropped. All of
//! them can be computed again.
//!
//! The projector waits for nobody who reads one, or is still at it: what others hold is condemned.
//! From then on nobody is shown it who asks for it by its name, and it is dropped when it is let go.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};

/// Whether no rebuild runs, nor begins before the transaction ends.
const NO_REBUILD: &str = "select pg_try_advisory_xact_lock(hashtext('reeltime rebuild'))";
/// Schemas that last as long as somebody works in them, who has this lock.
const PASSING: [(&str, &str); 3] = [
    ("read_verify", "reeltime verification"),
    ("diff_before", "reeltime diff"),
    ("diff_after", "reeltime diff"),
];
/// How long the projector waits for those who hold what it drops.
const LOCK_TIMEOUT: &str = "set local lock_timeout = '100ms'";
const NO_LOCK_TIMEOUT: &str = "set local lock_timeout to default";

/// Somebody was forgotten by the event at `position`. In the projector's transaction: drops all that
/// is kept, the read side as it was, and what was broken off, or condemns it. (A rebuild that runs
/// comes to the event itself; if it is broken off in front of it, [`drop_left_behind`] drops it.)
pub(crate) async fn drop_copies(connection: &mut PgConnection, position: i64) -> sqlx::Result<()> {
    // before it is looked what is kept: a rebuild that is just cancelled is kept again
    sqlx::query("insert into replay.spared (position) values ($1)")
        .bind(position)
        .execute(&mut *connection)
        .await?;
    let condemn = "update replay.kept set condemned = true;
                   update replay.as_of set condemned = true";
    sqlx::raw_sql(condemn).execute(&mut *connection).await?;
    end_who_is_in_the_past(connection).await?;
    sqlx::query(LOCK_TIMEOUT).execute(&mut *connection).await?;
    let mut dropping = connection.begin().await?;
    match drop_all(&mut dropping).await {
        Ok(()) => dropping.commit().await?,
        // held by others, or more than a transaction may lock
        Err(error @ sqlx::Error::Database(_)) => {
            dropping.rollback().await?;
            tracing::info!(%error, "copies of read tables are condemned, and dropped later");
        }
        Err(error) => return Err(error),
    }
    sqlx::query(NO_LOCK_TIMEOUT).execute(connection).await?;
    Ok(())
}

/// Whoever still builds the read side as it was, or reads it, is at what is dropped: they are ended,
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

/// Drops what others held when somebody was forgotten, rebuilds that were broken off in front of such
/// an event, and what a verification or comparison left that was broken off.
pub(crate) async fn drop_left_behind(connection: &mut PgConnection) -> sqlx::Result<()> {
    let schemas: Vec<&str> = PASSING.iter().map(|(schema, _)| *schema).collect();
    let (condemned, passing): (bool, bool) = sqlx::query_as(
        "select exists (select from replay.spared)
                or exists (select from replay.kept where condemned)
                or exists (select from replay.as_of where condemned),
                exists (select from pg_namespace where nspname::text = any($1))",
    )
    .bind(schemas)
    .fetch_one(&mut *connection)
    .await?;
    if passing {
        let mut transaction = connection.begin().await?;
        sqlx::query(LOCK_TIMEOUT).execute(&mut *transaction).await?;
        drop_passing(&mut transaction).await?;
        transaction.commit().await?;
    }
    if condemned {
        drop_one_by_one(connection).await?;
        let mut transaction = connection.begin().await?;
        sqlx::query(LOCK_TIMEOUT).execute(&mut *transaction).await?;
        drop_spared(&mut transaction).await?;
        transaction.commit().await?;
    }
    Ok(())
}

async fn drop_all(connection: &mut PgConnection) -> sqlx::Result<()> {
    drop_spared(&mut *connection).await?;
    for condemned in Condemned::all(&mut *connection).await? {
        condemned.carry_out(connection).await?;
    }
    Ok(())
}

/// None waits for another that is held.
async fn drop_one_by_one(connection: &mut PgConnection) -> sqlx::Result<()> {
    for condemned in Condemned::all(&mut *connection).await? {
        let mut transaction = connection.begin().await?;
        sqlx::query(LOCK_TIMEOUT).execute(&mut *transaction).await?;
        match condemned.carry_out(&mut transaction).await {
            Ok(()) => transaction.commit().await?,
            Err(error @ sqlx::Error::Database(_)) => {
                transaction.rollback().await?;
                tracing::debug!(%error, "a copy of read tables is not dropped yet");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A copy that is to be dropped: how it is forgotten that there is one, and how it is dropped.
#[derive(sqlx::FromRow)]
struct Condemned {
    forget: String,
    drop: String,
}

impl Condemned {
    async fn all(connection: &mut PgConnection) -> sqlx::Result<Vec<Condemned>> {
        sqlx::query_as(
            "select format('delete from replay.kept where model = %L and condemned', model) as forget,
                    format('drop table if exists read_kept.%I', model) as drop
             from replay.kept where condemned
             union all
             select format('delete from replay.as_of where name = %L and condemned', name),
                    format('drop schema if exists %I cascade', 'as_of_' || name)
             from replay.as_of where condemned",
        )
        .fetch_all(connection)
        .await
    }

    /// Unless another one has its name by now.
    async fn carry_out(self, connection: &mut PgConnection) -> sqlx::Result<()> {
        let forgetting = sqlx::raw_sql(AssertSqlSafe(self.forget));
        let forgotten = forgetting.execute(&mut *connection).await?;
        match forgotten.rows_affected() {
            0 => Ok(()),
            _ => run(connection, vec![self.drop]).await,
        }
    }
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
