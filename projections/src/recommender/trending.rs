//! What is liked now: popularity in which a like halves after every half-life.

use super::{Likes, Model, Weighted};

pub struct Trending {
    heat: Vec<f64>,
}

impl Trending {
    /// Likes after `now` count as if they were made now. `now` and the half-life
    /// have the unit of the likes' times.
    pub fn fit(likes: &Likes, now: i64, half_life: f64) -> Trending {
        assert!(half_life > 0.0, "a half-life is positive");
        let mut heat = vec![0.0; likes.films().len()];
        for (film, at) in likes.times() {
            let age = now.saturating_sub(at).max(0) as f64;
            heat[film] += (-age / half_life).exp2();
        }
        Trending { heat }
    }
}

impl Model for Trending {
    fn scores(&self, _: &[Weighted]) -> Vec<f64> {
        self.heat.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::given::likes;
    use super::*;

    #[test]
    fn a_like_halves_after_each_half_life() {
        // Times are 0, 1, 2 in each history.
        let trending = Trending::fit(&likes(&[&[0, 1, 2], &[1, 0]]), 2, 1.0);
        assert_eq!(trending.scores(&[]), [0.25 + 0.5, 0.5 + 0.25, 1.0]);
    }

    #[test]
    fn a_like_from_the_future_is_one_of_now() {
        let trending = Trending::fit(&likes(&[&[0, 1, 2]]), 0, 1.0);
        assert_eq!(trending.scores(&[]), [1.0, 1.0, 1.0]);
    }
}
