//! How fast a build goes while members read and write.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// After its work a gentle build rests so many times as long.
const RESTS: u32 = 3;

/// How much of the machine a build takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// One thing at a time, for a few milliseconds, and a rest three times as long: members hardly
    /// notice.
    Gentle,
    /// As fast as it goes, on several connections.
    Full,
    /// At most so many events per second, otherwise as gently.
    Rate(NonZeroU32),
}

impl Pace {
    /// Connections that write at once. Each folds and stores by turns, so that more of them keep two
    /// cores busy.
    pub(crate) fn writers(self) -> usize {
        match self {
            Pace::Gentle | Pace::Rate(_) => 1,
            Pace::Full => 3,
        }
    }

    /// Events that go through the build together, at most.
    pub(crate) fn window(self) -> i64 {
        match self {
            Pace::Gentle => 250,
            Pace::Full => 4_000,
            Pace::Rate(rate) => i64::from(rate.get()).clamp(1, 250),
        }
    }

    /// Bytes of such events, at most, unless one alone has more: some cost more than others, and
    /// mostly they are longer.
    pub(crate) fn window_bytes(self) -> usize {
        match self {
            Pace::Gentle | Pace::Rate(_) => 64 * 1024,
            Pace::Full => 4 * 1024 * 1024,
        }
    }

    /// How long rows may wait in memory until they are committed. A build that is broken off
    /// loses no more than that.
    pub(crate) fn period(self) -> Duration {
        match self {
            Pace::Gentle | Pace::Rate(_) => Duration::ZERO,
            Pace::Full => Duration::from_secs(10),
        }
    }
}

/// Lets the parts of a build work at once, or else one after the other with rests in between.
#[derive(Clone)]
pub(super) struct Turns {
    pace: Pace,
    free: Arc<Semaphore>,
}

pub(super) struct Turn {
    pace: Pace,
    begun: Instant,
    _permit: OwnedSemaphorePermit,
}

impl Turns {
    pub fn new(pace: Pace) -> Turns {
        let at_once = match pace {
            Pace::Gentle | Pace::Rate(_) => 1,
            Pace::Full => Semaphore::MAX_PERMITS,
        };
        Turns {
            pace,
            free: Arc::new(Semaphore::new(at_once)),
        }
    }

    pub fn pace(&self) -> Pace {
        self.pace
    }

    pub async fn next(&self) -> Turn {
        let permit = self.free.clone().acquire_owned().await;
        Turn {
            pace: self.pace,
            _permit: permit.expect("it is never closed"),
            begun: Instant::now(),
        }
    }

    /// Waits, if so many events have been brought to their end since `begun` sooner than the pace
    /// allows.
    pub async fn keep_to_rate(&self, begun: Instant, events: usize) {
        if let Pace::Rate(rate) = self.pace {
            let due = Duration::from_secs_f64(events as f64 / f64::from(rate.get()));
            tokio::time::sleep_until(begun + due).await;
        }
    }
}

impl Turn {
    /// The work is done.
    pub async fn end(self) {
        if self.pace == Pace::Gentle {
            tokio::time::sleep(self.begun.elapsed() * RESTS).await;
        }
    }
}
