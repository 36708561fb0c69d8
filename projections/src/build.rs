//! Computing read models from the log again, beside whatever is live, in a schema of
//! its own: the tables, and the rows from the first event on.
//!
//! A pipeline: one connection reads windows of events with `COPY`, they are decoded
//! once, and one or more writers, each with some of the models, write a window's rows
//! and how far they are in one transaction. Tables have no index but their key until
//! all is loaded.

mod pace;
mod pipeline;
mod progress;
mod tables;
mod writer;

pub use pace::Pace;
pub use progress::{Phase, Progress};

pub(crate) use pipeline::load;
pub(crate) use progress::Reporter;
pub(crate) use tables::{clear, create, finish, with_key};
pub(crate) use writer::{Where, write_window};

use event_log::Keyring;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;

use crate::model::AnyModel;

/// What is read: the log, and the keys that open it.
#[derive(Clone)]
pub(crate) struct Source {
    pub options: PgConnectOptions,
    pub keyring: Keyring,
}

impl Source {
    pub fn new(pool: &PgPool, keyring: &Keyring) -> Source {
        Source {
            options: (*pool.connect_options()).clone(),
            keyring: keyring.clone(),
        }
    }
}

/// A model on its way through the log.
pub(crate) struct Unit {
    pub model: Box<dyn AnyModel>,
    /// Its rows say what happened up to here.
    pub position: i64,
    /// And are to say what happened up to here.
    pub target: i64,
    /// Its table began empty and nobody else writes it: new rows are copied in. Not once
    /// that went wrong.
    pub fresh: bool,
}

impl Unit {
    pub fn new(model: Box<dyn AnyModel>, position: i64, target: i64) -> Unit {
        Unit {
            model,
            position,
            target,
            fresh: true,
        }
    }

    /// All models from the first event on.
    pub fn all(target: i64) -> Vec<Unit> {
        let models = crate::models().into_iter();
        models.map(|model| Unit::new(model, 0, target)).collect()
    }
}

/// The first position that some unit still lacks, and the last.
pub(crate) fn span(units: &[Unit]) -> (i64, i64) {
    let lacking = || units.iter().filter(|unit| unit.position < unit.target);
    let from = lacking().map(|unit| unit.position).min().unwrap_or(0);
    (
        from,
        lacking().map(|unit| unit.target).max().unwrap_or(from),
    )
}
