//! Films and ratings from elsewhere.

mod killed;
pub mod merged;
mod movielens;
mod own;
mod round_trip;
mod tmdb;
mod tmdb_alone;
mod tmdb_changes;
mod tmdb_killed;
