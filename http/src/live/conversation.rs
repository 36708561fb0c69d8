//! What a connection says and hears: the protocol's state, apart from the socket.

mod commanding;
mod moderating;
pub mod requests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::MemberId;
use futures::future::BoxFuture;
use tokio::time::Instant;
use uuid::Uuid;

use super::close::Close;
use super::connections::Seat;
use super::link::{Link, Orders};
use super::presence::Held;
use super::protocol::{After, Said, Told};
use super::room::{Cursor, RESUBSCRIBE, Room};
use super::socket::STRETCH_BYTES;
use super::{ROOMS, deflate, frame};
use crate::address::ClientAddress;
use crate::app::App;
use crate::fresh;

/// Without a `hello` by then: closed 4500.
const HELLO_WITHIN: Duration = Duration::from_secs(5);
pub const PING_EVERY: Duration = Duration::from_secs(25);
/// Without a sign of life by then: closed 4012.
const PONG_WITHIN: Duration = Duration::from_secs(8);
/// A member's typing is told once in this time; more often is ignored.
const TYPING_EVERY: Duration = Duration::from_secs(3);
/// Frames in this time that nobody need answer, such as pongs; beyond them closed 4506.
const CHATTER: u32 = 1_000;
const CHATTER_WINDOW: Duration = Duration::from_secs(10);
/// After its slot a draining connection is closed, if it has not gone by itself.
const GOAWAY_GRACE: Duration = Duration::from_secs(2);

/// Who speaks, and from where.
pub struct Speaker {
    pub member: Option<MemberId>,
    pub address: ClientAddress,
}

pub struct Conversation {
    app: App,
    speaker: Arc<Speaker>,
    seat: Seat,
    following: Vec<Following>,
    /// Rooms of the greeting, its id with each, that are not followed yet: one at a time.
    wanted: VecDeque<(u64, Uuid, Option<After>)>,
    /// Whose turn it is first, so that a busy room starves no other.
    turn: usize,
    /// The request that is being answered; there is never more than one.
    work: Option<BoxFuture<'static, Done>>,
    done: Option<Done>,
    pulse: Pulse,
    /// When it is closed in any case: its slot in a drain.
    leaves_at: Option<Instant>,
    typed: Vec<(Uuid, Instant)>,
    /// Since when chatter is counted, and how much there was.
    chatter: (Instant, u32),
    /// The client unpacks what is packed.
    packs: bool,
}

enum Pulse {
    /// No `hello` yet.
    Silent {
        until: Instant,
    },
    Alive {
        next_ping: Instant,
        pings: u64,
    },
    Pinged {
        until: Instant,
        pings: u64,
    },
}

/// A room that the connection follows.
pub(super) struct Following {
    room: Arc<Room>,
    cursor: Cursor,
    /// The member is present by this connection.
    held: Option<Held>,
}

impl Following {
    pub(super) fn into_parts(self) -> (Arc<Room>, Cursor, Option<Held>) {
        (self.room, self.cursor, self.held)
    }
}

/// What a request came to.
pub(super) enum Done {
    Told(Told),
    /// A room to follow from now on, and the answer.
    Followed(Following, Told),
    /// A page for a connection that is behind the ring.
    Page {
        room: Uuid,
        after: i64,
        frame: Option<Bytes>,
        cursor: Cursor,
    },
}

impl Conversation {
    /// `packs`: the client unpacks what is packed.
    pub fn new(app: App, speaker: Speaker, seat: Seat, packs: bool) -> Conversation {
        Conversation {
            app,
            speaker: Arc::new(speaker),
            seat,
            following: Vec::new(),
            wanted: VecDeque::new(),
            turn: 0,
            work: None,
            done: None,
            pulse: Pulse::Silent {
                until: Instant::now() + HELLO_WITHIN,
            },
            leaves_at: None,
            typed: Vec::new(),
            chatter: (Instant::now(), 0),
            packs,
        }
    }

