//! What members are called, for frames: read once, and followed in the log.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard};

use domain::{Event, MemberId};
use lru::LruCache;
use projections::{Reader, members};
use uuid::Uuid;

/// Names remembered; beyond it the longest unused is forgotten and read again.
const NAMES: NonZeroUsize = NonZeroUsize::new(65_536).expect("not zero");

pub struct Names {
    reader: Reader,
    /// `None`: a former member.
    known: Mutex<LruCache<Uuid, Option<String>>>,
}

impl Names {
    pub fn new(reader: Reader) -> Names {
        Names {
            reader,
            known: Mutex::new(LruCache::new(NAMES)),
        }
    }

    /// The names of those who have one. Whose name can't be read now is left out: a client asks
    /// for it when it needs it.
    pub async fn of(&self, members: &BTreeSet<Uuid>) -> BTreeMap<Uuid, String> {
        let unknown: Vec<Uuid> = {
            let known = self.known();
            let is_unknown = |member: &&Uuid| !known.contains(*member);
            members.iter().filter(is_unknown).copied().collect()
        };
        if !unknown.is_empty()
            && let Err(error) = self.read(&unknown).await
        {
            tracing::debug!(%error, "names can't be read");
        }
        let mut known = self.known();
        let name = |member: &Uuid| Some((*member, known.get(member)?.clone()?));
        members.iter().filter_map(name).collect()
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
