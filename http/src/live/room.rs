//! A room on this node: its ring, its state at the ring's end, and the connections that follow it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::room::Admission;
use domain::{MemberId, room};
use tokio::sync::OnceCell;
use tokio::time::Instant;
use uuid::Uuid;

use super::LiveError;
use super::frame::Shared;
use super::link::{Link, Verdict};
use super::presence::Held;
use super::protocol::Told;
use super::ring::{FRAMES, Frame, Place, Ring};
use super::standing::Standing;

pub struct Room {
    pub id: Uuid,
    /// Set once it is known where the room stands, or that it can't be known.
    pub(super) begun: OnceCell<Result<(), LiveError>>,
    news: Mutex<News>,
    /// The ring's end: asked without a lock by everybody who is woken.
    end: AtomicU64,
    /// Somebody has read packed frames: what comes is packed before the lock is taken.
    packs: AtomicBool,
    followers: Mutex<Followers>,
    over: AtomicBool,
}

/// The code of an `ended` after which a client subscribes again at once.
pub const RESUBSCRIBE: &str = "resubscribe";

enum News {
    /// It is being found out where the room stands: what comes meanwhile.
    Early(Vec<(Frame, Vec<room::Event>)>),
    Known {
        ring: Ring,
        /// The room at the ring's end.
        standing: Box<Standing>,
    },
}

struct Followers {
    links: Vec<Arc<Link>>,
    /// When there was last a change.
    since: Instant,
}

/// Where a follower is: in the ring, or so far behind that it reads the table after this `seq`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    Ring { place: Place, seq: i64 },
    Table(i64),
}

/// The ring does not continue what was there.
#[derive(Debug, thiserror::Error)]
#[error("a room's frames have a hole: {expected} is missing, {found} is there")]
pub struct Missing {
    pub expected: i64,
    pub found: i64,
}

impl Room {
    /// A room of which nothing is known yet.
    pub fn unknown(id: Uuid) -> Room {
        Room {
            id,
            begun: OnceCell::new(),
            news: Mutex::new(News::Early(Vec::new())),
            end: AtomicU64::new(0),
            packs: AtomicBool::new(false),
            followers: Mutex::new(Followers {
                links: Vec::new(),
                since: Instant::now(),
            }),
            over: AtomicBool::new(false),
        }
    }

    /// Begins the ring behind `seq`, where the room was in this state, with what has come since.
    pub fn begin(&self, seq: i64, mut standing: Standing) -> Result<(), Missing> {
        let mut news = self.news();
        let News::Early(early) = &mut *news else {
            return Ok(());
        };
        let mut ring = Ring::behind(seq);
        for (frame, events) in early.drain(..) {
            add(&mut ring, &mut standing, frame, &events)?;
        }
        self.end.store(ring.end(), Ordering::Release);
        let standing = Box::new(standing);
        *news = News::Known { ring, standing };
        Ok(())
    }

    /// Adds frames, each of some of these events, and then wakes the followers. What the room has
    /// already is not added again.
    pub fn publish(&self, frames: Vec<(Frame, &[room::Event])>) -> Result<(), Missing> {
        if self.packs.load(Ordering::Relaxed) {
            for (frame, _) in &frames {
                frame.frame.bytes(true);
            }
        }
        match &mut *self.news() {
            News::Early(early) => {
                // the hole is found unless what is looked up goes beyond it
                if early.len() >= FRAMES {
                    early.clear();
                }
                let frames = frames.into_iter();
                early.extend(frames.map(|(frame, events)| (frame, events.to_vec())));
                return Ok(());
            }
            News::Known { ring, standing } => {
                for (frame, events) in frames {
                    add(ring, standing, frame, events)?;
                }
                self.end.store(ring.end(), Ordering::Release);
            }
        }
        self.wake();
        Ok(())
    }

    /// Adds a frame without events, if anybody is there for it.
    pub fn pass(&self, bytes: Bytes) {
        if let News::Known { ring, .. } = &mut *self.news() {
            ring.push_passing(bytes);
            self.end.store(ring.end(), Ordering::Release);
        }
        self.wake();
    }

    /// The room as it was after the last `seq` that this node knows of.
    pub fn standing(&self) -> Option<(i64, Standing)> {
        match &*self.news() {
            News::Early(_) => None,
            News::Known { ring, standing } => Some((ring.last_seq(), (**standing).clone())),
        }
    }

