//! What members are called, for frames: read once, and followed in the log.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use domain::{Event, MemberId};
use lru::LruCache;
use projections::{Reader, members};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use uuid::Uuid;

/// Names remembered; beyond it the longest unused is forgotten and read again.
const NAMES: NonZeroUsize = NonZeroUsize::new(65_536).expect("not zero");

/// What all rooms of a node wait for waits no longer for a name.
const PATIENCE: Duration = Duration::from_millis(50);

/// Cheap to clone.
#[derive(Clone)]
pub struct Names {
    reader: Reader,
    /// `None`: a former member.
    known: Arc<Mutex<LruCache<Uuid, Option<String>>>>,
    /// Whose turn it is to read for [`Names::by_now`].
    turn: Arc<Semaphore>,
}

impl Names {
    pub fn new(reader: Reader) -> Names {
        Names {
            reader,
            known: Arc::new(Mutex::new(LruCache::new(NAMES))),
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// The names of those who have one. Whose name can't be read now is left out: a client asks
    /// for it by `GET /api/v1/members/{member}`.
    pub async fn of(&self, members: &BTreeSet<Uuid>) -> BTreeMap<Uuid, String> {
        let unknown = self.unknown(members);
        if !unknown.is_empty() {
            self.learn(&unknown).await;
        }
        self.known_of(members)
    }

    /// The same for frames that everybody waits for: names that can't be read at once are left out
    /// of this one, and read for those that follow. While that lasts nobody waits for names.
    pub async fn by_now(&self, members: &BTreeSet<Uuid>) -> BTreeMap<Uuid, String> {
        let unknown = self.unknown(members);
        if !unknown.is_empty()
            && let Ok(turn) = Arc::clone(&self.turn).try_acquire_owned()
        {
            let names = self.clone();
            let learning = tokio::spawn(async move {
                names.learn(&unknown).await;
                drop(turn);
            });
            // it goes on all the same
            let _ = timeout(PATIENCE, learning).await;
        }
        self.known_of(members)
    }

    fn unknown(&self, members: &BTreeSet<Uuid>) -> Vec<Uuid> {
        let known = self.known();
        let is_unknown = |member: &&Uuid| !known.contains(*member);
        members.iter().filter(is_unknown).copied().collect()
    }

    fn known_of(&self, members: &BTreeSet<Uuid>) -> BTreeMap<Uuid, String> {
        let mut known = self.known();
        let name = |member: &Uuid| Some((*member, known.get(member)?.clone()?));
        members.iter().filter_map(name).collect()
    }

    async fn learn(&self, unknown: &[Uuid]) {
        if let Err(error) = self.read(unknown).await {
            tracing::debug!(%error, "names can't be read");
        }
    }

    async fn read(&self, unknown: &[Uuid]) -> sqlx::Result<()> {
        let mut snapshot = self.reader.snapshot(None).await?;
        let names = members::names(&mut snapshot, unknown).await?;
        let mut known = self.known();
        for (member, name) in names {
            // what the log has said meanwhile is newer
            if !known.contains(&member) {
                known.put(member, name);
            }
        }
        Ok(())
    }

    /// Takes in what the log says of names.
    pub fn follow(&self, event: &Event) {
        use domain::member::Event as Member;
        let Event::Member(event) = event else { return };
        let (member, name) = match event {
            Member::SignedUp(new) => (new.member, new.name.open()),
            Member::Renamed(renamed) => (renamed.member, renamed.name.open()),
            Member::Withdrawn(withdrawn) => (withdrawn.member, None),
            _ => return,
        };
        let name = name.map(|name| name.as_str().to_owned());
        self.known().put(member.0, name);
    }

    pub fn forget(&self, member: MemberId) {
        self.known().put(member.0, None);
    }

    /// What a member is called is not known any more: read when it is wanted.
    pub fn unlearn(&self, member: Uuid) {
        self.known().pop(&member);
    }

    pub fn clear(&self) {
        self.known().clear();
    }

    fn known(&self) -> MutexGuard<'_, LruCache<Uuid, Option<String>>> {
        self.known.lock().expect("no panic under the names' lock")
    }
}
