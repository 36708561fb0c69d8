//! Rooms that stand still on this node, each at an event that can't be read here: of a newer
//! release, or under a key that is damaged. The others go on. A room is tried again now and then,
//! and goes on by itself once its event can be read; whoever asks meanwhile is told so.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use event_log::DecodeError;
use lru::LruCache;
use tokio::time::Instant;
use uuid::Uuid;

/// Rooms remembered; beyond it the one that was asked for longest ago is looked at by who asks
/// next.
const ROOMS: NonZeroUsize = NonZeroUsize::new(1_024).expect("not zero");
/// Until a room is tried again; twice as long after each try, up to a bound.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

pub struct Stopped {
    rooms: Mutex<LruCache<Uuid, Stop>>,
    /// Why an event that is of no room was passed over last.
    passed: Mutex<String>,
}

struct Stop {
    why: String,
    pause: Duration,
    tried_at: Instant,
}

impl Default for Stopped {
    fn default() -> Stopped {
        Stopped {
            rooms: Mutex::new(LruCache::new(ROOMS)),
            passed: Mutex::default(),
        }
    }
}

impl Stopped {
    /// The room stands still. Told once to whoever runs the node.
    pub fn note(&self, room: Uuid, why: &DecodeError) {
        let mut rooms = self.rooms();
        let why = why.to_string();
        if rooms.get(&room).is_some_and(|stop| stop.why == why) {
            return;
        }
        tracing::error!(why, %room, "a live room stands still; it is tried again");
        let stop = Stop {
            why,
            pause: FIRST_PAUSE,
            tried_at: Instant::now(),
        };
        rooms.put(room, stop);
        measure(&rooms);
    }

    pub fn goes_on(&self, room: Uuid) {
        let mut rooms = self.rooms();
        if rooms.pop(&room).is_some() {
            tracing::info!(%room, "a live room goes on");
            measure(&rooms);
        }
    }

    pub fn holds(&self, room: Uuid) -> bool {
        self.rooms().get(&room).is_some()
    }

    /// An event that is of no room is passed over. Told once while it is always for the same
    /// reason.
    pub fn pass_over(&self, position: i64, why: &DecodeError) {
        metrics::counter!("live_events_passed_over").increment(1);
        let why = why.to_string();
        let mut passed = self.passed.lock().expect("no panic under this lock");
        if *passed != why {
            tracing::error!(why, position, "live rooms pass over what can't be read");
            *passed = why;
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.rooms().len()
    }

    /// One that is to be tried by now.
    pub fn due(&self, now: Instant) -> Option<Uuid> {
        let mut rooms = self.rooms();
        let mut all = rooms.iter_mut();
        let (room, stop) = all.find(|(_, stop)| now.duration_since(stop.tried_at) >= stop.pause)?;
        stop.tried_at = now;
        stop.pause = (stop.pause * 2).min(LONGEST_PAUSE);
        Some(*room)
    }

    fn rooms(&self) -> MutexGuard<'_, LruCache<Uuid, Stop>> {
        self.rooms.lock().expect("no panic under this lock")
    }
}

fn measure(rooms: &LruCache<Uuid, Stop>) {
    metrics::gauge!("live_rooms_stopped").set(rooms.len() as f64);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(event: &str) -> DecodeError {
        DecodeError(format!("unknown event type {event}"))
    }

    #[test]
    fn a_room_is_tried_more_and_more_seldom_until_it_goes_on() {
        let stopped = Stopped::default();
        let room = Uuid::from_u128(9);
        stopped.note(room, &unknown("room.sung"));
        let mut now = Instant::now();
        let mut waited = Vec::new();
        while waited.len() < 7 {
            let since = now;
            while stopped.due(now).is_none() {
                now += Duration::from_millis(500);
            }
            // what is wrong is known
            stopped.note(room, &unknown("room.sung"));
            waited.push((now - since).as_secs());
        }
        assert_eq!(waited, [1, 2, 4, 8, 16, 30, 30]);
        assert!(stopped.holds(room));
        stopped.goes_on(room);
        assert!(!stopped.holds(room));
        assert_eq!(stopped.due(now + LONGEST_PAUSE), None);
    }

    #[test]
    fn no_more_rooms_are_remembered_than_the_bound() {
        let stopped = Stopped::default();
        for room in 0..2_000 {
            stopped.note(Uuid::from_u128(room), &unknown("room.sung"));
        }
        assert_eq!(stopped.count(), ROOMS.get());
        assert!(!stopped.holds(Uuid::from_u128(0)) && stopped.holds(Uuid::from_u128(1_999)));
    }
}
