//! Films and ratings from elsewhere.

mod merged;
mod movielens;
mod own;
mod tmdb;
mod tmdb_killed;
