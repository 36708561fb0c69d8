//! The node's live rooms: begun when somebody asks for one ([`super::beginning`]), and kept while it
//! is followed. Their news come by [`super::spreading`].

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use commands::Sequencer;
use commands::room::message::{SEND_WINDOW, SENDS};
use domain::{MemberId, MessageText};
use event_log::Tail;
use lru::LruCache;
use projections::Reader;
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::connections::{self, Connections};
use super::conversation::PING_EVERY;
use super::log::Log;
use super::names::Names;
use super::pages::Pages;
use super::presence::{self, Presence};
use super::protocol::{Bounds, Retry, Told};
use super::room::Room;
use super::snapshots::Snapshots;
use super::stopped::Stopped;
use super::typing::{self, Typing};
use super::{LiveError, ROOMS};

/// A room that nobody follows is kept for those who come back.
const LINGER: Duration = Duration::from_secs(300);
/// Rooms kept though nobody follows them; beyond it they are kept for a much shorter time, and
/// begun anew from the table for who comes back.
const LONELY_ROOMS: usize = 4_096;
const CROWDED: Duration = Duration::from_secs(10);
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// Rooms that are begun at once. Each holds a connection and may want another one, of the same pool,
/// for keys of the vault: if they had all of them, none would get any further.
const BEGUN_AT_ONCE: usize = 2;
/// Members remembered as forgotten; beyond it the keys of the first are long gone.
const FORGOTTEN: NonZeroUsize = NonZeroUsize::new(1_024).expect("not zero");
/// What a client waits before it comes back: a random time up to a bound that doubles.
const RETRY_MS: (u64, u64) = (500, 20_000);

/// What a node has of its live rooms. Cheap to clone; its tasks end with the last clone.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
    _tasks: Arc<JoinSet<()>>,
}

pub struct Shared {
    pub log: Log,
    pub(super) tail: Tail,
    pub sequencer: Sequencer,
    rooms: Mutex<HashMap<Uuid, Arc<Room>>>,
    pub names: Names,
    pub pages: Pages,
    pub snapshots: Snapshots,
    pub connections: Arc<Connections>,
    pub presence: Presence,
    pub typing: Typing,
    pub stopped: Stopped,
    /// Members who took their words along of late: their keys may not be destroyed yet.
    pub(super) forgotten: Mutex<LruCache<MemberId, ()>>,
    /// Who may find out where a room stands.
    pub(super) beginners: Semaphore,
    epoch: OnceCell<String>,
}

impl Deref for Hub {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl Hub {
    pub fn start(log: Log, tail: Tail, sequencer: Sequencer, reader: Reader) -> Hub {
        let pool = log.pool.clone();
        // what happens from here on comes to rooms that are begun before the task is
        let head = tail.head();
        let shared = Arc::new(Shared::new(log, tail, sequencer, reader));
        let mut tasks = JoinSet::new();
        tasks.spawn(Arc::clone(&shared).follow(head));
        tasks.spawn(Arc::clone(&shared).sweep());
        tasks.spawn(Arc::clone(&shared).try_stopped());
        tasks.spawn(presence::keep(pool.clone(), Arc::clone(&shared)));
        tasks.spawn(typing::announce(pool.clone(), Arc::clone(&shared)));
        tasks.spawn(typing::listen(pool, Arc::clone(&shared)));
        Hub {
            shared,
            _tasks: Arc::new(tasks),
        }
    }

    /// The room, once it is known where it stands; or that it stands still here.
    pub async fn room(&self, id: Uuid) -> Result<Arc<Room>, LiveError> {
        if self.stopped.holds(id) {
            return Err(LiveError::Stopped);
        }
        self.shared.begun(id).await
    }

    /// One in which nothing happens and nobody is: its doors must stay closed.
    pub fn still(log: Log, tail: Tail, sequencer: Sequencer, reader: Reader) -> Hub {
        Hub {
            shared: Arc::new(Shared::new(log, tail, sequencer, reader)),
            _tasks: Arc::default(),
        }
    }
}

impl Shared {
    fn new(log: Log, tail: Tail, sequencer: Sequencer, reader: Reader) -> Shared {
        Shared {
            tail,
            sequencer,
            rooms: Mutex::default(),
            names: Names::new(reader),
            pages: Pages::new(log.clone()),
            snapshots: Snapshots::new(log.clone()),
            connections: Arc::default(),
            presence: Presence::default(),
            typing: Typing::default(),
            stopped: Stopped::default(),
            forgotten: Mutex::new(LruCache::new(FORGOTTEN)),
            beginners: Semaphore::new(BEGUN_AT_ONCE),
            epoch: OnceCell::new(),
            log,
        }
    }

    /// Sends everybody to other nodes and waits until they are gone. Who is there soon was never
    /// away.
    pub async fn drain(&self) {
        self.connections.take_no_more();
        // from when the last one is sent away; once they all are, that is known
        self.say_farewell(connections::DRAIN_WITHIN + presence::LINGER)
            .await;
        self.connections.drain().await;
        self.say_farewell(presence::LINGER).await;
    }

    async fn say_farewell(&self, time: Duration) {
        let told = presence::say_farewell(&self.log.pool, &self.presence, time);
        if let Err(error) = told.await {
            tracing::warn!(%error, "other nodes were not told that this one goes");
        }
    }

    pub async fn welcome(&self, id: u64, connection: Uuid) -> Result<Told, LiveError> {
        let (min_ms, max_ms) = RETRY_MS;
        let (sends, window) = (SENDS, SEND_WINDOW.num_seconds());
        Ok(Told::Welcome {
            id,
            connection,
            epoch: self.epoch().await?.to_owned(),
            ping_ms: u64::try_from(PING_EVERY.as_millis()).expect("seconds"),
            retry: Retry {
                min_ms,
                max_ms,
                jitter: "full".to_owned(),
            },
            limits: Bounds {
                body: MessageText::MAX_CHARS,
                rooms: ROOMS,
                send: format!("{sends}/{window}s"),
            },
        })
    }

    /// Which log this is: its first event's hash. Another log has another one.
    pub async fn epoch(&self) -> Result<&str, LiveError> {
        let epoch = self.epoch.get_or_try_init(async || {
            let first = event_log::read_after(&self.log.pool, 0, 1).await?;
            let first = first.first().ok_or(LiveError::NoSuchRoom)?;
            let digits = first.hash[..6].iter().map(|byte| format!("{byte:02x}"));
            Ok(digits.collect())
        });
        epoch.await.map(String::as_str)
    }

    async fn sweep(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(SWEEP_EVERY);
        loop {
            ticks.tick().await;
            self.pages.drop_stale();
            self.snapshots.drop_stale();
            let mut rooms = self.rooms();
            let lonely = rooms.values().filter(|room| room.lonely_since().is_some());
            let crowded = lonely.count() > LONELY_ROOMS;
            rooms.retain(|_, room| {
                let linger = if crowded { CROWDED } else { LINGER };
                let since = room.lonely_since();
                let is_kept = since.is_none_or(|since| since.elapsed() < linger);
                if !is_kept {
                    // who has it and is about to follow it subscribes again
                    room.end();
                }
                is_kept
            });
        }
    }

    pub fn rooms(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Room>>> {
        self.rooms.lock().expect("no panic under the rooms' lock")
    }
}
