//! The members' keys: kept in the vault, wrapped under a master key; fetched before what is pure
//! needs them, and remembered.
//!
//! The vault may be another database than the log's: nothing here touches the log.

mod master;
mod rotation;

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use lru::LruCache;
use rand::Rng;
use sealing::{Held, Key, Keys, MasterKeys, NotMasterKeys, SECRET_BYTES};
use sqlx::PgPool;
use thiserror::Error;
use uuid::Uuid;

pub use master::Master;
pub use rotation::LOCK as ROTATION_LOCK;

/// Keys that a node remembers; beyond it the longest unused is dropped and fetched again.
const CACHED_KEYS: NonZeroUsize = NonZeroUsize::new(65_536).expect("not zero");
/// How often keys are made anew when the master key is rotated meanwhile.
const MAX_ATTEMPTS: u32 = 5;

/// Why keys are not to be had.
#[derive(Debug, Error)]
pub enum KeyringError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("{}: {cause}", path.display())]
    File {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("{place}: {cause}")]
    Unreadable { place: String, cause: NotMasterKeys },
    #[error("the vault is empty")]
    Empty,
    #[error("the vault's keys are wrapped under the master key {wanted}, which is not in {place}")]
    AnotherMaster { wanted: Uuid, place: String },
    #[error("{0}")]
    NoRotation(String),
    #[error("the vault's {what} can't be unwrapped: {why}")]
    Damaged { what: String, why: String },
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Keyring {
    shared: Arc<Shared>,
    /// Taken for destroyed, whatever the vault has.
    without: Arc<HashSet<Uuid>>,
}

struct Shared {
    vault: PgPool,
    master: Master,
    masters: RwLock<MasterKeys>,
    known: Mutex<Known>,
    /// The position of the last event that had keys destroyed; this node has no key of before.
    forgotten: AtomicI64,
}

struct Known {
    keys: LruCache<Uuid, Held>,
    /// Grows with every destruction: what was read before may be destroyed by now.
    epoch: u64,
}

type Row = (Uuid, Option<String>, Option<Uuid>);

impl Keyring {
    /// Opens the vault's keys. An empty vault takes the master key that is given, or has one made;
    /// any other wants its own.
    pub async fn open(vault: PgPool, master: Master) -> Result<Keyring, KeyringError> {
        if wrapping(&vault).await?.is_none() {
            let masters = master.load(true)?;
            sqlx::query("insert into vault.master (master) values ($1) on conflict do nothing")
                .bind(masters.newest().id())
                .execute(&vault)
                .await?;
        }
        Keyring::open_existing(vault, master).await
    }

    /// As [`Keyring::open`], but an empty vault is an error and stays empty: that of a log which was
    /// carried here may still have to come.
    pub async fn open_existing(vault: PgPool, master: Master) -> Result<Keyring, KeyringError> {
        let wanted = wrapping(&vault).await?.ok_or(KeyringError::Empty)?;
        let masters = master.load(false)?;
        if masters.find(wanted).is_none() {
            let place = master.place();
            return Err(KeyringError::AnotherMaster { wanted, place });
        }
        let known = Known {
            keys: LruCache::new(CACHED_KEYS),
            epoch: 0,
        };
        Ok(Keyring {
            shared: Arc::new(Shared {
                vault,
                master,
                masters: RwLock::new(masters),
                known: Mutex::new(known),
                forgotten: AtomicI64::new(0),
            }),
            without: Arc::default(),
        })
    }

    /// One that takes these keys for destroyed, also where the vault still has them.
    #[must_use]
    pub fn without(&self, ids: impl IntoIterator<Item = Uuid>) -> Keyring {
        Keyring {
            shared: self.shared.clone(),
            without: Arc::new(ids.into_iter().collect()),
        }
    }

    /// What is known of these keys without asking the vault.
    pub fn known(&self, ids: impl IntoIterator<Item = Uuid>) -> Keys {
        let mut known = self.shared.known.lock().expect("no panic under the lock");
        let mut held = |id| match self.without.contains(&id) {
            true => Some(Held::Destroyed),
            false => known.keys.get(&id).cloned(),
        };
        let ids = ids.into_iter();
        ids.filter_map(|id| Some((id, held(id)?))).collect()
    }

