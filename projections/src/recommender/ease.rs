//! EASE: the linear model that best foretells each film of a history from the
//! others, in closed form (Steck, 2019).
//!
//! With X the member–film matrix, P = (XᵀX + λ)⁻¹ and B = 1 − P / diag(P), a
//! history w has the scores w·B. XᵀX has a row for each film; where members are
//! fewer, the same numbers come from a matrix with a row for each member.
//!
//! Memory: one matrix of at most 5,000 × 5,000 numbers (200 MB; half as much
//! again while it is inverted), beside the likes.

mod films;
mod members;

use super::{Likes, Model, Weighted};

/// Rows of the matrix that is inverted. Where members and films are both more,
/// the films with the most fans are fitted, and the others score 0.
const MOST_ROWS: usize = 5_000;

pub enum Ease {
    Members(members::MemberSide),
    Films(films::FilmSide),
}

impl Ease {
    /// λ is how much evidence a weight has to bring; it must be positive.
    pub fn fit(likes: &Likes, lambda: f64) -> Ease {
        assert!(lambda > 0.0, "λ is positive");
        let members = likes.members().len();
        if members <= MOST_ROWS && members < likes.films().len() {
            Ease::Members(members::MemberSide::fit(likes, lambda))
        } else {
            Ease::Films(films::FilmSide::fit(likes, lambda, MOST_ROWS))
        }
    }

    /// What each film of the history adds to a film's score, in the history's
    /// order; they sum up to the score.
    pub fn contributions(&self, history: &[Weighted], film: usize) -> Vec<f64> {
        match self {
            Ease::Members(side) => side.contributions(history, film),
            Ease::Films(side) => side.contributions(history, film),
        }
    }
}

impl Model for Ease {
    fn scores(&self, history: &[Weighted]) -> Vec<f64> {
        match self {
            Ease::Members(side) => side.scores(history),
            Ease::Films(side) => side.scores(history),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::given::{crowd, likes};
    use super::super::{evenly, newest_first};
    use super::*;

    fn both(likes: &Likes, lambda: f64) -> [Ease; 2] {
        [
            Ease::Members(members::MemberSide::fit(likes, lambda)),
            Ease::Films(films::FilmSide::fit(likes, lambda, MOST_ROWS)),
        ]
    }

    #[test]
    fn two_films_by_hand() {
        // XᵀX + 1 = [3 1; 1 2]; its inverse is [0.4 -0.2; -0.2 0.6].
        for ease in both(&likes(&[&[0, 1], &[0]]), 1.0) {
            let from_first = ease.scores(&evenly(&[0]));
            assert!(from_first[0].abs() < 1e-12);
            assert!((from_first[1] - 0.2 / 0.6).abs() < 1e-12);
            let from_second = ease.scores(&evenly(&[1]));
            assert!((from_second[0] - 0.2 / 0.4).abs() < 1e-12);
        }
    }

    #[test]
    fn the_member_side_gives_the_scores_of_the_direct_inversion() {
        for (members, films) in [(30, 120), (90, 91), (120, 40)] {
            let likes = crowd(members, films);
            let [woodbury, direct] = both(&likes, 7.5);
            for member in 0..likes.members().len() {
                let history = newest_first(&likes.history(member), 3.0);
                let pairs = woodbury
                    .scores(&history)
                    .into_iter()
                    .zip(direct.scores(&history));
                for (woodbury, direct) in pairs {
                    assert!((woodbury - direct).abs() < 1e-8, "{woodbury} {direct}");
                }
            }
        }
    }

    #[test]
    fn contributions_sum_up_to_the_score() {
        let likes = crowd(40, 60);
        for ease in both(&likes, 5.0) {
            let history = newest_first(&likes.history(3), 4.0);
            for (film, score) in ease.scores(&history).into_iter().enumerate() {
                let sum: f64 = ease.contributions(&history, film).iter().sum();
                assert!((sum - score).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn at_the_bound_the_films_with_the_most_fans_are_fitted() {
        let likes = likes(&[&[0, 1, 2], &[0, 2], &[2, 3], &[0, 3]]);
        let ease = Ease::Films(films::FilmSide::fit(&likes, 1.0, 2));
        let scores = ease.scores(&evenly(&[0, 1]));
        assert_eq!((scores[1], scores[3]), (0.0, 0.0));
        assert!(scores[2] > 0.0);
        assert_eq!(ease.contributions(&evenly(&[0, 1]), 3), [0.0, 0.0]);
    }

    #[test]
    fn the_smaller_side_is_inverted() {
        assert!(matches!(Ease::fit(&crowd(20, 30), 1.0), Ease::Members(_)));
        assert!(matches!(Ease::fit(&crowd(30, 20), 1.0), Ease::Films(_)));
    }

    #[test]
    fn nobody_likes_anything_yet() {
        let ease = Ease::fit(&likes(&[]), 1.0);
        assert!(ease.scores(&[]).is_empty());
    }
}
