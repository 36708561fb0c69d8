//! Who wants to join and has not followed the link in their letter yet.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Email, ReservationId};
use sqlx::FromRow;
use uuid::Uuid;

use super::links::Purpose;
use super::{Token, Vault};
use crate::providers::Identity;

const BROWSER: &str = "browser of a sign-up";
const ASKER: &str = "who asks to join";
/// Letters to one e-mail address in an hour, asked for from one address; more are not sent.
const MOST_OF_ONE: i64 = 3;
/// The same, from wherever they were asked for. Whoever used them up keeps nobody out: in the browser
/// in which they began, each of these letters makes the address's owner a member.
const MOST_TO_ONE: i64 = 15;

/// As it was typed.
#[derive(FromRow)]
pub struct SignUp {
    /// The letter's, and the member's if they become one.
    pub id: Uuid,
    pub name: String,
    pub email: String,
    pub language: String,
    /// `None`: they sign in with a provider.
    pub password_hash: Option<String>,
    pub provider: Option<String>,
    pub subject: Option<String>,
    pub label: Option<String>,
}

impl SignUp {
    /// The account elsewhere with which they come.
    pub fn identity(&self) -> Option<Identity> {
        Some(Identity {
            provider: self.provider.clone()?,
            subject: self.subject.clone()?,
            label: self.label.clone()?,
            email: None,
            vouched: false,
            name: String::new(),
        })
    }
}

impl Vault {
    /// Keeps it; under the same id it is one.
    pub async fn keep_sign_up(
        &self,
        sign_up: &SignUp,
        (reservation, asker): (ReservationId, &str),
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        sqlx::query(
            "with old as (delete from vault.sign_ups where expires_at < $10)
             insert into vault.sign_ups
                 (id, reservation, name, email, language, password_hash, provider, subject, label,
                  created_at, expires_at, asker)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing",
        )
        .bind(sign_up.id)
        .bind(reservation.0)
        .bind(&sign_up.name)
        .bind(&sign_up.email)
        .bind(&sign_up.language)
        .bind(&sign_up.password_hash)
        .bind(&sign_up.provider)
        .bind(&sign_up.subject)
        .bind(&sign_up.label)
        .bind(now)
        .bind(now + Purpose::Joining.lifetime())
        .bind(self.digest(ASKER, asker.as_bytes()))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// For the browser in which it began.
    pub fn browser_token(&self, id: Uuid) -> Token {
        Token(self.sign(BROWSER, id.as_bytes()))
    }

    /// What began in the browser that brings this.
    pub fn begun_in(&self, token: &str) -> Option<Uuid> {
        let id = self.verify(BROWSER, token)?;
        Uuid::from_slice(&id).ok()
    }

    pub async fn sign_up(&self, id: Uuid, now: DateTime<Utc>) -> sqlx::Result<Option<SignUp>> {
        sqlx::query_as(
            "select id, name, email, language, password_hash, provider, subject, label
             from vault.sign_ups where id = $1 and expires_at > $2",
        )
        .bind(id)
        .bind(now)
        .fetch_optional(&self.pool)
        .await
    }

    /// Whether as many letters as there may be in an hour were asked for before this one: by who asks
    /// for it, or for this address.
    pub async fn was_asked_enough(
        &self,
        email: &Email,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        let (own, all): (i64, i64) = sqlx::query_as(
            "select count(*) filter (where other.asker = this.asker), count(*)
             from vault.sign_ups this join vault.sign_ups other
                 on other.reservation = $1 and other.created_at > $2
                 and (other.created_at, other.id) < (this.created_at, this.id)
             where this.id = $3",
        )
        .bind(self.email_reservation(email).0)
        .bind(now - TimeDelta::hours(1))
        .bind(id)
        .fetch_one(&self.pool)
        .await?;
        Ok(own >= MOST_OF_ONE || all >= MOST_TO_ONE)
    }

    /// They are a member now.
    pub async fn end_sign_up(&self, id: Uuid) -> sqlx::Result<()> {
        sqlx::query("delete from vault.sign_ups where id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
