//! Sessions: who is signed in, from where, and until when.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::MemberId;
use hmac::Mac;
use rand::Rng;
use sqlx::{FromRow, Postgres, Transaction};
use uuid::Uuid;

use super::{NOBODY, Token, Vault, begin, token_hash};

/// A session ends this long after it began …
pub const SESSION: TimeDelta = TimeDelta::days(30);
/// … or when it was not used for so long.
const IDLE: TimeDelta = TimeDelta::days(14);
/// Whoever signed in so lately need not do so again before they change how they sign in.
const RECENT: TimeDelta = TimeDelta::minutes(15);
/// That a session is used is written down no more often than this.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(5);
/// Sessions of one member that are shown, the last used first; the others end by themselves.
const MOST_SHOWN: i64 = 100;
const TOKEN: &str = "session";
/// Of a token: random bytes, and by what we know our own.
const SECRET: usize = 32;
const SEAL: usize = 16;

/// A session, as its member sees it.
#[derive(Clone, Debug, FromRow)]
pub struct Session {
    pub id: Uuid,
    /// Empty: unknown.
    pub device: String,
    pub created_at: DateTime<Utc>,
    /// Some minutes ago, at most.
    pub last_used_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// The one that asks.
    pub is_current: bool,
}

/// With how many somebody has shown who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factors {
    One,
    Two,
}

impl Vault {
    /// How often all sessions of the member were ended: asked before somebody shows that it is them,
    /// so that with what they show none begins behind an ending.
    pub async fn endings(&self, member: Option<MemberId>) -> sqlx::Result<i64> {
        let endings = sqlx::query_scalar("select endings from vault.accounts where member = $1")
            .bind(member.unwrap_or(NOBODY).0)
            .fetch_optional(&self.pool)
            .await?;
        Ok(endings.unwrap_or_default())
    }

