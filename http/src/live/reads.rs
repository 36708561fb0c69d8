//! How often a member's read marker moves.

use std::num::NonZeroUsize;
use std::sync::Mutex;

use commands::read_marker::READ_EVERY;
use domain::MemberId;
use lru::LruCache;
use tokio::time::Instant;
use uuid::Uuid;

/// Members in rooms that are remembered; beyond it the longest quiet may move theirs again.
const MARKERS: NonZeroUsize = NonZeroUsize::new(65_536).expect("not zero");

pub struct Reads(Mutex<LruCache<(Uuid, MemberId), Instant>>);

impl Default for Reads {
    fn default() -> Self {
        Reads(Mutex::new(LruCache::new(MARKERS)))
    }
}

impl Reads {
    /// After how many milliseconds the marker may move again; `None`: now, and it does.
    pub fn too_soon(&self, room: Uuid, member: MemberId) -> Option<u64> {
        let mut moved = self.0.lock().expect("no panic under this lock");
        let since = moved.get(&(room, member)).map(Instant::elapsed);
        if let Some(wait) = since.and_then(|since| READ_EVERY.checked_sub(since)) {
            return Some(u64::try_from(wait.as_millis()).expect("seconds"));
        }
        moved.put((room, member), Instant::now());
        None
    }
}
