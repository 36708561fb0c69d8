//! Where a room stands is found out when somebody asks for it, from the state that decisions begin
//! from and the words that no state holds: however long it has lived.

use std::sync::Arc;
use std::time::Duration;

use domain::{Event, MemberId, RoomId};
use event_log::{read_last_naming, read_last_of_types, read_stream};
use tokio::time::Instant;
use uuid::Uuid;

use super::LiveError;
use super::hub::Shared;
use super::room::Room;
use super::standing::{HOLDING, Standing, TELLING};

/// How often it is looked for rooms that stand still and are to be tried again.
const TRY_EVERY: Duration = Duration::from_millis(500);

impl Shared {
    pub(super) async fn begun(self: &Arc<Self>, id: Uuid) -> Result<Arc<Room>, LiveError> {
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
            self.begin(&room).await?;
            // nothing would come into one that has gone from the map meanwhile
            let kept = self.rooms().get(&id).cloned();
            if kept.is_some_and(|kept| Arc::ptr_eq(&kept, &room)) {
                self.stopped.goes_on(id);
                return Ok(room);
            }
        }
    }

    /// Finds out where the room stands, once for all who ask, and to its end though none of them
    /// waits so long: else a room that takes longer is begun from nothing again and again.
    async fn begin(self: &Arc<Self>, room: &Arc<Room>) -> Result<(), LiveError> {
        if !room.begun.initialized() {
            let (hub, room) = (Arc::clone(self), Arc::clone(room));
            let beginning = tokio::spawn(async move {
                room.begun.get_or_init(|| hub.load_or_drop(&room)).await;
            });
            beginning.await.expect("beginning does not panic");
        }
        match room.begun.get() {
            Some(Ok(())) => Ok(()),
            Some(Err(LiveError::NoSuchRoom)) => Err(LiveError::NoSuchRoom),
            Some(Err(LiveError::Undecodable(_))) => Err(LiveError::Stopped),
            Some(Err(_)) | None => Err(LiveError::NotBegun),
        }
    }

    /// One that can't be begun is begun again by who asks next.
    async fn load_or_drop(&self, room: &Arc<Room>) -> Result<(), LiveError> {
        let loaded = self.load(room).await;
        if let Err(error) = &loaded {
            self.drop_room(room);
            match error {
                LiveError::NoSuchRoom => {}
                LiveError::Undecodable(why) => self.stopped.note(room.id, why),
                _ => tracing::warn!(%error, room = %room.id, "a live room can't be begun"),
            }
        }
        loaded
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
        let turn = self.beginners.acquire().await;
        let _turn = turn.expect("it is never closed");
        let mut connection = self.log.pool.acquire().await?;
        let folding = self
            .sequencer
            .state_at(&mut connection, &stream, i64::MAX, i64::MAX);
        let folded = folding.await?;
        if let Some(unreadable) = folded.unreadable {
            return Err(unreadable.into());
        }
        let state = folded.state.room().ok_or(LiveError::NoSuchRoom)?;
        let version = folded.version;
        let last = read_stream(&mut *connection, &stream, version - 1, 1).await?;
        let last = last.first().ok_or(LiveError::NoSuchRoom)?;
        let mut words = read_last_of_types(&mut *connection, &stream, version, &TELLING).await?;
        for (telling, held) in HOLDING.into_iter().zip([&state.mutes, &state.bans]) {
            let held: Vec<Uuid> = held.keys().map(|member| member.0).collect();
            let why = read_last_naming(&mut *connection, &stream, version, telling, &held).await?;
            words.extend(why);
        }
        drop(connection);
        let mut standing = Standing::of(state.clone());
        for event in self.log.opened(&words).await? {
            if let Event::Room(event) = event {
                standing.tell(&event);
            }
        }
        // what nobody here has heard, since nobody followed it
        let present = |member| state.present.contains(&member);
        self.presence.agree(room.id, last.position, present);
        room.begin(version, standing)?;
        // it may have been opened before the keys were destroyed
        room.forget_words(|member| self.is_forgotten(member));
        Ok(())
    }

    fn is_forgotten(&self, member: MemberId) -> bool {
        let forgotten = self.forgotten.lock();
        let forgotten = forgotten.expect("no panic under this lock");
        forgotten.contains(&member)
    }

    /// Tries rooms that stand still, one after the other.
    pub(super) async fn try_stopped(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(TRY_EVERY);
        loop {
            ticks.tick().await;
            while let Some(room) = self.stopped.due(Instant::now()) {
                if let Err(error) = self.begun(room).await {
                    tracing::debug!(%error, %room, "a room still stands still");
                }
            }
        }
    }

    /// Lets everybody subscribe again; a ring with a hole must not be read.
    pub(super) fn begin_anew(&self, room: &Arc<Room>) {
        self.drop_room(room);
        room.end();
    }
}
