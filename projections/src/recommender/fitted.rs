//! All models that are fitted to likes, at one position of the log.
//!
//! Memory, while it is fitted: EASE's matrix (at most 300 MB), some 200 bytes for each
//! of at most two million likes, and the graph of paths; half of that afterwards.

use uuid::Uuid;

use super::kin::Outline;
use super::{CoLikes, Ease, Like, Likes, Model, Paths, Trending, Walk, best};

/// A rating of 3.5 stars says that the film was liked.
pub const LEAST_HALF_STARS: u8 = 7;
/// Likes that the models are fitted to, the newest; at the bound older ones are left
/// out, and their films stand where they stood in nobody's mind.
pub const MOST_LIKES: i64 = 2_000_000;
/// EASE's λ: chosen by the validation of `evaluate` on MovieLens latest-small, where
/// the neighbouring values do about as well.
pub(super) const LAMBDA: f64 = 200.0;
/// The walk's are common choices for RP3β, not tuned.
pub(super) const ALPHA: f64 = 0.8;
pub(super) const BETA: f64 = 0.6;
/// So many fans more than they have: from a film with few fans a walk would else end at
/// films that one of them alone has seen.
const PRIOR: f64 = 20.0;
/// Likes halve every month.
const TREND_HALF_LIFE_S: f64 = 30.0 * 24.0 * 3600.0;

/// What was fitted, and where.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fit {
    /// The log's position up to which opinions count.
    pub at: i64,
    /// Where a member had left last; without their opinions it was fitted again.
    pub departed: i64,
}

impl Fit {
    /// The position that an answer states.
    pub fn position(self) -> i64 {
        self.at.max(self.departed)
    }
}

pub struct Fitted {
    pub(super) likes: Likes,
    pub(super) ease: Ease,
    pub(super) trending: Vec<f64>,
    pub(super) walk: Walk,
    pub co_likes: CoLikes,
    pub paths: Paths,
}

impl Fitted {
    /// A pure function of its arguments, whatever their order.
    pub fn new(likes: Vec<Like>, outlines: Vec<Outline>) -> Fitted {
        let likes = Likes::new(likes);
        // all likes fade alike: the order is the same at any later moment
        let newest = likes.times().map(|(_, at)| at).max().unwrap_or_default();
        Fitted {
            ease: Ease::fit(&likes, LAMBDA),
            trending: Trending::fit(&likes, newest, TREND_HALF_LIFE_S).scores(&[]),
            walk: Walk::fit(&likes, ALPHA, BETA, PRIOR),
            co_likes: CoLikes::fit(&likes),
            paths: Paths::fit(&likes, outlines),
            likes,
        }
    }

    /// How many like something, and how many films are liked.
    pub fn sizes(&self) -> (usize, usize) {
        (self.likes.members().len(), self.likes.films().len())
    }

    /// What is liked most of late, best first.
    pub fn trending(&self, count: usize) -> Vec<Uuid> {
        let films = best(&self.trending, count, |_| false);
        self.named(films)
    }

    pub(super) fn named(&self, films: Vec<usize>) -> Vec<Uuid> {
        let films = films.into_iter();
        films.map(|film| self.likes.films()[film]).collect()
    }
}