    /// Whether the room is there for a member, or for everybody; else what whoever asks is told.
    pub fn admits(&self, member: Option<MemberId>, at: DateTime<Utc>) -> Result<(), Verdict> {
        let is_hidden = || Err(Verdict::from("no_such_room"));
        let news = self.news();
        let News::Known { standing, .. } = &*news else {
            return is_hidden();
        };
        let Some(state) = standing.room() else {
            return is_hidden();
        };
        match member {
            Some(member) if state.is_banned(member, at) => Err(Verdict {
                code: "banned",
                reason: standing.why_banned(member),
                until: state.bans.get(&member).copied().flatten(),
            }),
            Some(member) if state.is_open_to(member) => Ok(()),
            None if state.admission == Admission::Public => Ok(()),
            _ => is_hidden(),
        }
    }

    /// How it stands with a member, for themselves.
    pub fn standing_of(&self, member: Option<MemberId>, at: DateTime<Utc>) -> Option<Told> {
        let member = member?;
        let news = self.news();
        let News::Known { standing, .. } = &*news else {
            return None;
        };
        let state = standing.room()?;
        let muted = state.is_muted(member, at);
        let until = state.mutes.get(&member).copied().flatten();
        Some(Told::Standing {
            room: self.id,
            muted,
            muted_until: until.filter(|_| muted),
            reason: standing.why_muted(member).filter(|_| muted),
        })
    }

    /// What may have happened before somebody followed it, and would be told to who does. Who has
    /// just entered, and was sent away before they followed it, enters again if they may.
    pub fn greet(&self, link: &Link, held: Option<&Held>, at: DateTime<Utc>) {
        if let Err(verdict) = self.admits(link.member, at) {
            link.end_room(self.id, verdict);
        } else if held.is_some_and(|held| !held.stands()) {
            link.end_room(self.id, RESUBSCRIBE.into());
        }
        if link.member.is_some() {
            link.tell_standing(self.id);
        }
    }

    /// Asks the room's state.
    pub fn ask<T>(&self, ask: impl FnOnce(&room::State) -> T) -> Option<T> {
        match &*self.news() {
            News::Early(_) => None,
            News::Known { standing, .. } => standing.room().map(ask),
        }
    }

    /// What it is called and said to be is not told any more where the words were of one of these.
    pub fn forget_words(&self, is_forgotten: impl Fn(MemberId) -> bool) {
        if let News::Known { standing, .. } = &mut *self.news() {
            standing.forget_words(is_forgotten);
        }
    }

    fn wake(&self) {
        for follower in &self.followers().links {
            follower.wake();
        }
    }

    pub fn rewrite(&self, seq: i64, change: impl Fn(&Bytes) -> Option<Bytes>) {
        match &mut *self.news() {
            News::Early(early) => {
                for (frame, _) in early {
                    if let Some(bytes) = change(frame.frame.plain()) {
                        frame.frame = Shared::new(bytes);
                    }
                }
            }
            News::Known { ring, .. } => ring.rewrite(seq, change),
        }
    }

    /// The last `seq` that this node knows of.
    pub fn head(&self) -> i64 {
        match &*self.news() {
            News::Early(_) => 0,
            News::Known { ring, .. } => ring.last_seq(),
        }
    }

    /// The `seq` up to which the room is older than the ring.
    pub fn before(&self) -> i64 {
        match &*self.news() {
            News::Early(_) => 0,
            News::Known { ring, .. } => ring.before(),
        }
    }

    /// Where a reader goes on who has everything up to `seq`.
    pub fn cursor_after(&self, seq: i64) -> Cursor {
        let place = match &*self.news() {
            News::Early(_) => None,
            News::Known { ring, .. } => ring.place_after(seq),
        };
        place.map_or(Cursor::Table(seq), |place| Cursor::Ring { place, seq })
    }

    /// Takes frames from a cursor on, which moves, as far as the allowance of bytes goes; true
    /// if there may be more. `packs`: the reader can unpack them.
    pub fn take(
        &self,
        cursor: &mut Cursor,
        packs: bool,
        allowance: &mut usize,
        out: &mut Vec<Bytes>,
    ) -> bool {
        let Cursor::Ring { place, seq } = cursor else {
            return false;
        };
        if self.end.load(Ordering::Acquire) <= *place {
            return false; // asked by everybody who is woken: without the lock
        }
        if *allowance == 0 {
            return true;
        }
        if packs && !self.packs.load(Ordering::Relaxed) {
            self.packs.store(true, Ordering::Relaxed);
        }
        let mut news = self.news();
        let News::Known { ring, .. } = &mut *news else {
            return false;
        };
        let Some(run) = ring.run(*place, packs, *allowance) else {
            *cursor = Cursor::Table(*seq);
            return false;
        };
        *allowance = allowance.saturating_sub(run.bytes.len());
        (*place, *seq) = (run.to, run.last_seq);
        out.push(run.bytes);
        *place < ring.end()
    }

    pub fn follow(&self, link: &Arc<Link>) {
        self.followers().links.push(Arc::clone(link));
        if self.over.load(Ordering::Acquire) {
            link.end_room(self.id, RESUBSCRIBE.into());
        }
    }

