//! Who wants to join and has not followed the link in their letter yet.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Email, ReservationId};
use hmac::Mac;
use sqlx::FromRow;
use uuid::Uuid;

use super::mail::{MOST_LINKS, Purpose};
use super::{Token, Vault};
use crate::providers::Identity;

const BROWSER: &str = "browser of a sign-up";

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
        reservation: ReservationId,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        sqlx::query(
            "with old as (delete from vault.sign_ups where expires_at < $10)
             insert into vault.sign_ups
                 (id, reservation, name, email, language, password_hash, provider, subject, label,
                  created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing",
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
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// For the browser in which it began.
    pub fn browser_token(&self, id: Uuid) -> Token {
        Token(BASE64_URL_SAFE_NO_PAD.encode(self.digest(BROWSER, id.as_bytes())))
    }

    /// Whether it began in the browser that brings this.
    pub fn is_browser_of(&self, id: Uuid, token: &str) -> bool {
        let token = BASE64_URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
        let expected = self.mac(BROWSER, id.as_bytes());
        expected.verify_slice(&token).is_ok()
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

    /// Whether as many letters as there may be in an hour are for this address, but for this one.
    pub async fn was_asked_enough(
        &self,
        email: &Email,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        let lately: i64 = sqlx::query_scalar(
            "select count(*) from vault.sign_ups
             where reservation = $1 and created_at > $2 and id <> $3",
        )
        .bind(self.email_reservation(email).0)
        .bind(now - TimeDelta::hours(1))
        .bind(id)
        .fetch_one(&self.pool)
        .await?;
        Ok(lately >= MOST_LINKS)
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
