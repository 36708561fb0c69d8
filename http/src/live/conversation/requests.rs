//! What a client asks for and is answered: subscriptions and reads.

use std::sync::Arc;
use std::time::Duration;

use domain::MemberId;
use futures::future::BoxFuture;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Conversation, Done, Following, Speaker, commanding};
use crate::app::App;
use crate::fresh;
use crate::live::presence::Held;
use crate::live::protocol::{After, Said, Start, Told};
use crate::live::refusal::Refusal;
use crate::live::room::{Cursor, RESUBSCRIBE, Room};
use crate::live::snapshots::{MESSAGES, messages_told};
use crate::live::{LiveError, ROOMS, frame};

/// A request that is not answered by then is told *busy*.
const PATIENCE: Duration = Duration::from_secs(8);
/// Events that a resume may be behind; further behind, it is a snapshot.
const MAX_RESUMED: i64 = 2_000;
/// Events that are streamed from the table to a connection that fell behind; more are a gap.
const MAX_STREAMED: i64 = 2_000;
/// Who has asked for too much waits so long.
const READS_RETRY_MS: u64 = 1_000;
/// After a page could not be read, or is ahead of what the node has heard.
const PAUSE: Duration = Duration::from_millis(250);
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// All that a request needs to know of its connection.
pub struct Asking {
    pub app: App,
    pub speaker: Arc<Speaker>,
    pub connection: Uuid,
    /// The rooms that are followed already.
    pub followed: Vec<Uuid>,
}

impl Conversation {
    /// Begins to answer; the connection listens again when that is done.
    pub(super) fn begin(&self, said: Said) -> BoxFuture<'static, Done> {
        let asking = self.asking();
        Box::pin(async move { asking.done(said).await })
    }

    /// Begins to follow a room of the greeting. What only is not possible right now, the client asks
    /// for by itself, and hears when to.
    pub(super) fn watch(
        &self,
        id: u64,
        room: Uuid,
        after: Option<After>,
    ) -> BoxFuture<'static, Done> {
        let asking = self.asking();
        Box::pin(async move {
            let subscribing = async {
                asking.count_read()?;
                asking.subscribe(id, room, false, (after, MESSAGES)).await
            };
            let refusal = match tokio::time::timeout(PATIENCE, subscribing).await {
                Ok(Ok((following, told))) => return Done::Followed(following, told),
                Ok(Err(refusal)) if !refusal.temporary => refusal,
                Ok(Err(_)) | Err(_) => Refusal::new(RESUBSCRIBE),
            };
            Done::Told(Told::Ended {
                room,
                code: refusal.code,
                reason: refusal.reason,
                until: refusal.until,
            })
        })
    }

    fn asking(&self) -> Asking {
        Asking {
            app: self.app.clone(),
            speaker: Arc::clone(&self.speaker),
            connection: self.seat.link.id,
            followed: self.following.iter().map(|f| f.room.id).collect(),
        }
    }
}

impl Asking {
    /// What a request comes to, in time; a no is an answer.
    pub(in crate::live) async fn done(&self, said: Said) -> Done {
        let id = said.id();
        match tokio::time::timeout(PATIENCE, self.answer(said)).await {
            Ok(Ok(done)) => done,
            Ok(Err(refusal)) => Done::Told(refusal.told(id)),
            Err(_) => Done::Told(Refusal::busy().told(id)),
        }
    }

    async fn answer(&self, said: Said) -> Result<Done, Refusal> {
        if matches!(
            said,
            Said::Sub { .. } | Said::History { .. } | Said::Message { .. }
        ) {
            self.count_read()?;
        }
        match said {
            Said::Hello { rooms, .. } if rooms.len() > ROOMS => Err(Refusal::new("too_many_rooms")),
            Said::Hello { id, .. } => {
                let welcome = self.app.live.welcome(id, self.connection).await?;
                Ok(Done::Told(welcome))
            }
            Said::Sub {
                id,
                room,
                enter,
                after,
                last,
            } => {
                let last = last.unwrap_or(MESSAGES).clamp(0, MESSAGES);
                let (following, told) = self.subscribe(id, room, enter, (after, last)).await?;
                Ok(Done::Followed(following, told))
            }
            Said::History {
                id,
                room,
                before,
                limit,
            } => self.history(id, room, (before, limit)).await,
            Said::Message { id, room, message } => self.message(id, room, message).await,
            said => commanding::command(self, said).await.map(Done::Told),
        }
    }

    /// What is read through a socket counts like what is read otherwise.
    fn count_read(&self) -> Result<(), Refusal> {
        let Speaker { member, address } = *self.speaker;
        let counted = self.app.limits.check_read(address, member);
        counted.map_err(|_| Refusal::wait("rate_limited", READS_RETRY_MS))
    }

    /// The room and where to go on in it, and the answer.
    pub(in crate::live) async fn subscribe(
        &self,
        id: u64,
        room: Uuid,
        enter: bool,
        (after, last): (Option<After>, i64),
    ) -> Result<(Following, Told), Refusal> {
        if self.followed.len() >= ROOMS && !self.followed.contains(&room) {
            return Err(Refusal::new("too_many_rooms"));
        }
        let room = self.visible(room).await?;
        let held = match enter {
            true => self.enter(room.id).await?,
            false => None,
        };
        let epoch = self.app.live.epoch().await?.to_owned();
        let head = room.head();
        let resumed = after.filter(|after| {
            let is_there = (0..=head).contains(&after.seq);
            after.epoch == epoch && is_there && head - after.seq <= MAX_RESUMED
        });
        let (start, cursor) = match resumed {
            Some(After { seq, .. }) => (Start::Resume { from: seq + 1 }, room.cursor_after(seq)),
            None => self.snapshot(&room, last).await?,
        };
        // it may have been closed to them since it was looked at
        room.admits(self.speaker.member, fresh::now())?;
        let told = Told::Subscribed {
            id,
            room: room.id,
            epoch,
            head,
            start,
        };
        Ok((Following { room, cursor, held }, told))
    }

