//! Films liked by the same members: item–item nearest neighbours by cosine.

use super::{Likes, Model, Weighted};

/// For each film the films whose score it raises, and by how much. Holds at most
/// films × neighbours pairs of 16 bytes.
pub struct Neighbours {
    raises: Vec<Vec<(usize, f64)>>,
}

impl Neighbours {
    /// Each film looks at its `neighbours` nearest films only. `shrink` draws the
    /// cosine of films with few fans towards zero. Fitting costs the sum of the
    /// squared lengths of the histories.
    pub fn fit(likes: &Likes, neighbours: usize, shrink: f64) -> Neighbours {
        let films = likes.films().len();
        let histories: Vec<Vec<usize>> = likes.histories().map(Iterator::collect).collect();
        let mut raises = vec![Vec::new(); films];
        let mut common = vec![0_u32; films];
        for (film, fans) in likes.fans().iter().enumerate() {
            let mut touched = Vec::new();
            for other in fans.iter().flat_map(|fan| &histories[*fan]) {
                if common[*other] == 0 {
                    touched.push(*other);
                }
                common[*other] += 1;
            }
            let cosine = |other: usize| {
                let norms = (fans.len() as f64 * likes.fans()[other].len() as f64).sqrt();
                f64::from(common[other]) / (norms + shrink)
            };
            let mut nearest: Vec<(usize, f64)> = touched
                .iter()
                .filter(|other| **other != film)
                .map(|other| (*other, cosine(*other)))
                .collect();
            nearest.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            for (other, cosine) in nearest.into_iter().take(neighbours) {
                raises[other].push((film, cosine));
            }
            for other in touched {
                common[other] = 0;
            }
        }
        Neighbours { raises }
    }
}

impl Model for Neighbours {
    fn scores(&self, history: &[Weighted]) -> Vec<f64> {
        let mut scores = vec![0.0; self.raises.len()];
        for liked in history {
            for (film, cosine) in &self.raises[liked.film] {
                scores[*film] += liked.weight * cosine;
            }
        }
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::super::evenly;
    use super::super::given::likes;
    use super::*;

    /// Film 0 has the fans 0, 1; film 1 the fans 0, 1, 2; film 2 the fan 2.
    const HISTORIES: &[&[usize]] = &[&[0, 1], &[0, 1], &[1, 2]];

    #[test]
    fn a_film_scores_its_cosines_with_the_history() {
        let neighbours = Neighbours::fit(&likes(HISTORIES), 10, 0.0);
        let scores = neighbours.scores(&evenly(&[1]));
        assert!((scores[0] - 2.0 / 6.0_f64.sqrt()).abs() < 1e-12);
        assert_eq!(scores[1], 0.0);
        assert!((scores[2] - 1.0 / 3.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn a_film_looks_at_its_nearest_neighbours_only() {
        let neighbours = Neighbours::fit(&likes(HISTORIES), 1, 0.0);
        // Film 1 is nearest to film 0 (0.82), not to film 2 (0.58).
        assert_eq!(neighbours.scores(&evenly(&[2]))[1], 0.0);
        assert!(neighbours.scores(&evenly(&[0]))[1] > 0.0);
    }

    #[test]
    fn few_fans_prove_little() {
        let neighbours = Neighbours::fit(&likes(HISTORIES), 10, 1.0);
        let scores = neighbours.scores(&evenly(&[1]));
        assert!((scores[2] - 1.0 / (3.0_f64.sqrt() + 1.0)).abs() < 1e-12);
    }
}
