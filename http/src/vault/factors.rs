//! What the vault keeps of second factors: from what a member's authenticator app computes its
//! codes, sealed; digests of the recovery codes for when that app is lost; and who owes a code.

use chrono::{DateTime, TimeDelta, Utc};
use domain::MemberId;
use rand::Rng;
use rand::seq::IndexedRandom;
use sqlx::{FromRow, Postgres, Transaction};
use totp_rs::{Builder, Totp};
use uuid::Uuid;

use super::{Token, Vault, VaultError, begin, token_hash};

/// RFC 4226 asks for as many, and every app takes them.
const SECRET_BYTES: usize = 20;
/// From the QR code to the first code; later, it begins anew.
const SETTING_UP: TimeDelta = TimeDelta::hours(1);
pub const RECOVERY_CODES: usize = 10;
/// Without those that look alike: 5 bits each.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// 120 bits: nobody tries digests of them all.
const RECOVERY_LETTERS: usize = 24;
const GROUP: usize = 4;
/// Who has shown a password has so long to find their phone.
pub const HALFWAY: TimeDelta = TimeDelta::minutes(10);

/// A member's second factor, as they see it.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Factor {
    pub since: DateTime<Utc>,
    /// That were not used yet.
    pub recovery_codes: i64,
}

#[derive(FromRow)]
struct Row {
    secret: String,
    last_step: i64,
}

impl Vault {
    /// The member's second factor, if they have confirmed one.
    pub async fn factor(&self, member: MemberId) -> sqlx::Result<Option<Factor>> {
        sqlx::query_as(
            "select confirmed_at as since,
                    (select count(*) from vault.recovery_codes r where r.member = a.member)
                        as recovery_codes
             from vault.authenticators a where member = $1 and confirmed_at is not null",
        )
        .bind(member.0)
        .fetch_optional(&self.pool)
        .await
    }

