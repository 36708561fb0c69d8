//! How fast TMDB is asked: evenly, at most so many requests a second; slower once it says that
//! this is too fast, and bit by bit faster again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The slowest that we get by ourselves.
const LONGEST_GAP: Duration = Duration::from_secs(2);
/// Every answer shortens the gap to the next request by this part.
const FASTER: u32 = 32;

pub struct Pace {
    shortest_gap: Duration,
    state: Mutex<State>,
}

struct State {
    /// When the next request may go.
    next: Instant,
    gap: Duration,
    /// Before this nobody asks.
    resting_until: Instant,
}

impl Pace {
    pub fn new(requests_per_second: u32) -> Pace {
        let gap = Duration::from_secs(1) / requests_per_second.max(1);
        let now = Instant::now();
        Pace {
            shortest_gap: gap,
            state: Mutex::new(State {
                next: now,
                gap,
                resting_until: now,
            }),
        }
    }

    /// Waits for one's turn.
    pub async fn turn(&self) {
        loop {
            let at = {
                let mut state = self.state();
                let at = state.next.max(Instant::now()).max(state.resting_until);
                state.next = at + state.gap;
                at
            };
            tokio::time::sleep_until(at).await;
            // somebody may have been told to wait meanwhile
            if self.state().resting_until <= Instant::now() {
                return;
            }
        }
    }

    /// TMDB said that this was too fast, and how long to wait.
    pub fn rest(&self, wait: Duration) {
        let mut state = self.state();
        let now = Instant::now();
        // those who were on their way all hear the same
        if state.resting_until <= now {
            state.gap = (state.gap * 2).min(LONGEST_GAP);
        }
        state.resting_until = state.resting_until.max(now + wait);
        state.next = state.next.max(state.resting_until);
    }

    pub fn went_well(&self) {
        let mut state = self.state();
        state.gap = (state.gap - state.gap / FASTER).max(self.shortest_gap);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // numbers alone: nothing is half done
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_go_evenly_and_all_wait_where_one_was_told_to() {
        let pace = Pace::new(100);
        let start = Instant::now();
        for _ in 0..11 {
            pace.turn().await;
        }
        assert!(start.elapsed() >= Duration::from_millis(100));
        pace.rest(Duration::from_millis(80));
        let start = Instant::now();
        pace.turn().await;
        assert!(start.elapsed() >= Duration::from_millis(79));
    }

    #[test]
    fn it_slows_down_once_for_one_rest_and_recovers() {
        let pace = Pace::new(40);
        let gap = || pace.state().gap;
        pace.rest(Duration::from_secs(9));
        pace.rest(Duration::from_secs(9));
        assert_eq!(gap(), Duration::from_millis(50));
        (0..100).for_each(|_| pace.went_well());
        assert_eq!(gap(), Duration::from_millis(25));
    }
}
