//! When models are fitted: at positions that the log alone decides, so that every
//! node and every replay fits the same numbers.

/// A fit at least after every thirty-second part of the log …
const PARTS: i64 = 32;
/// … and after so many events, however long the log is.
const MOST_EVENTS: i64 = 16_384;

/// The last position at or before this one at which models are fitted. While the log
/// is short that is nearly every one; then multiples of growing powers of two.
pub fn last_fit(position: i64) -> i64 {
    let step = (position / PARTS).clamp(1, MOST_EVENTS);
    let step = 1 << step.ilog2();
    position / step * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fit_is_never_far_away() {
        assert_eq!([0, 1, 63, 64, 65, 66].map(last_fit), [0, 1, 63, 64, 64, 66]);
        assert_eq!(last_fit(100_000), 98_304);
        assert_eq!(last_fit(10_000_001), 10_000_001 / 16_384 * 16_384);
        for position in 1..200_000 {
            assert!(position - last_fit(position) <= position / PARTS);
        }
    }

    /// Without it, what a row remembers of the last fit could be of another one.
    #[test]
    fn whoever_asks_later_finds_the_same_positions() {
        let mut last = 0;
        for position in 1..1_100_000 {
            let fit = last_fit(position);
            assert!(fit == last || fit == position, "{position}");
            last = fit;
        }
    }
}
