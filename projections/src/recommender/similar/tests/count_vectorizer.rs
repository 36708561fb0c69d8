//! Against scikit-learn 1.9.1 itself: `CountVectorizer().fit_transform` of the genres with spaces
//! for the bars, `cosine_similarity`, the 20 nearest by cosine (rounded to 1e-12), votes and id, of
//! them the five most voted. What it printed stands here.

use super::super::super::given::id;
use super::super::*;
use super::{ids, vectors};

type Film = (usize, &'static str, u64, &'static [usize]);

/// Id, genres, votes, and what scikit-learn says is similar.
#[rustfmt::skip]
const FILMS: [Film; 43] = [
    (1, "War|TV Movie|Crime", 1, &[17, 26, 29, 18, 12]),
    (2, "Children's", 3, &[39, 26, 15, 10, 20]),
    (3, "Drama|Film-Noir|Children's", 2, &[39, 26, 34, 21, 15]),
    (4, "TV Movie|Sci-Fi|공포|Drama", 17, &[39, 26, 29, 18, 12]),
    (5, "Drama|Sci-Fi|공포|Crime", 20, &[39, 17, 29, 18, 21]),
    (6, "TV Movie", 1, &[26, 29, 18, 12, 33]),
    (7, "Drama|War", 9, &[17, 34, 21, 25, 15]),
    (8, "War|Sci-Fi|Comedy|Children's", 17, &[39, 17, 25, 15, 20]),
    (9, "Sci-Fi|Film-Noir|Sci-Fi", 11, &[39, 34, 20, 5, 37]),
    (10, "Children's", 22, &[39, 26, 15, 20, 8]),
    (11, "Drama", 19, &[34, 18, 21, 5, 4]),
    (12, "공포|TV Movie", 24, &[26, 29, 18, 15, 5]),
    (13, "공포|Children's|War", 9, &[39, 17, 26, 29, 34]),
    (14, "War|Film-Noir", 2, &[17, 34, 25, 15, 20]),
    (15, "Children's|공포|War", 23, &[39, 17, 26, 29, 34]),
    (16, "Comedy|Sci-Fi|Drama|Children's", 13, &[39, 21, 20, 10, 5]),
    (17, "Crime|War", 29, &[29, 34, 18, 25, 15]),
    (18, "TV Movie|Drama|Crime|공포|TV Movie", 24, &[26, 17, 29, 12, 21]),
    (19, "Crime|Children's|Comedy", 15, &[39, 17, 26, 29, 25]),
    (20, "Sci-Fi|Children's|War|Film-Noir", 22, &[39, 34, 15, 10, 5]),
    (21, "Drama", 23, &[34, 18, 5, 11, 4]),
    (22, "공포|Comedy|Crime", 12, &[17, 29, 18, 12, 25]),
    (23, "Drama|공포|War", 5, &[17, 34, 29, 18, 12]),
    (24, "공포", 1, &[29, 12, 18, 15, 5]),
    (25, "Comedy|War", 23, &[17, 34, 15, 20, 8]),
    (26, "TV Movie|Children's", 29, &[39, 29, 18, 12, 15]),
    (27, "Sci-Fi|War|Film-Noir|TV Movie|Sci-Fi", 17, &[39, 26, 34, 18, 20]),
    (28, "War|TV Movie|공포", 17, &[26, 17, 29, 12, 18]),
    (29, "TV Movie|Crime|공포", 28, &[26, 17, 18, 12, 15]),
    (30, "Film-Noir|War|Drama|Sci-Fi", 4, &[39, 34, 21, 20, 5]),
    (31, "Film-Noir|Drama", 15, &[34, 18, 21, 20, 5]),
    (32, "Comedy|Children's", 0, &[39, 26, 25, 15, 10]),
    (33, "TV Movie|Crime", 19, &[26, 17, 29, 18, 12]),
    (34, "War|Drama|Film-Noir", 28, &[17, 21, 25, 15, 20]),
    (35, "TV Movie|Children's|Film-Noir|Drama", 15, &[26, 34, 29, 18, 12]),
    (36, "Drama|Film-Noir|Children's|Sci-Fi|Drama", 14, &[39, 34, 21, 20, 5]),
    (37, "Sci-Fi|Crime", 19, &[39, 17, 29, 18, 20]),
    (38, "Sci-Fi", 0, &[39, 20, 5, 37, 27]),
    (39, "Children's|Sci-Fi", 30, &[26, 15, 20, 10, 5]),
    (40, "Drama|Sci-Fi|TV Movie", 6, &[39, 26, 29, 18, 12]),
    (41, "(no genres listed)", 3, &[43]),
    (42, "A|4", 9, &[]),
    (43, "(no genres listed)|Drama", 2, &[34, 18, 21, 5, 11]),
];

/// The nearest ones of film 4, with their cosines.
const NEAREST: [(f64, usize); 8] = [
    (0.912_870_929_175, 40),
    (0.738_548_945_876, 18),
    (0.730_296_743_34, 5),
    (std::f64::consts::FRAC_1_SQRT_2, 12),
    (0.679_366_220_487, 27),
    (0.612_372_435_696, 29),
    (0.612_372_435_696, 28),
    (0.577_350_269_19, 6),
];

fn films() -> GenreVectors {
    vectors(&FILMS.map(|(film, genres, votes, _)| (film, genres, votes)))
}

#[test]
fn similar_films_are_those_of_scikit_learn() {
    let films = films();
    for (film, genres, _, similar) in FILMS {
        assert_eq!(ids(&films.similar(id(film))), similar, "{film} {genres}");
    }
}

#[test]
fn cosines_are_those_of_scikit_learn() {
    let nearest = films().nearest(id(4), 8);
    for (one, (cosine, film)) in nearest.iter().zip(NEAREST) {
        assert_eq!(one.film, id(film));
        assert!(
            (one.cosine - cosine).abs() < 1e-11,
            "{film}: {}",
            one.cosine
        );
    }
}
