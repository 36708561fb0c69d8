//! A pool's connections to a database: handed out as they are while they are in use all the time, and
//! asked first whether they are still there after a rest.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgPool};

/// A connection that comes back to the pool has just answered: so long that is good for. PostgreSQL
/// takes longer to start again, so whoever comes after a restart gets none of before. Who comes within
/// this time of its end may get a dead one, as those have who had theirs by then.
const ANSWER_HOLDS: Duration = Duration::from_millis(10);

/// A pool of at most so many connections; whoever gets none within their patience is told so. Under
/// load nobody waits for a second answer before the first query. Plans are not compiled, which for
/// what is asked here takes longer than it saves; nor are those of whoever connects with the pool's
/// options.
pub fn pool(options: PgConnectOptions, connections: u32, patience: Duration) -> PgPool {
    of(options.options([("jit", "off")]), connections, patience)
}

/// One connection apart from a pool's, for what must not wait until the pool has one; or for a
/// listener, which would keep the pool from closing.
pub fn beside(pool: &PgPool, patience: Duration) -> PgPool {
    of((*pool.connect_options()).clone(), 1, patience)
}

fn of(options: PgConnectOptions, connections: u32, patience: Duration) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(patience)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > ANSWER_HOLDS {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}
