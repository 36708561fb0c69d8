//! The models that are compared, and the parameters that are tried for each.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::super::fitted::LAMBDA;
use super::super::for_you::{self, HISTORY_HALF_LIFE};
use super::super::similar::NEAREST;
use super::super::{
    Ease, GenreVectors, Histories, Like, Likes, Model, Neighbours, Popularity, Trending, Walk,
    Weighted, best, evenly, newest_first,
};
use super::measure::{LENGTH, Ranker};

/// What a model may be fitted to.
pub struct Data {
    pub likes: Arc<Likes>,
    genres: Arc<Vec<Vec<u32>>>,
    vectors: Arc<GenreVectors>,
    /// The time of the latest like.
    now: i64,
}

impl Data {
    /// Votes are likes in training; films without any don't take part.
    pub fn new(histories: &Histories, training: &[Like]) -> Data {
        let likes = Likes::new(training.iter().copied());
        let mut vectors = GenreVectors::default();
        for (film, fans) in likes.films().iter().zip(likes.fans()) {
            let genres = histories
                .films
                .get(film)
                .map_or(&[][..], |facts| &facts.genres[..]);
            vectors.put(*film, genres.iter().map(String::as_str), fans.len() as u64);
        }
        Data {
            genres: Arc::new(genres(histories, &likes)),
            now: likes.times().map(|(_, at)| at).max().unwrap_or_default(),
            likes: Arc::new(likes),
            vectors: Arc::new(vectors),
        }
    }
}

/// For each film of the likes the numbers of its genres.
fn genres(histories: &Histories, likes: &Likes) -> Vec<Vec<u32>> {
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut numbered = |film: &Uuid| -> Vec<u32> {
        let facts = histories.films.get(film);
        let names = facts.map_or(&[][..], |facts| &facts.genres[..]);
        let mut number = |name| {
            let next = numbers.len() as u32;
            *numbers.entry(name).or_insert(next)
        };
        names.iter().map(|name| number(name)).collect()
    };
    likes.films().iter().map(&mut numbered).collect()
}

/// One value for each of an entrant's names; the rest is 0.
pub type Parameters = [f64; 3];

pub struct Entrant {
    pub name: &'static str,
    /// Name and values of each parameter.
    tried: &'static [(&'static str, &'static [f64])],
    pub fit: fn(&Data, Parameters) -> Ranker,
}

const LAMBDAS: (&str, &[f64]) = ("λ", &[50.0, 100.0, 200.0, 400.0, 800.0]);
const HALF_LIVES: (&str, &[f64]) = ("h", &[1.0, 2.0, 3.0, 5.0, 8.0]);

pub const ENTRANTS: &[Entrant] = &[
    Entrant {
        name: "popularity",
        tried: &[],
        fit: |data, _| ranker(Popularity::fit(&data.likes), evenly),
    },
    Entrant {
        name: "trending",
        tried: &[("days", &[30.0, 100.0, 300.0, 1000.0, 3000.0])],
        fit: |data, [days, ..]| {
            ranker(
                Trending::fit(&data.likes, data.now, days * 86_400.0),
                evenly,
            )
        },
    },
    Entrant {
        name: "similar films, ties by id",
        tried: &[],
        fit: |data, _| similar_to_last(data, Ties::ById),
    },
    Entrant {
        name: "similar films, ties by votes",
        tried: &[],
        fit: |data, _| similar_to_last(data, Ties::ByVotes),
    },
    Entrant {
        name: "ItemKNN",
        tried: &[
            ("k", &[5.0, 10.0, 20.0, 50.0, 200.0]),
            ("shrink", &[0.0, 10.0, 50.0]),
        ],
        fit: |data, [k, shrink, _]| {
            ranker(Neighbours::fit(&data.likes, k as usize, shrink), evenly)
        },
    },
    Entrant {
        name: "RP3β",
        tried: &[("α", &[0.4, 0.6, 0.8, 1.0]), ("β", &[0.2, 0.4, 0.6, 0.8])],
        fit: |data, [alpha, beta, _]| ranker(Walk::fit(&data.likes, alpha, beta, 0.0), evenly),
    },
    Entrant {
        name: "EASE",
        tried: &[LAMBDAS],
        fit: |data, [lambda, ..]| ranker(Ease::fit(&data.likes, lambda), evenly),
    },
    Entrant {
        name: "EASE, newest first",
        tried: &[LAMBDAS, HALF_LIVES],
        fit: |data, [lambda, half_life, _]| {
            ranker(Ease::fit(&data.likes, lambda), move |history| {
                newest_first(history, half_life)
            })
        },
    },
    Entrant {
        name: "for you, as served",
        tried: &[],
        fit: |data, _| as_served(data),
    },
];

impl Entrant {
    /// All combinations, in order.
    pub fn grid(&self) -> Vec<Parameters> {
        let mut grid = vec![Parameters::default()];
        for (place, (_, values)) in self.tried.iter().enumerate() {
            let with = |parameters: Parameters, value: f64| {
                let mut parameters = parameters;
                parameters[place] = value;
                parameters
            };
            let each = |parameters| values.iter().map(move |value| with(parameters, *value));
            grid = grid.into_iter().flat_map(each).collect();
        }
        grid
    }

    pub fn is_fixed(&self) -> bool {
        self.tried.is_empty()
    }

    pub fn describe(&self, parameters: Parameters) -> String {
        let described = self.tried.iter().zip(parameters);
        let described: Vec<String> = described
            .map(|((name, _), value)| format!("{name} {value}"))
            .collect();
        described.join(", ")
    }
}

fn ranker(
    model: impl Model + Send + 'static,
    weights: impl Fn(&[usize]) -> Vec<Weighted> + Send + Sync + 'static,
) -> Ranker {
    Box::new(move |history| {
        let scores = model.scores(&weights(history));
        let mut seen = vec![false; scores.len()];
        for film in history {
            seen[*film] = true;
        }
        best(&scores, LENGTH, |film| seen[film])
    })
}

/// Which of the films with equal cosine are among the 20 nearest.
enum Ties {
    /// Those with the lowest ids: as the system did that Reeltime replaces.
    ById,
    /// The most voted: as Reeltime does.
    ByVotes,
}

/// Of the 20 films that are nearest to the last liked one those that are unseen,
/// the most voted first.
fn similar_to_last(data: &Data, ties: Ties) -> Ranker {
    let (likes, vectors) = (data.likes.clone(), data.vectors.clone());
    Box::new(move |history| {
        let Some(last) = history.last() else {
            return Vec::new();
        };
        let last = likes.films()[*last];
        let mut near = match ties {
            Ties::ByVotes => vectors.nearest(last, NEAREST),
            Ties::ById => {
                let mut near = vectors.nearest(last, likes.films().len());
                near.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.film.cmp(&b.film)));
                near.truncate(NEAREST);
                near
            }
        };
        near.sort_by_key(|similar| Reverse(similar.votes));
        let films = near.iter().filter_map(|similar| likes.film(similar.film));
        films
            .filter(|film| !history.contains(film))
            .take(LENGTH)
            .collect()
    })
}

/// The list that members get, with the parameters that are built in.
fn as_served(data: &Data) -> Ranker {
    let (genres, ease) = (data.genres.clone(), Ease::fit(&data.likes, LAMBDA));
    Box::new(move |history| {
        let scores = ease.scores(&newest_first(history, HISTORY_HALF_LIFE));
        let genres = |film: usize| &genres[film][..];
        for_you::choose(&scores, genres, LENGTH, |film| history.contains(&film))
    })
}
