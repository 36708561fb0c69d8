//! How often a member's read marker moves, by each node: who is on several moves it as much oftener.

use std::num::NonZeroUsize;
use std::sync::Mutex;

use commands::read_marker::READ_EVERY;
use domain::MemberId;
use lru::LruCache;
use tokio::time::Instant;
use uuid::Uuid;

/// Members in rooms that are remembered; beyond it the longest quiet may move theirs again.
const MARKERS: NonZeroUsize = NonZeroUsize::new(65_536).expect("not zero");

/// When a marker moved last, and when before.
#[derive(Clone, Copy)]
struct Moved {
    last: Instant,
    before: Option<Instant>,
}

pub struct Reads(Mutex<LruCache<(Uuid, MemberId), Moved>>);

impl Default for Reads {
    fn default() -> Self {
        Reads(Mutex::new(LruCache::new(MARKERS)))
    }
}

impl Reads {
    /// After how many milliseconds the marker may move again; `None`: now, and it does. Twice in
    /// [`READ_EVERY`]: who leaves says what they have read, whenever they said so last.
    pub fn too_soon(&self, room: Uuid, member: MemberId) -> Option<u64> {
        let mut markers = self.0.lock().expect("no panic under this lock");
        let moved = markers.get(&(room, member)).copied();
        let since = moved.and_then(|moved| moved.before).map(|at| at.elapsed());
        if let Some(wait) = since.and_then(|since| READ_EVERY.checked_sub(since)) {
            return Some(u64::try_from(wait.as_millis()).expect("seconds"));
        }
        let moved = Moved {
            last: Instant::now(),
            before: moved.map(|moved| moved.last),
        };
        markers.put((room, member), moved);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_moves_once_more_for_who_leaves_and_not_again() {
        let (reads, room) = (Reads::default(), Uuid::nil());
        let (ann, bob) = (MemberId(Uuid::nil()), MemberId(Uuid::max()));
        assert_eq!(reads.too_soon(room, ann), None);
        assert_eq!(reads.too_soon(room, ann), None);
        assert!(reads.too_soon(room, ann).is_some());
        assert_eq!(reads.too_soon(room, bob), None);
    }
}
