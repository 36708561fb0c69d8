//! The sequencer: one task per node that decides commands in order and commits
//! them in batches, on one connection.
//!
//! A command is planned as it arrives, on top of what is planned already, while
//! the batch before is being committed; when that is done, all that is planned
//! goes as the next batch. There is no timer: load makes the batch. When another
//! node was faster (or a connection broke between commit and answer), the
//! sequencer takes the log's lock, catches up, decides again and commits: one
//! re-plan is always enough, and no node starves another.

mod answering;
mod folding;
mod loading;
mod replan;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use answering::repeated;
pub use folding::{FoldError, Folded};
use futures::future::BoxFuture;
use loading::Loading;
use lru::LruCache;
use sqlx::PgPool;
use sqlx::postgres::PgConnection;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use uuid::Uuid;

use crate::commit::{self, Outcome};
use crate::event::{Accepted, Recorded, StreamName};
use crate::keyring::{Keyring, KeyringError};
use crate::model::{AppendError, Command, Model};
use crate::plan::{Batch, Clock, Planner, Request};
use crate::snapshot::Snapshots;
use crate::store::{self, StoredCommand};
use crate::tail::Tail;

/// Commands that wait for the sequencer; beyond it callers wait, then are told *busy*.
const QUEUE: usize = 4_096;
/// Commands that are planned, or wait for their streams or for room, at once; more stay in the queue.
/// A commit has those of them whose payloads have room in it ([`crate::MAX_BATCH_BYTES`]).
const AT_ONCE: usize = 1_024;
/// A command that could not be recorded by then is answered with *busy*.
pub const BUSY_AFTER: Duration = Duration::from_secs(5);
/// Accepted commands whose answers are kept in memory; older ones are in the table.
const RECENT_COMMANDS: NonZeroUsize = NonZeroUsize::new(65_536).expect("not zero");
/// Another node's events that are folded into the states; when this node is
/// further behind it forgets its states instead, so that catching up is bounded.
const MAX_CATCH_UP: i64 = 10_000;
const FIRST_BACKOFF: Duration = Duration::from_millis(10);

/// The handle through which commands are given. Cheap to clone; the task ends
/// when the last clone is gone and its queue is done.
pub struct Sequencer<M: Model> {
    queue: mpsc::Sender<Request<M>>,
    keyring: Keyring,
    snapshots: Option<Snapshots<M>>,
}

impl<M: Model> Clone for Sequencer<M> {
    fn clone(&self) -> Self {
        Sequencer {
            queue: self.queue.clone(),
            keyring: self.keyring.clone(),
            snapshots: self.snapshots.clone(),
        }
    }
}

impl<M: Model> Sequencer<M> {
    /// Starts the node's sequencer. `tail` is fed with what it commits; `clock`
    /// stamps `recorded_at`.
    pub async fn start(
        pool: PgPool,
        keyring: Keyring,
        tail: Tail,
        clock: Clock,
    ) -> Result<Sequencer<M>, KeyringError> {
        let head = store::head(&pool).await?;
        let (queue, requests) = mpsc::channel(QUEUE);
        let snapshots = Snapshots::start(pool.clone(), &keyring).await?;
        let task = Task {
            connection: None,
            planner: Planner::new(head, clock),
            next: Batch::new(head),
            in_flight: None,
            behind: Vec::new(),
            waiting: Vec::new(),
            loading: Vec::new(),
            pending: HashMap::new(),
            recent: LruCache::new(RECENT_COMMANDS),
            overtaken: Vec::new(),
            pool,
            keyring: keyring.clone(),
            snapshots: snapshots.clone(),
            tail,
        };
        tokio::spawn(task.run(requests));
        Ok(Sequencer {
            queue,
            keyring,
            snapshots: Some(snapshots),
        })
    }

    /// One that decides nothing: every command is told *busy*. For a node that only shows.
    pub fn still(keyring: Keyring) -> Sequencer<M> {
        let (queue, _) = mpsc::channel(1);
        Sequencer {
            queue,
            keyring,
            snapshots: None,
        }
    }

    /// Where a command's keys come from, before it is given.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Decides and records a command. The answer comes after its events are
    /// durable; the same id of the same actor gets the same answer for ever.
    pub async fn execute(&self, command: Command<M>) -> Result<Accepted, AppendError<M::Refusal>> {
        let deadline = Instant::now() + BUSY_AFTER;
        let (reply, answer) = oneshot::channel();
        let request = Request {
            command,
            reply,
            deadline,
        };
        let asking = async {
            self.queue.send(request).await.ok()?;
            answer.await.ok()
        };
        let answered = tokio::time::timeout_at(deadline, asking).await;
        answered.ok().flatten().unwrap_or(Err(AppendError::Busy))
    }
}

type Committing = BoxFuture<'static, (Option<PgConnection>, Outcome)>;

struct Task<M: Model> {
    pool: PgPool,
    keyring: Keyring,
    snapshots: Snapshots<M>,
    tail: Tail,
    connection: Option<PgConnection>,
    planner: Planner<M>,
    /// Being committed.
    in_flight: Option<Batch<M>>,
    /// Planned behind what is in flight.
    next: Batch<M>,
    /// Without room in it, in their order.
    behind: Vec<Request<M>>,
    /// For streams that are not loaded yet.
    waiting: Vec<Request<M>>,
    /// What is being loaded for them.
    loading: Vec<StreamName>,
    /// Commands that are not answered yet, each with its repetitions that came
    /// meanwhile.
    pending: HashMap<(Uuid, Uuid), Vec<Request<M>>>,
    recent: LruCache<(Uuid, Uuid), StoredCommand>,
    /// Of them, those of which other nodes' events were taken in meanwhile: what is loaded may not
    /// have these.
    overtaken: Vec<StreamName>,
}

