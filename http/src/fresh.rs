//! The one place that asks the clock and throws the dice. Times and ids are made here,
//! when a request arrives, and passed on: whatever is computed from them can be computed again.

use std::time::SystemTime;

use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

/// The current time in whole microseconds, which is what PostgreSQL stores.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
pub fn now() -> DateTime<Utc> {
    DateTime::<Utc>::from(SystemTime::now()).trunc_subsecs(6)
}

/// A new id (UUIDv7): unique, and roughly in the order of time.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that throws the dice"
)]
pub fn id() -> Uuid {
    Uuid::now_v7()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_microseconds() {
        assert_eq!(now().timestamp_subsec_nanos() % 1_000, 0);
    }

    #[test]
    fn ids_differ() {
        assert_ne!(id(), id());
    }
}
