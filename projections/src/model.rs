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

use crate::changes::{Changes, Mode, Rows, Size, Touched, WriteError};
use crate::table::Row;

/// A table whose rows take less than such a part of the memory is remembered whole in any case.
const SMALL: usize = 128;

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
    /// Forgets what was applied and not committed, and all that it knows of rows.
    fn begin(&mut self, mode: Mode);
    /// Takes what was applied since the last time. It may be in memory alone until it is stored.
    fn fold<'a>(&'a mut self, connection: &'a mut PgConnection) -> Folding<'a>;
    /// Writes all that was folded.
    fn store<'a>(&'a mut self, connection: &'a mut PgConnection) -> Folding<'a>;
    /// What it remembers of its rows.
    fn size(&self) -> Size;
    /// Forgets rows that were stored, until the rest takes so many bytes.
    fn shrink(&mut self, bytes: usize);
    /// Which rows an event touches; it is not applied.
    fn touched(&mut self, happened: &Happened) -> Result<Vec<Touched>, WriteError>;
}

pub(crate) type Folding<'a> = BoxFuture<'a, Result<(), WriteError>>;

struct Projected<R: ReadModel> {
    changes: Changes<R>,
    rows: Rows<R>,
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

    fn begin(&mut self, mode: Mode) {
        self.changes = Changes::default();
        self.rows = Rows::begin(mode);
    }

    fn fold<'a>(&'a mut self, connection: &'a mut PgConnection) -> Folding<'a> {
        let folding = self.rows.fold(connection, self.changes.take());
        // after a panic all is begun anew: nothing half-done is seen
        let caught = AssertUnwindSafe(folding).catch_unwind();
        Box::pin(caught.map(|done| done.unwrap_or_else(|panic| Err(panicked::<R>(&*panic)))))
    }

    fn store<'a>(&'a mut self, connection: &'a mut PgConnection) -> Folding<'a> {
        Box::pin(self.rows.store(connection))
    }

    fn size(&self) -> Size {
        self.rows.size()
    }

    fn shrink(&mut self, bytes: usize) {
        self.rows.shrink(bytes);
    }

    fn touched(&mut self, happened: &Happened) -> Result<Vec<Touched>, WriteError> {
        self.apply(happened)?;
        Ok(self.changes.take().touched())
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
        rows: Rows::begin(Mode::Live),
    })
}

/// Has models forget rows, all of which were stored, until the rest takes about so many bytes: first
/// those that never came back to what they had written, then all alike.
pub(crate) fn make_room<'m>(models: impl Iterator<Item = &'m mut Box<dyn AnyModel>>, bytes: usize) {
    let is_large = |model: &&mut Box<dyn AnyModel>| model.size().bytes > bytes / SMALL;
    let mut large: Vec<&mut Box<dyn AnyModel>> = models.filter(is_large).collect();
    let known = |large: &[&mut Box<dyn AnyModel>]| -> usize {
        large.iter().map(|model| model.size().bytes).sum()
    };
    if known(&large) <= bytes {
        return;
    }
    for model in &mut large {
        if !model.size().changes_again {
            model.shrink(0);
        }
    }
    let known = known(&large);
    if known <= bytes {
        return;
    }
    for model in large {
        let share = model.size().bytes as f64 * bytes as f64 / known as f64;
        model.shrink(share as usize);
    }
}
