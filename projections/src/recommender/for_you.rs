//! What a member may like next, and because of what.
//!
//! A member's list is a product of their history with the fitted model, so it
//! reflects a new like at once, without fitting again. Members without a film
//! that the model knows, and places that it can't fill, get what is trending.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Ease, Histories, Likes, Model, Trending, best, diversify, newest_first};

/// A rating of 3.5 stars says that the film was liked.
const LEAST_HALF_STARS: u8 = 7;
/// EASE's λ and the history's half-life in films: chosen by the validation of
/// `evaluate` on MovieLens latest-small, where the neighbouring values do about as well.
pub(super) const LAMBDA: f64 = 200.0;
pub(super) const HISTORY_HALF_LIFE: f64 = 3.0;
/// Likes halve every month.
const TREND_HALF_LIFE_S: f64 = 30.0 * 24.0 * 3600.0;
/// How much a genre that is already in the list costs, where the best score is 1.
/// So little costs no nDCG there.
const DIVERSITY: f64 = 0.1;
/// Candidates for one place in the list, before they are re-ranked.
const CANDIDATES_PER_PLACE: usize = 5;
/// The newest likes of a member that a list looks at. Older ones weigh nothing.
const HISTORY: usize = 500;
/// Films that are named as reasons.
const REASONS: usize = 3;

/// A film to watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    pub film: Uuid,
    /// Comparable within one list. Zero for what is merely trending.
    pub score: f64,
    /// The films of the history that speak most for it; none for what is merely trending.
    pub because: Vec<Because>,
}

/// A film of the history, and its share of all that speaks for a suggestion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Because {
    pub film: Uuid,
    pub share: f64,
}

/// EASE, trending and genres, fitted at one position of the log.
pub struct ForYou {
    likes: Likes,
    ease: Ease,
    trending: Vec<f64>,
    /// The genres of each film, as ascending numbers.
    genres: Vec<Vec<u32>>,
}

impl ForYou {
    /// `now` is in seconds, as the histories' times are.
    pub fn fit(histories: &Histories, now: i64) -> ForYou {
        let likes = Likes::new(histories.likes(LEAST_HALF_STARS));
        let trending = Trending::fit(&likes, now, TREND_HALF_LIFE_S).scores(&[]);
        let genres = genres(histories, &likes);
        ForYou {
            ease: Ease::fit(&likes, LAMBDA),
            trending,
            genres,
            likes,
        }
    }

    /// At most `count` films that are neither liked nor seen, best first. `liked`
    /// is the member's history, oldest first; it need not be part of what was fitted.
    /// Costs a product with EASE's matrix and, where it has a row for each member,
    /// for each suggestion's reasons the sum of its fans' columns.
    pub fn suggest(&self, liked: &[Uuid], seen: &[Uuid], count: usize) -> Vec<Suggestion> {
        let number = |film: &Uuid| self.likes.film(*film);
        let mut out = vec![false; self.likes.films().len()];
        for film in liked.iter().chain(seen).filter_map(number) {
            out[film] = true;
        }
        let newest = &liked[liked.len().saturating_sub(HISTORY)..];
        let known: Vec<usize> = newest.iter().filter_map(number).collect();
        let history = newest_first(&known, HISTORY_HALF_LIFE);
        let scores = self.ease.scores(&history);
        let chosen = choose(&scores, &self.genres, count, |film| out[film]);
        for film in &chosen {
            out[*film] = true;
        }
        let trending = best(&self.trending, count - chosen.len(), |film| out[film]);
        let fitting = chosen.into_iter().map(|film| Suggestion {
            film: self.likes.films()[film],
            score: scores[film],
            because: self.because(&known, &self.ease.contributions(&history, film)),
        });
        let merely_trending = |film: usize| Suggestion {
            film: self.likes.films()[film],
            score: 0.0,
            because: Vec::new(),
        };
        fitting
            .chain(trending.into_iter().map(merely_trending))
            .collect()
    }

