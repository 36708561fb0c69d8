//! The inverse of a symmetric positive definite matrix, block by block.
//!
//! nalgebra inverts column by column; halving the matrix turns nearly all work
//! into products of large blocks, which it does many times faster.

use nalgebra::linalg::Cholesky;
use nalgebra::{DMatrix, DMatrixViewMut};

/// Blocks of at most so many rows are inverted directly.
const SMALL: usize = 48;

/// Inverts in place. Takes half as much memory again while it works.
pub fn invert(matrix: &mut DMatrix<f64>) {
    invert_block(matrix.as_view_mut());
}

fn invert_block(mut matrix: DMatrixViewMut<'_, f64>) {
    let size = matrix.nrows();
    if size <= SMALL {
        let decomposed = Cholesky::new(matrix.clone_owned()).expect("it is positive definite");
        matrix.copy_from(&decomposed.inverse());
        return;
    }
    let half = size / 2;
    let (mut left, mut right) = matrix.columns_range_pair_mut(0..half, half..size);
    let (mut a, mut b_transposed) = left.rows_range_pair_mut(0..half, half..size);
    let (mut b, mut d) = right.rows_range_pair_mut(0..half, half..size);
    invert_block(a.as_view_mut());
    let ab = &a * &b;
    d.gemm(-1.0, &b_transposed, &ab, 1.0);
    invert_block(d.as_view_mut());
    b.gemm(-1.0, &ab, &d, 0.0);
    a.gemm(-1.0, &b, &ab.transpose(), 1.0);
    b.transpose_to(&mut b_transposed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_by_two_by_hand() {
        let mut matrix = DMatrix::from_row_slice(2, 2, &[2.0, 1.0, 1.0, 3.0]);
        invert(&mut matrix);
        let expected = DMatrix::from_row_slice(2, 2, &[0.6, -0.2, -0.2, 0.4]);
        assert!((matrix - expected).amax() < 1e-12);
    }

    #[test]
    fn a_matrix_times_its_inverse_is_one_at_every_size() {
        for size in [1, SMALL, SMALL + 1, 2 * SMALL + 1, 211] {
            let root = DMatrix::from_fn(size, size, |row, column| {
                ((row * 37 + column * 101 + row * column * 13) % 17) as f64 / 17.0
            });
            let matrix = &root * root.transpose() + DMatrix::identity(size, size) * 5.0;
            let mut inverse = matrix.clone();
            invert(&mut inverse);
            let error = (matrix * inverse - DMatrix::identity(size, size)).amax();
            assert!(error < 1e-9, "{size}: {error}");
        }
    }
}
