//! The vault: password hashes, sessions and the key of digests. Truth beside the
//! log, never in it.
//!
//! Names and e-mails are found by keyed digests (HMAC-SHA-256): who reads the log
//! can't test guesses against them without the vault.

mod ended;
pub mod factors;
pub mod guesses;
mod identities;
pub mod mail;
pub mod passkeys;
pub mod sessions;
pub mod sign_ups;
mod tickets;

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use domain::{Email, MemberId, MemberName, ReservationId};
use event_log::{Keyring, KeyringError};
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use sealing::Key;
use sha2::{Digest, Sha256};
use sqlx::{PgPool, Postgres, Transaction};
use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;

pub use sessions::SESSION;
pub use tickets::TICKET;

/// Passwords hashed at once (each takes 19 MiB and a core); more wait.
const HASHES_AT_ONCE: usize = 2;
const MARK: &str = "known browser";
const NOBODY: MemberId = MemberId(Uuid::nil());
pub const PASSWORD_MIN_CHARS: usize = 8;
/// Longer ones only make hashing slow.
pub const PASSWORD_MAX_BYTES: usize = 256;

/// Why the vault did not answer.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error("a password can't be hashed: {0}")]
    Hash(String),
    #[error("what is kept of a second factor can't be read: {0}")]
    Factor(String),
}

use ended::Ended;
pub use identities::{ARRIVAL, Linked};

pub struct Vault {
    pool: PgPool,
    digest_key: Hmac<Sha256>,
    /// Seals what authenticator apps compute codes from.
    factor_key: Key,
    hashing: Arc<Semaphore>,
    hashed: AtomicU64,
    /// What an unknown name's password is compared with, so that the answer
    /// takes as long as a known one's.
    nobodys_hash: String,
    ended: Mutex<Ended>,
    /// There is something new in the outbox.
    pub written: Arc<Notify>,
}

/// A new session's secret: told once, to the browser; the vault keeps its hash.
pub struct Token(String);

