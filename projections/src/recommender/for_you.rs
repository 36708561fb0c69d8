//! What a member may like next, and because of what.
//!
//! A member's list is a product of their history with the fitted model, so it
//! reflects a new like at once, without fitting again. Films that nobody likes yet
//! come by what they are about; places that are left by what is trending.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use uuid::Uuid;

use super::fitted::{Fitted, LEAST_HALF_STARS};
use super::{CoLikes, Model, Rated, Reason, Shelf, Weighted, best, diversify, newest_first};

/// The history's half-life in films: chosen by the validation of `evaluate` on
/// MovieLens latest-small, where the neighbouring values do about as well.
pub(super) const HISTORY_HALF_LIFE: f64 = 3.0;
/// How much a genre that is already in the list costs, where the best score is 1.
/// So little costs no nDCG there.
const DIVERSITY: f64 = 0.1;
/// Candidates for one place in the list, before they are re-ranked.
const CANDIDATES_PER_PLACE: usize = 5;
/// The newest likes of a member that a list looks at. Older ones weigh nothing.
const HISTORY: usize = 100;
/// Places of a list; who has seen all of it comes back another day.
pub const MOST_SUGGESTIONS: usize = 60;
/// Films that are named as reasons.
const REASONS: usize = 3;
/// The newest likes whose kin are looked for, and how many of each.
const KIN_OF: usize = 5;
const KIN: usize = 40;
/// One place of so many is for a film that nobody likes yet …
const DISCOVERY_EVERY: usize = 5;
/// … if it is akin enough to what the member likes.
const DISCOVERY: f64 = 0.3;

/// A film to watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    pub film: Uuid,
    pub source: Source,
    /// Comparable among suggestions of one source.
    pub score: f64,
    /// The films of the history that speak most for it; none for what is merely trending.
    pub because: Vec<Because>,
}

/// What speaks for a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Those who like what the member likes.
    Likes,
    /// What it is about and who made it.
    Content,
    /// What everybody likes now.
    Trending,
}

/// A film of the history, and its share of all that speaks for a suggestion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Because {
    pub film: Uuid,
    pub share: f64,
}

/// A member's opinions, as lists need them.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Oldest first.
    pub liked: Vec<Uuid>,
    pub seen: HashSet<Uuid>,
}

impl History {
    /// `rated` is oldest first.
    pub fn new(rated: impl IntoIterator<Item = Rated>) -> History {
        let mut history = History::default();
        for rated in rated {
            history.seen.insert(rated.film);
            if rated.half_stars >= LEAST_HALF_STARS {
                history.liked.push(rated.film);
            }
        }
        history
    }

    fn newest(&self, count: usize) -> &[Uuid] {
        &self.liked[self.liked.len().saturating_sub(count)..]
    }
}

impl Fitted {
    /// Films that the member has not seen, best first: `count` of the list's places from
    /// `from` on. The history need not be part of what was fitted. Costs a product with
    /// EASE's matrix, the kin of five films, and for each place shown the sum of its
    /// fans' columns.
    pub fn suggest(
        &self,
        history: &History,
        shelf: &Shelf,
        from: usize,
        count: usize,
    ) -> Vec<Suggestion> {
        let known = self.known(history.newest(HISTORY));
        let weighted = newest_first(&known, HISTORY_HALF_LIFE);
        let list = self.list(history, &weighted, shelf);
        let mut shown: Vec<Suggestion> = list.into_iter().skip(from).take(count).collect();
        for suggestion in &mut shown {
            let film = self.likes.film(suggestion.film);
            if let (Source::Likes, Some(film)) = (suggestion.source, film) {
                let contributions = self.ease.contributions(&weighted, film);
                suggestion.because = self.because(&known, &contributions);
            }
        }
        shown
    }

    fn list(&self, history: &History, weighted: &[Weighted], shelf: &Shelf) -> Vec<Suggestion> {
        let by_likes = match weighted {
            [] => Vec::new(),
            _ => self.scored(&self.ease.scores(weighted), Source::Likes, history, shelf),
        };
        let by_content = self.by_content(history, shelf, by_likes.is_empty());
        let by_trend = self.scored(&self.trending, Source::Trending, history, shelf);
        let akin_enough = |found: &&Suggestion| found.score >= DISCOVERY;
        let mut discoveries = by_content.iter().filter(akin_enough).cloned();
        let mut list: Vec<Suggestion> = Vec::with_capacity(MOST_SUGGESTIONS);
        for suggestion in by_likes {
            if list.len() % DISCOVERY_EVERY == DISCOVERY_EVERY - 1 {
                list.extend(discoveries.next());
            }
            list.push(suggestion);
        }
        for suggestion in by_content.into_iter().chain(by_trend) {
            if list.iter().all(|listed| listed.film != suggestion.film) {
                list.push(suggestion);
            }
        }
        list.truncate(MOST_SUGGESTIONS);
        list
    }

    /// The films with the best scores, without reasons.
    fn scored(
        &self,
        scores: &[f64],
        source: Source,
        history: &History,
        shelf: &Shelf,
    ) -> Vec<Suggestion> {
        let suggestion = |film: usize| Suggestion {
            film: self.likes.films()[film],
            source,
            score: scores[film],
            because: Vec::new(),
        };
        let chosen = self.choose(scores, history, shelf, MOST_SUGGESTIONS);
        chosen.into_iter().map(suggestion).collect()
    }

