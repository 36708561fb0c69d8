//! What the vault keeps of mail: letters that wait for being sent, and the links in those that
//! were. A link's token is computed from what its letter is, so that no table holds it, and a
//! letter that is sent again has the same.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Email, MemberId, ReservationId};
use sqlx::{FromRow, Postgres, Transaction};
use uuid::Uuid;

use super::{Token, Vault, begin, sessions, token_hash};

/// A letter that nobody took by then is thrown away.
const GIVE_UP: TimeDelta = TimeDelta::hours(24);
/// After a failure; twice as long after each further one, an hour at most.
const POSTPONED: TimeDelta = TimeDelta::seconds(5);
const MOST_DOUBLINGS: i32 = 9;
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

/// What a letter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Linking(Purpose),
    /// To the former address.
    AddressChanged,
    PasswordChanged,
    /// A passkey, a second factor: one more, or one less.
    WaysChanged,
    /// Somebody wants to join with a member's address.
    HereAlready,
}

impl Kind {
    const ALL: [Kind; 8] = [
        Kind::Linking(Purpose::Verification),
        Kind::Linking(Purpose::Address),
        Kind::Linking(Purpose::Reset),
        Kind::Linking(Purpose::Joining),
        Kind::AddressChanged,
        Kind::PasswordChanged,
        Kind::WaysChanged,
        Kind::HereAlready,
    ];

    fn slug(self) -> &'static str {
        match self {
            Kind::Linking(purpose) => purpose.slug(),
            Kind::AddressChanged => "address-changed",
            Kind::PasswordChanged => "password-changed",
            Kind::WaysChanged => "ways-changed",
            Kind::HereAlready => "here-already",
        }
    }
}

/// To whom a letter goes.
#[derive(Clone, Debug)]
pub enum To {
    /// At their own address.
    Member(MemberId),
    MemberAt(MemberId, Email),
    /// Whoever has the address of this reservation, if anybody has.
    Holder(ReservationId),
    /// The address, whoever's it is.
    HolderAt(ReservationId, Email),
}

/// A letter that waits for being sent.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub id: Uuid,
    pub kind: Kind,
    pub to: To,
    pub written_at: DateTime<Utc>,
}

/// Of a letter that was sent, as its bearer may use it.
#[derive(Clone, Debug)]
pub struct Link {
    pub id: Uuid,
    pub member: MemberId,
    pub address: String,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    kind: String,
    member: Option<Uuid>,
    reservation: Option<Uuid>,
    address: Option<String>,
    attempts: i32,
    created_at: DateTime<Utc>,
}

/// Nobody else sends it meanwhile; dropped, it waits on.
pub struct Taken {
    transaction: Transaction<'static, Postgres>,
    attempts: i32,
    pub letter: Waiting,
}

impl Vault {
    /// Puts a letter into the outbox; under the same id it is one.
    pub async fn write(
        &self,
        id: Uuid,
        kind: Kind,
        to: To,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        let (member, reservation, address) = match to {
            To::Member(member) => (Some(member.0), None, None),
            To::MemberAt(member, email) => (Some(member.0), None, Some(email.as_str().to_owned())),
            To::Holder(reservation) => (None, Some(reservation.0), None),
            To::HolderAt(reservation, email) => {
                (None, Some(reservation.0), Some(email.as_str().to_owned()))
            }
        };
        sqlx::query(
            "insert into vault.outbox (id, kind, member, reservation, address, created_at, due_at)
             values ($1, $2, $3, $4, $5, $6, $6) on conflict do nothing",
        )
        .bind(id)
        .bind(kind.slug())
        .bind(member)
        .bind(reservation)
        .bind(address)
        .bind(now)
        .execute(&self.pool)
        .await?;
        self.written.notify_one();
        Ok(())
    }

    /// A letter that is due, if there is one that nobody else is sending.
    pub async fn take_letter(&self, now: DateTime<Utc>) -> sqlx::Result<Option<Taken>> {
        let mut transaction = begin(&self.pool).await?;
        let row: Option<Row> = sqlx::query_as(
            "select id, kind, member, reservation, address, attempts, created_at
             from vault.outbox where due_at <= $1 and kind = any($2)
             order by due_at limit 1 for update skip locked",
        )
        .bind(now)
        // those that a newer release has written wait for it
        .bind(Kind::ALL.map(Kind::slug).to_vec())
        .fetch_optional(&mut *transaction)
        .await?;
        Ok(row.map(|row| Taken {
            transaction,
            attempts: row.attempts,
            letter: row.into(),
        }))
    }

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
pub(super) async fn end_changes(
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
pub(super) async fn tell_of_password(
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

impl Taken {
    /// It is on its way, or for nobody.
    pub async fn done(mut self) -> sqlx::Result<()> {
        sqlx::query("delete from vault.outbox where id = $1")
            .bind(self.letter.id)
            .execute(&mut *self.transaction)
            .await?;
        self.transaction.commit().await
    }

    /// It is tried again later, but not for ever: false, if this was the last time.
    pub async fn postpone(mut self, now: DateTime<Utc>) -> sqlx::Result<bool> {
        if now > self.letter.written_at + GIVE_UP {
            self.done().await?;
            return Ok(false);
        }
        let wait = POSTPONED * 2_i32.pow(self.attempts.clamp(0, MOST_DOUBLINGS).unsigned_abs());
        sqlx::query("update vault.outbox set attempts = attempts + 1, due_at = $2 where id = $1")
            .bind(self.letter.id)
            .bind(now + wait)
            .execute(&mut *self.transaction)
            .await?;
        self.transaction.commit().await?;
        Ok(true)
    }
}

impl From<Row> for Waiting {
    fn from(row: Row) -> Waiting {
        let kind = Kind::ALL.into_iter().find(|kind| kind.slug() == row.kind);
        let member = row.member.map(MemberId);
        let address = row.address.and_then(|address| Email::new(&address).ok());
        let to = match (member, address) {
            (Some(member), Some(address)) => To::MemberAt(member, address),
            (Some(member), None) => To::Member(member),
            (None, address) => {
                let reservation = ReservationId(row.reservation.unwrap_or_default());
                match address {
                    Some(address) => To::HolderAt(reservation, address),
                    None => To::Holder(reservation),
                }
            }
        };
        Waiting {
            id: row.id,
            kind: kind.expect("it was asked for"),
            to,
            written_at: row.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_names_of_their_own() {
        let slugs: std::collections::BTreeSet<_> =
            Kind::ALL.iter().map(|kind| kind.slug()).collect();
        assert_eq!(slugs.len(), Kind::ALL.len());
    }
}
