//! What to watch next: models fitted to what members rated, pure and without I/O,
//! and `live`, which keeps a node's fits and films true.
//!
//! A model is fitted to `Likes`, in which films and members are numbers in the
//! order of their ids, and answers with one score for each film. Histories,
//! fits and scores hold no clock and no dice: the same log gives the same
//! numbers (to 1e-6 across machines, whose sums may round differently).
//! `evaluate` alone reads files; it measures the models on MovieLens data.

mod co_likes;
mod diversity;
mod ease;
mod filmographies;
mod fitted;
mod for_you;
mod histories;
mod inverse;
mod kin;
mod likes;
mod live;
mod neighbours;
mod paths;
mod popularity;
mod recency;
mod schedule;
mod shelf;
mod similar;
mod trending;
mod vocabulary;
mod walk;
mod words;

pub mod evaluate;

pub use co_likes::{CoLikes, LikedWith};
pub use diversity::diversify;
pub use ease::Ease;
pub use fitted::{Fit, Fitted, LEAST_HALF_STARS, MOST_LIKES};
pub use for_you::{Because, History, MOST_SUGGESTIONS, Source, Suggestion};
pub use histories::{FilmFacts, Histories, Rated};
pub use kin::{Akin, Facts, Kin, Outline, Reason};
pub use likes::{Like, Likes};
pub use live::{Recommender, VERSION};
pub use neighbours::Neighbours;
pub use paths::{Paths, Stop};
pub use popularity::Popularity;
pub use recency::{evenly, newest_first};
pub use schedule::last_fit;
pub use shelf::Shelf;
pub use similar::{GenreVectors, Similar};
pub use trending::Trending;
pub use walk::Walk;

/// A film of a member's history, by its number in `Likes`, and how much it counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weighted {
    pub film: usize,
    pub weight: f64,
}

/// What all fitted models answer.
pub trait Model: Sync {
    /// One score for each film of the `Likes` that the model was fitted to:
    /// higher fits this history better; nothing is said about the unit.
    fn scores(&self, history: &[Weighted]) -> Vec<f64>;
}

/// The `count` films with the highest scores among those not skipped, best
/// first; the lower number (so the lower id) first where scores are equal.
pub fn best(scores: &[f64], count: usize, skip: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut films: Vec<usize> = (0..scores.len()).filter(|film| !skip(*film)).collect();
    let better = |a: &usize, b: &usize| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b));
    if count < films.len() {
        films.select_nth_unstable_by(count, better);
        films.truncate(count);
    }
    films.sort_unstable_by(better);
    films
}

#[cfg(test)]
mod given;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_come_in_order_and_equal_ones_by_number() {
        let scores = [1.0, 3.0, 2.0, 3.0, 0.0];
        assert_eq!(best(&scores, 3, |_| false), [1, 3, 2]);
        assert_eq!(best(&scores, 3, |film| film == 1), [3, 2, 0]);
        assert_eq!(best(&scores, 9, |_| false), [1, 3, 2, 0, 4]);
        assert_eq!(best(&scores, 0, |_| false), [0_usize; 0]);
    }
}