    fn because(&self, history: &[usize], contributions: &[f64]) -> Vec<Because> {
        let spoken_for: f64 = contributions
            .iter()
            .filter(|contribution| **contribution > 0.0)
            .sum();
        let largest = best(contributions, REASONS, |place| contributions[place] <= 0.0);
        let because = |place: usize| Because {
            film: self.likes.films()[history[place]],
            share: contributions[place] / spoken_for,
        };
        largest.into_iter().map(because).collect()
    }
}

/// The films with the highest positive scores, re-ranked by genre.
pub(super) fn choose(
    scores: &[f64],
    genres: &[Vec<u32>],
    count: usize,
    skip: impl Fn(usize) -> bool,
) -> Vec<usize> {
    let wanted = count.saturating_mul(CANDIDATES_PER_PLACE);
    let best = best(scores, wanted, |film| skip(film) || scores[film] <= 0.0);
    let candidates: Vec<(usize, f64)> = best.into_iter().map(|film| (film, scores[film])).collect();
    diversify(&candidates, |film| &genres[film], count, DIVERSITY)
}

/// For each film of the likes the numbers of its genres, ascending.
pub(super) fn genres(histories: &Histories, likes: &Likes) -> Vec<Vec<u32>> {
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut numbered = |film: &Uuid| -> Vec<u32> {
        let names = histories
            .films
            .get(film)
            .map_or(&[][..], |facts| &facts.genres[..]);
        let mut genres: Vec<u32> = Vec::with_capacity(names.len());
        for name in names {
            let next = numbers.len() as u32;
            genres.push(*numbers.entry(name).or_insert(next));
        }
        genres.sort_unstable();
        genres.dedup();
        genres
    };
    likes.films().iter().map(&mut numbered).collect()
}

#[cfg(test)]
mod tests {
    use super::super::given::id;
    use super::super::{FilmFacts, Rated};
    use super::*;

    /// Films 0–4 are liked by every other member, most of 5–9 by the rest.
    fn two_circles() -> ForYou {
        let mut histories = Histories::default();
        for member in 0..12 {
            let circle = if member % 2 == 0 { 0..5 } else { 5..10 };
            let rated = |film| Rated {
                film: id(film),
                half_stars: 9,
                at: film as i64,
            };
            let skipped = 9 - member % 3;
            histories.members.insert(
                id(member),
                circle.filter(|film| *film != skipped).map(rated).collect(),
            );
        }
        for film in 0..10 {
            let genres = vec![if film % 2 == 0 { "Drama" } else { "War" }.to_owned()];
            histories.films.insert(
                id(film),
                FilmFacts {
                    genres,
                    ..FilmFacts::default()
                },
            );
        }
        ForYou::fit(&histories, 10)
    }

    #[test]
    fn films_of_the_same_circle_come_first_and_say_why() {
        let suggestions = two_circles().suggest(&[id(0), id(1)], &[id(3)], 2);
        let mut films: Vec<Uuid> = suggestions
            .iter()
            .map(|suggestion| suggestion.film)
            .collect();
        films.sort_unstable();
        assert_eq!(films, [id(2), id(4)]);
        let because = &suggestions[0].because;
        assert_eq!(
            because
                .iter()
                .map(|because| because.film)
                .collect::<Vec<_>>(),
            [id(1), id(0)]
        );
        assert!((because.iter().map(|because| because.share).sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_was_seen_is_never_suggested() {
        let everything = two_circles().suggest(&[id(0)], &[id(3)], 20);
        assert_eq!(everything.len(), 8);
        assert!(
            everything
                .iter()
                .all(|suggestion| suggestion.film != id(0) && suggestion.film != id(3))
        );
    }

    #[test]
    fn a_new_member_gets_what_is_trending() {
        let for_you = two_circles();
        for history in [&[][..], &[id(77)][..]] {
            let suggestions = for_you.suggest(history, &[], 3);
            assert_eq!(suggestions.len(), 3);
            assert!(
                suggestions
                    .iter()
                    .all(|suggestion| suggestion.because.is_empty())
            );
            assert_eq!(suggestions[0].film, id(6));
        }
    }

    #[test]
    fn nobody_likes_anything_yet() {
        let for_you = ForYou::fit(&Histories::default(), 0);
        assert!(for_you.suggest(&[id(1)], &[], 5).is_empty());
    }
}
