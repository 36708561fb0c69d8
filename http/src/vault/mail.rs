//! The outbox: letters that wait for being sent.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Email, MemberId, ReservationId};
use sqlx::{FromRow, Postgres, Transaction};
use uuid::Uuid;

use super::links::Purpose;
use super::{Vault, begin};

/// A letter that nobody took by then is thrown away.
const GIVE_UP: TimeDelta = TimeDelta::hours(24);
/// After a failure; twice as long after each further one, an hour at most.
const POSTPONED: TimeDelta = TimeDelta::seconds(5);
const MOST_DOUBLINGS: i32 = 9;

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

    pub(super) fn slug(self) -> &'static str {
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