impl<M: Model> Task<M> {
    async fn run(mut self, mut requests: mpsc::Receiver<Request<M>>) {
        let mut committing: Option<Committing> = None;
        let mut loading: Option<Loading<M>> = None;
        let mut heads = self.tail.heads();
        let mut open = true;
        loop {
            if self.tail.is_severed() {
                return; // whoever waits, and comes, is told *busy*
            }
            self.plan_behind();
            let idle = committing.is_none() && self.next.planned.is_empty();
            if committing.is_none() && !idle {
                committing = self.begin_commit().await;
                continue;
            }
            if loading.is_none() && !self.waiting.is_empty() {
                loading = Some(self.begin_load());
            }
            if !open && idle && loading.is_none() {
                return;
            }
            // what comes while streams are loaded is taken in once it is in the way: at its next
            // commit the node finds the log elsewhere
            let follows = idle && loading.is_none();
            let has_room = self.has_room();
            tokio::select! {
                biased;
                (connection, outcome) = wait(&mut committing) => {
                    committing = None;
                    self.connection = connection;
                    self.end_commit(outcome).await;
                }
                loaded = wait(&mut loading) => {
                    loading = None;
                    self.end_load(loaded);
                }
                request = requests.recv(), if open && has_room => match request {
                    Some(request) => self.arrive_all(request, &mut requests),
                    None => open = false,
                },
                changed = heads.changed(), if follows => {
                    if changed.is_ok() {
                        self.follow_others();
                    }
                }
            }
        }
    }

    /// Takes what has come, so that it goes as one batch.
    fn arrive_all(&mut self, first: Request<M>, requests: &mut mpsc::Receiver<Request<M>>) {
        self.arrive(first);
        while self.has_room()
            && let Ok(request) = requests.try_recv()
        {
            self.arrive(request);
        }
    }

    /// Whether another command may come.
    fn has_room(&self) -> bool {
        let commands = self.next.planned.len() + self.behind.len() + self.waiting.len();
        commands < AT_ONCE && self.next.has_room()
    }

    fn arrive(&mut self, request: Request<M>) {
        if request.reply.is_closed() {
            return; // nobody waits any more: the caller was told "busy"
        }
        let key = request.key();
        if let Some(stored) = self.recent.get(&key) {
            let answer = repeated(stored, &request.command);
            let _ = request.reply.send(answer);
        } else if let Some(repetitions) = self.pending.get_mut(&key) {
            repetitions.push(request);
        } else {
            self.pending.insert(key, Vec::new());
            self.plan_or_wait(request);
        }
    }

    fn plan_or_wait(&mut self, request: Request<M>) {
        if !self.planner.missing(&request.command.streams).is_empty() {
            self.waiting.push(request);
        } else if self.next.has_room() {
            self.planner.plan(&mut self.next, request);
        } else {
            self.behind.push(request);
        }
    }

    /// Plans what had no room in the batch before.
    fn plan_behind(&mut self) {
        if self.next.has_room() {
            for request in std::mem::take(&mut self.behind) {
                self.plan_or_wait(request);
            }
        }
    }

    async fn begin_commit(&mut self) -> Option<Committing> {
        let following = Batch::new(self.planner.head());
        let batch = std::mem::replace(&mut self.next, following);
        let Ok(connection) = self.connect().await else {
            self.in_flight = Some(batch);
            self.replan().await;
            return None;
        };
        let (base, refused) = (batch.base, batch.refused());
        let (commands, events) = (batch.commands.clone(), batch.events.clone());
        self.in_flight = Some(batch);
        Some(Box::pin(commit::commit(
            connection, base, commands, events, refused,
        )))
    }

    async fn end_commit(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Committed(before) => {
                let batch = self.in_flight.take().expect("a commit has a batch");
                self.settle(batch, &before);
                self.trim();
            }
            Outcome::Elsewhere => self.replan().await,
            Outcome::Unknown(error) => {
                tracing::warn!(%error, "a commit's outcome is unknown; looking");
                self.replan().await;
            }
        }
    }

    /// Nothing is planned here: takes in what other nodes have appended.
    fn follow_others(&mut self) {
        let position = self.planner.head().position;
        match self.tail.recent_after(position, MAX_CATCH_UP) {
            Some(events) if events.is_empty() => {}
            Some(events) => events.iter().for_each(|event| self.fold(event)),
            // the next commit finds the log elsewhere and catches up from the table
            None => {}
        }
        self.next = Batch::new(self.planner.head());
    }

    /// Takes in another node's event, with its key if this node knows that by chance.
    fn fold(&mut self, event: &Recorded) {
        let part = event.about.map(|version| event.stream.part(version));
        let names = [Some(event.stream.clone()), part].into_iter().flatten();
        let loading = names.filter(|name| self.loading.contains(name));
        self.overtaken.extend(loading);
        let keys = self.keyring.known(event.key_id);
        self.planner.fold(event, &keys);
    }

    fn trim(&mut self) {
        let uncommitted: Vec<&Batch<M>> = self.in_flight.iter().chain([&self.next]).collect();
        let forgotten = self.keyring.forgotten();
        self.planner.trim(&uncommitted, &self.loading, forgotten);
    }

    async fn connect(&mut self) -> sqlx::Result<PgConnection> {
        match self.connection.take() {
            Some(connection) => Ok(connection),
            None => commit::connect(&self.pool.connect_options()).await,
        }
    }
}

/// Waits for work that may not be there.
async fn wait<T>(work: &mut Option<BoxFuture<'static, T>>) -> T {
    match work {
        Some(work) => work.await,
        None => std::future::pending().await,
    }
}
