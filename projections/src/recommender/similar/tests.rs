//! Similar films, by hand and against every pair computed one by one.

mod count_vectorizer;

use super::super::given::id;
use super::*;

fn vectors(films: &[(usize, &str, u64)]) -> GenreVectors {
    let mut vectors = GenreVectors::default();
    for (film, genres, votes) in films {
        vectors.put(id(*film), genres.split('|'), *votes);
    }
    vectors
}

fn ids(similar: &[Similar]) -> Vec<usize> {
    similar
        .iter()
        .map(|similar| similar.film.as_u128() as usize)
        .collect()
}

#[test]
fn words_are_those_of_the_count_vectorizer() {
    assert_eq!(words("Sci-Fi"), ["sci", "fi"]);
    assert_eq!(words("(no genres listed)"), ["no", "genres", "listed"]);
    assert_eq!(words("A b_c 4 4K 공포 극"), ["b_c", "4k", "공포"]);
}

#[test]
fn counts_are_compared_not_mere_presence() {
    let vectors = vectors(&[(1, "War", 0), (2, "War|War|Drama", 0), (3, "War|Drama", 0)]);
    let nearest = vectors.nearest(id(1), 9);
    assert_eq!(ids(&nearest), [2, 3]);
    assert!((nearest[0].cosine - 2.0 / 5.0_f64.sqrt()).abs() < 1e-12);
    assert!((nearest[1].cosine - 1.0 / 2.0_f64.sqrt()).abs() < 1e-12);
}

#[test]
fn equal_cosines_are_ordered_by_votes_then_id_across_groups() {
    // From Drama, "Drama|War" and "Drama|Crime" have one cosine.
    let vectors = vectors(&[
        (1, "Drama", 0),
        (2, "Drama|War", 5),
        (3, "Drama|Crime", 9),
        (4, "Crime|Drama", 5),
        (5, "Drama", 1),
        (6, "Comedy", 99),
    ]);
    assert_eq!(ids(&vectors.nearest(id(1), 9)), [5, 3, 2, 4]);
    assert_eq!(ids(&vectors.nearest(id(1), 2)), [5, 3]);
}

#[test]
fn many_groups_at_one_cosine_are_all_looked_at() {
    let mut vectors = vectors(&[(1, "Drama", 0)]);
    for film in 2..60 {
        let other = format!("other{film}");
        vectors.put(id(film), ["Drama", other.as_str()], film as u64);
    }
    assert_eq!(ids(&vectors.nearest(id(1), 3)), [59, 58, 57]);
    assert_eq!(ids(&vectors.nearest(id(59), 2)), [1, 58]);
}

#[test]
fn the_five_most_voted_of_the_twenty_nearest() {
    let mut films: Vec<(usize, &str, u64)> = (1..=22).map(|film| (film, "Drama", 7)).collect();
    films.push((30, "Drama|War", 1000));
    films[20].2 = 8;
    films[3].2 = 9;
    // 21 others have cosine 1, so film 30 is not among the 20 nearest.
    assert_eq!(ids(&vectors(&films).similar(id(1))), [4, 21, 2, 3, 5]);
}

#[test]
fn a_film_that_changes_its_genres_leaves_its_old_group() {
    let mut vectors = vectors(&[(1, "Drama", 1), (2, "Drama", 1), (3, "War", 1)]);
    vectors.put(id(2), ["War"], 4);
    assert!(vectors.similar(id(1)).is_empty());
    assert_eq!(ids(&vectors.similar(id(3))), [2]);
    vectors.remove(id(2));
    assert!(vectors.similar(id(3)).is_empty());
    assert!(vectors.similar(id(2)).is_empty());
}

#[test]
fn the_same_as_with_every_pair_computed() {
    const NAMES: [&str; 6] = ["Drama", "Sci-Fi", "War", "Film-Noir", "Comedy", "Crime"];
    let genres = |film: usize| -> Vec<&str> {
        let bits = film * 2_654_435_761 % 63 + 1;
        NAMES
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| bits >> bit & 1 == 1)
            .map(|(_, name)| name)
            .collect()
    };
    let votes = |film: usize| (film * 7919 % 13) as u64;
    let mut vectors = GenreVectors::default();
    for film in 0..400 {
        vectors.put(id(film), genres(film), votes(film));
    }
    let counts = |film: usize| -> HashMap<String, f64> {
        let mut counts = HashMap::new();
        genres(film)
            .into_iter()
            .flat_map(words)
            .for_each(|word| *counts.entry(word).or_default() += 1.0);
        counts
    };
    let cosine = |a: usize, b: usize| {
        let (a, b) = (counts(a), counts(b));
        let norm = |of: &HashMap<String, f64>| of.values().map(|count| count * count).sum::<f64>();
        let dot: f64 = a
            .iter()
            .map(|(word, count)| count * b.get(word).unwrap_or(&0.0))
            .sum();
        dot / (norm(&a) * norm(&b)).sqrt()
    };
    for film in (0..400).step_by(7) {
        let mut all: Vec<(i64, Reverse<u64>, usize)> = (0..400)
            .filter(|other| *other != film && cosine(film, *other) > 0.0)
            .map(|other| {
                (
                    (-1e12 * cosine(film, other)).round() as i64,
                    Reverse(votes(other)),
                    other,
                )
            })
            .collect();
        all.sort_unstable();
        all.truncate(20);
        let nearest: Vec<usize> = all.iter().map(|(_, _, other)| *other).collect();
        assert_eq!(ids(&vectors.nearest(id(film), 20)), nearest);
        all.sort_by_key(|(cosine, votes, other)| (*votes, *cosine, *other));
        let voted: Vec<usize> = all.iter().take(5).map(|(_, _, other)| *other).collect();
        assert_eq!(ids(&vectors.similar(id(film))), voted);
    }
}
