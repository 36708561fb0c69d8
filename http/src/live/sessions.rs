//! A connection lasts no longer than the session that it came in with.

use std::sync::Weak;
use std::time::Duration;

use crate::app::{App, Node};
use crate::fresh;

/// How soon a sign-out elsewhere ends the member's connections here.
const CHECK_EVERY: Duration = Duration::from_secs(5);

/// Ends connections whose session is over, as long as the node is there.
pub async fn watch(node: Weak<Node>) {
    let mut ticks = tokio::time::interval(CHECK_EVERY);
    loop {
        ticks.tick().await;
        let Some(node) = node.upgrade() else { return };
        if let Err(error) = check(&App::from(node)).await {
            tracing::debug!(%error, "sessions can't be checked");
        }
    }
}

async fn check(app: &App) -> sqlx::Result<()> {
    let sessions = app.live.connections.sessions();
    if !sessions.is_empty() {
        let over = app.vault.sessions_over(&sessions, fresh::now()).await?;
        app.live.connections.close_sessions(&over);
    }
    Ok(())
}
