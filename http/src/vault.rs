//! The vault: password hashes, sessions and the key of digests. Truth beside the
//! log, never in it. Each kind of thing that is kept is a file.
//!
//! Names and e-mails are found by keyed digests (HMAC-SHA-256): who reads the log
//! can't test guesses against them without the vault.

mod ended;
pub mod factors;
pub mod guesses;
mod identities;
pub mod links;
pub mod mail;
pub mod passkeys;
mod passwords;
pub mod sessions;
pub mod sign_ups;
mod sweep;
mod tickets;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::{Email, MemberId, MemberName, ReservationId};
use event_log::{Keyring, KeyringError};
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use sealing::Key;
use sha2::{Digest, Sha256};
use sqlx::{PgPool, Postgres, Transaction};
use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;

use ended::Ended;
pub use identities::{ARRIVAL, Linked};
use passwords::{HASHES_AT_ONCE, hash_now};
pub use passwords::{PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS};
pub use sessions::SESSION;
pub use tickets::TICKET;

const MARK: &str = "known browser";
const NOBODY: MemberId = MemberId(Uuid::nil());

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

    /// For what else is kept here.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Removes the account and ends all its sessions.
    pub async fn close_account(&self, member: MemberId) -> sqlx::Result<()> {
        let mut transaction = begin(&self.pool).await?;
        for statement in [
            "delete from vault.sessions where member = $1",
            "delete from vault.tickets where member = $1",
            "delete from vault.identities where member = $1",
            // waits for one that is being sent, and then its link is there, too
            "delete from vault.outbox where member = $1",
            "delete from vault.mail_links where member = $1",
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
