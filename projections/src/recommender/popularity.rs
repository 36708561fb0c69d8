//! What most members like: the measure that any other model has to beat.

use super::{Likes, Model, Weighted};

pub struct Popularity {
    fans: Vec<f64>,
}

impl Popularity {
    pub fn fit(likes: &Likes) -> Popularity {
        Popularity {
            fans: likes.fans().iter().map(|fans| fans.len() as f64).collect(),
        }
    }
}

impl Model for Popularity {
    fn scores(&self, _: &[Weighted]) -> Vec<f64> {
        self.fans.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::given::likes;
    use super::*;

    #[test]
    fn a_film_scores_its_fans() {
        let popularity = Popularity::fit(&likes(&[&[0, 1], &[1, 2], &[1]]));
        assert_eq!(popularity.scores(&[]), [1.0, 3.0, 1.0]);
    }
}
