//! How much each film of a history counts.

use super::Weighted;

/// All films alike.
pub fn evenly(history: &[usize]) -> Vec<Weighted> {
    history
        .iter()
        .map(|film| Weighted {
            film: *film,
            weight: 1.0,
        })
        .collect()
}

/// The newest film counts 1, and half as much after every `half_life` films
/// (0.5^(rank / half-life)). The history is given oldest first, and stays so.
pub fn newest_first(history: &[usize], half_life: f64) -> Vec<Weighted> {
    assert!(half_life > 0.0, "a half-life is positive");
    let newest = history.len().saturating_sub(1);
    let weight = |place: usize| (-((newest - place) as f64) / half_life).exp2();
    history
        .iter()
        .enumerate()
        .map(|(place, film)| Weighted {
            film: *film,
            weight: weight(place),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_film_counts_most() {
        let weights: Vec<f64> = newest_first(&[7, 8, 9, 5, 6], 2.0)
            .iter()
            .map(|film| film.weight)
            .collect();
        let expected = [0.25, 0.5_f64.powf(1.5), 0.5, 0.5_f64.sqrt(), 1.0];
        for (weight, expected) in weights.iter().zip(expected) {
            assert!((weight - expected).abs() < 1e-12);
        }
        assert!(newest_first(&[], 2.0).is_empty());
    }

    #[test]
    fn or_all_count_alike() {
        assert_eq!(
            evenly(&[3, 1])[1],
            Weighted {
                film: 1,
                weight: 1.0
            }
        );
    }
}
