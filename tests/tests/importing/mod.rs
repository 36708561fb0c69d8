//! Films and ratings from elsewhere.

mod merged;
mod movielens;
mod own;
mod round_trip;
mod tmdb;
mod tmdb_killed;
