//! The task that signs: one node at a time, under a lease with fencing.
//!
//! It signs only what continues what was signed before: when it begins, the log
//! must still hold what the newest checkpoint of its key says, and the newest
//! outside. Whoever may add rows to the table halts nothing by one that the key has
//! not signed. A key that has signed nothing yet can't tell such a row from a
//! former key's: it goes on from the newest, or not at all.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, PgPool};
use thiserror::Error;
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use super::growing::{self, fenced, grow, holds};
use super::tree::Forest;
use super::{Checkpoint, Note, Outside, ProofError, SigningKey, store};
use crate::lease::{self, Lease};
use crate::plan::Clock;
use crate::store::head_position;
use crate::tail::Tail;

const LEASE: &str = "checkpoints";
const RENEW_EVERY: Duration = Duration::from_secs(1);
/// How often a node tries to become the one that signs.
const RETRY: Duration = Duration::from_secs(1);
/// After failures in a row the pause grows to this.
const MAX_RETRY: Duration = Duration::from_secs(60);
/// So many new events are signed at once, fewer after [`AT_LEAST_EVERY`].
const EVENTS: i64 = 1_000;
const AT_LEAST_EVERY: Duration = Duration::from_secs(1);
/// Notes written outside at once.
const NOTES: i64 = 1_000;

