//! One writer of a build: some models, one connection, a transaction for each window.

use std::sync::Arc;

use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Pace, Unit};
use crate::batch::{self, Mode};
use crate::changes::WriteError;
use crate::model::Happened;
use crate::projector::{ProjectError, connect};

/// Where a build's tables are.
#[derive(Clone, Debug)]
pub(crate) struct Where {
    pub schema: String,
    /// Its models' positions are kept in `replay.builds`, so that it can be resumed.
    pub resumable: bool,
}

pub(super) struct Output {
    pub number: usize,
    pub progress: mpsc::UnboundedSender<(usize, i64)>,
}

/// Writes window after window until there are no more.
pub(super) async fn write(
    options: PgConnectOptions,
    place: Where,
    mut units: Vec<Unit>,
    mut windows: mpsc::Receiver<Arc<Vec<Happened>>>,
    pace: Pace,
    output: Output,
) -> Result<Vec<Unit>, ProjectError> {
    let mut connection = connect(&options, &place.schema).await?;
    while let Some(window) = windows.recv().await {
        let begun = Instant::now();
        write_window(&mut connection, &mut units, &window, place.resumable).await?;
        if let Some(last) = window.last() {
            // nobody listens any more: then nobody needs to hear
            let _ = output.progress.send((output.number, last.position));
        }
        pace.rest(begun, window.len()).await;
    }
    Ok(units)
}

/// Applies to each unit what it lacks of a window, in one transaction.
pub(crate) async fn write_window(
    connection: &mut PgConnection,
    units: &mut [Unit],
    window: &[Happened],
    resumable: bool,
) -> Result<(), ProjectError> {
    let mut transaction = connection.begin().await?;
    let mut moved: Vec<(&str, i64)> = Vec::new();
    for unit in units {
        let lacked = lacked(window, unit.position, unit.target);
        let Some(last) = lacked.last() else { continue };
        apply(&mut transaction, unit, lacked).await?;
        unit.position = last.position;
        moved.push((unit.model.name(), last.position));
    }
    if resumable && !moved.is_empty() {
        let (names, positions): (Vec<&str>, Vec<i64>) = moved.into_iter().unzip();
        sqlx::query(
            "update replay.builds b set position = m.position
             from unnest($1::text[], $2::bigint[]) as m(model, position)
             where b.model = m.model",
        )
        .bind(names)
        .bind(positions)
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await?;
    Ok(())
}

fn lacked(window: &[Happened], position: i64, target: i64) -> &[Happened] {
    let begin = window.partition_point(|happened| happened.position <= position);
    let end = window.partition_point(|happened| happened.position <= target);
    &window[begin..end.max(begin)]
}

/// New rows are copied in, on the guess that what is not known is not there. When a
/// key says otherwise, that window and all later ones are written with care.
async fn apply(
    connection: &mut PgConnection,
    unit: &mut Unit,
    lacked: &[Happened],
) -> Result<(), ProjectError> {
    let model = &mut *unit.model;
    if unit.fresh {
        match batch::attempt(connection, model, lacked, Mode::Fresh).await? {
            Ok(()) => return Ok(()),
            Err(WriteError::Database(error)) if is_unique_violation(&error) => unit.fresh = false,
            Err(_) => {} // told again below, with its event
        }
    }
    match batch::advance(connection, model, lacked).await? {
        Ok(()) => Ok(()),
        Err(stop) => Err(ProjectError::Fails {
            model: stop.model,
            position: stop.failed_at,
            error: stop.error,
        }),
    }
}

fn is_unique_violation(error: &sqlx::Error) -> bool {
    let database = error.as_database_error();
    database.is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
