//! From the log's tail into the rooms: what happens becomes frames, once for all sockets.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::forgetting::{self, Extent, Forgotten};
use domain::{Event, room};
use event_log::{DecodeError, Gathering, PAGE, Recorded};
use tokio::time::Instant;
use uuid::Uuid;

use super::happened::{
    Forgetting, REMOVED, change, happened, may_close, sends_away, sent_away, stands_otherwise,
};
use super::hub::Shared;
use super::link::{Link, Verdict};
use super::pages::told_now;
use super::protocol::Happened;
use super::ring::Frame;
use super::room::Room;
use super::{LiveError, frame};
use crate::fresh;

/// Events in one frame: a longer run of them is several.
const EVENTS: usize = 50;
/// What sockets are woken for once, and told in one write.
const ROUND: Gathering = Gathering {
    batch: PAGE,
    pause: Duration::from_millis(4),
};
/// After a failed read.
const PAUSE: Duration = Duration::from_millis(250);

/// What has happened in each.
type ByRoom<'a> = BTreeMap<Uuid, Vec<(&'a Recorded, room::Event)>>;

impl Shared {
    pub(super) async fn follow(self: Arc<Self>, mut position: i64) {
        loop {
            self.tail.wait_past(position).await;
            let begun = Instant::now();
            let read = match self.tail.read_after(position, ROUND.batch).await {
                Ok(events) => self.spread(&events).await.map(|()| events),
                Err(error) => Err(error.into()),
            };
            match read {
                Ok(events) => {
                    position = events.last().map_or(position, |last| last.position);
                    ROUND.rest(events.len(), begun).await;
                }
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
        let opened = self.log.each_opened(&recorded).await?;
        for (recorded, opened) in recorded.iter().zip(opened) {
            let event = match opened {
                Ok(event) => event,
                Err(why) => {
                    // with what happened before it
                    self.tell_all(std::mem::take(&mut rooms)).await;
                    self.pass_over(recorded, &why);
                    continue;
                }
            };
            self.names.follow(&event);
            if let Event::Forgetting(forgetting::Event::Forgotten(forgotten)) = &event {
                // with what they said before it
                self.tell_all(std::mem::take(&mut rooms)).await;
                self.forget(forgotten).await;
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

    /// An event that this node can't read stops nothing but what it is about.
    fn pass_over(&self, recorded: &Recorded, why: &DecodeError) {
        let stream = recorded.stream.as_str();
        if let Some(room) = self.known(stream) {
            self.stopped.note(room.id, why);
            self.begin_anew(&room);
            return;
        }
        self.stopped.pass_over(recorded.position, why);
        match stream.split_once('-') {
            // it may say how they are called from now on
            Some(("member", id)) => {
                if let Ok(member) = id.parse() {
                    self.names.unlearn(member);
                }
            }
            // it may say of whom no copy must be kept
            Some(("forgetting", _)) => self.drop_copies(),
            _ => {}
        }
    }

    fn drop_copies(&self) {
        self.names.clear();
        self.snapshots.clear();
        self.pages.clear();
        let rooms: Vec<Arc<Room>> = self.rooms().values().cloned().collect();
        rooms.iter().for_each(|room| self.begin_anew(room));
    }

    async fn tell_all(&self, rooms: ByRoom<'_>) {
        for (id, events) in rooms {
            // it may have been dropped meanwhile: then nobody follows it
            let Some(room) = self.rooms().get(&id).cloned() else {
                continue;
            };
            self.tell(&room, events).await;
        }
    }

    /// No copy in memory keeps what is to be forgotten.
    async fn forget(&self, Forgotten { member, extent, .. }: &Forgotten) {
        self.names.forget(*member);
        let everything = *extent == Extent::Everything;
        if everything {
            let mut forgotten = self.forgotten.lock().expect("no panic under this lock");
            forgotten.put(*member, ());
        }
        let rooms: Vec<Arc<Room>> = self.rooms().values().cloned().collect();
        let forgetting = Forgetting::new(*member, everything);
        for room in rooms {
            room.rewrite(0, |bytes| forgetting.rewrite(bytes));
            if everything {
                room.forget_words(|by| by == *member);
            }
            // others' turn
            tokio::task::yield_now().await;
        }
        self.snapshots.clear();
        self.pages.clear();
    }

    fn known(&self, stream: &str) -> Option<Arc<Room>> {
        let id = stream.strip_prefix("room-")?.parse().ok()?;
        self.rooms().get(&id).cloned()
    }

    async fn tell(&self, room: &Arc<Room>, events: Vec<(&Recorded, room::Event)>) {
        let (recorded, events): (Vec<&Recorded>, Vec<room::Event>) = events.into_iter().unzip();
        let mut happening: Vec<Happened> = Vec::with_capacity(events.len());
        for (recorded, event) in recorded.iter().zip(&events) {
            if let Some((message, change)) = change(event) {
                // no copy in memory keeps what was taken back
                let rewriting = change.rewriting(message);
                room.rewrite(message, |bytes| rewriting.rewrite(bytes));
                for earlier in &mut happening {
                    change.apply(message, earlier);
                }
            }
            if let room::Event::Left(left) = event {
                // before they hear of it, and may come again
                let position = recorded.position;
                self.presence.has_left(room.id, left.member, position);
            }
            happening.push(happened(recorded, event));
        }
        // who is sent away has heard so before what comes next is there for them
        for events in events.split_inclusive(sends_away) {
            let mut frames = Vec::new();
            for events in events.chunks(EVENTS) {
                let chunk: Vec<Happened> = happening.drain(..events.len()).collect();
                frames.push((self.frame(room.id, chunk).await, events));
            }
            if let Err(error) = room.publish(frames) {
                tracing::error!(%error, room = %room.id, "a room is begun anew");
                self.begin_anew(room);
                return;
            }
            self.obey(room, events);
        }
    }

    async fn frame(&self, room: Uuid, chunk: Vec<Happened>) -> Frame {
        let (first_seq, last_seq) = (chunk[0].seq, chunk[chunk.len() - 1].seq);
        let told = told_now(room, chunk, &self.names).await;
        Frame {
            first_seq,
            last_seq,
            frame: frame::Shared::new(frame::of(&told)),
        }
    }

    /// What an event means for who is connected.
    fn obey(&self, room: &Room, events: &[room::Event]) {
        for event in events {
            if let Some((member, verdict)) = sent_away(event) {
                self.end_for(room, &verdict, |link| link.member == Some(member));
            }
            if let Some(member) = stands_otherwise(event) {
                let links = room.links().into_iter();
                let own = links.filter(|link| link.member == Some(member));
                own.for_each(|link| link.tell_standing(room.id));
            }
            if may_close(event) {
                let now = fresh::now();
                self.end_for(room, &REMOVED.into(), |link| {
                    room.admits(link.member, now).is_err()
                });
            }
        }
    }

    fn end_for(&self, room: &Room, verdict: &Verdict, whom: impl Fn(&Link) -> bool) {
        for link in room.links() {
            if whom(&link) {
                link.end_room(room.id, verdict.clone());
            }
        }
    }
}
