//! What nodes tell each other: where the log ends by now. It wakes readers, and may be lost.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgConnection, PgListener};

use super::{POLL, Shared};
use crate::{commit, pool};

const CHANNEL: &str = "reeltime_log";
/// A server that lets nobody in is asked again after so long, and a [`POLL`].
const LISTEN_WITHIN: Duration = Duration::from_secs(10);
/// Announcements closer together are made as one.
const ANNOUNCE_INTERVAL: Duration = Duration::from_millis(4);
/// A connection that takes longer for one of them is given up: they wait for each other.
const HINT_TIMEOUT: Duration = Duration::from_secs(1);

/// Wakes the table's reader when another node announces a head.
pub(super) async fn listen(shared: Arc<Shared>) {
    loop {
        let own = pool::beside(&shared.pool, LISTEN_WITHIN);
        if let Ok(mut listener) = PgListener::connect_with(&own).await
            && listener.listen(CHANNEL).await.is_ok()
        {
            // none: the connection was lost, and is there again
            while let Ok(notification) = listener.try_recv().await {
                let head = notification.and_then(|n| n.payload().parse().ok());
                if head.is_none_or(|head: i64| head > *shared.head.borrow()) {
                    shared.wake.notify_one();
                }
            }
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Tells other nodes of this node's appends, outside their transactions:
/// `NOTIFY` inside them makes commits wait for one another.
pub(super) async fn announce(shared: Arc<Shared>) {
    let mut appended = shared.appended.subscribe();
    // its own: after a rest the pool would ask first whether the connection is still there
    let mut connection = None;
    while appended.changed().await.is_ok() {
        let head = *appended.borrow_and_update();
        if let Err(error) = hint(&shared.pool, &mut connection, head).await {
            tracing::debug!(%error, "an append was not announced; other nodes poll");
        }
        tokio::time::sleep(ANNOUNCE_INTERVAL).await;
    }
}

/// On the connection that is kept, which may have been cut while it was idle: then at once on a new one.
async fn hint(pool: &PgPool, kept: &mut Option<PgConnection>, head: i64) -> sqlx::Result<()> {
    if let Some(mut connection) = kept.take()
        && notify(&mut connection, head).await.is_ok()
    {
        *kept = Some(connection);
        return Ok(());
    }
    let mut connection = commit::connect(&pool.connect_options()).await?;
    notify(&mut connection, head).await?;
    *kept = Some(connection);
    Ok(())
}

async fn notify(connection: &mut PgConnection, head: i64) -> sqlx::Result<()> {
    // a hint needs no disk: its commit would wait for one otherwise
    let hint = "select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)";
    let hinting = sqlx::query(hint).bind(CHANNEL).bind(head.to_string());
    let hinted = tokio::time::timeout(HINT_TIMEOUT, hinting.execute(connection)).await;
    hinted.map_err(|_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))??;
    Ok(())
}
