//! The tail: one reader per node that follows the log and wakes everybody who
//! waits for it, with the newest events in a bounded ring.
//!
//! Waking is a hint. The node's own commits are fed in directly, other nodes'
//! are announced by `NOTIFY` (outside the appending transactions), and a slow
//! poll is always on: a lost notification costs milliseconds, never an event.

mod hints;

use std::collections::VecDeque;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use futures::stream;
use sqlx::PgPool;
use sqlx::postgres::PgConnection;
use thiserror::Error;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_stream::Stream;

use crate::commit;
use crate::event::Recorded;
use crate::store::{self, Head};

/// How long a lost notification can go unnoticed.
const POLL: Duration = Duration::from_millis(250);
/// Events and payload bytes kept in memory; readers further behind read the table.
const RING_EVENTS: usize = 16_384;
const RING_BYTES: usize = 32 * 1024 * 1024;
/// Events read from the table at once.
pub const PAGE: i64 = 1_000;

/// Why reading the log stopped.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The table does not hold the next position: the log was damaged.
    #[error("the log has a gap: position {expected} is missing, {found} is there")]
    Gap { expected: i64, found: i64 },
    /// The database lost commits that this node has seen, as at a failover to a server that was
    /// behind: what the node has in memory is of another log.
    #[error("the database does not have the event that this node saw at position {0}")]
    Severed(i64),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// A node's view of the log's end. Cheap to clone.
#[derive(Clone)]
pub struct Tail {
    shared: Arc<Shared>,
    // aborts the tasks with the last clone
    _tasks: Arc<JoinSet<()>>,
}

struct Shared {
    pool: PgPool,
    ring: RwLock<Ring>,
    head: watch::Sender<i64>,
    /// The last position that this node appended.
    appended: watch::Sender<i64>,
    wake: Notify,
    /// Whether the database has another log by now.
    severed: watch::Sender<bool>,
}

/// The newest events, contiguous up to `last`.
struct Ring {
    events: VecDeque<Arc<Recorded>>,
    bytes: usize,
    last: i64,
    /// The last event's.
    hash: [u8; 32],
}

impl Tail {
    /// Starts to follow the log from its present end.
    pub async fn start(pool: PgPool) -> sqlx::Result<Tail> {
        let shared = Arc::new(Shared::at(store::head(&pool).await?, pool));
        let mut tasks = JoinSet::new();
        tasks.spawn(follow_table(shared.clone()));
        tasks.spawn(hints::listen(shared.clone()));
        tasks.spawn(hints::announce(shared.clone()));
        Ok(Tail {
            shared,
            _tasks: Arc::new(tasks),
        })
    }

    /// A tail that ends at a position, whatever happens behind it.
    pub fn still(pool: PgPool, position: i64) -> Tail {
        let head = Head {
            position,
            ..Head::EMPTY
        };
        Tail {
            shared: Arc::new(Shared::at(head, pool)),
            _tasks: Arc::new(JoinSet::new()),
        }
    }

    /// The newest position that this node has seen committed.
    pub fn head(&self) -> i64 {
        *self.shared.head.borrow()
    }

    /// Tells of every new head; positions only grow.
    pub fn heads(&self) -> watch::Receiver<i64> {
        self.shared.head.subscribe()
    }

    /// Waits until an event behind `position` is there.
    pub async fn wait_past(&self, position: i64) {
        let mut heads = self.heads();
        // the sender lives as long as `self`
        let _ = heads.wait_for(|head| *head > position).await;
    }

    /// When it has come out that the database lost commits that this node has seen. Then nothing is
    /// read from here any more, and nothing is decided: the node must be started anew.
    pub async fn severed(&self) {
        // the sender lives as long as `self`
        let _ = self.shared.severed.subscribe().wait_for(|is| *is).await;
    }

    pub fn is_severed(&self) -> bool {
        *self.shared.severed.borrow()
    }

    /// Sees for itself that the database of this connection has what is in memory here. For whoever
    /// had to connect anew: perhaps to another server.
    pub async fn check(&self, connection: &mut PgConnection) -> Result<(), ReadError> {
        let (position, hash) = self.shared.last();
        match self.is_of(connection, position, hash).await? {
            true => Ok(()),
            false => Err(ReadError::Severed(position)),
        }
    }

    /// Whether the log of this connection has an event that was its head once; if not, it is severed.
    pub(crate) async fn is_of(
        &self,
        connection: &mut PgConnection,
        position: i64,
        hash: [u8; 32],
    ) -> sqlx::Result<bool> {
        let is_of = position == 0 || store::hash_at(connection, position).await? == Some(hash);
        if !is_of {
            self.shared.sever(position);
        }
        Ok(is_of)
    }

    /// The next at most `limit` events behind `position`, without a gap; none
    /// when there are none. From memory where the ring still holds them.
    pub async fn read_after(
        &self,
        position: i64,
        limit: i64,
    ) -> Result<Vec<Arc<Recorded>>, ReadError> {
        if self.is_severed() {
            return Err(ReadError::Severed(position));
        }
        let limit = limit.min(self.head() - position);
        if limit <= 0 {
            return Ok(Vec::new());
        }
        if let Some(events) = self.recent_after(position, limit) {
            return Ok(events);
        }
        read_page(&self.shared.pool, position, limit).await
    }

