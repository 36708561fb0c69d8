//! The switch: new tables take the place of the live ones, in one short transaction.

use std::time::Duration;

use event_log::{Filter, Keyring, Order, copy_page, lease, read_matching};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};
use tokio::time::Instant;

use super::{Builder, RebuildError, Rebuilt, SCHEMA, are_all, is_lock_timeout};
use crate::batch;
use crate::build::{Phase, Progress, Reporter, Source, Unit, write_window};
use crate::changes::WriteError;
use crate::projector::{self, ProjectError, checkpoint, connect};
use crate::standing;

/// How long a switch waits for answers that are being read, with all new ones waiting
/// behind it; then it lets them pass and tries again.
const LOCK_TIMEOUT: &str = "set local lock_timeout = '40ms'";
const RETRY: Duration = Duration::from_millis(150);
/// Events in one transaction of the rest.
const WINDOW: i64 = 1_000;

impl Builder {
    /// Applies what is left and moves the tables, as soon as nobody reads.
    ///
    /// Readers begin with a lock on the checkpoints, before what they see is fixed: each
    /// sees all old tables or all new ones.
    pub(super) async fn switch(
        &mut self,
        source: &Source,
        mut units: Vec<Unit>,
        names: &[String],
        report: Reporter<'_>,
    ) -> Result<Rebuilt, RebuildError> {
        self.make_room(&units).await?;
        loop {
            let position = self.target(names).await?;
            report(Progress {
                phase: Phase::Switching,
                position,
                target: position,
            });
            match self.attempt(source, &mut units, names).await {
                Ok(Some(rebuilt)) => return Ok(rebuilt),
                Ok(None) => tokio::time::sleep(RETRY).await,
                Err(RebuildError::Project(ProjectError::Write(WriteError::Database(error))))
                    if is_lock_timeout(&error) =>
                {
                    tokio::time::sleep(RETRY).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// What was kept so far of the same models makes place for what is live now.
    async fn make_room(&mut self, units: &[Unit]) -> Result<(), RebuildError> {
        for unit in units {
            super::kept::drop_kept(&mut self.connection, unit.model.name()).await?;
        }
        Ok(())
    }

    /// `None`: others are live that are not yet where these are.
    async fn attempt(
        &mut self,
        source: &Source,
        units: &mut [Unit],
        names: &[String],
    ) -> Result<Option<Rebuilt>, RebuildError> {
        let mut filling = connect(&source.options, SCHEMA).await?;
        let mut reading = connect(&source.options, SCHEMA).await?;
        let mut switch = self.connection.begin().await?;
        sqlx::query(LOCK_TIMEOUT).execute(&mut *switch).await?;
        // the projector stands still until this is over, then it finds another epoch
        lease::revoke(&mut switch, projector::LEASE).await?;
        let live = checkpoint(&mut switch).await?;
        let furthest = units.iter().map(|unit| unit.position).max().unwrap_or(live);
        // behind the lease: another model may have joined the live ones meanwhile
        let position = match are_all(&mut switch, names).await? {
            true => live.max(furthest),
            false => live,
        };
        if position < furthest {
            switch.rollback().await?;
            return Ok(None);
        }
        let between = (&mut reading, &mut filling);
        fill(&source.keyring, between, units, position).await?;

        let begun = Instant::now();
        sqlx::query("lock table read.checkpoints in access exclusive mode")
            .execute(&mut *switch)
            .await?;
        for unit in &mut *units {
            let (name, version) = (unit.model.name(), unit.model.version());
            move_tables(&mut switch, name).await?;
            standing::join(&mut switch, name, version).await?;
        }
        if position > live {
            sqlx::query("insert into read.checkpoints (position) values ($1)")
                .bind(position)
                .execute(&mut *switch)
                .await?;
        }
        if forgets_between(&mut reading, live, position).await? {
            // the tables that were live have not heard of it
            super::drop_copies(&mut switch, position).await?;
        }
        switch.commit().await?;
        Ok(Some(Rebuilt {
            models: names.to_vec(),
            position,
            switched_in: begun.elapsed(),
        }))
    }
}

/// Whether somebody was forgotten behind a position, up to another.
async fn forgets_between(
    reading: &mut PgConnection,
    behind: i64,
    through: i64,
) -> sqlx::Result<bool> {
    let filter = Filter {
        event_type: Some("forgetting.forgotten".to_owned()),
        ..Filter::default()
    };
    let range = (behind, through);
    let found = read_matching(reading, &filter, range, Order::OldestFirst, 1).await?;
    Ok(!found.events.is_empty())
}

async fn fill(
    keyring: &Keyring,
    (reading, filling): (&mut PgConnection, &mut PgConnection),
    units: &mut [Unit],
    position: i64,
) -> Result<(), RebuildError> {
    units.iter_mut().for_each(|unit| unit.target = position);
    loop {
        let (from, through) = crate::build::span(units);
        if from == through {
            return Ok(());
        }
        let page = copy_page(reading, from, WINDOW.min(through - from)).await;
        let events = page.map_err(ProjectError::Log)?;
        let happened = batch::read(keyring, &events).await?;
        write_window(filling, units, &happened, true).await?;
    }
}

/// The live table is kept, the new one is live.
async fn move_tables(switch: &mut PgConnection, name: &str) -> sqlx::Result<()> {
    sqlx::query(
        "insert into replay.kept (model, version, position)
         select name, version,
                coalesce(position, (select coalesce(max(position), 0) from read.checkpoints))
         from read.models where name = $1",
    )
    .bind(name)
    .execute(&mut *switch)
    .await?;
    let sql = format!(
        "alter table read.{name} set schema read_kept;
         alter table {SCHEMA}.{name} set schema read;"
    );
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut *switch)
        .await?;
    sqlx::query("delete from replay.builds where model = $1")
        .bind(name)
        .execute(switch)
        .await?;
    Ok(())
}
