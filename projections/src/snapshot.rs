//! Reading: all queries of an answer see the read models at one position.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::as_of::Name;

/// How long a reader waits for the position that it asks for.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// Another node projects: how soon this one looks, and how seldom while nothing comes.
const LOOK_AGAIN: Duration = Duration::from_millis(15);
const LOOK_SELDOM: Duration = Duration::from_millis(120);

/// The lock comes before what is seen is fixed: a model that is switched in waits for
/// the lock, so nobody finds a new table under an old view of its rows.
const BEGIN: &str = "begin isolation level repeatable read, read only;
                     lock table checkpoints in access share mode";

/// Opens snapshots of the read models. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    pool: PgPool,
    projected: watch::Receiver<i64>,
    /// The tables stay as they are: nobody waits for them.
    is_still: bool,
}

/// The read models at one position, as they were when it was opened.
pub struct Snapshot {
    transaction: Transaction<'static, Postgres>,
    /// Where they stand.
    pub position: i64,
    /// The position asked for was not reached in time: this is older.
    pub stale: bool,
    /// Models that stand lower, alone. Nobody waits for them.
    pub detached: Vec<Detached>,
}

/// A read model that does not move with the others, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detached {
    pub model: String,
    pub position: i64,
}

impl Snapshot {
    /// The last position of the log.
    async fn head(&mut self) -> sqlx::Result<i64> {
        sqlx::query_scalar("select coalesce(max(position), 0) from log.events")
            .fetch_one(&mut *self.transaction)
            .await
    }

    /// The detached models that were read so far. The server knows: it holds a lock
    /// on every table that a transaction has looked at.
    pub async fn detached_and_read(&mut self) -> sqlx::Result<Vec<Detached>> {
        if self.detached.is_empty() {
            return Ok(Vec::new());
        }
        let read: Vec<String> = sqlx::query_scalar(
            "select distinct c.relname::text from pg_locks l join pg_class c on c.oid = l.relation
             where l.pid = pg_backend_pid() and l.locktype = 'relation' and c.relkind = 'r'",
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        let detached = self.detached.iter();
        let and_read = detached.filter(|detached| read.contains(&detached.model));
        Ok(and_read.cloned().collect())
    }
}

impl Reader {
    /// `projected` tells where the projector of this node is, if it is here.
    /// At most `connections` snapshots are open at once; more wait.
    pub fn new(
        options: PgConnectOptions,
        connections: u32,
        projected: watch::Receiver<i64>,
    ) -> Reader {
        Reader {
            pool: pool(options, connections, "read"),
            projected,
            is_still: false,
        }
    }

    /// Of the read side as it was: it is at no other position than its own, whichever is asked for.
    pub fn as_of(options: PgConnectOptions, connections: u32, name: &Name) -> Reader {
        let (_, projected) = watch::channel(0);
        Reader {
            pool: pool(options, connections, &name.schema()),
            projected,
            is_still: true,
        }
    }

    /// Opens a snapshot at `at_least` this position, waiting for it up to
    /// [`PATIENCE`]; then it is given all the same, marked as stale. So is at once what nobody
    /// has written yet: whoever asks for that waits for nothing.
    pub async fn snapshot(&self, at_least: Option<i64>) -> sqlx::Result<Snapshot> {
        let wanted = at_least.filter(|_| !self.is_still).unwrap_or(0);
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.open(wanted).await {
                Ok(mut snapshot) => {
                    let is_over = !snapshot.stale || Instant::now() >= deadline;
                    if is_over || snapshot.head().await? < wanted {
                        return Ok(snapshot);
                    }
                }
                Err(error) if is_of_before(&error) && Instant::now() < deadline => continue,
                Err(error) => return Err(error),
            }
            self.await_position(wanted, deadline).await;
        }
    }

    /// Until the read models seem to be there, or it takes too long. While it waits it holds no
    /// connection.
    async fn await_position(&self, wanted: i64, deadline: Instant) {
        let mut projected = self.projected.clone();
        let mut pause = LOOK_AGAIN;
        while Instant::now() < deadline {
            let here = async {
                let here = projected.wait_for(|position| *position >= wanted);
                here.await.is_ok()
            };
            match tokio::time::timeout(pause, here).await {
                Ok(true) => return,
                // the projector is gone
                Ok(false) => tokio::time::sleep(pause).await,
                Err(_) => {}
            }
            let there: sqlx::Result<Option<i64>> =
                sqlx::query_scalar("select max(position) from checkpoints")
                    .fetch_one(&self.pool)
                    .await;
            // what is wrong with the database is told by who opens the snapshot
            if there.is_ok_and(|there| there.unwrap_or(0) < wanted) {
                pause = (pause * 2).min(LOOK_SELDOM);
            } else {
                return;
            }
        }
    }

    async fn open(&self, wanted: i64) -> sqlx::Result<Snapshot> {
        // in a task of its own: a caller that goes away in the middle of `begin`
        // would leave the pool a connection inside a transaction
        let pool = self.pool.clone();
        let beginning = tokio::spawn(async move { pool.begin_with(BEGIN).await });
        let mut transaction = beginning.await.expect("beginning does not panic")?;
        let (position, models, positions): (i64, Vec<String>, Vec<i64>) = sqlx::query_as(
            "select coalesce((select max(position) from checkpoints), 0),
                    array(select name from models where state <> 'live' order by name),
                    array(select position from models where state <> 'live' order by name)",
        )
        .fetch_one(&mut *transaction)
        .await?;
        let detached = models.into_iter().zip(positions);
        Ok(Snapshot {
            transaction,
            position,
            stale: position < wanted,
            detached: detached
                .map(|(model, position)| Detached { model, position })
                .collect(),
        })
    }
}

/// Connections that see the read tables of one schema, unqualified.
fn pool(options: PgConnectOptions, connections: u32, schema: &str) -> PgPool {
    let options = options.options([("search_path", schema)]);
    event_log::pool(options, connections, PATIENCE)
}

/// Whether a connection is from before the server was ended or started again, as one that was in use
/// just then may be. The pool drops it.
fn is_of_before(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        // ended by a shutdown or a crash
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| ["57P01", "57P02"].contains(&&*code)),
        _ => false,
    }
}

/// Queries take a connection; a snapshot is one.
impl Deref for Snapshot {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for Snapshot {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}