    /// These keys, as far as the vault has them or had them destroyed.
    pub async fn fetch(&self, ids: impl IntoIterator<Item = Uuid>) -> sqlx::Result<Keys> {
        let mut ids: Vec<Uuid> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut keys = self.known(ids.iter().copied());
        ids.retain(|id| keys.get(*id).is_none());
        if ids.is_empty() {
            return Ok(keys);
        }
        let epoch = self.epoch();
        let found = self.read(&ids).await?;
        self.remember(&found, epoch);
        found
            .into_iter()
            .for_each(|(id, held)| keys.insert(id, held));
        Ok(keys)
    }

    async fn read(&self, ids: &[Uuid]) -> sqlx::Result<Vec<(Uuid, Held)>> {
        let rows: Vec<Row> =
            sqlx::query_as("select key, wrapped, master from vault.keys where key = any($1)")
                .bind(ids)
                .fetch_all(&self.shared.vault)
                .await?;
        Ok(rows.into_iter().map(|row| self.unwrap(row)).collect())
    }

    /// Makes these keys of a member, as far as they are not there and were never destroyed. They are
    /// as the vault has them, and are not remembered: those of a member who is never recorded are
    /// swept out, and made anew when they are after all.
    pub async fn make(&self, member: Uuid, ids: &[Uuid]) -> Result<Keys, KeyringError> {
        for _ in 0..MAX_ATTEMPTS {
            let keys: Keys = self.read(ids).await?.into_iter().collect();
            let missing = ids.iter().copied().filter(|id| keys.get(*id).is_none());
            let missing: Vec<Uuid> = missing.collect();
            if missing.is_empty() {
                return Ok(keys);
            }
            let Some(wrapping) = wrapping(&self.shared.vault).await? else {
                break;
            };
            let Some(master) = self.master(wrapping) else {
                let place = self.shared.master.place();
                let wanted = wrapping;
                return Err(KeyringError::AnotherMaster { wanted, place });
            };
            let wrapped: Vec<String> = missing
                .iter()
                .map(|id| master.wrap(id.as_bytes(), &new_secret()))
                .collect();
            // nothing is made when the master key was rotated meanwhile
            sqlx::query(
                "insert into vault.keys (key, member, wrapped, master)
                 select k.key, $1, k.wrapped, m.master
                 from vault.master m, unnest($2::uuid[], $3::text[]) as k(key, wrapped)
                 where m.master = $4 for share of m
                 on conflict do nothing",
            )
            .bind(member)
            .bind(&missing)
            .bind(&wrapped)
            .bind(wrapping)
            .execute(&self.shared.vault)
            .await?;
        }
        Err(KeyringError::Damaged {
            what: format!("keys of the member {member}"),
            why: "they can't be made".into(),
        })
    }

    /// Destroys these keys of a member, for ever; again, it changes nothing. This node forgets
    /// them at once.
    pub async fn destroy(&self, member: Uuid, ids: &[Uuid]) -> sqlx::Result<()> {
        sqlx::query(
            "insert into vault.keys (key, member, destroyed_at)
             select key, $1, now() from unnest($2::uuid[]) as key
             on conflict (key) do update set wrapped = null, master = null, destroyed_at = now()
             where keys.wrapped is not null",
        )
        .bind(member)
        .bind(ids)
        .execute(&self.shared.vault)
        .await?;
        let mut known = self.shared.known.lock().expect("no panic under the lock");
        known.epoch += 1;
        for id in ids {
            known.keys.put(*id, Held::Destroyed);
        }
        Ok(())
    }

    /// Where the keys are, and what else belongs to the vault.
    pub fn vault(&self) -> &PgPool {
        &self.shared.vault
    }

    /// Whether the vault belongs to the log that begins with this hash; the first log that asks is
    /// the one. `None`: a log without events.
    pub async fn belongs_to(&self, first: Option<[u8; 32]>) -> sqlx::Result<bool> {
        sqlx::query("update vault.master set log = $1 where log is null and $1 is not null")
            .bind(first)
            .execute(&self.shared.vault)
            .await?;
        sqlx::query_scalar("select log is not distinct from $1 from vault.master")
            .bind(first)
            .fetch_one(&self.shared.vault)
            .await
    }

