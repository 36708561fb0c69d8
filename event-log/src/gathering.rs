//! When whoever follows the log looks again: what a round costs is shared by all that it brings.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// What so few are is not gathered.
const HANDFUL: usize = 4;

/// The rule by which a follower of the log rests between two rounds of reading what has come and
/// working on it.
///
/// - What comes alone, or a handful at a time, goes at once.
/// - Of rounds that bring more, the next begins no sooner than `pause` after this one did: there are
///   at most so many a second, and nothing waits longer than that for its own.
/// - A round that brought a whole `batch` is followed by the next at once: who is behind catches up.
#[derive(Clone, Copy, Debug)]
pub struct Gathering {
    /// Events that a round reads at most.
    pub batch: i64,
    pub pause: Duration,
}

impl Gathering {
    /// After a round that brought so many events.
    pub async fn rest(&self, brought: usize, begun: Instant) {
        let rest = self.rest_after(brought, begun.elapsed());
        // even of no time a sleep would last to the timer's next tick
        if !rest.is_zero() {
            sleep(rest).await;
        }
    }

    fn rest_after(&self, brought: usize, took: Duration) -> Duration {
        let batch = usize::try_from(self.batch).unwrap_or(usize::MAX);
        if (HANDFUL + 1..batch).contains(&brought) {
            self.pause.saturating_sub(took)
        } else {
            Duration::ZERO
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATHERING: Gathering = Gathering {
        batch: 1_000,
        pause: Duration::from_millis(8),
    };
    const BATCH: usize = 1_000;
    /// What one takes.
    const ROUND: Duration = Duration::from_micros(500);

    /// How long to rest after a round that brought so many and took so long.
    type Rule = fn(usize, Duration) -> Duration;

    /// The rounds of a follower: when each begins, and how many of those that come at these times it
    /// brings.
    fn rounds(rule: Rule, come: &[Duration]) -> Vec<(Duration, usize)> {
        let mut rounds = Vec::new();
        let (mut now, mut brought) = (Duration::ZERO, 0);
        while let Some(next) = come.get(brought) {
            let begun = now.max(*next);
            let there = come[brought..].iter().take(BATCH);
            let there = there.take_while(|at| **at <= begun).count();
            rounds.push((begun, there));
            brought += there;
            now = begun + ROUND + rule(there, ROUND);
        }
        rounds
    }

    /// So many that come so far apart.
    fn each(apart: Duration, count: u32) -> Vec<Duration> {
        (0..count).map(|n| apart * n).collect()
    }

    /// Which of its promises a rule breaks.
    fn broken(rule: Rule) -> Vec<&'static str> {
        let mut broken = Vec::new();
        let alone = each(Duration::from_millis(1), 1_000);
        let at_once: Vec<(Duration, usize)> = alone.iter().map(|at| (*at, 1)).collect();
        if rounds(rule, &alone) != at_once {
            broken.push("what comes alone waits");
        }
        // for a second, with a first and a last round
        let many = rounds(rule, &each(Duration::from_micros(50), 20_000));
        if many.len() > 1_000 / 8 + 2 {
            broken.push("many make many rounds");
        }
        let late = |pair: &[(Duration, usize)]| pair[1].0 - pair[0].0 > GATHERING.pause;
        if many.windows(2).any(late) {
            broken.push("many wait too long");
        }
        let behind = rounds(rule, &each(Duration::ZERO, 10_000));
        let without_rest = each(ROUND, 10).into_iter().map(|at| (at, BATCH));
        if !behind.into_iter().eq(without_rest) {
            broken.push("who is behind rests");
        }
        broken
    }

    #[test]
    fn what_comes_alone_goes_at_once_many_are_gathered_and_who_is_behind_does_not_rest() {
        let ours = broken(|brought, took| GATHERING.rest_after(brought, took));
        assert!(ours.is_empty(), "{ours:?}");
        assert_eq!(
            GATHERING.rest_after(100, GATHERING.pause * 2),
            Duration::ZERO
        );
    }

    #[test]
    fn rules_that_rest_never_always_or_too_long_are_found_out() {
        let never = broken(|_, _| Duration::ZERO);
        assert_eq!(never, ["many make many rounds"]);
        let always = broken(|_, took| GATHERING.pause - took);
        assert_eq!(always, ["what comes alone waits", "who is behind rests"]);
        let also_when_full = broken(|brought, took| match brought > HANDFUL {
            true => GATHERING.pause - took,
            false => Duration::ZERO,
        });
        assert_eq!(also_when_full, ["who is behind rests"]);
        let from_its_end = broken(|brought, _| match (HANDFUL + 1..BATCH).contains(&brought) {
            true => GATHERING.pause,
            false => Duration::ZERO,
        });
        assert_eq!(from_its_end, ["many wait too long"]);
    }
}