    /// Begins a session with a token that was never used before; `None`: since they were asked for
    /// what they have shown, all sessions of the member were ended.
    pub async fn begin_session(
        &self,
        member: MemberId,
        (device, factors): (&str, Factors),
        (endings, now): (i64, DateTime<Utc>),
    ) -> sqlx::Result<Option<Token>> {
        let token = self.session_token();
        let begun = sqlx::query(
            // who ends them all waits for this one, or has come before
            "with account as (select member from vault.accounts
                              where member = $2 and endings = $6 for share)
             insert into vault.sessions
                 (token_hash, member, created_at, expires_at, device, last_used_at, two_factors)
             select $1, member, $3, $4, $5, $3, $7 from account",
        )
        .bind(token_hash(&token.0))
        .bind(member.0)
        .bind(now)
        .bind(now + IDLE)
        .bind(device)
        .bind(endings)
        .bind(factors == Factors::Two)
        .execute(&self.pool)
        .await?;
        Ok((begun.rows_affected() == 1).then_some(token))
    }

    fn session_token(&self) -> Token {
        let mut secret = [0; SECRET];
        rand::rng().fill_bytes(&mut secret);
        let seal = self.digest(TOKEN, &secret);
        Token(BASE64_URL_SAFE_NO_PAD.encode([&secret[..], &seal[..SEAL]].concat()))
    }

    /// Whether we have given it out at some time: for others nobody makes us look into the vault.
    fn is_ours(&self, token: &str) -> bool {
        let token = BASE64_URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
        let Some((secret, seal)) = token.split_at_checked(SECRET) else {
            return false;
        };
        let mac = self.mac(TOKEN, secret);
        seal.len() == SEAL && mac.verify_truncated_left(seal).is_ok()
    }

    /// Who is signed in with this token, and how they came in. Now and then it is noted that they are.
    pub async fn session(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<(MemberId, Factors)>> {
        if !self.is_ours(token) || self.is_ended(token) {
            return Ok(None);
        }
        let found: Option<(Uuid, DateTime<Utc>, bool)> = sqlx::query_as(
            "select member, last_used_at, two_factors from vault.sessions
             where token_hash = $1 and expires_at > $2",
        )
        .bind(token_hash(token))
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        let Some((member, last_used_at, has_two)) = found else {
            self.has_ended(token);
            return Ok(None);
        };
        if last_used_at + NOTED_EVERY < now {
            sqlx::query(
                "update vault.sessions
                 set last_used_at = $2, expires_at = least(created_at + $3, $2 + $4)
                 where token_hash = $1",
            )
            .bind(token_hash(token))
            .bind(now)
            .bind(SESSION)
            .bind(IDLE)
            .execute(&self.pool)
            .await?;
        }
        let factors = if has_two { Factors::Two } else { Factors::One };
        Ok(Some((MemberId(member), factors)))
    }

    /// Whoever is signed in with this token has just shown their second factor, too.
    pub async fn has_shown_both(&self, token: &str) -> sqlx::Result<()> {
        sqlx::query("update vault.sessions set two_factors = true where token_hash = $1")
            .bind(token_hash(token))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// A member's sessions, the last used first.
    pub async fn sessions(
        &self,
        member: MemberId,
        token: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Vec<Session>> {
        sqlx::query_as(
            "select id, device, created_at, last_used_at, expires_at,
                    token_hash = $2 as is_current
             from vault.sessions where member = $1 and expires_at > $3
             order by is_current desc, last_used_at desc, id limit $4",
        )
        .bind(member.0)
        .bind(token_hash(token))
        .bind(now)
        .bind(MOST_SHOWN)
        .fetch_all(&self.pool)
        .await
    }

    /// Whether this session has begun lately.
    pub async fn is_recent(&self, token: &str, now: DateTime<Utc>) -> sqlx::Result<bool> {
        sqlx::query_scalar(
            "select exists (select from vault.sessions
                            where token_hash = $1 and expires_at > $2 and created_at > $3)",
        )
        .bind(token_hash(token))
        .bind(now)
        .bind(now - RECENT)
        .fetch_one(&self.pool)
        .await
    }

    pub async fn end_session(&self, token: &str) -> sqlx::Result<()> {
        sqlx::query("delete from vault.sessions where token_hash = $1")
            .bind(token_hash(token))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends one of the member's sessions; false: they have no such session.
    pub async fn end_one_of(&self, member: MemberId, session: Uuid) -> sqlx::Result<bool> {
        let ended = sqlx::query("delete from vault.sessions where member = $1 and id = $2")
            .bind(member.0)
            .bind(session)
            .execute(&self.pool)
            .await?;
        Ok(ended.rows_affected() > 0)
    }

    /// Ends all sessions of the member, but for the one of this token.
    pub async fn end_all_of(&self, member: MemberId, but: Option<&str>) -> sqlx::Result<()> {
        let mut transaction = begin(&self.pool).await?;
        end_sign_ins(&mut transaction, member).await?;
        sqlx::query(
            "with halfway as (delete from vault.halfway where member = $1)
             delete from vault.sessions where member = $1 and token_hash is distinct from $2",
        )
        .bind(member.0)
        .bind(but.map(token_hash))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }

    /// Ends all sessions of everybody.
    pub async fn end_all(&self) -> sqlx::Result<()> {
        let mut transaction = begin(&self.pool).await?;
        for statement in [
            "update vault.accounts set endings = endings + 1",
            "delete from vault.halfway",
            "delete from vault.sessions",
        ] {
            sqlx::query(statement).execute(&mut *transaction).await?;
        }
        transaction.commit().await
    }
}

/// Whoever is just signing in does not come in: what they have shown may be good no more. First of
/// all that ends sessions, so that none begins behind it.
pub(super) async fn end_sign_ins(
    transaction: &mut Transaction<'static, Postgres>,
    member: MemberId,
) -> sqlx::Result<()> {
    sqlx::query("update vault.accounts set endings = endings + 1 where member = $1")
        .bind(member.0)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
