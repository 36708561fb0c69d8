//! Computing read models from the log again, beside whatever is live, in a schema of
//! its own: the tables, and the rows from the first event on.
//!
//! A pipeline: one connection reads windows of events with `COPY`, they are decoded once, and one
//! or more writers, each with some of the models, fold them into rows in memory and write these
//! from time to time. Most rows are written once, however often they change. Tables have no index
//! that is not needed meanwhile until all is loaded.

mod alone;
mod pace;
mod pipeline;
mod progress;
mod tables;
mod writer;

pub use pace::Pace;
pub use progress::{Phase, Progress};

pub(crate) use alone::while_locked;
pub(crate) use pipeline::load;
pub(crate) use progress::Reporter;
pub(crate) use tables::{clear, create, finish};
pub(crate) use writer::{Where, write_window};

use domain::Event;
use domain::forgetting::Event as Forgetting;
use event_log::Keyring;
use sqlx::postgres::{PgConnectOptions, PgConnection};

use crate::batch;
use crate::changes::Mode;
use crate::model::AnyModel;
use crate::projector::ProjectError;

/// What rows take in memory while a build goes on, of all models together: what is more is written
/// and read again.
pub const MEMORY: usize = 320 * 1024 * 1024;
/// Events by which somebody was forgotten that are read at once.
const FORGOTTEN_AT_ONCE: i64 = 1_000;

/// What is read: the log, and the keys that open it.
#[derive(Clone)]
pub(crate) struct Source {
    pub options: PgConnectOptions,
    pub keyring: Keyring,
    /// What rows may take in memory meanwhile, in bytes.
    pub memory: usize,
}

impl Source {
    pub fn new(options: &PgConnectOptions, keyring: &Keyring) -> Source {
        Source {
            options: options.clone(),
            keyring: keyring.clone(),
            memory: MEMORY,
        }
    }

    /// For a copy that lasts longer than who makes it, or may. Whoever was forgotten by now stays
    /// closed in it, though their keys may still be there: nobody will drop it for them.
    ///
    /// To be asked when it is committed that there is a copy: then whoever is forgotten later
    /// finds it.
    pub async fn of_copy(
        options: &PgConnectOptions,
        keyring: &Keyring,
        connection: &mut PgConnection,
    ) -> Result<Source, ProjectError> {
        let (mut closed, mut last) = (Vec::new(), None);
        loop {
            let (category, after) = ("forgetting", last.as_ref());
            let reading =
                event_log::read_category(&mut *connection, category, after, FORGOTTEN_AT_ONCE);
            let events = reading.await?;
            for happened in batch::read(keyring, &events).await? {
                if let Event::Forgetting(Forgetting::Forgotten(forgotten)) = happened.event {
                    closed.extend(forgotten.key_ids());
                }
            }
            let Some(event) = events.last() else { break };
            last = Some((event.stream.clone(), event.version));
        }
        Ok(Source::new(options, &keyring.without(closed)))
    }
}

/// A model on its way through the log.
pub(crate) struct Unit {
    pub model: Box<dyn AnyModel>,
    /// Its rows say what happened up to here.
    pub position: i64,
    /// And are to say what happened up to here.
    pub target: i64,
    /// Where it can be resumed: its position, as it was committed last.
    remembered: i64,
    /// Its table began empty, and its rows are folded in memory. Not once that went wrong: then
    /// windows are written one by one, and the event at fault can be told.
    pub fresh: bool,
}

impl Unit {
    pub fn new(model: Box<dyn AnyModel>, position: i64, target: i64) -> Unit {
        Unit {
            model,
            position,
            target,
            remembered: position,
            fresh: true,
        }
    }

    fn begin(&mut self) {
        self.model.begin(match (self.fresh, self.position) {
            (true, 0) => Mode::Empty,
            (true, _) => Mode::Building,
            (false, _) => Mode::Live,
        });
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
