//! Films of the same genres: of the 20 with the highest cosine the 5 most voted.
//!
//! A film's vector counts the words of its genres as scikit-learn's
//! `CountVectorizer` does: lower case, words of two or more letters, digits or
//! underscores, so "Sci-Fi" is two words. Films with the same vector are one
//! group, so that a question costs the number of groups (under 1,000 for 9,742
//! films), and no matrix of films by films is ever made.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use uuid::Uuid;

pub(super) const NEAREST: usize = 20;
const MOST_VOTED: usize = 5;

/// A film near to another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similar {
    pub film: Uuid,
    pub cosine: f64,
    pub votes: u64,
}

/// Word and how often, ascending.
type Vector = Arc<[(u32, u64)]>;

/// The most voted first, the lower id first where votes are equal.
type Group = BTreeSet<(Reverse<u64>, Uuid)>;

/// The genre vectors of all films.
#[derive(Debug, Default)]
pub struct GenreVectors {
    words: HashMap<String, u32>,
    films: HashMap<Uuid, (Vector, u64)>,
    groups: BTreeMap<Vector, Group>,
}

/// A cosine with one film: dot product and the other's squared length, so that
/// cosines are compared exactly.
#[derive(Clone, Copy)]
struct Cosine {
    dot: u64,
    square: u64,
}

impl Cosine {
    fn cmp(self, other: Cosine) -> Ordering {
        let product = |a: Cosine, b: Cosine| u128::from(a.dot).pow(2) * u128::from(b.square);
        product(self, other).cmp(&product(other, self))
    }
}

impl GenreVectors {
    /// Adds a film, or replaces its genres and votes.
    pub fn put<'a>(&mut self, film: Uuid, genres: impl IntoIterator<Item = &'a str>, votes: u64) {
        self.remove(film);
        let vector = self.vector(genres);
        self.groups
            .entry(vector.clone())
            .or_default()
            .insert((Reverse(votes), film));
        self.films.insert(film, (vector, votes));
    }

    pub fn remove(&mut self, film: Uuid) {
        let Some((vector, votes)) = self.films.remove(&film) else {
            return;
        };
        let group = self
            .groups
            .get_mut(&vector)
            .expect("a film is in its vector's group");
        group.remove(&(Reverse(votes), film));
        if group.is_empty() {
            self.groups.remove(&vector);
        }
    }

    /// Of the 20 films with the highest cosine (then the most votes, then the
    /// lowest id) the 5 with the most votes (then the highest cosine, then the
    /// lowest id). Films without a genre in common are never similar.
    pub fn similar(&self, film: Uuid) -> Vec<Similar> {
        let mut similar = self.nearest(film, NEAREST);
        // Stable: the nearest first where votes are equal.
        similar.sort_by_key(|similar| Reverse(similar.votes));
        similar.truncate(MOST_VOTED);
        similar
    }

    /// The films with the highest cosine, of equal ones the most voted, of those
    /// the lowest ids; never the film itself.
    pub fn nearest(&self, film: Uuid, count: usize) -> Vec<Similar> {
        let Some((vector, _)) = self.films.get(&film) else {
            return Vec::new();
        };
        let mut own = vec![0; self.words.len()];
        for (word, times) in vector.iter() {
            own[*word as usize] = *times;
        }
        let groups = self.groups.iter().map(|(other, group)| {
            let dot = other
                .iter()
                .map(|(word, times)| times * own[*word as usize]);
            let cosine = Cosine {
                dot: dot.sum(),
                square: square(other),
            };
            (cosine, group)
        });
        let mut groups: Vec<(Cosine, &Group)> =
            groups.filter(|(cosine, _)| cosine.dot > 0).collect();
        // Each group but the film's own brings a film, so those that are further
        // than so many others needn't be sorted.
        if let Some(enough) = count.checked_add(1).filter(|enough| *enough < groups.len()) {
            groups.select_nth_unstable_by(enough, |a, b| b.0.cmp(a.0));
            let bound = groups[enough].0;
            groups.retain(|(cosine, _)| cosine.cmp(bound).is_ge());
        }
        groups.sort_unstable_by(|a, b| b.0.cmp(a.0));
        let mut nearest = Vec::new();
        for alike in groups.chunk_by(|a, b| a.0.cmp(b.0).is_eq()) {
            let wanted = count - nearest.len();
            if wanted == 0 {
                break;
            }
            let first = |group: &'_ Group| -> Vec<(Reverse<u64>, Uuid)> {
                let others = group.iter().filter(|(_, other)| *other != film);
                others.take(wanted).copied().collect()
            };
            let mut films: Vec<_> = alike.iter().flat_map(|(_, group)| first(group)).collect();
            films.sort_unstable();
            let Cosine { dot, square: other } = alike[0].0;
            let cosine = dot as f64 / (square(vector) as f64 * other as f64).sqrt();
            let similar = |(votes, film): (Reverse<u64>, Uuid)| Similar {
                film,
                cosine,
                votes: votes.0,
            };
            nearest.extend(films.into_iter().take(wanted).map(similar));
        }
        nearest
    }

    fn vector<'a>(&mut self, genres: impl IntoIterator<Item = &'a str>) -> Vector {
        let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
        for word in genres.into_iter().flat_map(words) {
            let next = u32::try_from(self.words.len()).expect("genres have few words");
            *counts
                .entry(*self.words.entry(word).or_insert(next))
                .or_default() += 1;
        }
        counts.into_iter().collect()
    }
}

/// What `CountVectorizer` takes for words: `(?u)\b\w\w+\b` in lower case.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .filter(|word| word.chars().nth(1).is_some())
        .map(str::to_owned)
        .collect()
}

fn square(vector: &[(u32, u64)]) -> u64 {
    vector.iter().map(|(_, times)| times * times).sum()
}

#[cfg(test)]
mod tests;
