//! What the vault keeps of sign-ins with providers: whom a provider knows, which journeys have
//! come back, and who has just arrived. Subjects are here alone; the log has keyed digests.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{MemberId, ReservationId};
use hmac::Mac;
use sqlx::FromRow;
use uuid::Uuid;

use super::passkeys::PASSKEY;
use super::{Token, Vault, begin, token_hash};
use crate::providers::Identity;

/// An arrival is forgotten after this: time to choose a name, or to sign in.
pub const ARRIVAL: TimeDelta = TimeDelta::minutes(30);

/// A linked account, as its member sees it.
#[derive(Clone, FromRow)]
pub struct Linked {
    pub identity: Uuid,
    pub provider: String,
    pub label: String,
    pub linked_at: DateTime<Utc>,
}

impl Vault {
    /// Of an account at a provider.
    pub fn identity_reservation(&self, provider: &str, subject: &str) -> ReservationId {
        // a provider's name has no line break
        self.reservation("identity", &format!("{provider}\n{subject}"))
    }

    /// What only this vault can have written.
    pub fn sign(&self, purpose: &str, text: &[u8]) -> String {
        let signature = self.digest(purpose, text);
        format!(
            "{}.{}",
            BASE64_URL_SAFE_NO_PAD.encode(text),
            BASE64_URL_SAFE_NO_PAD.encode(signature)
        )
    }

    /// What was signed; `None` where anybody has changed it.
    pub fn verify(&self, purpose: &str, signed: &str) -> Option<Vec<u8>> {
        let (text, signature) = signed.split_once('.')?;
        let text = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        // in a time that does not tell how much of it is right
        let mac = self.mac(purpose, &text);
        mac.verify_slice(&signature).ok()?;
        Some(text)
    }

    /// Whether the journey has not come back before; from now on it has.
    pub async fn comes_back_first(
        &self,
        journey: Uuid,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        let mut transaction = begin(&self.pool).await?;
        sqlx::query("delete from vault.journeys where expires_at < $1")
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        let inserted = sqlx::query(
            "insert into vault.journeys (journey, expires_at) values ($1, $2)
             on conflict do nothing",
        )
        .bind(journey)
        .bind(until)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(inserted.rows_affected() == 1)
    }

    /// Keeps who has come, for the browser that gets the token.
    pub async fn arrive(&self, who: &Identity, now: DateTime<Utc>) -> sqlx::Result<Token> {
        let token = Token::random();
        let mut transaction = begin(&self.pool).await?;
        sqlx::query("delete from vault.arrivals where expires_at < $1")
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "insert into vault.arrivals
                 (token_hash, provider, subject, label, email, vouched, name, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(token_hash(&token.0))
        .bind(&who.provider)
        .bind(&who.subject)
        .bind(&who.label)
        .bind(&who.email)
        .bind(who.vouched)
        .bind(&who.name)
        .bind(now + ARRIVAL)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(token)
    }

    pub async fn arrival(&self, token: &str, now: DateTime<Utc>) -> sqlx::Result<Option<Identity>> {
        sqlx::query_as(
            "select provider, subject, label, email, vouched, name from vault.arrivals
             where token_hash = $1 and expires_at > $2",
        )
        .bind(token_hash(token))
        .bind(now)
        .fetch_optional(&self.pool)
        .await
    }

    pub async fn forget_arrival(&self, token: &str) -> sqlx::Result<()> {
        sqlx::query("delete from vault.arrivals where token_hash = $1")
            .bind(token_hash(token))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// An account without a password, before the log hears of the member.
    pub async fn add_account_without_password(&self, member: MemberId) -> sqlx::Result<()> {
        sqlx::query(
            "insert into vault.accounts (member) values ($1)
             on conflict (member) do update set created_at = now()",
        )
        .bind(member.0)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Keeps what the provider calls the member; the log says already that it is theirs.
    pub async fn keep_identity(
        &self,
        member: MemberId,
        who: &Identity,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        sqlx::query(
            "insert into vault.identities (identity, member, provider, subject, label, linked_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (identity) do update
             set label = excluded.label, member = excluded.member,
                 linked_at = case when identities.member = excluded.member
                                  then identities.linked_at else excluded.linked_at end",
        )
        .bind(self.identity_reservation(&who.provider, &who.subject).0)
        .bind(member.0)
        .bind(&who.provider)
        .bind(&who.subject)
        .bind(&who.label)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    pub async fn forget_identity(
        &self,
        member: MemberId,
        identity: ReservationId,
    ) -> sqlx::Result<()> {
        // who came in with a passkey that is theirs no more signs in again
        sqlx::query(
            "with gone as (delete from vault.identities
                           where member = $1 and identity = $2 returning provider)
             update vault.sessions set two_factors = false
             where member = $1 and exists (select from gone where provider = $3)",
        )
        .bind(member.0)
        .bind(identity.0)
        .bind(PASSKEY)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The member's linked accounts, the oldest first.
    pub async fn identities(&self, member: MemberId) -> sqlx::Result<Vec<Linked>> {
        sqlx::query_as(
            "select identity, provider, label, linked_at from vault.identities
             where member = $1 order by linked_at, identity",
        )
        .bind(member.0)
        .fetch_all(&self.pool)
        .await
    }

    pub async fn has_password(&self, member: MemberId) -> sqlx::Result<bool> {
        Ok(self.password_hash(member).await?.is_some())
    }
}
