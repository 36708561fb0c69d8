//! The node's live rooms: one task follows the log's tail and makes each room's events frames,
//! once for all sockets.

use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use commands::Sequencer;
use commands::room::message::{SEND_WINDOW, SENDS};
use domain::forgetting::{self, Extent, Forgotten};
use domain::{Event, MessageText, RoomId, room};
use event_log::{PAGE, Recorded, Tail};
use projections::Reader;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::connections::{self, Connections};
use super::conversation::PING_EVERY;
use super::happened::{REMOVED, change, forget, happened, may_close, sent_away};
use super::link::Link;
use super::log::Log;
use super::names::Names;
use super::pages::{Pages, told};
use super::presence::{self, Presence};
use super::protocol::{Bounds, Happened, Retry, Told};
use super::reads::Reads;
use super::ring::Frame;
use super::room::{Room, Standing};
use super::snapshots::Snapshots;
use super::typing::{self, Typing};
use super::{LiveError, ROOMS, frame};
use crate::fresh;

/// Events in one frame: a longer run of them is several.
const EVENTS: usize = 50;
/// After a failed read.
const PAUSE: Duration = Duration::from_millis(250);
/// A room that nobody follows is kept for those who come back.
const LINGER: Duration = Duration::from_secs(300);
/// Rooms kept though nobody follows them; beyond it they are kept for a much shorter time, and
/// begun anew from the table for who comes back.
const LONELY_ROOMS: usize = 4_096;
const CROWDED: Duration = Duration::from_secs(10);
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// What a client waits before it comes back: a random time up to a bound that doubles.
const RETRY_MS: (u64, u64) = (500, 20_000);

/// What has happened in each.
type ByRoom<'a> = BTreeMap<Uuid, Vec<(&'a Recorded, room::Event)>>;

/// What a node has of its live rooms. Cheap to clone; its tasks end with the last clone.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
    _tasks: Arc<JoinSet<()>>,
}

pub struct Shared {
    pub log: Log,
    tail: Tail,
    pub sequencer: Sequencer,
    rooms: Mutex<HashMap<Uuid, Arc<Room>>>,
    pub names: Names,
    pub pages: Pages,
    pub snapshots: Snapshots,
    pub connections: Arc<Connections>,
    pub presence: Presence,
    pub typing: Typing,
    pub reads: Reads,
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
        let shared = Arc::new(Shared::new(log, tail, sequencer, reader));
        let mut tasks = JoinSet::new();
        tasks.spawn(Arc::clone(&shared).follow());
        tasks.spawn(Arc::clone(&shared).sweep());
        tasks.spawn(presence::keep(pool.clone(), Arc::clone(&shared)));
        tasks.spawn(typing::announce(pool.clone(), Arc::clone(&shared)));
        tasks.spawn(typing::listen(pool, Arc::clone(&shared)));
        Hub {
            shared,
            _tasks: Arc::new(tasks),
        }
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
            reads: Reads::default(),
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

    /// The room, once it is known where it stands.
    pub async fn room(&self, id: Uuid) -> Result<Arc<Room>, LiveError> {
        loop {
            let room = {
                let mut rooms = self.rooms();
                let room = rooms
                    .entry(id)
                    .or_insert_with(|| Arc::new(Room::unknown(id)));
                // so that it is not swept before it is followed
                room.touch();
                Arc::clone(room)
            };
            // what the tail brings from here on is kept for the room
            if let Err(error) = room.begun.get_or_try_init(|| self.load(&room)).await {
                // begun again by who asks next
                self.drop_room(&room);
                return Err(error);
            }
            // nothing would come into one that has gone from the map meanwhile
            let kept = self.rooms().get(&id).cloned();
            if kept.is_some_and(|kept| Arc::ptr_eq(&kept, &room)) {
                return Ok(room);
            }
        }
    }

    /// This very one: another of its name may stand there by now.
    fn drop_room(&self, room: &Arc<Room>) {
        let mut rooms = self.rooms();
        if rooms
            .get(&room.id)
            .is_some_and(|kept| Arc::ptr_eq(kept, room))
        {
            rooms.remove(&room.id);
        }
    }

    async fn load(&self, room: &Room) -> Result<(), LiveError> {
        let stream = RoomId(room.id).stream().to_string().into();
        let recorded = event_log::read_whole(&self.log.pool, &stream).await?;
        let last = recorded.last().ok_or(LiveError::NoSuchRoom)?;
        let mut standing = Standing::default();
        for event in self.log.opened(&recorded).await? {
            standing.evolve(&event);
        }
        Ok(room.begin(last.version, standing)?)
    }

