//! A list that is not ten times the same: re-ranking by genre.

/// At most so many of the best candidates are looked at; the rest keep out.
const CANDIDATES: usize = 200;

/// Chooses `count` of the candidates (film and score, best first) one after the
/// other: each time the one with the highest score relative to the best, less
/// `weight` times its largest genre overlap with those chosen. At weight 0 the
/// order stays as it is; equal values keep their order.
pub fn diversify<'a, G: PartialEq + 'a>(
    candidates: &[(usize, f64)],
    genres: impl Fn(usize) -> &'a [G],
    count: usize,
    weight: f64,
) -> Vec<usize> {
    let highest = candidates
        .first()
        .map_or(1.0, |(_, score)| score.max(f64::MIN_POSITIVE));
    let mut left: Vec<(usize, f64, f64)> = candidates
        .iter()
        .take(CANDIDATES)
        .map(|(film, score)| (*film, score / highest, 0.0))
        .collect();
    let mut chosen = Vec::with_capacity(count.min(left.len()));
    while chosen.len() < count && !left.is_empty() {
        let value = |(_, score, overlap): &(usize, f64, f64)| score - weight * overlap;
        let mut best = 0;
        for place in 1..left.len() {
            if value(&left[place]) > value(&left[best]) {
                best = place;
            }
        }
        let (film, _, _) = left.remove(best);
        for (other, _, most) in &mut left {
            *most = most.max(overlap(genres(film), genres(*other)));
        }
        chosen.push(film);
    }
    chosen
}

/// Genres in common by genres of either (Jaccard).
fn overlap<G: PartialEq>(a: &[G], b: &[G]) -> f64 {
    let common = a.iter().filter(|genre| b.contains(genre)).count();
    let either = a.len() + b.len() - common;
    if either == 0 {
        0.0
    } else {
        common as f64 / either as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GENRES: [&[u32]; 4] = [&[1, 2], &[1, 2], &[3], &[2, 3]];
    const CANDIDATES: [(usize, f64); 4] = [(0, 10.0), (1, 9.0), (2, 8.0), (3, 7.0)];

    fn diversified(weight: f64) -> Vec<usize> {
        diversify(&CANDIDATES, |film| GENRES[film], 3, weight)
    }

    #[test]
    fn another_genre_comes_before_more_of_the_same() {
        // After 0: film 1 is worth 0.9 - 0.5, film 2 0.8, film 3 0.7 - 0.5 / 3.
        // After 2: film 1 still 0.4, film 3 0.7 - 0.5 / 2.
        assert_eq!(diversified(0.5), [0, 2, 3]);
        assert_eq!(diversified(0.15), [0, 2, 1]);
    }

    #[test]
    fn without_weight_the_order_stays() {
        assert_eq!(diversified(0.0), [0, 1, 2]);
    }

    #[test]
    fn few_or_no_candidates_are_no_trouble() {
        assert_eq!(
            diversify(&CANDIDATES[..1], |film| GENRES[film], 3, 0.5),
            [0]
        );
        assert!(diversify(&[], |film| GENRES[film], 3, 0.5).is_empty());
    }

    #[test]
    fn overlap_is_what_is_common_of_all() {
        assert_eq!(overlap(&[1, 2], &[2, 3]), 1.0 / 3.0);
        assert_eq!(overlap::<u32>(&[], &[]), 0.0);
    }
}
