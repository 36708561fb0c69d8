//! One writer of a build: some models, one connection.
//!
//! Windows are folded into the models' rows in memory. From time to time, or when these have
//! become many, what they changed is written with how far the models are, in one transaction.

use std::sync::Arc;

use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::pace::Turns;
use super::tables::{pack_quickly, start_over};
use super::{Pace, Unit};
use crate::batch;
use crate::changes::{WriteError, make_key};
use crate::model::{Happened, make_room};
use crate::projector::ProjectError;

/// Where a build's tables are.
#[derive(Clone, Debug)]
pub(crate) struct Where {
    pub schema: String,
    /// Its models' positions are kept in `replay.builds`, so that it can be resumed.
    pub resumable: bool,
}

pub(super) struct Writer {
    pub number: usize,
    pub connection: PgConnection,
    pub resumable: bool,
    pub windows: mpsc::Receiver<Arc<Vec<Happened>>>,
    pub pace: Pace,
    pub turns: Turns,
    /// What its models' rows may take in memory.
    pub memory: usize,
    pub progress: mpsc::UnboundedSender<(usize, i64)>,
}

/// Why a period was not committed.
enum Failure {
    /// Of the model with this number: its code, or what it took for granted.
    Model(usize, WriteError),
    Project(ProjectError),
}

impl<E: Into<ProjectError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::Project(error.into())
    }
}

