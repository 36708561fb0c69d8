//! A start is patient: what fails because PostgreSQL is away, starting or has too much to do is tried
//! again, up to a bound that the operator sets, and the log says so. What is wrong otherwise (a
//! password, a key, a version) fails at once.

use std::error::Error;
use std::time::Duration;

use anyhow::Context;
use commands::{ExecuteError, ForgetError};
use event_log::{KeyringError, ReadError, is_away};
use tokio::time::{Instant, sleep};

use crate::vault::VaultError;

/// Between two tries: from the one on, doubling, up to the other.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// Until when a start waits.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    bound: Duration,
    until: Instant,
    pause: Duration,
}

impl Patience {
    pub fn of(bound: Duration) -> Patience {
        Patience {
            bound,
            until: Instant::now() + bound,
            pause: FIRST_PAUSE,
        }
    }

    /// Tries until it succeeds, or fails for another reason than PostgreSQL's state.
    pub async fn with<T>(
        self,
        mut attempt: impl AsyncFnMut() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut pause = self.pause;
        loop {
            let error = match attempt().await {
                Ok(done) => return Ok(done),
                Err(error) if is_passing(&error) => error,
                Err(error) => return Err(error),
            };
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let why = "PostgreSQL was away or too busy for --start-patience-seconds";
                return Err(error).with_context(|| format!("{why} ({:?})", self.bound));
            }
            tracing::warn!(
                error = cluster::sentence(error.as_ref()),
                seconds_left = left.as_secs(),
                "PostgreSQL is away or too busy; the start tries again"
            );
            sleep(pause.min(left)).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }
}

fn is_passing(error: &anyhow::Error) -> bool {
    let is_busy = |cause: &ExecuteError| matches!(cause, ExecuteError::Busy);
    error.chain().any(|cause| {
        of_database(cause).is_some_and(is_away) || cause.downcast_ref().is_some_and(is_busy)
    })
}

/// An error of the database, also inside of ours, which speak for it.
fn of_database<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a sqlx::Error> {
    if let Some(error) = cause.downcast_ref() {
        return Some(error);
    }
    let of_keyring = |error: &'a KeyringError| match error {
        KeyringError::Database(error) => Some(error),
        _ => None,
    };
    let of_log = |error: &'a ReadError| match error {
        ReadError::Database(error) => Some(error),
        ReadError::Gap { .. } | ReadError::Severed(_) => None,
    };
    if let Some(error) = cause.downcast_ref() {
        return of_keyring(error);
    }
    if let Some(error) = cause.downcast_ref() {
        return of_log(error);
    }
    match (cause.downcast_ref(), cause.downcast_ref()) {
        (Some(VaultError::Database(error)), _) | (_, Some(ForgetError::Database(error))) => {
            Some(error)
        }
        (Some(VaultError::Keyring(error)), _) => of_keyring(error),
        (_, Some(ForgetError::Log(error))) => of_log(error),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn tries(bound: Duration, errors: Vec<anyhow::Error>) -> (anyhow::Result<()>, usize) {
        let mut errors = errors.into_iter();
        let mut count = 0;
        let patience = Patience {
            pause: Duration::from_millis(1),
            ..Patience::of(bound)
        };
        let tried = patience.with(async || {
            count += 1;
            errors.next().map_or(Ok(()), Err)
        });
        (tried.await, count)
    }

    #[tokio::test]
    async fn a_busy_database_is_waited_for() {
        let busy = || sqlx::Error::PoolTimedOut;
        let errors = vec![
            busy().into(),
            anyhow::Error::from(ReadError::Database(busy())).context("the head"),
            VaultError::Keyring(KeyringError::Database(busy())).into(),
            ForgetError::Log(ReadError::Database(busy())).into(),
            ExecuteError::Busy.into(),
        ];
        let (tried, count) = tries(Duration::from_secs(60), errors).await;
        assert!(tried.is_ok());
        assert_eq!(count, 6);
    }

    #[tokio::test]
    async fn what_is_wrong_otherwise_is_told_at_once() {
        let errors = vec![
            anyhow::anyhow!("this vault belongs to another log"),
            ReadError::Gap {
                expected: 1,
                found: 2,
            }
            .into(),
            KeyringError::NoRotation("no".to_owned()).into(),
            sqlx::Error::RowNotFound.into(),
        ];
        for error in errors {
            let (tried, count) = tries(Duration::from_secs(60), vec![error]).await;
            assert!(tried.is_err());
            assert_eq!(count, 1);
        }
    }

    #[tokio::test]
    async fn patience_has_an_end_that_names_its_setting() {
        let errors = std::iter::repeat_with(|| sqlx::Error::PoolTimedOut.into());
        let errors = errors.take(1_000).collect();
        let (tried, count) = tries(Duration::from_millis(20), errors).await;
        let told = format!("{:#}", tried.unwrap_err());
        assert!(told.contains("--start-patience-seconds (20ms)"), "{told}");
        assert!(count > 1);
    }
}
