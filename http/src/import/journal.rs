//! How far imports have come, so that one that was broken off goes on, and operators see it. What
//! was brought in is in the log; lost, this is begun anew.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{Connection, PgExecutor};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::fresh;

/// Held by the connection of whoever imports, and gone with it. "tmdb" in ASCII.
const LOCK: i64 = 0x746d_6462;
/// Between two signs of life.
pub const BEAT: Duration = Duration::from_secs(2);
/// An import that gave no sign for so long has ended without saying so.
pub const SIGN_OF_LIFE_SECONDS: i64 = 20;
/// On the operator's page, the newest.
const SHOWN: i64 = 20;
/// What the list of one import holds; more is left out.
pub const MOST_FILMS: usize = 1_000_000;
/// An import that was broken off goes on with its own list for so many days after its last sign of
/// life; then it begins anew, and the list, which may be of megabytes, is dropped.
pub const GOES_ON_DAYS: u64 = 7;

/// An import as operators see it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Import {
    pub import: Uuid,
    /// Such as `popular 500`.
    pub asked: String,
    /// `None`: what there is to do is not known yet.
    pub length: Option<i32>,
    pub done: i32,
    pub listed: i32,
    pub revised: i32,
    pub missing: i32,
    /// Why it stopped.
    pub failure: Option<String>,
    pub started_at: DateTime<Utc>,
    /// The last sign of life.
    pub touched_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Of changes: when they were asked for before, with success.
    pub asked_before: Option<DateTime<Utc>>,
}

impl Import {
    /// From and to which day films may have changed at TMDB without this having asked for it: the
    /// last time is longer ago than TMDB tells changes of, or than the operator asked for.
    pub fn unasked(&self) -> Option<(NaiveDate, NaiveDate)> {
        let dates = self.asked.strip_prefix("changes ")?;
        let since = dates.split(' ').next()?.parse::<NaiveDate>().ok()?;
        let last = self.asked_before?.date_naive();
        (last < since).then_some((last, since))
    }

    pub fn is_running(&self, now: DateTime<Utc>) -> bool {
        let silent = (now - self.touched_at).num_seconds();
        self.finished_at.is_none() && self.failure.is_none() && silent < SIGN_OF_LIFE_SECONDS
    }
}

/// What came of some of an import's films.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// All that were looked at.
    pub done: i32,
    pub listed: i32,
    pub revised: i32,
    /// TMDB has them no more, they are not for everybody, or it fails at them.
    pub missing: i32,
}

/// The import that runs here.
pub struct Journal {
    pool: PgPool,
    pub import: Import,
    /// Its end is the lock's.
    lock: Mutex<PgConnection>,
}

impl Journal {
    /// Begins an import, or takes up one that was broken off; `None`: another one runs.
    pub async fn begin(pool: &PgPool, asked: &str) -> sqlx::Result<Option<Journal>> {
        let mut lock = PgConnection::connect_with(&pool.connect_options()).await?;
        let is_ours: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
            .bind(LOCK)
            .fetch_one(&mut lock)
            .await?;
        if !is_ours || is_one_alive(pool).await? {
            return Ok(None);
        }
        drop_lists_given_up(pool).await?;
        let import = match broken_off(pool, asked).await? {
            Some(import) => import,
            None => new(pool, asked).await?,
        };
        sqlx::query(
            "update coordination.imports set failure = null, touched_at = $2 where import = $1",
        )
        .bind(import.import)
        .bind(fresh::now())
        .execute(pool)
        .await?;
        Ok(Some(Journal {
            pool: pool.clone(),
            import,
            lock: Mutex::new(lock),
        }))
    }

    /// TMDB's ids of all films, in order; `None`: not known yet.
    pub async fn list(&self) -> sqlx::Result<Option<Vec<i32>>> {
        sqlx::query_scalar("select list from coordination.imports where import = $1")
            .bind(self.import.import)
            .fetch_one(&self.pool)
            .await
    }