    async fn snapshot(&self, room: &Room, last: i64) -> Result<(Start, Cursor), Refusal> {
        let live = &self.app.live;
        let taken = live.snapshots.of(room).await?;
        let member = self.speaker.member;
        let read = match member {
            Some(member) => live.snapshots.read(room.id, member).await?,
            None => 0,
        };
        let snapshot = taken.told(member, read, last, &live.names).await?;
        let snapshot = Box::new(snapshot);
        Ok((Start::Snapshot { snapshot }, room.cursor_after(taken.at)))
    }

    /// The room, if it is there for who asks.
    async fn visible(&self, id: Uuid) -> Result<Arc<Room>, Refusal> {
        visible(&self.app, id, self.speaker.member).await
    }

    /// `None`: it is there already by this connection.
    async fn enter(&self, room: Uuid) -> Result<Option<Held>, Refusal> {
        let member = self.member()?;
        let live = &self.app.live;
        if live.presence.is_here(room, member, self.connection) {
            return Ok(None);
        }
        let held = Held::enter(live, room, member, self.connection).await?;
        Ok(Some(held))
    }

    pub fn member(&self) -> Result<MemberId, Refusal> {
        let member = self.speaker.member;
        member.ok_or_else(|| Refusal::new("unauthenticated"))
    }

    async fn history(
        &self,
        id: u64,
        room: Uuid,
        (before, limit): (Option<i64>, Option<i64>),
    ) -> Result<Done, Refusal> {
        let room = self.visible(room).await?;
        let live = &self.app.live;
        let limit = limit.unwrap_or(MESSAGES).clamp(1, MESSAGES);
        let before = before.unwrap_or(i64::MAX);
        let (at, messages) = live.snapshots.history(&room, before, limit).await?;
        let messages = messages_told(&messages, self.speaker.member, &live.names).await;
        let more = messages.first().is_some_and(|first| first.n > 1);
        Ok(Done::Told(Told::History {
            id,
            room: room.id,
            at,
            messages,
            more,
        }))
    }

    async fn message(&self, id: u64, room: Uuid, message: i64) -> Result<Done, Refusal> {
        let room = self.visible(room).await?;
        let live = &self.app.live;
        let before = message.saturating_add(1);
        let (at, messages) = live.snapshots.history(&room, before, 1).await?;
        let messages = messages_told(&messages, self.speaker.member, &live.names).await;
        let found = messages.into_iter().find(|found| found.seq == message);
        let message = found.ok_or_else(|| Refusal::new("no_such_message"))?;
        let room = room.id;
        let told = Told::Message {
            id,
            room,
            at,
            message,
        };
        Ok(Done::Told(told))
    }
}

/// The room, if it is there for the member, or for everybody.
pub async fn visible(app: &App, id: Uuid, member: Option<MemberId>) -> Result<Arc<Room>, Refusal> {
    let room = app.live.room(id).await?;
    room.admits(member, fresh::now())?;
    Ok(room)
}

/// The next page for a connection that is behind the ring, or the gap where that is too much, or
/// can't be read here.
pub(in crate::live) async fn page(app: App, room: Arc<Room>, after: i64, packs: bool) -> Done {
    if room.before() - after > MAX_STREAMED {
        return gap(&room, after);
    }
    let id = room.id;
    match app.live.pages.behind(id, after, &app.live.names).await {
        Ok(page) => {
            let is_known = is_known(&room, page.last_seq).await;
            let frame = page.frame.as_ref().filter(|_| is_known);
            Done::Page {
                room: id,
                after,
                frame: frame.map(|frame| frame.bytes(packs).clone()),
                cursor: match is_known {
                    true => room.cursor_after(page.last_seq.max(after)),
                    false => Cursor::Table(after),
                },
            }
        }
        Err(error @ LiveError::Undecodable(_)) if room.before() > after => {
            tracing::error!(%error, %id, after, "a gap is told where a room can't be read");
            gap(&room, after)
        }
        Err(error) => {
            tracing::warn!(%error, "a page of a room can't be read");
            tokio::time::sleep(PAUSE).await;
            Done::Page {
                room: id,
                after,
                frame: None,
                cursor: Cursor::Table(after),
            }
        }
    }
}

/// Whether this node has heard of all that the table has: who is sent away in it is told so first.
async fn is_known(room: &Room, seq: i64) -> bool {
    let until = Instant::now() + PAUSE;
    while room.head() < seq && Instant::now() < until {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    room.head() >= seq
}

/// From here to where the ring begins.
fn gap(room: &Room, after: i64) -> Done {
    let (id, before) = (room.id, room.before());
    let gap = Told::Gap {
        room: id,
        from: after + 1,
        to: before,
        fetch: format!("/api/v1/rooms/{id}/events?after={after}"),
    };
    Done::Page {
        room: id,
        after,
        frame: Some(frame::of(&gap)),
        cursor: room.cursor_after(before),
    }
}