impl Token {
    fn random() -> Token {
        let mut secret = [0; 32];
        rand::rng().fill_bytes(&mut secret);
        Token(BASE64_URL_SAFE_NO_PAD.encode(secret))
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Vault {
    /// Opens the vault of these keys.
    pub async fn open(keyring: &Keyring) -> Result<Vault, VaultError> {
        let key = keyring.secret("digests").await?;
        let factor_key = keyring.secret("second factors").await?;
        let nobodys_hash = hash_now("nobody has this password")?;
        Ok(Vault {
            pool: keyring.vault().clone(),
            digest_key: Hmac::new_from_slice(&key).expect("HMAC takes keys of any length"),
            factor_key: Key::new(&factor_key),
            hashing: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            hashed: AtomicU64::new(0),
            nobodys_hash,
            ended: Mutex::default(),
            written: Arc::new(Notify::new()),
        })
    }

    /// A keyed digest of anything; `purpose` keeps one use from meeting another.
    pub fn digest(&self, purpose: &str, content: &[u8]) -> [u8; 32] {
        self.mac(purpose, content).finalize().into_bytes().into()
    }

    fn mac(&self, purpose: &str, content: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.digest_key.clone();
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(content);
        mac
    }

    /// What nobody else can make of a browser's number and a member.
    pub fn mark(&self, number: &[u8], member: MemberId) -> [u8; 16] {
        let digest = self.digest(MARK, &[number, member.0.as_bytes()].concat());
        *digest.first_chunk().expect("a digest has 32 bytes")
    }

    pub fn has_marked(&self, number: &[u8], member: MemberId, mark: &[u8]) -> bool {
        let mac = self.mac(MARK, &[number, member.0.as_bytes()].concat());
        // in a time that does not tell how much of it is right
        mac.verify_truncated_left(mark).is_ok()
    }

    pub fn name_reservation(&self, name: &MemberName) -> ReservationId {
        self.reservation("name", &name.key())
    }

    pub fn email_reservation(&self, email: &Email) -> ReservationId {
        self.reservation("e-mail", &email.key())
    }

    fn reservation(&self, purpose: &str, key: &str) -> ReservationId {
        let digest = self.digest(purpose, key.as_bytes());
        let first: [u8; 16] = digest[..16].try_into().expect("a digest has 32 bytes");
        ReservationId(uuid::Builder::from_custom_bytes(first).into_uuid())
    }

    /// Argon2id with a salt of its own, on a thread that may take long.
    pub async fn hash(&self, password: &str) -> Result<String, VaultError> {
        let password = password.to_owned();
        self.hashing(move || hash_now(&password)).await
    }

    /// Passwords that were hashed here until now, to be kept or to be compared.
    pub fn hashed(&self) -> u64 {
        self.hashed.load(Relaxed)
    }

    /// Who hangs up meanwhile lets nobody in before it is done.
    async fn hashing<T: Send + 'static>(&self, hash: impl FnOnce() -> T + Send + 'static) -> T {
        let permit = Arc::clone(&self.hashing).acquire_owned().await;
        let permit = permit.expect("never closed");
        self.hashed.fetch_add(1, Relaxed);
        let hashing = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            hash()
        });
        hashing.await.expect("hashing does not panic")
    }

    /// Whether the password opens the account; takes as long for an account that
    /// is not there.
    pub async fn opens(
        &self,
        member: Option<MemberId>,
        password: &str,
    ) -> Result<bool, VaultError> {
        let hash = self.password_hash(member.unwrap_or(NOBODY)).await?;
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobodys_hash.clone());
        Ok(self.is_of(hash, password).await? && known)
    }

    /// Whether it is the password of this hash.
    pub async fn is_of(&self, hash: String, password: &str) -> Result<bool, VaultError> {
        let password = password.to_owned();
        let verifying = self.hashing(move || {
            let hash = PasswordHash::new(&hash).map_err(|e| VaultError::Hash(e.to_string()))?;
            Ok::<bool, VaultError>(argon2().verify_password(password.as_bytes(), &hash).is_ok())
        });
        verifying.await
    }

    async fn password_hash(&self, member: MemberId) -> sqlx::Result<Option<String>> {
        let hash: Option<Option<String>> =
            sqlx::query_scalar("select password_hash from vault.accounts where member = $1")
                .bind(member.0)
                .fetch_optional(&self.pool)
                .await?;
        Ok(hash.flatten())
    }

    /// Keeps a new member's password, before the log hears of the member. An
    /// account that is there stays as it is, but for the sweep it is new: the same sign-up came
    /// again.
    pub async fn add_account(&self, member: MemberId, password_hash: &str) -> sqlx::Result<()> {
        sqlx::query(
            "insert into vault.accounts (member, password_hash) values ($1, $2)
             on conflict (member) do update set created_at = now()",
        )
        .bind(member.0)
        .bind(password_hash)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Changes the password, ends the member's sessions, all but one, and has them told.
    pub async fn change_password(
        &self,
        member: MemberId,
        password_hash: &str,
        kept: Option<&str>,
        (change, now): (Uuid, DateTime<Utc>),
    ) -> sqlx::Result<()> {
        let mut transaction = begin(&self.pool).await?;
        sessions::end_sign_ins(&mut transaction, member).await?;
        sqlx::query("update vault.accounts set password_hash = $2 where member = $1")
            .bind(member.0)
            .bind(password_hash)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "delete from vault.sessions where member = $1 and token_hash is distinct from $2",
        )
        .bind(member.0)
        .bind(kept.map(token_hash))
        .execute(&mut *transaction)
        .await?;
        mail::end_changes(&mut transaction, member).await?;
        mail::tell_of_password(&mut transaction, member, change, now).await?;
        transaction.commit().await?;
        self.written.notify_one();
        Ok(())
    }

    /// For what else is kept here.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Removes the account and ends all its sessions.
    pub async fn close_account(&self, member: MemberId) -> sqlx::Result<()> {
        let mut transaction = begin(&self.pool).await?;
        for statement in [
            "delete from vault.sessions where member = $1",
            "delete from vault.identities where member = $1",
            "delete from vault.mail_links where member = $1",
            "delete from vault.outbox where member = $1",
            "delete from vault.uploads where member = $1",
            "delete from vault.authenticators where member = $1",
            "delete from vault.ceremonies where member = $1",
            "delete from vault.halfway where member = $1",
            "delete from vault.accounts where member = $1",
        ] {
            sqlx::query(statement)
                .bind(member.0)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }
}

/// In a task of its own: a request that is broken off in the middle of `begin`
/// would leave the pool a connection inside a transaction.
async fn begin(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    let beginning = tokio::spawn(async move { pool.begin().await });
    beginning.await.expect("beginning does not panic")
}

fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn argon2() -> Argon2<'static> {
    // OWASP's recommendation for Argon2id: 19 MiB, 2 passes, 1 lane
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

fn hash_now(password: &str) -> Result<String, VaultError> {
    let hash = argon2().hash_password(password.as_bytes());
    Ok(hash
        .map_err(|error| VaultError::Hash(error.to_string()))?
        .to_string())
}

/// Members looked up in the log at once.
const SWEPT_AT_ONCE: i64 = 1_000;

