//! Another master key: what the vault holds is wrapped anew, while members read and write.
//! Broken off anywhere, the next try goes on: every wrapped key says which master key wraps it.

use std::fs;

use sealing::{MasterKey, MasterKeys};
use uuid::Uuid;

use super::master::{Master, failed, write};
use super::{Keyring, KeyringError, new_secret, unknown, wrapping};

/// Keys that are wrapped anew in one transaction.
const PAGE: i64 = 1_000;
/// Held by who rotates: two at once could each take the other's new key out of the file.
pub const LOCK: &str = "select pg_try_advisory_lock(hashtext('reeltime rotation'))";

impl Keyring {
    /// Wraps everything under a new master key: one that is made and written to the file, or the
    /// first of those that the operator gives. Returns its id and how many keys it took over.
    pub async fn rotate(&self) -> Result<(Uuid, u64), KeyringError> {
        let mut connection = self.shared.vault.acquire().await?;
        // the lock goes with the connection, however this ends
        connection.close_on_drop();
        let is_alone: bool = sqlx::query_scalar(LOCK).fetch_one(&mut *connection).await?;
        if !is_alone {
            let why = "another rotation of this vault is running";
            return Err(KeyringError::NoRotation(why.into()));
        }
        self.rotate_alone().await
    }

    async fn rotate_alone(&self) -> Result<(Uuid, u64), KeyringError> {
        let wrapping = wrapping(&self.shared.vault).await?;
        let masters = self.with_new_master(wrapping)?;
        let newest = masters.newest().clone();
        self.set_masters(masters);
        // from now on nothing is wrapped under the older ones: this waits for who does just now
        sqlx::query("update vault.master set master = $1")
            .bind(newest.id())
            .execute(&self.shared.vault)
            .await?;
        let mut keys = 0;
        loop {
            match self.rewrap(&newest).await? {
                0 => break,
                some => keys += some,
            }
        }
        self.wrap_secrets().await?;
        if !self.needs_older_than(newest.id()).await? {
            self.drop_old_masters()?;
        }
        Ok((newest.id(), keys))
    }

    /// The new key and the older ones. A file whose first key does not wrap yet is that of a
    /// rotation that was broken off.
    fn with_new_master(&self, wrapping: Option<Uuid>) -> Result<MasterKeys, KeyringError> {
        let master = &self.shared.master;
        let masters = master.load(false)?;
        if Some(masters.newest().id()) != wrapping {
            return Ok(masters);
        }
        let Master::File(path) = master else {
            return Err(KeyringError::NoRotation(
                "name the new master key first and the present one behind it".into(),
            ));
        };
        let text = fs::read_to_string(path).map_err(failed(path))?;
        let new = MasterKeys::text(&new_secret());
        write(path, &format!("{new}\n{}", text.trim()), true)?;
        master.load(false)
    }

    async fn rewrap(&self, newest: &MasterKey) -> Result<u64, KeyringError> {
        let mut transaction = self.shared.vault.begin().await?;
        let rows: Vec<(Uuid, String, Uuid)> = sqlx::query_as(
            "select key, wrapped, master from vault.keys
             where master <> $1 order by key limit $2 for update",
        )
        .bind(newest.id())
        .bind(PAGE)
        .fetch_all(&mut *transaction)
        .await?;
        let (mut ids, mut wrapped) = (Vec::new(), Vec::new());
        for (id, old, master) in rows {
            let damaged = |why: String| KeyringError::Damaged {
                what: format!("key {id}"),
                why,
            };
            let master = self
                .master(master)
                .ok_or_else(|| damaged(unknown(master)))?;
            let secret = master.unwrap(id.as_bytes(), &old);
            let secret = secret.map_err(|error| damaged(error.to_string()))?;
            ids.push(id);
            wrapped.push(newest.wrap(id.as_bytes(), &secret));
        }
        let done = sqlx::query(
            "update vault.keys k set wrapped = n.wrapped, master = $1
             from unnest($2::uuid[], $3::text[]) as n(key, wrapped) where k.key = n.key",
        )
        .bind(newest.id())
        .bind(&ids)
        .bind(&wrapped)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(done.rows_affected())
    }

    /// Wraps the vault's few secrets under the master key that wraps now.
    pub(super) async fn wrap_secrets(&self) -> Result<(), KeyringError> {
        let mut transaction = self.shared.vault.begin().await?;
        let wrapping: Uuid = sqlx::query_scalar("select master from vault.master for share")
            .fetch_one(&mut *transaction)
            .await?;
        let rows: Vec<(String, Vec<u8>, Option<Uuid>)> = sqlx::query_as(
            "select name, secret, master from vault.secrets
             where master is distinct from $1 for update",
        )
        .bind(wrapping)
        .fetch_all(&mut *transaction)
        .await?;
        for (name, secret, master) in rows {
            let newest = self.master(wrapping).ok_or_else(|| KeyringError::Damaged {
                what: format!("secret {name}"),
                why: unknown(wrapping),
            })?;
            let secret = self.unwrap_secret(&name, &secret, master)?;
            sqlx::query("update vault.secrets set secret = $2, master = $3 where name = $1")
                .bind(&name)
                .bind(newest.wrap(name.as_bytes(), &secret).into_bytes())
                .bind(wrapping)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn needs_older_than(&self, newest: Uuid) -> Result<bool, KeyringError> {
        let needs = sqlx::query_scalar(
            "select exists (select from vault.keys where master <> $1)
                 or exists (select from vault.secrets where master is distinct from $1)",
        );
        let needs = needs.bind(newest).fetch_one(&self.shared.vault).await;
        Ok(needs?)
    }

    /// Nothing needs the older ones any more.
    fn drop_old_masters(&self) -> Result<(), KeyringError> {
        let Master::File(path) = &self.shared.master else {
            return Ok(());
        };
        let text = fs::read_to_string(path).map_err(failed(path))?;
        let newest = text.split_whitespace().next().unwrap_or_default();
        write(path, newest, true)
    }
}
