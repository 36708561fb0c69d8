//! A read model: a table, and the pure function that says what an event does to it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use domain::Event;
use event_log::Recorded;
use futures::FutureExt;
use futures::future::BoxFuture;
use sealing::Keys;
use sqlx::postgres::PgConnection;

use crate::changes::{Cache, Changes, Mode, Touched, WriteError};
use crate::table::Row;

/// An event as a read model sees it.
#[derive(Clone, Debug)]
pub struct Happened {
    pub position: i64,
    /// In its stream.
    pub version: i64,
    /// When it happened, and never after it was recorded: what members bring along says its own
    /// time, and nothing may be newer than what is new.
    pub at: DateTime<Utc>,
    pub event: Event,
}

impl Happened {
    /// Opens what is sealed: as text, or as forgotten.
    pub fn read(recorded: &Recorded, keys: &Keys) -> Result<Happened, domain::DecodeError> {
        let stored = recorded.stored();
        let opening = keys.opening(stored.id, stored.key_id);
        Ok(Happened {
            position: recorded.position,
            version: recorded.version,
            at: recorded.occurred_at.min(recorded.recorded_at),
            event: Event::from_stored(
                stored.event_type,
                stored.schema_version,
                stored.payload,
                opening,
            )?,
        })
    }
}

/// A row that is computed from events. Pure and synchronous: no I/O, no clock;
/// the same events give the same rows, one at a time or ten thousand.
pub trait ReadModel: Row {
    /// Of the code in `apply`. Another one than the live table was written by makes
    /// `reeltime` compute the model anew, beside the live table, at its next start.
    const VERSION: i32 = 1;

    fn apply(happened: &Happened, changes: &mut Changes<Self>);
}

/// A read model whose row type is not known: what the projector handles.
pub(crate) trait AnyModel: Send + Sync {
    /// Its table's.
    fn name(&self) -> &'static str;
    fn version(&self) -> i32;
    fn apply(&mut self, happened: &Happened) -> Result<(), WriteError>;
    /// Writes what was applied since the last time.
    fn write<'a>(
        &'a mut self,
        connection: &'a mut PgConnection,
        mode: Mode,
    ) -> BoxFuture<'a, Result<(), WriteError>>;
    /// Which rows an event touches; it is not applied.
    fn touched(&mut self, happened: &Happened) -> Result<Vec<Touched>, WriteError>;
    /// Forgets what was applied and not committed, and all that it knows of rows.
    fn reset(&mut self);
}

struct Projected<R: ReadModel> {
    changes: Changes<R>,
    cache: Cache<R>,
}

impl<R: ReadModel> AnyModel for Projected<R> {
    fn name(&self) -> &'static str {
        R::TABLE
    }

    fn version(&self) -> i32 {
        R::VERSION
    }

    fn apply(&mut self, happened: &Happened) -> Result<(), WriteError> {
        // its changes are thrown away after a panic: nothing half-done is seen
        let apply = AssertUnwindSafe(|| R::apply(happened, &mut self.changes));
        catch_unwind(apply).map_err(|panic| panicked::<R>(&*panic))
    }

    fn write<'a>(
        &'a mut self,
        connection: &'a mut PgConnection,
        mode: Mode,
    ) -> BoxFuture<'a, Result<(), WriteError>> {
        let changes = self.changes.take();
        let writing = changes.write(connection, &mut self.cache, mode);
        // patches are folded between statements, never inside one
        let caught = AssertUnwindSafe(writing).catch_unwind();
        Box::pin(caught.map(|done| done.unwrap_or_else(|panic| Err(panicked::<R>(&*panic)))))
    }

    fn touched(&mut self, happened: &Happened) -> Result<Vec<Touched>, WriteError> {
        self.apply(happened)?;
        Ok(self.changes.take().touched())
    }

    fn reset(&mut self) {
        self.changes = Changes::default();
        self.cache.clear();
    }
}

fn panicked<R: ReadModel>(panic: &(dyn Any + Send)) -> WriteError {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    WriteError::Panicked {
        table: R::TABLE,
        message: text.unwrap_or("without a message").to_owned(),
    }
}

pub(crate) fn model<R: ReadModel>() -> Box<dyn AnyModel> {
    Box::new(Projected::<R> {
        changes: Changes::default(),
        cache: Cache::default(),
    })
}
