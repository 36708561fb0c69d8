//! EASE where members are fewer than films: the matrix has a row for each member.
//!
//! By Woodbury's identity (XᵀX + λ)⁻¹ = (1 − Xᵀ K X) / λ with K = (XXᵀ + λ)⁻¹.
//! The films' matrix is never made: with `x` the column of a film, an entry is
//! (δ − xᵢᵀ K xⱼ) / λ, and λ drops out of B.

use nalgebra::{DMatrix, DVector};

use super::super::inverse::invert;
use super::super::{Likes, Weighted};

pub struct MemberSide {
    /// K = (XXᵀ + λ)⁻¹.
    inverse: DMatrix<f64>,
    /// For each film its members.
    fans: Vec<Vec<usize>>,
    /// For each film λ times the diagonal of P: 1 − xᵀ K x.
    diagonal: Vec<f64>,
}

impl MemberSide {
    pub fn fit(likes: &Likes, lambda: f64) -> MemberSide {
        let members = likes.members().len();
        let mut inverse = DMatrix::zeros(members, members);
        inverse.fill_diagonal(lambda);
        for fans in likes.fans() {
            for column in fans {
                for row in fans {
                    inverse[(*row, *column)] += 1.0;
                }
            }
        }
        invert(&mut inverse);
        let within = |fans: &Vec<usize>| -> f64 {
            let columns = fans.iter().map(|column| inverse.column(*column));
            columns
                .map(|column| fans.iter().map(|row| column[*row]).sum::<f64>())
                .sum()
        };
        let diagonal = likes.fans().iter().map(|fans| 1.0 - within(fans)).collect();
        MemberSide {
            inverse,
            fans: likes.fans().to_vec(),
            diagonal,
        }
    }

    /// Costs one product of the matrix with a vector, and one visit of each like.
    pub fn scores(&self, history: &[Weighted]) -> Vec<f64> {
        let mut overlap = DVector::zeros(self.inverse.nrows());
        let mut own = vec![0.0; self.fans.len()];
        for liked in history {
            for fan in &self.fans[liked.film] {
                overlap[*fan] += liked.weight;
            }
            own[liked.film] += liked.weight;
        }
        let near = &self.inverse * overlap;
        let score = |film: usize| {
            let said: f64 = self.fans[film].iter().map(|fan| near[*fan]).sum();
            // The diagonal of B is zero: a film says nothing about itself.
            own[film] - (own[film] - said) / self.diagonal[film]
        };
        (0..self.fans.len()).map(score).collect()
    }

    pub fn contributions(&self, history: &[Weighted], film: usize) -> Vec<f64> {
        let mut near = DVector::zeros(self.inverse.nrows());
        for fan in &self.fans[film] {
            near += self.inverse.column(*fan);
        }
        let contribution = |liked: &Weighted| {
            if liked.film == film {
                return 0.0;
            }
            let said: f64 = self.fans[liked.film].iter().map(|fan| near[*fan]).sum();
            liked.weight * said / self.diagonal[film]
        };
        history.iter().map(contribution).collect()
    }
}
