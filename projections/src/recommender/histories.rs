//! What the models are fitted to: who rated what and when, and what films are about.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Like;

/// A member's rating of a film.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rated {
    pub film: Uuid,
    /// 1 to 10.
    pub half_stars: u8,
    /// Any unit that all ratings share; trending wants seconds.
    pub at: i64,
}

/// What is known of a film without anybody's rating.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilmFacts {
    pub genres: Vec<String>,
    /// Votes from elsewhere and ratings here.
    pub votes: u64,
}

/// Every member's ratings and every film's facts, in the order of their ids.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histories {
    pub members: BTreeMap<Uuid, Vec<Rated>>,
    pub films: BTreeMap<Uuid, FilmFacts>,
}

impl Histories {
    /// The ratings of at least so many half stars, by member, oldest first;
    /// the lower film id first where times are equal.
    pub fn likes(&self, least_half_stars: u8) -> Vec<Like> {
        let mut likes: Vec<Like> = self
            .members
            .iter()
            .flat_map(|(member, rated)| rated.iter().map(|rated| (*member, rated)))
            .filter(|(_, rated)| rated.half_stars >= least_half_stars)
            .map(|(member, rated)| Like {
                member,
                film: rated.film,
                at: rated.at,
            })
            .collect();
        likes.sort_unstable_by_key(|like| (like.member, like.at, like.film));
        likes
    }
}

#[cfg(test)]
mod tests {
    use super::super::given::id;
    use super::*;

    #[test]
    fn likes_are_the_high_ratings_oldest_first() {
        let rated = |film, half_stars, at| Rated {
            film: id(film),
            half_stars,
            at,
        };
        let mut histories = Histories::default();
        histories.members.insert(
            id(1),
            vec![
                rated(5, 8, 30),
                rated(4, 7, 20),
                rated(3, 10, 30),
                rated(2, 9, 10),
            ],
        );
        let films: Vec<Uuid> = histories.likes(8).iter().map(|like| like.film).collect();
        assert_eq!(films, [id(2), id(3), id(5)]);
    }
}