    async fn follow(self: Arc<Self>) {
        let mut position = self.tail.head();
        loop {
            self.tail.wait_past(position).await;
            let read = match self.tail.read_after(position, PAGE).await {
                Ok(events) => self.spread(&events).await.map(|()| events),
                Err(error) => Err(error.into()),
            };
            match read {
                Ok(events) => position = events.last().map_or(position, |last| last.position),
                Err(error) => {
                    tracing::warn!(%error, "live rooms can't follow the log");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Gives each room its events.
    async fn spread(&self, recorded: &[Arc<Recorded>]) -> Result<(), LiveError> {
        let concerns_us = |event: &&Arc<Recorded>| {
            let stream = event.stream.as_str();
            let is_member = ["member-", "forgetting-"]
                .iter()
                .any(|of| stream.starts_with(of));
            is_member || self.known(stream).is_some()
        };
        let recorded: Vec<Arc<Recorded>> = recorded.iter().filter(concerns_us).cloned().collect();
        let mut rooms: ByRoom = BTreeMap::new();
        let opened = self.log.opened(&recorded).await?;
        for (recorded, event) in recorded.iter().zip(opened) {
            self.names.follow(&event);
            if let Event::Forgetting(forgetting::Event::Forgotten(forgotten)) = &event {
                // with what they said before it
                self.tell_all(std::mem::take(&mut rooms)).await;
                self.forget(forgotten);
            }
            if let Event::Room(event) = event
                && let Some(room) = self.known(recorded.stream.as_str())
            {
                rooms.entry(room.id).or_default().push((recorded, event));
            }
        }
        self.tell_all(rooms).await;
        Ok(())
    }

    async fn tell_all(&self, rooms: ByRoom<'_>) {
        for (id, events) in rooms {
            // it may have been dropped meanwhile: then nobody follows it
            let Some(room) = self.rooms().get(&id).cloned() else {
                continue;
            };
            self.tell(&room, &events).await;
        }
    }

    /// No copy in memory keeps what is to be forgotten.
    fn forget(&self, Forgotten { member, extent, .. }: &Forgotten) {
        self.names.forget(*member);
        let everything = *extent == Extent::Everything;
        let rooms: Vec<Arc<Room>> = self.rooms().values().cloned().collect();
        for room in rooms {
            room.rewrite(0, |bytes| forget(*member, everything, bytes));
            if everything && room.ask(|state| state.maker == *member) == Some(true) {
                // its name was theirs, too: found out anew
                self.begin_anew(&room);
            }
        }
        self.snapshots.clear();
        self.pages.clear();
    }

    fn known(&self, stream: &str) -> Option<Arc<Room>> {
        let id = stream.strip_prefix("room-")?.parse().ok()?;
        self.rooms().get(&id).cloned()
    }

    async fn tell(&self, room: &Arc<Room>, events: &[(&Recorded, room::Event)]) {
        let mut happening: Vec<Happened> = Vec::with_capacity(events.len());
        for (recorded, event) in events {
            if let Some((message, change)) = change(event) {
                // no copy in memory keeps what was taken back
                room.rewrite(message, |bytes| change.rewrite(message, bytes));
                for earlier in &mut happening {
                    change.apply(message, earlier);
                }
            }
            happening.push(happened(recorded, event));
        }
        for (chunk, events) in happening.chunks(EVENTS).zip(events.chunks(EVENTS)) {
            let (first, last) = (chunk[0].seq, chunk[chunk.len() - 1].seq);
            let frame = Frame {
                first_seq: first,
                last_seq: last,
                bytes: frame::of(&told(room.id, chunk.to_vec(), &self.names).await),
            };
            let events = events.iter().map(|(_, event)| Event::Room(event.clone()));
            if let Err(error) = room.publish(frame, events.collect()) {
                tracing::error!(%error, room = %room.id, "a room is begun anew");
                self.begin_anew(room);
                return;
            }
        }
        self.obey(room, events);
    }

    /// What an event means for who is connected.
    fn obey(&self, room: &Room, events: &[(&Recorded, room::Event)]) {
        for (recorded, event) in events {
            if let room::Event::Left(left) = event {
                let position = recorded.position;
                self.presence.has_left(room.id, left.member, position);
            }
            if let Some((member, code)) = sent_away(event) {
                self.end_for(room, code, |link| link.member == Some(member));
            }
            if may_close(event) {
                let now = fresh::now();
                self.end_for(room, REMOVED, |link| room.admits(link.member, now).is_err());
            }
        }
    }

    fn end_for(&self, room: &Room, code: &'static str, whom: impl Fn(&Link) -> bool) {
        for link in room.links() {
            if whom(&link) {
                link.end_room(room.id, code);
            }
        }
    }

    /// Lets everybody subscribe again; a ring with a hole must not be read.
    fn begin_anew(&self, room: &Arc<Room>) {
        self.drop_room(room);
        room.end();
    }

    async fn sweep(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(SWEEP_EVERY);
        loop {
            ticks.tick().await;
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
