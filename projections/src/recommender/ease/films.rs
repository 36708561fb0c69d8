//! EASE by its definition: the matrix has a row for each film.

use nalgebra::{DMatrix, DVector};

use super::super::inverse::invert;
use super::super::{Likes, Weighted, best};

pub struct FilmSide {
    /// P = (XᵀX + λ)⁻¹ over the fitted films.
    inverse: DMatrix<f64>,
    /// The fitted films, in the order of the matrix.
    films: Vec<usize>,
    /// The row of each film, if it was fitted.
    rows: Vec<Option<usize>>,
}

impl FilmSide {
    /// Fits the `most` films with the most fans, the lower number first where
    /// they have as many.
    pub fn fit(likes: &Likes, lambda: f64, most: usize) -> FilmSide {
        let fans: Vec<f64> = likes.fans().iter().map(|fans| fans.len() as f64).collect();
        let mut films = best(&fans, most, |_| false);
        films.sort_unstable();
        let mut rows = vec![None; fans.len()];
        for (row, film) in films.iter().enumerate() {
            rows[*film] = Some(row);
        }
        let mut inverse = DMatrix::zeros(films.len(), films.len());
        inverse.fill_diagonal(lambda);
        for history in likes.histories() {
            let fitted: Vec<usize> = history.filter_map(|film| rows[film]).collect();
            for column in &fitted {
                for row in &fitted {
                    inverse[(*row, *column)] += 1.0;
                }
            }
        }
        invert(&mut inverse);
        FilmSide {
            inverse,
            films,
            rows,
        }
    }

    pub fn scores(&self, history: &[Weighted]) -> Vec<f64> {
        let mut weighed = DVector::zeros(self.films.len());
        let mut own = vec![0.0; self.films.len()];
        for liked in history {
            if let Some(row) = self.rows[liked.film] {
                weighed.axpy(liked.weight, &self.inverse.column(row), 1.0);
                own[row] += liked.weight;
            }
        }
        let mut scores = vec![0.0; self.rows.len()];
        for (row, film) in self.films.iter().enumerate() {
            // The diagonal of B is zero: a film says nothing about itself.
            scores[*film] = own[row] - weighed[row] / self.inverse[(row, row)];
        }
        scores
    }

    pub fn contributions(&self, history: &[Weighted], film: usize) -> Vec<f64> {
        let contribution = |liked: &Weighted| match (self.rows[liked.film], self.rows[film]) {
            (Some(from), Some(to)) if from != to => {
                -liked.weight * self.inverse[(from, to)] / self.inverse[(to, to)]
            }
            _ => 0.0,
        };
        history.iter().map(contribution).collect()
    }
}