    /// Kin of what was liked last: films that nobody likes yet, or any.
    fn by_content(&self, history: &History, shelf: &Shelf, any: bool) -> Vec<Suggestion> {
        let nobody = CoLikes::default();
        let mut found: BTreeMap<Uuid, Vec<(Uuid, f64)>> = BTreeMap::new();
        for (rank, liked) in history.newest(KIN_OF).iter().rev().enumerate() {
            let weight = (-(rank as f64) / HISTORY_HALF_LIFE).exp2();
            for akin in shelf.akin(*liked, &nobody, KIN) {
                let is_unknown = self.likes.film(akin.film).is_none();
                let is_wanted = any || (is_unknown && akin.reasons.iter().any(says_much));
                if is_wanted && !history.seen.contains(&akin.film) {
                    let speaks = found.entry(akin.film).or_default();
                    speaks.push((*liked, weight * akin.score));
                }
            }
        }
        let mut found: Vec<Suggestion> = found.into_iter().map(spoken_for).collect();
        found.sort_by_key(|found| (Reverse((found.score * 1e9) as i64), found.film));
        found.truncate(MOST_SUGGESTIONS);
        found
    }

    /// Films that people like who like what the member likes: a walk from what they
    /// liked last, or from one film.
    pub fn walk_from(
        &self,
        films: &[Uuid],
        history: &History,
        shelf: &Shelf,
        count: usize,
    ) -> Vec<(Uuid, f64)> {
        let newest = &films[films.len().saturating_sub(HISTORY)..];
        let known = self.known(newest);
        let mut scores = self.walk.scores(&newest_first(&known, HISTORY_HALF_LIFE));
        for film in known {
            scores[film] = 0.0;
        }
        let chosen = self.choose(&scores, history, shelf, count);
        let scored = |film: usize| (self.likes.films()[film], scores[film]);
        chosen.into_iter().map(scored).collect()
    }

    /// The members whose likes are nearest, nearest first, and how many likes they
    /// have in common with these films.
    pub fn fellows(&self, liked: &[Uuid], but: Uuid, count: usize) -> Vec<(Uuid, usize)> {
        let known = self.known(liked);
        let mut common = vec![0_usize; self.likes.members().len()];
        for fan in known.iter().flat_map(|film| &self.likes.fans()[*film]) {
            common[*fan] += 1;
        }
        let near = |member: usize| {
            common[member] as f64 / (self.likes.history(member).len() as f64 + 10.0).sqrt()
        };
        let near: Vec<f64> = (0..common.len())
            .map(|member| match common[member] {
                0 => 0.0,
                _ => near(member),
            })
            .collect();
        let is_out = |member: usize| common[member] == 0 || self.likes.members()[member] == but;
        let nearest = best(&near, count, is_out).into_iter();
        nearest
            .map(|member| (self.likes.members()[member], common[member]))
            .collect()
    }

    fn known(&self, films: &[Uuid]) -> Vec<usize> {
        films
            .iter()
            .filter_map(|film| self.likes.film(*film))
            .collect()
    }

    fn choose(&self, scores: &[f64], history: &History, shelf: &Shelf, count: usize) -> Vec<usize> {
        let film = |number: usize| self.likes.films()[number];
        let genres = |number| shelf.kin().genres(film(number));
        // what is not on the shelf is no film any more
        let is_out =
            |number| history.seen.contains(&film(number)) || !shelf.kin().knows(film(number));
        choose(scores, genres, count, is_out)
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

/// Half a catalogue has the same genres, and comes from the same years.
fn says_much(reason: &Reason) -> bool {
    match reason {
        Reason::SameDirector(_)
        | Reason::SamePeople(_)
        | Reason::Keywords(_)
        | Reason::Words { .. }
        | Reason::LikedTogether(_) => true,
        Reason::Genres(_) | Reason::Decade(_) => false,
    }
}

fn spoken_for((film, mut speak): (Uuid, Vec<(Uuid, f64)>)) -> Suggestion {
    let score: f64 = speak.iter().map(|(_, weight)| weight).sum();
    speak.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let because = speak.into_iter().take(REASONS);
    Suggestion {
        film,
        source: Source::Content,
        score,
        because: because
            .map(|(film, weight)| Because {
                film,
                share: weight / score,
            })
            .collect(),
    }
}

/// The films with the highest positive scores, re-ranked by genre.
pub(super) fn choose<'a, G: PartialEq + 'a>(
    scores: &[f64],
    genres: impl Fn(usize) -> &'a [G],
    count: usize,
    skip: impl Fn(usize) -> bool,
) -> Vec<usize> {
    let wanted = count.saturating_mul(CANDIDATES_PER_PLACE);
    let best = best(scores, wanted, |film| scores[film] <= 0.0 || skip(film));
    let candidates: Vec<(usize, f64)> = best.into_iter().map(|film| (film, scores[film])).collect();
    diversify(&candidates, genres, count, DIVERSITY)
}

#[cfg(test)]
mod tests;