    /// Somebody is about to follow it.
    pub fn touch(&self) {
        self.followers().since = Instant::now();
    }

    /// Nothing more comes here: who follows it has to subscribe again.
    pub fn end(&self) {
        self.over.store(true, Ordering::Release);
        for link in self.links() {
            link.end_room(self.id, RESUBSCRIBE.into());
        }
    }

    pub fn unfollow(&self, link: &Arc<Link>) {
        let mut followers = self.followers();
        let links = &mut followers.links;
        if let Some(found) = links.iter().position(|other| Arc::ptr_eq(other, link)) {
            links.swap_remove(found);
        }
        followers.since = Instant::now();
    }

    /// Since when nobody follows it.
    pub fn lonely_since(&self) -> Option<Instant> {
        let followers = self.followers();
        followers.links.is_empty().then_some(followers.since)
    }

    pub fn links(&self) -> Vec<Arc<Link>> {
        self.followers().links.clone()
    }

    fn news(&self) -> MutexGuard<'_, News> {
        self.news.lock().expect("no panic under the ring's lock")
    }

    fn followers(&self) -> MutexGuard<'_, Followers> {
        self.followers
            .lock()
            .expect("no panic under the followers' lock")
    }
}

/// Adds what continues the ring; what it has already is left out.
fn add(
    ring: &mut Ring,
    standing: &mut Standing,
    frame: Frame,
    events: &[room::Event],
) -> Result<(), Missing> {
    let last = ring.last_seq();
    if frame.last_seq <= last {
        return Ok(());
    }
    if frame.first_seq > last + 1 {
        return Err(Missing {
            expected: last + 1,
            found: frame.first_seq,
        });
    }
    for (seq, event) in (frame.first_seq..).zip(events) {
        if seq > last {
            standing.evolve(event);
        }
    }
    ring.push(frame);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(first_seq: i64, last_seq: i64) -> Frame {
        Frame {
            first_seq,
            last_seq,
            frame: Shared::new(format!("{first_seq}-{last_seq}").into()),
        }
    }

    fn read(room: &Room, cursor: &mut Cursor) -> Vec<Bytes> {
        let mut out = Vec::new();
        // one frame at a time
        while room.take(cursor, false, &mut 1, &mut out) {}
        out
    }

    #[test]
    fn what_comes_while_a_room_is_looked_up_is_neither_lost_nor_doubled() {
        let room = Room::unknown(Uuid::nil());
        for (first, last) in [(7, 8), (9, 9), (10, 12)] {
            room.publish(vec![(frame(first, last), &[])]).unwrap();
        }
        room.begin(9, Standing::default()).unwrap();
        let mut cursor = room.cursor_after(9);
        assert_eq!(read(&room, &mut cursor), ["10-12"]);
        room.publish(vec![(frame(10, 12), &[])]).unwrap();
        room.publish(vec![(frame(13, 13), &[])]).unwrap();
        assert_eq!(read(&room, &mut cursor), ["13-13"]);
        assert_eq!(room.head(), 13);
    }

    #[test]
    fn what_comes_while_a_room_is_looked_up_is_bounded() {
        let room = Room::unknown(Uuid::nil());
        let last = FRAMES as i64 * 2;
        for seq in 1..=last {
            room.publish(vec![(frame(seq, seq), &[])]).unwrap();
        }
        let News::Early(early) = &*room.news() else {
            panic!("it is not known yet");
        };
        assert_eq!(early.len(), FRAMES);
        let missing = Room::unknown(Uuid::nil());
        for seq in 1..=last + 1 {
            missing.publish(vec![(frame(seq, seq), &[])]).unwrap();
        }
        assert!(missing.begin(0, Standing::default()).is_err(), "a hole");
    }

    #[test]
    fn a_hole_is_told() {
        let room = Room::unknown(Uuid::nil());
        room.begin(9, Standing::default()).unwrap();
        let missing = room.publish(vec![(frame(11, 11), &[])]).unwrap_err();
        assert_eq!((missing.expected, missing.found), (10, 11));
    }

    #[test]
    fn who_is_left_behind_reads_the_table_from_where_they_were() {
        let room = Room::unknown(Uuid::nil());
        room.begin(0, Standing::default()).unwrap();
        let mut cursor = room.cursor_after(0);
        room.publish(vec![(frame(1, 1), &[])]).unwrap();
        assert_eq!(read(&room, &mut cursor), ["1-1"]);
        for seq in 2..=super::super::ring::FRAMES as i64 + 2 {
            room.publish(vec![(frame(seq, seq), &[])]).unwrap();
        }
        assert_eq!(read(&room, &mut cursor), [""; 0]);
        assert_eq!(cursor, Cursor::Table(1));
    }
}