    pub fn link(&self) -> Arc<Link> {
        Arc::clone(&self.seat.link)
    }

    pub fn packs(&self) -> bool {
        self.packs
    }

    /// When [`Conversation::tick`] has something to do.
    pub fn deadline(&self) -> Instant {
        let pulse = match self.pulse {
            Pulse::Silent { until } | Pulse::Pinged { until, .. } => until,
            Pulse::Alive { next_ping, .. } => next_ping,
        };
        self.leaves_at.map_or(pulse, |leaves| leaves.min(pulse))
    }

    /// Does what the node has ordered.
    pub fn obey(&mut self, answers: &mut Vec<u8>) -> Result<(), Close> {
        let Orders {
            close,
            goaway_ms,
            ended,
            standing,
        } = self.seat.link.take();
        if let Some(close) = close {
            return Err(close);
        }
        if let Some(in_ms) = goaway_ms {
            self.leaves_at = Some(Instant::now() + Duration::from_millis(in_ms) + GOAWAY_GRACE);
            tell(answers, &Told::Goaway { in_ms });
        }
        for (room, verdict) in ended {
            if self.leave_behind(room).is_some() {
                let is_sent_away = verdict.code != RESUBSCRIBE;
                tell(answers, &verdict.told(room));
                if is_sent_away && self.following.is_empty() {
                    return Err(Close::Banned);
                }
            }
        }
        let follows = |room: &Uuid| self.following.iter().find(|f| f.room.id == *room);
        for following in standing.iter().filter_map(follows) {
            if let Some(told) = following
                .room
                .standing_of(self.speaker.member, fresh::now())
            {
                tell(answers, &told);
            }
        }
        Ok(())
    }

    pub fn is_working(&self) -> bool {
        self.work.is_some()
    }

    /// Until the request is answered.
    pub async fn work(&mut self) {
        if let Some(work) = &mut self.work {
            self.done = Some(work.await);
        }
    }

    /// Takes in what the request came to.
    pub fn finish(&mut self, answers: &mut Vec<u8>) {
        self.work = None;
        match self.done.take() {
            None => {}
            Some(Done::Told(told)) => self.answer(answers, &told),
            Some(Done::Followed(following, told)) => {
                self.follow(following);
                self.answer(answers, &told);
            }
            Some(Done::Page {
                room,
                after,
                frame,
                cursor,
            }) => {
                let following = self.following.iter_mut().find(|f| f.room.id == room);
                // unless it has unsubscribed, or subscribed anew, meanwhile
                if let Some(following) = following
                    && following.cursor == Cursor::Table(after)
                    && !self.seat.link.is_closed(room)
                {
                    following.cursor = cursor;
                    answers.extend_from_slice(&frame.unwrap_or_default());
                }
            }
        }
    }

    /// Snapshots and history are long, and this client's alone.
    fn answer(&self, answers: &mut Vec<u8>, told: &Told) {
        let plain = frame::of(told);
        let packed = self.packs.then(|| deflate::pack(&plain)).flatten();
        answers.extend_from_slice(&packed.unwrap_or(plain));
    }

    /// Any sign of life counts.
    pub fn is_alive(&mut self) {
        if let Pulse::Pinged { pings, .. } = self.pulse {
            self.pulse = Pulse::Alive {
                next_ping: Instant::now() + PING_EVERY,
                pings,
            };
        }
    }