impl Vault {
    /// Sweeps out what belongs to nobody: accounts and keys of sign-ups that were never recorded and
    /// can't be any more, accounts of members who have withdrawn, sessions that are over. Vault and log may be two
    /// databases: nothing joins them.
    pub async fn sweep(&self, log: &PgPool) -> sqlx::Result<()> {
        let mut last = Uuid::nil();
        loop {
            let page: Vec<Uuid> = sqlx::query_scalar(
                "select member from (
                     select member, created_at from vault.accounts
                     union all select member, created_at from vault.keys) as held
                 where member > $1 group by member
                 having max(created_at) < now() - interval '1 hour'
                     and not exists (select from vault.sign_ups where id = member)
                 order by member limit $2",
            )
            .bind(last)
            .bind(SWEPT_AT_ONCE)
            .fetch_all(&self.pool)
            .await?;
            let Some(furthest) = page.last() else { break };
            last = *furthest;
            self.sweep_members(log, &page).await?;
        }
        sqlx::query(
            "delete from vault.sessions s
             where not exists (select from vault.accounts a where a.member = s.member)",
        )
        .execute(&self.pool)
        .await?;
        self.sweep_expired().await
    }

    /// Sweeps out what was good for a while: nobody need come by for it to go.
    pub async fn sweep_expired(&self) -> sqlx::Result<()> {
        for statement in [
            "delete from vault.sessions where expires_at < now()",
            "delete from vault.sign_ups where expires_at < now()",
            "delete from vault.arrivals where expires_at < now()",
            "delete from vault.ceremonies where expires_at < now()",
            "delete from vault.halfway where expires_at < now()",
            "delete from vault.guesses where free_at < now()",
            "delete from vault.tickets where expires_at < now()",
            "delete from vault.journeys where expires_at < now()",
            // those of the last hour are counted: see `was_mailed_enough`
            "delete from vault.mail_links
             where expires_at < now() and created_at < now() - interval '1 hour'",
            // a preview of what a member would bring along, which nobody imports
            "delete from vault.uploads
             where phase = 'preview' and touched_at < now() - interval '1 day'",
        ] {
            sqlx::query(statement).execute(&self.pool).await?;
        }
        Ok(())
    }

    async fn sweep_members(&self, log: &PgPool, members: &[Uuid]) -> sqlx::Result<()> {
        let mut transaction = begin(&self.pool).await?;
        // whoever is being recorded right now has touched theirs, or waits until this is over
        let touched: Vec<Uuid> = sqlx::query_scalar(
            "with locked as (select member, created_at from vault.accounts
                             where member = any($1) for update)
             select member from locked where created_at >= now() - interval '1 hour'",
        )
        .bind(members)
        .fetch_all(&mut *transaction)
        .await?;
        let members: Vec<Uuid> = members
            .iter()
            .filter(|member| !touched.contains(member))
            .copied()
            .collect();
        let found: Vec<(Uuid, bool)> = sqlx::query_as(
            "select m, exists (select from log.events
                               where stream = 'member-' || m and event_type = 'member.withdrawn')
             from unnest($1::uuid[]) as m
             where exists (select from log.events where stream = 'member-' || m)",
        )
        .bind(&members)
        .fetch_all(log)
        .await?;
        let recorded: Vec<Uuid> = found.iter().map(|(member, _)| *member).collect();
        let stay: Vec<Uuid> = found
            .iter()
            .filter(|(_, withdrawn)| !withdrawn)
            .map(|(member, _)| *member)
            .collect();
        for statement in [
            "delete from vault.accounts where member = any($1) and member <> all($2)",
            "delete from vault.identities where member = any($1) and member <> all($2)",
            "delete from vault.mail_links where member = any($1) and member <> all($2)",
            "delete from vault.uploads where member = any($1) and member <> all($2)",
            "delete from vault.authenticators where member = any($1) and member <> all($2)",
        ] {
            sqlx::query(statement)
                .bind(&members)
                .bind(&stay)
                .execute(&mut *transaction)
                .await?;
        }
        // those that were destroyed stay known as such
        sqlx::query(
            "delete from vault.keys
             where member = any($1) and member <> all($2) and wrapped is not null",
        )
        .bind(&members)
        .bind(recorded)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_hashed_as_slowly_as_written_and_as_it_was_typed() {
        let hash = hash_now(" 비밀번호  with spaces ").unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert_ne!(hash, hash_now(" 비밀번호  with spaces ").unwrap());
        let hash = PasswordHash::new(&hash).unwrap();
        let opens = |typed: &str| argon2().verify_password(typed.as_bytes(), &hash).is_ok();
        assert!(opens(" 비밀번호  with spaces "));
        assert!(!opens("비밀번호  with spaces") && !opens(" 비밀번호  WITH SPACES "));
    }
}
