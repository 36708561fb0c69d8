//! How fast a build goes while members read and write.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

/// How much of the machine a build takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// One connection, small windows, and a rest as long as the work after each: members
    /// hardly notice.
    Gentle,
    /// As fast as it goes, on several connections.
    Full,
    /// At most so many events per second, otherwise as gently.
    Rate(NonZeroU32),
}

impl Pace {
    /// Connections that write at once.
    pub(crate) fn writers(self) -> usize {
        match self {
            Pace::Gentle | Pace::Rate(_) => 1,
            Pace::Full => 2,
        }
    }

    /// Events in one transaction, at most: enough that commits don't matter, few enough
    /// that a window fits in memory and holds nobody up.
    pub(crate) fn window(self) -> i64 {
        match self {
            Pace::Gentle => 1_000,
            Pace::Full => 20_000,
            Pace::Rate(rate) => i64::from(rate.get()).clamp(1, 1_000),
        }
    }

    /// After a window of so many events that was begun then.
    pub(crate) async fn rest(self, begun: Instant, events: usize) {
        let worked = begun.elapsed();
        let rest = match self {
            Pace::Full => return,
            Pace::Gentle => worked,
            Pace::Rate(rate) => {
                let due = Duration::from_secs_f64(events as f64 / f64::from(rate.get()));
                due.saturating_sub(worked)
            }
        };
        tokio::time::sleep(rest).await;
    }
}
