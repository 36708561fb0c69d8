//! A pool's connections to a database: handed out as they are while they are in use all the time, and
//! asked first whether they are still there after a rest.

use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::PgPoolOptions;

/// A connection that comes back to the pool has just answered: so long that is good for. PostgreSQL
/// takes longer to start again, so whoever comes after a restart gets none of before. Who comes within
/// this time of its end may get a dead one, as those have who had theirs by then.
const ANSWER_HOLDS: Duration = Duration::from_millis(10);

/// At most so many. Under load nobody waits for a second answer before the first query.
pub fn options(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > ANSWER_HOLDS {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}