    pub fn hear(&mut self, text: &str, answers: &mut Vec<u8>) -> Result<(), Close> {
        let said: Said = serde_json::from_str(text).map_err(|error| {
            tracing::debug!(%error, "a frame can't be read");
            Close::BadFrame
        })?;
        match (&self.pulse, &said) {
            (Pulse::Silent { .. }, Said::Hello { id, rooms }) => {
                if rooms.len() <= ROOMS {
                    let rooms = rooms.clone().into_iter();
                    self.wanted = rooms.map(|(room, after)| (*id, room, after)).collect();
                }
                self.pulse = Pulse::Alive {
                    next_ping: Instant::now() + PING_EVERY,
                    pings: 0,
                };
            }
            (Pulse::Silent { .. }, _) => return Err(Close::BadHello),
            (_, Said::Hello { .. }) => return Err(Close::Protocol),
            _ => self.is_alive(),
        }
        if let Said::Pong { .. } | Said::Typing { .. } | Said::Unsub { .. } = said {
            self.count_chatter()?;
        }
        match said {
            Said::Pong { .. } => {}
            Said::Typing { room } => self.type_in(room),
            Said::Unsub { id, room } => {
                drop(self.leave_behind(room));
                tell(answers, &Told::Unsubscribed { id, room });
            }
            said => self.work = Some(self.begin(said)),
        }
        Ok(())
    }

    /// What makes no work costs little, and is counted as little: not without end.
    pub fn count_chatter(&mut self) -> Result<(), Close> {
        let (since, count) = &mut self.chatter;
        if since.elapsed() >= CHATTER_WINDOW {
            (*since, *count) = (Instant::now(), 0);
        }
        *count += 1;
        match *count {
            ..=CHATTER => Ok(()),
            _ => Err(Close::Protocol),
        }
    }

