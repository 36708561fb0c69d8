//! Guesses at passwords and codes, counted for each account, on all nodes together, and for one that
//! is not there as for one that is. What was right does not count.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{MemberId, ReservationId};

use super::Vault;

/// Wrong ones at once, or in an hour: then one more each six minutes. Beyond it nothing is looked at.
const MOST: i32 = 10;
const EVERY: TimeDelta = TimeDelta::minutes(6);

/// What is guessed at.
#[derive(Clone, Copy, Debug)]
pub enum Guessed<'a> {
    /// The password of whoever has this address, if anybody has.
    Password(ReservationId),
    /// A code of the member's second factor.
    Code(MemberId),
    /// The password of the member who is signed in with this token.
    OwnPassword(MemberId, &'a str),
}

/// A try that is counted, unless it was right.
pub struct Guess(Vec<u8>);

/// None is looked at for so long.
pub struct TooMany(pub TimeDelta);

impl Vault {
    /// Counts one more try, from a browser that the member has come in with before or from any
    /// other: a stranger uses up what strangers have.
    pub async fn guess(
        &self,
        what: Guessed<'_>,
        browser: Option<&[u8]>,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Result<Guess, TooMany>> {
        let place = self.place_of(what, browser);
        let counted: Option<DateTime<Utc>> = sqlx::query_scalar(
            "insert into vault.guesses (place, free_at) values ($1, $2::timestamptz + $3)
             on conflict (place) do update set free_at = greatest(guesses.free_at, $2) + $3
             where guesses.free_at <= $2 + $4
             returning free_at",
        )
        .bind(&place)
        .bind(now)
        .bind(EVERY)
        .bind(EVERY * (MOST - 1))
        .fetch_optional(self.pool())
        .await?;
        if counted.is_some() {
            return Ok(Ok(Guess(place)));
        }
        let free_at: Option<DateTime<Utc>> =
            sqlx::query_scalar("select free_at from vault.guesses where place = $1")
                .bind(&place)
                .fetch_optional(self.pool())
                .await?;
        let next = free_at.unwrap_or(now) - EVERY * (MOST - 1);
        Ok(Err(TooMany((next - now).max(TimeDelta::seconds(1)))))
    }

    /// It was right.
    pub async fn take_back(&self, Guess(place): Guess) -> sqlx::Result<()> {
        sqlx::query("update vault.guesses set free_at = free_at - $2 where place = $1")
            .bind(place)
            .bind(EVERY)
            .execute(self.pool())
            .await?;
        Ok(())
    }

    fn place_of(&self, what: Guessed<'_>, browser: Option<&[u8]>) -> Vec<u8> {
        let browser = browser.unwrap_or_default();
        let (account, at) = match what {
            Guessed::Password(address) => (format!("password of {address}\n"), browser),
            Guessed::Code(member) => (format!("code of {member}\n"), browser),
            Guessed::OwnPassword(member, token) => {
                (format!("own password of {member}\n"), token.as_bytes())
            }
        };
        self.digest("guess", &[account.as_bytes(), at].concat())
            .to_vec()
    }
}
