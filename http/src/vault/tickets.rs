//! Tickets for sockets: for clients that can't send a header with a WebSocket's handshake. Each
//! lets one connection in, once, on whichever node.

use chrono::{DateTime, TimeDelta, Utc};
use domain::MemberId;
use uuid::Uuid;

use super::{Token, Vault, token_hash};

/// A ticket that was not used by then is worth nothing.
pub const TICKET: TimeDelta = TimeDelta::seconds(30);

impl Vault {
    /// What the vault knows a session by.
    pub fn session_digest(token: &str) -> Vec<u8> {
        token_hash(token)
    }

    /// A ticket for one connection of the member whose session's token this is. Those that were
    /// never used go with the next one.
    pub async fn begin_ticket(
        &self,
        member: MemberId,
        token: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Token> {
        let ticket = Token::random();
        sqlx::query(
            "with old as (delete from vault.tickets where expires_at < $4)
             insert into vault.tickets (ticket_hash, member, session_hash, expires_at)
             values ($1, $2, $3, $5)",
        )
        .bind(token_hash(&ticket.0))
        .bind(member.0)
        .bind(token_hash(token))
        .bind(now)
        .bind(now + TICKET)
        .execute(&self.pool)
        .await?;
        Ok(ticket)
    }

    /// Takes a ticket: whose it is, and the digest of their session.
    pub async fn redeem_ticket(
        &self,
        ticket: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<(MemberId, Vec<u8>)>> {
        let redeemed: Option<(Uuid, Vec<u8>)> = sqlx::query_as(
            "with taken as (delete from vault.tickets where ticket_hash = $1
                            returning member, session_hash, expires_at)
             select member, session_hash from taken where expires_at > $2
               and exists (select from vault.sessions
                           where token_hash = session_hash and expires_at > $2)",
        )
        .bind(token_hash(ticket))
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        Ok(redeemed.map(|(member, session)| (MemberId(member), session)))
    }

    /// Which of these sessions are over.
    pub async fn sessions_over(
        &self,
        sessions: &[Vec<u8>],
        now: DateTime<Utc>,
    ) -> sqlx::Result<Vec<Vec<u8>>> {
        sqlx::query_scalar(
            "select asked from unnest($1::bytea[]) as asked
             where not exists (select from vault.sessions
                               where token_hash = asked and expires_at > $2)",
        )
        .bind(sessions)
        .bind(now)
        .fetch_all(&self.pool)
        .await
    }
}
