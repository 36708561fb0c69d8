//! Sessions: who is signed in, from where, and until when.

use chrono::{DateTime, TimeDelta, Utc};
use domain::MemberId;
use sqlx::FromRow;
use uuid::Uuid;

use super::{Token, Vault, token_hash};

/// A session ends this long after it began.
pub const SESSION: TimeDelta = TimeDelta::days(30);
/// Whoever signed in so lately need not do so again before they change how they sign in.
const RECENT: TimeDelta = TimeDelta::minutes(15);
/// That a session is used is written down no more often than this.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(5);
/// Sessions of one member that are shown, the last used first; the others end by themselves.
const MOST_SHOWN: i64 = 100;

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

impl Vault {
    /// Begins a session with a token that was never used before.
    pub async fn begin_session(
        &self,
        member: MemberId,
        device: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Token> {
        let token = Token::random();
        sqlx::query(
            "insert into vault.sessions
                 (token_hash, member, created_at, expires_at, device, last_used_at)
             values ($1, $2, $3, $4, $5, $3)",
        )
        .bind(token_hash(&token.0))
        .bind(member.0)
        .bind(now)
        .bind(now + SESSION)
        .bind(device)
        .execute(&self.pool)
        .await?;
        Ok(token)
    }

    /// Who is signed in with this token. Now and then it is noted that they are.
    pub async fn session(&self, token: &str, now: DateTime<Utc>) -> sqlx::Result<Option<MemberId>> {
        let found: Option<(Uuid, DateTime<Utc>)> = sqlx::query_as(
            "select member, last_used_at from vault.sessions
             where token_hash = $1 and expires_at > $2",
        )
        .bind(token_hash(token))
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        let Some((member, last_used_at)) = found else {
            return Ok(None);
        };
        if last_used_at + NOTED_EVERY < now {
            sqlx::query("update vault.sessions set last_used_at = $2 where token_hash = $1")
                .bind(token_hash(token))
                .bind(now)
                .execute(&self.pool)
                .await?;
        }
        Ok(Some(MemberId(member)))
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
        sqlx::query(
            "with halfway as (delete from vault.halfway where member = $1)
             delete from vault.sessions where member = $1 and token_hash is distinct from $2",
        )
        .bind(member.0)
        .bind(but.map(token_hash))
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
