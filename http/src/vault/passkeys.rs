//! What the vault keeps of passkeys: the public halves, and what browsers were asked to sign.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{MemberId, ReservationId};
use sqlx::FromRow;
use uuid::Uuid;

use super::{Token, Vault, begin, token_hash};
use crate::providers::Identity;

/// As a provider's name, where a passkey is linked like an account elsewhere.
pub const PASSKEY: &str = "passkey";
/// Time to find the key; as long as browsers are told.
const CEREMONY: TimeDelta = TimeDelta::minutes(5);

/// A passkey, as its member sees it.
#[derive(Clone, Debug, FromRow)]
pub struct Passkey {
    pub identity: Uuid,
    /// What the member calls it.
    pub label: String,
    pub linked_at: DateTime<Utc>,
    /// `None`: not yet.
    pub used_at: Option<DateTime<Utc>>,
}

impl Vault {
    /// Keeps a member's new passkey, before the log hears of it; false: somebody has it already.
    pub async fn keep_passkey(
        &self,
        member: MemberId,
        who: &Identity,
        credential: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        let identity = self.identity_reservation(&who.provider, &who.subject);
        let mut transaction = begin(&self.pool).await?;
        let kept = sqlx::query(
            "insert into vault.identities (identity, member, provider, subject, label, linked_at)
             values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        )
        .bind(identity.0)
        .bind(member.0)
        .bind(&who.provider)
        .bind(&who.subject)
        .bind(&who.label)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        if kept.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("insert into vault.passkeys (identity, credential) values ($1, $2)")
            .bind(identity.0)
            .bind(credential)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The member's passkeys, the oldest first.
    pub async fn passkeys(&self, member: MemberId) -> sqlx::Result<Vec<Passkey>> {
        sqlx::query_as(
            "select identity, label, linked_at, used_at
             from vault.identities join vault.passkeys using (identity)
             where member = $1 order by linked_at, identity",
        )
        .bind(member.0)
        .fetch_all(&self.pool)
        .await
    }

    /// The public halves of the member's passkeys.
    pub async fn credentials(&self, member: MemberId) -> sqlx::Result<Vec<String>> {
        sqlx::query_scalar(
            "select credential from vault.identities join vault.passkeys using (identity)
             where member = $1",
        )
        .bind(member.0)
        .fetch_all(&self.pool)
        .await
    }

    /// Whose passkey it is, and its public half.
    pub async fn credential(
        &self,
        identity: ReservationId,
    ) -> sqlx::Result<Option<(MemberId, String)>> {
        let found: Option<(Uuid, String)> = sqlx::query_as(
            "select member, credential from vault.identities join vault.passkeys using (identity)
             where identity = $1",
        )
        .bind(identity.0)
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.map(|(member, credential)| (MemberId(member), credential)))
    }

    /// It was used: its counter goes on.
    pub async fn use_passkey(
        &self,
        identity: ReservationId,
        credential: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        sqlx::query("update vault.passkeys set credential = $2, used_at = $3 where identity = $1")
            .bind(identity.0)
            .bind(credential)
            .bind(now)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Calls a passkey otherwise; false: the member has no such one.
    pub async fn name_passkey(
        &self,
        member: MemberId,
        identity: Uuid,
        label: &str,
    ) -> sqlx::Result<bool> {
        let named = sqlx::query(
            "update vault.identities set label = $3
             where member = $1 and identity = $2 and provider = $4",
        )
        .bind(member.0)
        .bind(identity)
        .bind(label)
        .bind(PASSKEY)
        .execute(&self.pool)
        .await?;
        Ok(named.rows_affected() == 1)
    }

    /// A browser is asked to sign something; whoever has the token may bring the answer.
    pub async fn begin_ceremony(
        &self,
        member: Option<MemberId>,
        state: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Token> {
        let token = Token::random();
        sqlx::query(
            "with old as (delete from vault.ceremonies where expires_at < $4)
             insert into vault.ceremonies (token_hash, member, state, expires_at)
             values ($1, $2, $3, $5)",
        )
        .bind(token_hash(&token.0))
        .bind(member.map(|member| member.0))
        .bind(state)
        .bind(now)
        .bind(now + CEREMONY)
        .execute(&self.pool)
        .await?;
        Ok(token)
    }

    /// What was to be signed; once.
    pub async fn end_ceremony(
        &self,
        token: &str,
        member: Option<MemberId>,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<String>> {
        sqlx::query_scalar(
            "with ended as (delete from vault.ceremonies where token_hash = $1
                            returning member, state, expires_at)
             select state from ended where member is not distinct from $2 and expires_at > $3",
        )
        .bind(token_hash(token))
        .bind(member.map(|member| member.0))
        .bind(now)
        .fetch_optional(&self.pool)
        .await
    }
}