impl Writer {
    /// Writes what comes until there is no more, and gives the tables their keys. False: some
    /// model must go on with care from where it is now.
    pub async fn write(mut self, units: &mut [Unit]) -> Result<bool, ProjectError> {
        let mut sound = true;
        pack_quickly(&mut self.connection).await?;
        units.iter_mut().for_each(Unit::begin);
        loop {
            let positions: Vec<i64> = units.iter().map(|unit| unit.position).collect();
            match self.period(units).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(Failure::Project(error)) => return Err(error),
                Err(Failure::Model(number, error)) => {
                    let (model, fresh) = (units[number].model.name(), units[number].fresh);
                    tracing::debug!(model, fresh, %error, "goes on with care");
                    for (unit, position) in units.iter_mut().zip(positions) {
                        unit.position = position;
                    }
                    units[number].fresh = false;
                    sound = false;
                    break;
                }
            }
        }
        for unit in units {
            sound &= self.make_key(unit).await?;
        }
        Ok(sound)
    }

    /// Windows up to the next commit. False: there are no more.
    async fn period(&mut self, units: &mut [Unit]) -> Result<bool, Failure> {
        let mut transaction = self.connection.begin().await?;
        let begun = Instant::now();
        let (mut moved, mut more) = (0, true);
        while moved == 0 || !is_due(units, begun, (self.pace, self.memory)) {
            let Some(window) = self.windows.recv().await else {
                more = false;
                break;
            };
            let turn = self.turns.next().await;
            for (number, unit) in units.iter_mut().enumerate() {
                take(&mut transaction, (number, unit), &window).await?;
            }
            turn.end().await;
            moved += window.len();
            if let Some(last) = window.last() {
                // nobody listens any more: then nobody needs to hear
                let _ = self.progress.send((self.number, last.position));
            }
        }
        for (number, unit) in units.iter_mut().enumerate().filter(|(_, unit)| unit.fresh) {
            // one alone is soon done: members wait for the machine no longer than that
            let turn = self.turns.next().await;
            let stored = unit.model.store(&mut transaction).await;
            stored.map_err(|error| failure(number, error))?;
            turn.end().await;
        }
        let turn = self.turns.next().await;
        if self.resumable && moved > 0 {
            remember(&mut transaction, units).await?;
        }
        transaction.commit().await?;
        settle(units);
        make_room(
            units.iter_mut().map(|unit| &mut unit.model),
            self.memory / 2,
        );
        turn.end().await;
        self.turns.keep_to_rate(begun, moved).await;
        Ok(more)
    }

    /// False: there are several rows under one key. Then all is begun anew, with care.
    async fn make_key(&mut self, unit: &mut Unit) -> Result<bool, ProjectError> {
        let mut transaction = self.connection.begin().await?;
        let table = unit.model.name();
        match make_key(&mut transaction, table).await {
            Ok(()) => {
                transaction.commit().await?;
                Ok(true)
            }
            Err(error) if is_unique_violation(&error) => {
                transaction.rollback().await?;
                tracing::warn!(table, %error, "is begun anew, with care");
                (unit.position, unit.fresh) = (0, false);
                let unit = std::slice::from_mut(unit);
                let mut transaction = self.connection.begin().await?;
                start_over(&mut transaction, table).await?;
                if self.resumable {
                    remember(&mut transaction, unit).await?;
                }
                transaction.commit().await?;
                settle(unit);
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether it is time to commit.
fn is_due(units: &[Unit], begun: Instant, (pace, memory): (Pace, usize)) -> bool {
    let changed = units.iter().map(|unit| unit.model.size().changed);
    begun.elapsed() >= pace.period()
        || changed.sum::<usize>() >= memory / 2
        // written with care, window by window
        || units.iter().any(|unit| !unit.fresh)
}

/// Applies to a unit what it lacks of a window.
async fn take(
    connection: &mut PgConnection,
    (number, unit): (usize, &mut Unit),
    window: &[Happened],
) -> Result<(), Failure> {
    let lacked = lacked(window, unit.position, unit.target);
    let Some(last) = lacked.last() else {
        return Ok(());
    };
    if unit.fresh {
        let applied = batch::apply_all(&mut *unit.model, lacked);
        applied.map_err(|error| failure(number, error))?;
        let folded = unit.model.fold(connection).await;
        folded.map_err(|error| failure(number, error))?;
    } else {
        let written = write_carefully(connection, unit, lacked).await;
        written.map_err(Failure::Project)?;
    }
    unit.position = last.position;
    Ok(())
}

fn failure(number: usize, error: WriteError) -> Failure {
    match error.is_the_models() {
        true => Failure::Model(number, error),
        false => Failure::Project(error.into()),
    }
}

/// Applies to each unit what it lacks of a window, with care, in one transaction.
pub(crate) async fn write_window(
    connection: &mut PgConnection,
    units: &mut [Unit],
    window: &[Happened],
    resumable: bool,
) -> Result<(), ProjectError> {
    let mut transaction = connection.begin().await?;
    for unit in &mut *units {
        let lacked = lacked(window, unit.position, unit.target);
        if let Some(last) = lacked.last() {
            write_carefully(&mut transaction, unit, lacked).await?;
            unit.position = last.position;
        }
    }
    if resumable {
        remember(&mut transaction, units).await?;
    }
    transaction.commit().await?;
    settle(units);
    Ok(())
}

fn lacked(window: &[Happened], position: i64, target: i64) -> &[Happened] {
    let begin = window.partition_point(|happened| happened.position <= position);
    let end = window.partition_point(|happened| happened.position <= target);
    &window[begin..end.max(begin)]
}

async fn write_carefully(
    connection: &mut PgConnection,
    unit: &mut Unit,
    lacked: &[Happened],
) -> Result<(), ProjectError> {
    match batch::advance(connection, &mut *unit.model, lacked).await? {
        Ok(()) => Ok(()),
        Err(stop) => Err(ProjectError::Fails {
            model: stop.model,
            position: stop.failed_at,
            error: stop.error,
        }),
    }
}

/// Where a build that is broken off goes on, unless somebody else was at it meanwhile: then the rows
/// that these are to follow may be others.
async fn remember(connection: &mut PgConnection, units: &[Unit]) -> Result<(), ProjectError> {
    let moved = || units.iter().filter(|unit| unit.position != unit.remembered);
    let names: Vec<&str> = moved().map(|unit| unit.model.name()).collect();
    let remembered = sqlx::query(
        "update replay.builds b set position = m.position
         from unnest($1::text[], $2::bigint[], $3::bigint[]) as m(model, remembered, position)
         where b.model = m.model and b.position = m.remembered",
    )
    .bind(&names)
    .bind(moved().map(|unit| unit.remembered).collect::<Vec<_>>())
    .bind(moved().map(|unit| unit.position).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    match remembered.rows_affected() == names.len() as u64 {
        true => Ok(()),
        false => Err(ProjectError::Overtaken),
    }
}

/// It is committed.
fn settle(units: &mut [Unit]) {
    for unit in units {
        unit.remembered = unit.position;
    }
}

fn is_unique_violation(error: &sqlx::Error) -> bool {
    let database = error.as_database_error();
    database.is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