    /// As `read_after`, but only what the ring holds; `None` when the events
    /// behind `position` are older than it.
    pub(crate) fn recent_after(&self, position: i64, limit: i64) -> Option<Vec<Arc<Recorded>>> {
        let ring = self
            .shared
            .ring
            .read()
            .expect("no panic under the ring's lock");
        let length = i64::try_from(ring.events.len()).expect("the ring is bounded");
        let skip = position - (ring.last - length);
        let skip = usize::try_from(skip).ok()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Some(ring.events.iter().skip(skip).take(limit).cloned().collect())
    }

    /// Every event behind `position`, in order, each once, without end.
    pub fn follow(
        &self,
        position: i64,
    ) -> impl Stream<Item = Result<Arc<Recorded>, ReadError>> + Send + use<> {
        let start = (self.clone(), position, VecDeque::new());
        stream::try_unfold(start, |(tail, mut position, mut buffer)| async move {
            while buffer.is_empty() {
                tail.wait_past(position).await;
                buffer.extend(tail.read_after(position, PAGE).await?);
            }
            let event: Arc<Recorded> = buffer.pop_front().expect("filled above");
            position = event.position;
            Ok(Some((event, (tail, position, buffer))))
        })
    }

    /// Takes in what this node has just committed.
    pub(crate) fn feed(&self, events: &[Arc<Recorded>]) {
        let Some(last) = events.last() else { return };
        self.shared.take_in(events);
        self.shared.appended.send_replace(last.position);
    }
}

impl Shared {
    fn at(head: Head, pool: PgPool) -> Shared {
        let ring = Ring {
            events: VecDeque::new(),
            bytes: 0,
            last: head.position,
            hash: head.hash,
        };
        Shared {
            pool,
            ring: RwLock::new(ring),
            head: watch::Sender::new(head.position),
            appended: watch::Sender::new(head.position),
            wake: Notify::new(),
            severed: watch::Sender::new(false),
        }
    }

    /// The last event that is known here: its position and hash.
    fn last(&self) -> (i64, [u8; 32]) {
        let ring = self.ring.read().expect("no panic under the ring's lock");
        (ring.last, ring.hash)
    }

    fn sever(&self, position: i64) {
        if !self.severed.send_replace(true) {
            tracing::error!(
                position,
                "the database lost commits that this node has seen; it must be started anew"
            );
        }
    }

    /// Adds what continues the ring; anything else is left to the table's reader.
    fn take_in(&self, events: &[Arc<Recorded>]) {
        let mut ring = self.ring.write().expect("no panic under the ring's lock");
        for event in events {
            if event.position == ring.last + 1 {
                ring.push(event.clone());
            }
        }
        let behind = events
            .last()
            .is_some_and(|event| event.position > ring.last);
        let last = ring.last;
        drop(ring);
        grow(&self.head, last);
        if behind {
            self.wake.notify_one();
        }
    }
}

/// Tells of a head, unless a newer one was told: whoever takes something in may be overtaken between
/// the ring and here.
fn grow(head: &watch::Sender<i64>, last: i64) {
    head.send_if_modified(|head| {
        let grows = last > *head;
        *head = last.max(*head);
        grows
    });
}

impl Ring {
    fn push(&mut self, event: Arc<Recorded>) {
        self.last = event.position;
        self.hash = event.hash;
        self.bytes += event.payload.len();
        self.events.push_back(event);
        while self.events.len() > RING_EVENTS || self.bytes > RING_BYTES {
            let dropped = self.events.pop_front().expect("it holds what it counts");
            self.bytes -= dropped.payload.len();
        }
    }
}

/// One page of the table, proven to be without a gap.
pub async fn read_page(
    pool: &PgPool,
    position: i64,
    limit: i64,
) -> Result<Vec<Arc<Recorded>>, ReadError> {
    let read = commit::ask(pool, move |connection| {
        Box::pin(store::read_after(connection, position, limit))
    });
    let events = read.await?;
    for (expected, event) in (position + 1..).zip(&events) {
        if event.position != expected {
            return Err(ReadError::Gap {
                expected,
                found: event.position,
            });
        }
    }
    Ok(events.into_iter().map(Arc::new).collect())
}

/// The next page behind what is known here, if the table has that: it is read again with it.
async fn read_on(shared: &Shared) -> Result<Vec<Arc<Recorded>>, ReadError> {
    let (last, hash) = shared.last();
    if last == 0 {
        return read_page(&shared.pool, last, PAGE).await;
    }
    let mut events = read_page(&shared.pool, last - 1, PAGE + 1).await?;
    match events.first() {
        Some(first) if first.hash == hash => drop(events.remove(0)),
        _ => return Err(ReadError::Severed(last)),
    }
    Ok(events)
}

async fn follow_table(shared: Arc<Shared>) {
    loop {
        match read_on(&shared).await {
            Ok(events) if events.is_empty() => {
                let _ = tokio::time::timeout(POLL, shared.wake.notified()).await;
            }
            Ok(events) => shared.take_in(&events),
            Err(ReadError::Severed(position)) => return shared.sever(position),
            Err(error) => {
                tracing::warn!(%error, "the log's tail can't read");
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_overtaken_takes_no_head_back() {
        let head = watch::Sender::new(9);
        let mut told = head.subscribe();
        grow(&head, 11);
        assert_eq!(*told.borrow_and_update(), 11);
        grow(&head, 10);
        assert!(!told.has_changed().unwrap());
        assert_eq!(*told.borrow(), 11);
    }
}
