//! All films in memory, as they are now: what similarity is computed from.

use uuid::Uuid;

use super::{Akin, CoLikes, Facts, GenreVectors, Kin, LikedWith, Similar};

/// Films of the same genres that are looked at for kinship; the most voted of them.
const NEAR: usize = 60;

#[derive(Debug, Default)]
pub struct Shelf {
    vectors: GenreVectors,
    kin: Kin,
    /// How often what is known of films has changed.
    changes: u64,
}

impl Shelf {
    /// Adds a film, or replaces what is known of it.
    pub fn put(&mut self, film: Uuid, facts: &Facts, votes: u64) {
        self.changes += 1;
        self.kin.put(film, facts);
        self.vote(film, votes);
    }

    /// Sets how many votes a film has.
    pub fn vote(&mut self, film: Uuid, votes: u64) {
        let genres = self.kin.genres(film);
        if self.kin.knows(film) {
            self.vectors
                .put(film, genres.iter().map(String::as_str), votes);
        }
    }

    pub fn remove(&mut self, film: Uuid) {
        self.changes += 1;
        self.kin.remove(film);
        self.vectors.remove(film);
    }

    /// How often what is known of films has changed; votes are not.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    pub fn kin(&self) -> &Kin {
        &self.kin
    }

    /// Of the 20 films with the nearest genres the 5 most voted.
    pub fn similar(&self, film: Uuid) -> Vec<Similar> {
        self.vectors.similar(film)
    }

    /// The films that are most akin, with reasons.
    pub fn akin(&self, film: Uuid, co_likes: &CoLikes, count: usize) -> Vec<Akin> {
        let near = self.vectors.nearest(film, NEAR);
        let near = near.into_iter().map(|similar| similar.film);
        let liked: Vec<LikedWith> = co_likes.with(film).collect();
        self.kin.akin(film, near, &liked, count)
    }
}
