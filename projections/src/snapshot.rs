//! Reading: all queries of an answer see the read models at one position.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use tokio::sync::watch;
use tokio::time::Instant;

/// How long a reader waits for the position that it asks for.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// Another node projects: how often this one looks.
const LOOK_AGAIN: Duration = Duration::from_millis(15);

/// Opens snapshots of the read models. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    pool: PgPool,
    projected: watch::Receiver<i64>,
}

/// The read models at one position, as they were when it was opened.
pub struct Snapshot {
    transaction: Transaction<'static, Postgres>,
    /// Where they stand.
    pub position: i64,
    /// The position asked for was not reached in time: this is older.
    pub stale: bool,
}

impl Reader {
    /// `projected` tells where the projector of this node is, if it is here.
    /// At most `connections` snapshots are open at once; more wait.
    pub fn new(
        options: PgConnectOptions,
        connections: u32,
        projected: watch::Receiver<i64>,
    ) -> Reader {
        let options = options.options([("search_path", "read")]);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(PATIENCE)
            // a broken connection is noticed by its first query
            .test_before_acquire(false)
            .connect_lazy_with(options);
        Reader { pool, projected }
    }

    /// Opens a snapshot at `at_least` this position, waiting for it up to
    /// [`PATIENCE`]; then it is given all the same, marked as stale.
    pub async fn snapshot(&self, at_least: Option<i64>) -> sqlx::Result<Snapshot> {
        let wanted = at_least.unwrap_or(0);
        let deadline = Instant::now() + PATIENCE;
        let mut projected = self.projected.clone();
        loop {
            match self.open(wanted).await {
                Ok(snapshot) if !snapshot.stale || Instant::now() >= deadline => {
                    return Ok(snapshot);
                }
                Ok(_) => {}
                // a pooled connection from before the server was restarted
                Err(sqlx::Error::Io(_)) if Instant::now() < deadline => continue,
                Err(error) => return Err(error),
            }
            let here = projected.wait_for(|position| *position >= wanted);
            let _ = tokio::time::timeout(LOOK_AGAIN, here).await;
        }
    }

    async fn open(&self, wanted: i64) -> sqlx::Result<Snapshot> {
        // in a task of its own: a caller that goes away in the middle of `begin`
        // would leave the pool a connection inside a transaction
        let pool = self.pool.clone();
        let begin = "begin isolation level repeatable read, read only";
        let beginning = tokio::spawn(async move { pool.begin_with(begin).await });
        let mut transaction = beginning.await.expect("beginning does not panic")?;
        let position = crate::projector::checkpoint(&mut transaction).await?;
        Ok(Snapshot {
            transaction,
            position,
            stale: position < wanted,
        })
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