    /// Pings, and notices who is gone.
    pub fn tick(&mut self, answers: &mut Vec<u8>) -> Result<(), Close> {
        let now = Instant::now();
        if self.leaves_at.is_some_and(|leaves| leaves <= now) {
            return Err(Close::Drain);
        }
        match self.pulse {
            Pulse::Silent { until } if until <= now => Err(Close::BadHello),
            // it is not listened to while it is answered
            Pulse::Pinged { until, pings } if until <= now && self.is_working() => {
                let until = now + PONG_WITHIN;
                self.pulse = Pulse::Pinged { until, pings };
                Ok(())
            }
            Pulse::Pinged { until, .. } if until <= now => Err(Close::NoPong),
            Pulse::Alive { next_ping, pings } if next_ping <= now => {
                let n = pings + 1;
                let until = now + PONG_WITHIN;
                self.pulse = Pulse::Pinged { until, pings: n };
                let rooms = self.following.iter();
                let head: BTreeMap<Uuid, i64> = rooms.map(|f| (f.room.id, f.room.head())).collect();
                tell(answers, &Told::Ping { n, head });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What lies between the connection's places and the ends of its rooms' rings, as far as
    /// one stretch goes.
    pub fn take_news(&mut self, out: &mut Vec<Bytes>) {
        let reader = (&*self.seat.link, self.packs);
        self.turn = stretch(&mut self.following, self.turn, reader, out);
    }

    /// Goes on with what is still to be done: the rooms of the greeting, then pages of rooms whose
    /// rings have left this connection behind. One at a time, each written before the next.
    pub fn go_on(&mut self) {
        if self.work.is_some() {
            return;
        }
        if let Some((id, room, after)) = self.wanted.pop_front() {
            self.work = Some(self.watch(id, room, after));
            return;
        }
        let behind = self.following.iter().find_map(|f| match f.cursor {
            Cursor::Table(after) => Some((Arc::clone(&f.room), after)),
            Cursor::Ring { .. } => None,
        });
        if let Some((room, after)) = behind {
            let app = self.app.clone();
            self.work = Some(Box::pin(requests::page(app, room, after, self.packs)));
        }
    }

    fn follow(&mut self, mut following: Following) {
        let is_new = following.held.is_some();
        // subscribed again: it goes on from where it says now, and who was there stays
        if let Some(former) = self.leave_behind(following.room.id)
            && let Some(held) = former.held
        {
            match following.held {
                Some(_) => held.forget(),
                None => following.held = Some(held),
            }
        }
        let Following { room, held, .. } = &following;
        let held = held.as_ref().filter(|_| is_new);
        room.follow(&self.seat.link);
        room.greet(&self.seat.link, held, fresh::now());
        self.following.push(following);
    }

    /// Takes a room off the list.
    fn leave_behind(&mut self, room: Uuid) -> Option<Following> {
        let found = self.following.iter().position(|f| f.room.id == room)?;
        let former = self.following.swap_remove(found);
        former.room.unfollow(&self.seat.link);
        Some(former)
    }

    fn type_in(&mut self, room: Uuid) {
        let follows = self.following.iter();
        let follows = follows
            .filter(|f| f.held.is_some())
            .any(|f| f.room.id == room);
        let Some(member) = self.speaker.member.filter(|_| follows) else {
            return;
        };
        self.typed.retain(|(_, at)| at.elapsed() < TYPING_EVERY);
        if self.typed.iter().all(|(typed, _)| *typed != room) {
            self.typed.push((room, Instant::now()));
            self.app.live.typing.add(room, member);
        }
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        for following in &self.following {
            following.room.unfollow(&self.seat.link);
        }
    }
}

fn tell(answers: &mut Vec<u8>, told: &Told) {
    answers.extend_from_slice(&frame::of(told));
}

/// One stretch of the rooms' news, beginning with one of them; whose turn it is first in the next.
fn stretch(
    following: &mut [Following],
    first: usize,
    (link, packs): (&Link, bool),
    out: &mut Vec<Bytes>,
) -> usize {
    let mut allowance = STRETCH_BYTES;
    let rooms = following.len();
    for step in 0..rooms {
        let turn = (first + step) % rooms;
        let Following { room, cursor, .. } = &mut following[turn];
        let (left, before) = (allowance, out.len());
        let is_more = room.take(cursor, packs, &mut allowance, out);
        if out.len() > before && link.is_closed(room.id) {
            // it was closed while it was read: that is told first, and ends it
            out.truncate(before);
            continue;
        }
        if is_more {
            // who has had a part of it comes last
            return if left > 0 { turn + 1 } else { turn };
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::standing::Standing;

    #[test]
    fn a_busy_room_starves_no_other() {
        let rooms = [1, 2, 3].map(|number| {
            let room = Arc::new(Room::unknown(Uuid::from_u128(number)));
            room.begin(0, Standing::default()).unwrap();
            room
        });
        let follow = |room: &Arc<Room>| Following {
            room: Arc::clone(room),
            cursor: room.cursor_after(0),
            held: None,
        };
        let mut following: Vec<Following> = rooms.iter().map(follow).collect();
        let [busy, quiet, busy_too] = &rooms;
        for _ in 0..4 {
            busy.pass(vec![b'x'; STRETCH_BYTES].into());
            busy_too.pass(vec![b'z'; STRETCH_BYTES].into());
        }
        quiet.pass(Bytes::from_static(b"y"));
        let link = Link::new(Uuid::nil(), None);
        let (mut out, mut turn) = (Vec::new(), 0);
        for _ in 0..4 {
            turn = stretch(&mut following, turn, (&link, false), &mut out);
        }
        let heard: Vec<u8> = out.iter().map(|frames| frames[0]).collect();
        assert_eq!(heard, b"xyzxz");
    }

    #[test]
    fn who_a_room_is_closed_to_reads_no_more_of_it() {
        let room = Arc::new(Room::unknown(Uuid::from_u128(1)));
        room.begin(0, Standing::default()).unwrap();
        let mut following = [Following {
            room: Arc::clone(&room),
            cursor: room.cursor_after(0),
            held: None,
        }];
        let link = Link::new(Uuid::nil(), None);
        let mut read = |frame: &'static [u8]| {
            room.pass(Bytes::from_static(frame));
            let mut out = Vec::new();
            stretch(&mut following, 0, (&link, false), &mut out);
            out
        };
        assert_eq!(read(b"x"), ["x"]);
        link.end_room(room.id, "banned".into());
        assert_eq!(read(b"y"), [""; 0]);
    }
}