    /// A secret of the vault by its name, made at the first call.
    pub async fn secret(&self, name: &str) -> Result<[u8; SECRET_BYTES], KeyringError> {
        let vault = &self.shared.vault;
        sqlx::query(
            "insert into vault.secrets (name, secret) values ($1, $2) on conflict do nothing",
        )
        .bind(name)
        .bind(new_secret().as_slice())
        .execute(vault)
        .await?;
        self.wrap_secrets().await?;
        let (secret, master): (Vec<u8>, Uuid) =
            sqlx::query_as("select secret, master from vault.secrets where name = $1")
                .bind(name)
                .fetch_one(vault)
                .await?;
        let secret = self.unwrap_secret(name, &secret, Some(master))?;
        secret.try_into().map_err(|_| KeyringError::Damaged {
            what: format!("secret {name}"),
            why: "it has another length".into(),
        })
    }

    pub(super) fn unwrap_secret(
        &self,
        name: &str,
        secret: &[u8],
        master: Option<Uuid>,
    ) -> Result<Vec<u8>, KeyringError> {
        let Some(id) = master else {
            return Ok(secret.to_vec());
        };
        let damaged = |why: String| KeyringError::Damaged {
            what: format!("secret {name}"),
            why,
        };
        let master = self.master(id).ok_or_else(|| damaged(unknown(id)))?;
        let text = str::from_utf8(secret).map_err(|error| damaged(error.to_string()))?;
        let secret = master.unwrap(name.as_bytes(), text);
        secret.map_err(|error| damaged(error.to_string()))
    }

    fn unwrap(&self, (id, wrapped, master): Row) -> (Uuid, Held) {
        let Some((wrapped, master_id)) = wrapped.zip(master) else {
            return (id, Held::Destroyed);
        };
        let Some(master) = self.master(master_id) else {
            return (id, Held::Unusable(unknown(master_id).into()));
        };
        let secret = master.unwrap(id.as_bytes(), &wrapped);
        let secret = secret
            .map_err(|error| error.to_string())
            .and_then(|secret| {
                <[u8; SECRET_BYTES]>::try_from(secret).map_err(|_| "it has another length".into())
            });
        let held = match secret {
            Ok(secret) => Held::Key(Arc::new(Key::new(&secret))),
            Err(why) => Held::Unusable(why.into()),
        };
        (id, held)
    }

    /// Says that all keys are destroyed that events up to this position have destroyed. Of states that
    /// were read before, nothing is kept any more.
    pub fn forget_before(&self, position: i64) {
        self.shared.forgotten.fetch_max(position, Ordering::AcqRel);
    }

    /// What is read from now on knows nothing that was forgotten up to this position.
    pub(crate) fn forgotten(&self) -> i64 {
        self.shared.forgotten.load(Ordering::Acquire)
    }

    fn epoch(&self) -> u64 {
        let known = self.shared.known.lock().expect("no panic under the lock");
        known.epoch
    }

    fn remember(&self, found: &[(Uuid, Held)], epoch: u64) {
        let mut known = self.shared.known.lock().expect("no panic under the lock");
        for (id, held) in found {
            let lasts = match held {
                Held::Key(_) => known.epoch == epoch,
                Held::Destroyed => true,
                Held::Unusable(_) => false,
            };
            // a destruction that came in between has the last word
            let is_destroyed = matches!(known.keys.peek(id), Some(Held::Destroyed));
            if lasts && !is_destroyed {
                known.keys.put(*id, held.clone());
            }
        }
    }
}

/// The master key that wraps what is new; none in an empty vault.
async fn wrapping(vault: &PgPool) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar("select master from vault.master")
        .fetch_optional(vault)
        .await
}

fn unknown(master: Uuid) -> String {
    format!("its master key {master} is not known here")
}

fn new_secret() -> [u8; SECRET_BYTES] {
    let mut secret = [0; SECRET_BYTES];
    rand::rng().fill_bytes(&mut secret);
    secret
}
