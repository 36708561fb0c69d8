//! What a node does by itself as time passes.

use std::time::Duration;

use commands::reactor::{Due, Reacting, Reactor};
use commands::room::{ArchiveIdle, IDLE};
use domain::RoomId;
use event_log::Clock;
use projections::{Reader, rooms};
use uuid::Uuid;

use crate::app::App;
use crate::fresh;

/// A room may stay open so much longer than it must.
pub const ARCHIVE_EVERY: Duration = Duration::from_secs(60);
/// Archived in one round; the rest in the next.
const AT_ONCE: i64 = 100;

/// Archives rooms that nobody was in for a day.
pub fn archive_idle_rooms(app: &App, clock: Clock, every: Duration) -> Reactor {
    let reacting = Reacting {
        name: "archive_idle_rooms",
        every,
        database: (*app.pool.connect_options()).clone(),
        sequencer: app.sequencer.clone(),
        clock,
        holder: fresh::id(),
    };
    let reader = app.reader.clone();
    Reactor::start(reacting, move |at| idle(reader.clone(), at))
}

async fn idle(
    reader: Reader,
    at: chrono::DateTime<chrono::Utc>,
) -> sqlx::Result<Vec<Due<ArchiveIdle>>> {
    let mut snapshot = reader.snapshot(None).await?;
    let idle = rooms::idle_since(&mut snapshot, at - IDLE, AT_ONCE).await?;
    let due = idle.into_iter().map(|(room, since)| Due {
        // it may fall idle again
        cause: Uuid::new_v5(&room, &since.to_be_bytes()),
        command: ArchiveIdle {
            room: RoomId(room),
            at,
        },
    });
    Ok(due.collect())
}
