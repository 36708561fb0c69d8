//! Links in letters: what each is good for, and until when. A link's token is computed from what its
//! letter is, so that no table holds it, and a letter that is sent again has the same.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Email, MemberId};
use uuid::Uuid;

use super::mail::Waiting;
use super::{Token, Vault, token_hash};

/// Letters to one member in an hour with a link for one purpose; more are not sent.
const MOST_LINKS: i64 = 5;

/// What a link in a letter is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Shows that the member's address is theirs.
    Verification,
    /// Shows that a new address is theirs, and makes it the member's.
    Address,
    /// Chooses a new password.
    Reset,
    /// Shows that the address of somebody who wants to join is theirs, and makes them a member.
    Joining,
}

impl Purpose {
    pub fn slug(self) -> &'static str {
        match self {
            Purpose::Verification => "verification",
            Purpose::Address => "address",
            Purpose::Reset => "reset",
            Purpose::Joining => "joining",
        }
    }

    pub fn lifetime(self) -> TimeDelta {
        match self {
            Purpose::Verification | Purpose::Address | Purpose::Joining => TimeDelta::hours(24),
            Purpose::Reset => TimeDelta::minutes(30),
        }
    }
}

/// Of a letter that was sent, as its bearer may use it.
#[derive(Clone, Debug)]
pub struct Link {
    pub id: Uuid,
    pub member: MemberId,
    pub address: String,
}

impl Vault {
    /// A letter's link: the same each time that it is asked for.
    pub async fn link(
        &self,
        letter: &Waiting,
        purpose: Purpose,
        member: MemberId,
        address: &Email,
    ) -> sqlx::Result<Token> {
        // its id may be the client's choice, and come again for somebody else
        let said = format!(
            "{}\n{}\n{member}\n{}\n{}",
            letter.id,
            purpose.slug(),
            address.as_str(),
            letter.written_at.timestamp_micros()
        );
        let token = self.digest("mail link", said.as_bytes());
        let token = Token(BASE64_URL_SAFE_NO_PAD.encode(token));
        sqlx::query(
            // those of the last hour are counted: see `was_mailed_enough`
            "with old as (delete from vault.mail_links
                          where expires_at < $6 and created_at < $6 - interval '1 hour')
             insert into vault.mail_links
                 (id, token_hash, purpose, member, address, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        )
        .bind(letter.id)
        .bind(token_hash(&token.0))
        .bind(purpose.slug())
        .bind(member.0)
        .bind(address.as_str())
        .bind(letter.written_at)
        .bind(letter.written_at + purpose.lifetime())
        .execute(&self.pool)
        .await?;
        Ok(token)
    }

    /// Whether the member was mailed as many links for this as there may be in an hour, but for this
    /// one. Strangers may ask for one kind of them: they don't use up the others.
    pub async fn was_mailed_enough(
        &self,
        member: MemberId,
        (letter, purpose): (Uuid, Purpose),
        now: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        let lately: i64 = sqlx::query_scalar(
            // one that is being sent is in both
            "select count(*) from (
                 select id from vault.mail_links
                 where member = $1 and created_at > $2 and purpose = $4
                 union
                 select id from vault.outbox
                 where member = $1 and created_at > $2 and kind = $4) lately
             where id <> $3",
        )
        .bind(member.0)
        .bind(now - TimeDelta::hours(1))
        .bind(letter)
        .bind(purpose.slug())
        .fetch_one(&self.pool)
        .await?;
        Ok(lately >= MOST_LINKS)
    }

    /// What somebody's token is good for; `None`: for nothing, or not any more.
    pub async fn find_link(
        &self,
        token: &str,
        purpose: Purpose,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<Link>> {
        let found: Option<(Uuid, Uuid, String)> = sqlx::query_as(
            "select id, member, address from vault.mail_links
             where token_hash = $1 and purpose = $2 and expires_at > $3",
        )
        .bind(token_hash(token))
        .bind(purpose.slug())
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.map(|(id, member, address)| Link {
            id,
            member: MemberId(member),
            address,
        }))
    }

    /// It was used: it is good for nothing any more.
    pub async fn use_link(&self, link: &Link) -> sqlx::Result<()> {
        sqlx::query("delete from vault.mail_links where id = $1")
            .bind(link.id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// None of the member's links is good for anything any more: they went to a former address.
    pub async fn use_all_links(&self, member: MemberId) -> sqlx::Result<()> {
        sqlx::query("delete from vault.mail_links where member = $1")
            .bind(member.0)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
