//! The recommender of a node: films on a shelf that is kept true by the log's tail,
//! and models fitted in the background.
//!
//! Both are computed from the read tables, so a node that starts late, or replays,
//! holds the same.

mod fitting;
mod shelving;

use std::sync::{Arc, RwLock, RwLockReadGuard};
use std::time::Duration;

use event_log::{ReadError, Tail};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::{Fit, Fitted, Shelf, last_fit};
use crate::aside::compute;
use crate::background::Background;
use crate::{Reader, Snapshot};

/// Grows when the same log gives other lists than before.
pub const VERSION: u32 = 2;

/// Films that are put on the shelf at once; readers wait as long.
const CHUNK: usize = 200;
/// After a failure: the database is away, mostly.
const RETRY: Duration = Duration::from_millis(500);

/// Cheap to clone; it stops with the last clone.
#[derive(Clone)]
pub struct Recommender {
    shared: Arc<Shared>,
    background: Background,
}

struct Shared {
    reader: Reader,
    tail: Tail,
    shelf: RwLock<Shelf>,
    /// The position up to which the shelf is true.
    shelved: watch::Sender<i64>,
    fitted: watch::Sender<(Fit, Arc<Fitted>)>,
    /// Somebody has gone: a fit is due.
    departed: Notify,
}

impl Recommender {
    /// Until the films are read and the first fit is done it knows nothing.
    pub fn start(reader: Reader, tail: Tail) -> Recommender {
        let nothing = Fitted::new(Vec::new(), Vec::new());
        let shared = Arc::new(Shared {
            reader,
            tail,
            shelf: RwLock::default(),
            shelved: watch::Sender::new(-1),
            fitted: watch::Sender::new((Fit::default(), Arc::new(nothing))),
            departed: Notify::new(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(shelving::keep_shelf(shared.clone()));
        tasks.spawn(fitting::keep_fitted(shared.clone()));
        Recommender {
            shared,
            background: Background::of(tasks),
        }
    }

    /// Works out an answer beside what must not wait for it: that takes milliseconds, and more
    /// behind a change of the shelf. Whoever asks has a snapshot open, so at most as many are at it
    /// as there are connections for reading; waiting for a turn would only keep those from others.
    pub fn ask<T>(&self, question: impl FnOnce(&Shelf) -> T) -> T {
        compute(|| question(&self.shared.shelf()))
    }

    /// The position up to which the shelf is true.
    pub fn shelved(&self) -> i64 {
        *self.shared.shelved.borrow()
    }

    /// What is fitted, and at which position.
    pub fn fitted(&self) -> (Fit, Arc<Fitted>) {
        self.shared.fitted.borrow().clone()
    }

    /// Waits until all that is due at this position is done.
    pub async fn caught_up(&self, position: i64) {
        let mut shelved = self.shared.shelved.subscribe();
        let mut fitted = self.shared.fitted.subscribe();
        // the senders live as long as `self`
        let _ = shelved.wait_for(|shelved| *shelved >= position).await;
        let due = last_fit(position);
        let _ = fitted.wait_for(|(fit, _)| fit.at >= due).await;
    }

    /// Tells of every new fit.
    pub fn fits(&self) -> watch::Receiver<(Fit, Arc<Fitted>)> {
        self.shared.fitted.subscribe()
    }

    /// Stops it for all who have it, and waits until it has stopped, but for a fit's own thread.
    pub async fn end(&self) {
        self.background.end().await;
    }
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Log(#[from] ReadError),
    #[error(transparent)]
    Unreadable(#[from] domain::DecodeError),
    #[error("the read models are late")]
    Late,
    #[error("a fit broke off")]
    Broken,
}

impl Trouble {
    /// Whether it will be there at each next try, until somebody does something.
    fn lasts(&self) -> bool {
        match self {
            Trouble::Unreadable(_) | Trouble::Log(ReadError::Gap { .. }) => true,
            // the node ends when it is severed
            Trouble::Log(ReadError::Severed(_) | ReadError::Database(_))
            | Trouble::Database(_)
            | Trouble::Late
            | Trouble::Broken => false,
        }
    }
}

impl Shared {
    fn shelf(&self) -> RwLockReadGuard<'_, Shelf> {
        self.shelf.read().expect("no panic under the shelf's lock")
    }

    fn change_shelf(&self, change: impl FnOnce(&mut Shelf)) {
        // it may wait for who is asking
        compute(|| {
            let shelf = self.shelf.write();
            change(&mut shelf.expect("no panic under the shelf's lock"));
        });
    }

    async fn snapshot(&self, at_least: i64) -> Result<Snapshot, Trouble> {
        let snapshot = self.reader.snapshot(Some(at_least)).await?;
        if snapshot.stale {
            return Err(Trouble::Late);
        }
        Ok(snapshot)
    }
}
