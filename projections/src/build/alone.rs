//! Work under a lock that is a connection's.

use std::pin::pin;
use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tokio::time::timeout;

use crate::projector::in_time;

/// How often the connection is looked after. What ends connections that lie idle is more patient.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A connection that does not answer by then is lost.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);

/// Works as long as this connection is there, and with it the lock that it holds: work may take
/// hours, in which it would lie idle. Without the lock somebody else may be at the same.
pub(crate) async fn while_locked<T, E: From<sqlx::Error>>(
    lock: &mut PgConnection,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let mut work = pin!(work);
    loop {
        if let Ok(done) = timeout(LOOK_EVERY, &mut work).await {
            return done;
        }
        in_time(ANSWERS_WITHIN, lock.ping()).await?;
    }
}