    /// Makes a secret for the member's app, which waits for its first code. One that is in use
    /// stays as it is.
    pub async fn begin_factor(&self, member: MemberId, now: DateTime<Utc>) -> sqlx::Result<()> {
        let mut secret = [0; SECRET_BYTES];
        rand::rng().fill_bytes(&mut secret);
        sqlx::query(
            "insert into vault.authenticators (member, secret, created_at) values ($1, $2, $3)
             on conflict (member) do update
             set secret = excluded.secret, created_at = excluded.created_at, last_step = 0
             where authenticators.confirmed_at is null",
        )
        .bind(member.0)
        .bind(self.factor_key.seal(&place(member), &secret))
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// What the app is given: it waits for its first code. `account` tells it from others there.
    pub async fn waiting_factor(
        &self,
        member: MemberId,
        account: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Totp>, VaultError> {
        let secret: Option<String> = sqlx::query_scalar(
            "select secret from vault.authenticators
             where member = $1 and confirmed_at is null and created_at > $2",
        )
        .bind(member.0)
        .bind(now - SETTING_UP)
        .fetch_optional(&self.pool)
        .await?;
        secret
            .map(|sealed| self.authenticator(member, &sealed, account))
            .transpose()
    }

    fn authenticator(
        &self,
        member: MemberId,
        sealed: &str,
        account: &str,
    ) -> Result<Totp, VaultError> {
        let unreadable = |why: String| VaultError::Factor(why);
        let secret = self.factor_key.open(&place(member), sealed);
        Builder::new()
            .with_secret(secret.map_err(|error| unreadable(error.to_string()))?)
            // apps take it for the end of the issuer
            .with_account_name(account.replace(':', " "))
            .with_issuer(Some("Reeltime"))
            .build()
            .map_err(|error| unreadable(error.to_string()))
    }

    /// The first code: from now on codes are asked for. Gives the recovery codes, this once; none:
    /// the code is wrong, or nothing waits for one.
    pub async fn confirm_factor(
        &self,
        member: MemberId,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<String>>, VaultError> {
        let mut transaction = begin(&self.pool).await?;
        let sealed: Option<String> = sqlx::query_scalar(
            "select secret from vault.authenticators
             where member = $1 and confirmed_at is null and created_at > $2 for update",
        )
        .bind(member.0)
        .bind(now - SETTING_UP)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let step = self.authenticator(member, &sealed, "")?;
        let Some(step) = step.check(&spaceless(code), seconds(now)) else {
            return Ok(None);
        };
        sqlx::query(
            "update vault.authenticators set confirmed_at = $2, last_step = $3 where member = $1",
        )
        .bind(member.0)
        .bind(now)
        .bind(i64::try_from(step).unwrap_or(i64::MAX))
        .execute(&mut *transaction)
        .await?;
        let codes = self.write_recovery_codes(&mut transaction, member).await?;
        transaction.commit().await?;
        Ok(Some(codes))
    }

    /// Other recovery codes; those from before are good for nothing.
    pub async fn renew_recovery_codes(
        &self,
        member: MemberId,
    ) -> Result<Option<Vec<String>>, VaultError> {
        let mut transaction = begin(&self.pool).await?;
        let confirmed: Option<Uuid> = sqlx::query_scalar(
            "select member from vault.authenticators
             where member = $1 and confirmed_at is not null for update",
        )
        .bind(member.0)
        .fetch_optional(&mut *transaction)
        .await?;
        if confirmed.is_none() {
            return Ok(None);
        }
        let codes = self.write_recovery_codes(&mut transaction, member).await?;
        transaction.commit().await?;
        Ok(Some(codes))
    }

    async fn write_recovery_codes(
        &self,
        transaction: &mut Transaction<'static, Postgres>,
        member: MemberId,
    ) -> sqlx::Result<Vec<String>> {
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
        sqlx::query("delete from vault.recovery_codes where member = $1")
            .bind(member.0)
            .execute(&mut **transaction)
            .await?;
        let digests = codes.iter().map(|code| self.recovery_digest(member, code));
        sqlx::query(
            "insert into vault.recovery_codes (member, digest) select $1, unnest($2::bytea[])",
        )
        .bind(member.0)
        .bind(digests.collect::<Vec<_>>())
        .execute(&mut **transaction)
        .await?;
        Ok(codes)
    }

    /// Without the vault's key nobody can test guesses.
    fn recovery_digest(&self, member: MemberId, code: &str) -> Vec<u8> {
        let letters = code.chars().filter(char::is_ascii_alphanumeric);
        let letters: String = letters.map(|c| c.to_ascii_uppercase()).collect();
        self.digest("recovery code", format!("{member}\n{letters}").as_bytes())
            .to_vec()
    }

    /// Whether this is a code of the member's app, or a recovery code. Each is right once, also
    /// when it comes twice at the same time.
    pub async fn check_code(
        &self,
        member: MemberId,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, VaultError> {
        let mut transaction = begin(&self.pool).await?;
        let row: Option<Row> = sqlx::query_as(
            "select secret, last_step from vault.authenticators
             where member = $1 and confirmed_at is not null for update",
        )
        .bind(member.0)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else {
            return Ok(false);
        };
        let app = self.authenticator(member, &row.secret, "")?;
        let step = app.check(&spaceless(code), seconds(now));
        let step = step.and_then(|step| i64::try_from(step).ok());
        let is_right = match step.filter(|step| *step > row.last_step) {
            Some(step) => {
                use_step(&mut transaction, member, step).await?;
                true
            }
            None => {
                self.use_recovery_code(&mut transaction, member, code)
                    .await?
            }
        };
        transaction.commit().await?;
        Ok(is_right)
    }

    async fn use_recovery_code(
        &self,
        transaction: &mut Transaction<'static, Postgres>,
        member: MemberId,
        code: &str,
    ) -> sqlx::Result<bool> {
        let used =
            sqlx::query("delete from vault.recovery_codes where member = $1 and digest = $2")
                .bind(member.0)
                .bind(self.recovery_digest(member, code))
                .execute(&mut **transaction)
                .await?;
        Ok(used.rows_affected() == 1)
    }

    /// No codes are asked for any more, and none of the member's sessions counts as begun with two
    /// factors: who has a passkey signs in with it again.
    pub async fn remove_factor(&self, member: MemberId) -> sqlx::Result<()> {
        sqlx::query(
            "with sessions as (update vault.sessions set two_factors = false where member = $1)
             delete from vault.authenticators where member = $1",
        )
        .bind(member.0)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Somebody owes a code; the browser that gets the token may give it. `None` as for a session
    /// ([`Vault::begin_session`]).
    pub async fn begin_halfway(
        &self,
        member: MemberId,
        way: &str,
        (endings, now): (i64, DateTime<Utc>),
    ) -> sqlx::Result<Option<Token>> {
        let token = Token::random();
        let begun = sqlx::query(
            "with old as (delete from vault.halfway where expires_at < $4),
                  account as (select member from vault.accounts
                              where member = $2 and endings = $6 for share)
             insert into vault.halfway (token_hash, member, way, expires_at)
             select $1, member, $3, $5 from account",
        )
        .bind(token_hash(&token.0))
        .bind(member.0)
        .bind(way)
        .bind(now)
        .bind(now + HALFWAY)
        .bind(endings)
        .execute(&self.pool)
        .await?;
        Ok((begun.rows_affected() == 1).then_some(token))
    }

    /// Who owes the code, and how they came so far.
    pub async fn halfway(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<(MemberId, String)>> {
        let found: Option<(Uuid, String)> = sqlx::query_as(
            "select member, way from vault.halfway where token_hash = $1 and expires_at > $2",
        )
        .bind(token_hash(token))
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        Ok(found.map(|(member, way)| (MemberId(member), way)))
    }

    /// False: it has ended already.
    pub async fn end_halfway(&self, token: &str) -> sqlx::Result<bool> {
        let ended = sqlx::query("delete from vault.halfway where token_hash = $1")
            .bind(token_hash(token))
            .execute(&self.pool)
            .await?;
        Ok(ended.rows_affected() == 1)
    }
}

async fn use_step(
    transaction: &mut Transaction<'static, Postgres>,
    member: MemberId,
    step: i64,
) -> sqlx::Result<()> {
    sqlx::query("update vault.authenticators set last_step = $2 where member = $1")
        .bind(member.0)
        .bind(step)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Sealed for one member, it opens for no other.
fn place(member: MemberId) -> Vec<u8> {
    format!("authenticator of {member}").into_bytes()
}

/// As people copy them from an app.
fn spaceless(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace()).collect()
}

fn seconds(now: DateTime<Utc>) -> u64 {
    u64::try_from(now.timestamp()).unwrap_or_default()
}

fn recovery_code() -> String {
    let mut random = rand::rng();
    let mut code = String::new();
    for index in 0..RECOVERY_LETTERS {
        if index > 0 && index % GROUP == 0 {
            code.push('-');
        }
        let letter = LETTERS.choose(&mut random).expect("there are letters");
        code.push(char::from(*letter));
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_has_groups_of_four_letters_that_look_like_no_others() {
        let code = recovery_code();
        assert_ne!(code, recovery_code());
        let groups: Vec<&str> = code.split('-').collect();
        assert_eq!(groups.len(), RECOVERY_LETTERS / GROUP);
        for group in groups {
            assert_eq!(group.len(), GROUP);
            assert!(group.bytes().all(|letter| LETTERS.contains(&letter)));
        }
    }
}