#[derive(Debug, Error)]
pub(super) enum SignError {
    /// Somebody cut off or rewrote the log, or it was restored from a backup.
    #[error("the log does not hold the {0} events whose checkpoint was signed; nothing is signed")]
    NotAsSigned(i64),
    #[error("the checkpoint's lease was lost")]
    Fenced,
    #[error("the checkpoints outside can't be used: {0}")]
    Outside(#[from] std::io::Error),
    #[error("the log can't be read: {0}")]
    Tree(#[from] ProofError),
}

impl From<sqlx::Error> for SignError {
    fn from(error: sqlx::Error) -> SignError {
        SignError::Tree(error.into())
    }
}

/// A node's signing task. Cheap to clone; it stops with the last clone.
#[derive(Clone)]
pub struct Checkpointer {
    _task: Arc<JoinSet<()>>,
}

impl Checkpointer {
    /// Starts to sign whenever this node has the lease.
    pub fn start(
        pool: &PgPool,
        tail: Tail,
        node: Uuid,
        (key, outside): (SigningKey, Option<Outside>),
        clock: Clock,
    ) -> Checkpointer {
        let options = (*pool.connect_options()).clone();
        let signer = Signer {
            // signing is not worth a wait for the disk: what is lost is signed anew
            options: options.options([("synchronous_commit", "off")]),
            tail,
            node,
            key,
            outside,
            clock,
        };
        let mut task = JoinSet::new();
        task.spawn(signer.sign_for_ever());
        Checkpointer {
            _task: Arc::new(task),
        }
    }
}

struct Signer {
    options: PgConnectOptions,
    tail: Tail,
    node: Uuid,
    key: SigningKey,
    outside: Option<Outside>,
    clock: Clock,
}

/// Where signing stands.
struct Signed {
    forest: Forest,
    /// The largest checkpoint that is kept outside.
    outside: i64,
}

impl Signer {
    async fn sign_for_ever(self) {
        let mut pause = RETRY;
        loop {
            match self.sign().await {
                Ok(()) | Err(SignError::Fenced) => pause = RETRY,
                Err(error) => {
                    metrics::counter!("log_checkpoint_failures").increment(1);
                    tracing::error!(%error, "no checkpoints are signed; it is tried again");
                    pause = (pause * 2).min(MAX_RETRY);
                }
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Signs until the lease is lost; at once `Ok` if it is not to be had.
    async fn sign(&self) -> Result<(), SignError> {
        let mut connection = self.options.connect().await?;
        let Some(lease) = lease::acquire(&mut connection, LEASE, self.node).await? else {
            return Ok(());
        };
        let mut signed = self.resume(&mut connection, &lease).await?;
        self.write_outside(&mut connection, &mut signed).await?;
        loop {
            let size = signed.forest.end();
            let some = self.tail.wait_past(size);
            if tokio::time::timeout(RENEW_EVERY, some).await.is_ok() {
                // many more at once, or these in a moment
                let many = self.tail.wait_past(size + EVENTS - 1);
                let _ = tokio::time::timeout(AT_LEAST_EVERY, many).await;
                self.checkpoint(&mut connection, &lease, &mut signed)
                    .await?;
                self.write_outside(&mut connection, &mut signed).await?;
            }
            if !lease.renew(&mut connection).await? {
                return Err(SignError::Fenced);
            }
        }
    }

    /// The tree of what was signed last.
    async fn resume(
        &self,
        connection: &mut PgConnection,
        lease: &Lease,
    ) -> Result<Signed, SignError> {
        let stored = self.newest(connection).await?;
        let outside = match &self.outside {
            Some(outside) => {
                let outside = outside.clone();
                let reading = tokio::task::spawn_blocking(move || outside.last());
                reading.await.expect("reading does not panic")?
            }
            None => None,
        };
        let kept_outside = outside.as_ref().map_or(0, |checkpoint| checkpoint.size);
        let checkpoints: Vec<Checkpoint> = stored.into_iter().chain(outside).collect();
        let size = checkpoints.iter().map(|signed| signed.size).max();
        let size = size.unwrap_or_default();
        if head_position(&mut *connection).await? < size {
            return Err(SignError::NotAsSigned(size));
        }
        if !holds(connection, &checkpoints).await? {
            // the stored hashes are derived: they may be wrong where the log is not
            growing::store_tree(connection, lease, size).await?;
            if !holds(connection, &checkpoints).await? {
                return Err(SignError::NotAsSigned(size));
            }
        }
        Ok(Signed {
            forest: store::forest(connection, 0, size).await?,
            outside: kept_outside,
        })
    }

    /// The newest checkpoint in the table that this key has signed, or else the newest of all.
    async fn newest(&self, connection: &mut PgConnection) -> sqlx::Result<Option<Checkpoint>> {
        let (own, mut newest) = ([self.key.public()], None);
        let (mut others, mut through) = (0_u32, i64::MAX);
        loop {
            let page = store::notes_up_to(&mut *connection, through, NOTES).await?;
            for (size, note) in &page {
                let is_it = |checkpoint: &Checkpoint| checkpoint.size == *size;
                if let Some(checkpoint) = Checkpoint::open(note, &own).ok().filter(is_it) {
                    pass_over(others);
                    return Ok(Some(checkpoint));
                }
                others = others.saturating_add(1);
                let read = Note::parse(note).and_then(|note| Checkpoint::read(&note));
                newest = newest.or_else(|| read.ok().filter(is_it));
            }
            match page.last().and_then(|(size, _)| size.checked_sub(1)) {
                Some(next) => through = next,
                None => return Ok(newest),
            }
        }
    }

    /// Signs what is new, up to a page of it.
    async fn checkpoint(
        &self,
        connection: &mut PgConnection,
        lease: &Lease,
        signed: &mut Signed,
    ) -> Result<(), SignError> {
        let start = Instant::now();
        let mut forest = signed.forest.clone();
        let subtrees = grow(connection, &mut forest, growing::PAGE).await?;
        let size = forest.end();
        if size == signed.forest.end() {
            return Ok(());
        }
        let checkpoint = Checkpoint {
            origin: self.key.name().to_owned(),
            size,
            root: forest.root(),
        };
        let note = checkpoint.sign(&self.key);
        let mut transaction = fenced(connection, lease).await?;
        store::insert_subtrees(&mut transaction, &subtrees).await?;
        store::insert(&mut transaction, (size, &note), (self.clock)()).await?;
        transaction.commit().await?;
        signed.forest = forest;
        metrics::counter!("log_checkpoints_signed").increment(1);
        metrics::gauge!("log_checkpoint_position").set(size as f64);
        tracing::debug!(size, took = ?start.elapsed(), "signed a checkpoint");
        Ok(())
    }

    /// Writes outside what is stored and not there yet, of no more events than were signed. A
    /// failure is no reason not to sign: it is tried again with the next checkpoint.
    async fn write_outside(
        &self,
        connection: &mut PgConnection,
        signed: &mut Signed,
    ) -> Result<(), SignError> {
        let Some(outside) = &self.outside else {
            return Ok(());
        };
        loop {
            let missing = (signed.outside, signed.forest.end());
            let notes = store::notes_within(&mut *connection, missing, NOTES).await?;
            let Some((size, _)) = notes.last() else {
                return Ok(());
            };
            let size = *size;
            let notes: Vec<String> = notes.into_iter().map(|(_, note)| note).collect();
            let (file, at) = (outside.clone(), (self.clock)());
            let writing = tokio::task::spawn_blocking(move || file.append(&notes, at));
            if let Err(error) = writing.await.expect("writing does not panic") {
                metrics::counter!("log_checkpoint_failures").increment(1);
                tracing::error!(%error, path = %outside.path().display(),
                    "a checkpoint was not written outside; it is tried again");
                return Ok(());
            }
            signed.outside = size;
        }
    }
}

/// Rows in front of the newest that the key has signed.
fn pass_over(others: u32) {
    metrics::gauge!("log_checkpoints_passed_over").set(f64::from(others));
    if others > 0 {
        tracing::warn!(
            others,
            "checkpoints that this node's key has not signed are newer than its own, and passed over; \
             `replay-tool verify` names those that nobody signed"
        );
    }
}