    pub async fn set_list(&self, list: &[i32]) -> sqlx::Result<()> {
        sqlx::query("update coordination.imports set list = $2, touched_at = $3 where import = $1")
            .bind(self.import.import)
            .bind(list)
            .bind(fresh::now())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The next films of the list are done. Told by who holds the lock alone, so that none is
    /// counted twice.
    pub async fn advance(&self, tally: Tally) -> sqlx::Result<()> {
        let mut lock = self.lock.lock().await;
        sqlx::query(
            "update coordination.imports
             set done = done + $2, listed = listed + $3, revised = revised + $4,
                 missing = missing + $5, touched_at = $6
             where import = $1",
        )
        .bind(self.import.import)
        .bind(tally.done)
        .bind(tally.listed)
        .bind(tally.revised)
        .bind(tally.missing)
        .bind(fresh::now())
        .execute(&mut *lock)
        .await?;
        Ok(())
    }

    /// A sign of life, also while TMDB makes us wait. Fails where the lock was lost: then another
    /// import may begin, and this one must end.
    pub async fn touch(&self) -> sqlx::Result<()> {
        let mut lock = self.lock.lock().await;
        sqlx::query("update coordination.imports set touched_at = $2 where import = $1")
            .bind(self.import.import)
            .bind(fresh::now())
            .execute(&mut *lock)
            .await?;
        Ok(())
    }

    /// It is done, or stopped for this reason; then the same import goes on when asked again.
    pub async fn end(self, failure: Option<&str>) -> sqlx::Result<Import> {
        sqlx::query(
            "update coordination.imports
             set failure = $2, touched_at = $3,
                 finished_at = case when $2::text is null then $3 end,
                 list = case when $2::text is null then '{}' else list end,
                 length = coalesce(array_length(list, 1), 0)
             where import = $1",
        )
        .bind(self.import.import)
        .bind(failure)
        .bind(fresh::now())
        .execute(&self.pool)
        .await?;
        by_id(&self.pool, self.import.import).await
    }
}

/// The columns of an [`Import`]. A finished import's list is dropped; its length stays.
macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "select import, asked,
                    coalesce(length, case when list is null then null
                                          else coalesce(array_length(list, 1), 0) end) as length,
                    done, listed, revised, missing, failure, started_at, touched_at, finished_at,
                    (select max(earlier.started_at) from coordination.imports as earlier
                     where imports.asked like 'changes %' and earlier.asked like 'changes %'
                       and earlier.finished_at is not null
                       and earlier.started_at < imports.started_at) as asked_before
             from coordination.imports ",
            $rest
        )
    };
}

/// Whether an import goes on without its lock, because the lock's connection was cut. One that was
/// killed a moment ago leaves a young sign, too, but no other follows.
async fn is_one_alive(pool: &PgPool) -> sqlx::Result<bool> {
    let last = last_sign(pool).await?;
    let young = fresh::now() - TimeDelta::seconds(SIGN_OF_LIFE_SECONDS);
    if last.is_none_or(|last| last < young) {
        return Ok(false);
    }
    tokio::time::sleep(3 * BEAT).await;
    Ok(last_sign(pool).await? > last)
}

/// Of an import that has not ended.
async fn last_sign(pool: &PgPool) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar(
        "select max(touched_at) from coordination.imports
         where finished_at is null and failure is null",
    )
    .fetch_one(pool)
    .await
}

/// What was broken off before then does not go on.
fn given_up_before() -> DateTime<Utc> {
    let now = fresh::now();
    now.checked_sub_days(Days::new(GOES_ON_DAYS)).unwrap_or(now)
}

async fn drop_lists_given_up(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query(
        "update coordination.imports
         set length = array_length(list, 1), list = '{}',
             failure = coalesce(failure || '; ', '') || 'given up, ' || $2 || ' days later'
         where finished_at is null and list <> '{}' and touched_at < $1",
    )
    .bind(given_up_before())
    .bind(GOES_ON_DAYS.to_string())
    .execute(pool)
    .await?;
    Ok(())
}

async fn broken_off(pool: &PgPool, asked: &str) -> sqlx::Result<Option<Import>> {
    sqlx::query_as(columns!(
        "where asked = $1 and finished_at is null and touched_at >= $2
         order by started_at desc limit 1"
    ))
    .bind(asked)
    .bind(given_up_before())
    .fetch_optional(pool)
    .await
}

async fn new(pool: &PgPool, asked: &str) -> sqlx::Result<Import> {
    let import = fresh::id();
    sqlx::query(
        "insert into coordination.imports (import, asked, started_at, touched_at)
         values ($1, $2, $3, $3)",
    )
    .bind(import)
    .bind(asked)
    .bind(fresh::now())
    .execute(pool)
    .await?;
    by_id(pool, import).await
}

async fn by_id(pool: &PgPool, import: Uuid) -> sqlx::Result<Import> {
    sqlx::query_as(columns!("where import = $1"))
        .bind(import)
        .fetch_one(pool)
        .await
}

/// The newest first.
pub async fn newest(executor: impl PgExecutor<'_>) -> sqlx::Result<Vec<Import>> {
    sqlx::query_as(columns!("order by started_at desc, import limit $1"))
        .bind(SHOWN)
        .fetch_all(executor)
        .await
}

/// What exports were asked for that were broken off, and go on.
pub async fn exports_broken_off(pool: &PgPool) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "select asked from coordination.imports
         where asked like 'export %' and finished_at is null and touched_at >= $1
         order by started_at desc",
    )
    .bind(given_up_before())
    .fetch_all(pool)
    .await
}

/// When changes were asked for the last time with success.
pub async fn last_changes(pool: &PgPool) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar(
        "select max(started_at) from coordination.imports
         where asked like 'changes %' and finished_at is not null",
    )
    .fetch_one(pool)
    .await
}
