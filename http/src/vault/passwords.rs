//! Passwords: hashed slowly, a few at once, and compared in a time that does not tell whether there
//! is an account; and what ends when one is changed.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{DateTime, Utc};
use domain::MemberId;
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::links::Link;
use super::mail::Kind;
use super::{NOBODY, Vault, VaultError, begin, sessions, token_hash};

/// Passwords hashed at once (each takes 19 MiB and a core); more wait.
pub(super) const HASHES_AT_ONCE: usize = 2;
pub const PASSWORD_MIN_CHARS: usize = 8;
/// Longer ones only make hashing slow.
pub const PASSWORD_MAX_BYTES: usize = 256;

impl Vault {
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

    pub(super) async fn password_hash(&self, member: MemberId) -> sqlx::Result<Option<String>> {
        let hash: Option<Option<String>> =
            sqlx::query_scalar("select password_hash from vault.accounts where member = $1")
                .bind(member.0)
                .fetch_optional(&self.pool)
                .await?;
        Ok(hash.flatten())
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
        end_changes(&mut transaction, member).await?;
        tell_of_password(&mut transaction, member, change, now).await?;
        transaction.commit().await?;
        self.written.notify_one();
        Ok(())
    }

    /// Uses a link to choose a password: once, also when it is used twice at the same time. All
    /// sessions of the member end, and their other links of this kind are good for nothing.
    pub async fn reset_password(
        &self,
        link: &Link,
        password_hash: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        let mut transaction = begin(&self.pool).await?;
        let used = sqlx::query("delete from vault.mail_links where id = $1")
            .bind(link.id)
            .execute(&mut *transaction)
            .await?;
        if used.rows_affected() == 0 {
            return Ok(false);
        }
        sessions::end_sign_ins(&mut transaction, link.member).await?;
        end_changes(&mut transaction, link.member).await?;
        sqlx::query("delete from vault.sessions where member = $1")
            .bind(link.member.0)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("update vault.accounts set password_hash = $2 where member = $1")
            .bind(link.member.0)
            .bind(password_hash)
            .execute(&mut *transaction)
            .await?;
        tell_of_password(&mut transaction, link.member, link.id, now).await?;
        transaction.commit().await?;
        self.written.notify_one();
        Ok(true)
    }
}

/// Whoever began to change the address or the password before can't go on: it may have been somebody
/// from whom the member takes the account back. A letter's link is made when it is sent: whoever is
/// sending it is waited for, and its link goes with the others.
async fn end_changes(
    transaction: &mut Transaction<'static, Postgres>,
    member: MemberId,
) -> sqlx::Result<()> {
    for statement in [
        "delete from vault.outbox where member = $1 and kind = 'address'",
        "delete from vault.mail_links where member = $1 and purpose in ('reset', 'address')",
        "delete from vault.halfway where member = $1",
    ] {
        sqlx::query(statement)
            .bind(member.0)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// That their password is another one now, in the transaction that makes it so.
async fn tell_of_password(
    transaction: &mut Transaction<'static, Postgres>,
    member: MemberId,
    change: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into vault.outbox (id, kind, member, created_at, due_at)
         values ($1, $2, $3, $4, $4) on conflict do nothing",
    )
    .bind(Uuid::new_v5(
        &change,
        Kind::PasswordChanged.slug().as_bytes(),
    ))
    .bind(Kind::PasswordChanged.slug())
    .bind(member.0)
    .bind(now)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn argon2() -> Argon2<'static> {
    // OWASP's recommendation for Argon2id: 19 MiB, 2 passes, 1 lane
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

pub(super) fn hash_now(password: &str) -> Result<String, VaultError> {
    let hash = argon2().hash_password(password.as_bytes());
    Ok(hash
        .map_err(|error| VaultError::Hash(error.to_string()))?
        .to_string())
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
