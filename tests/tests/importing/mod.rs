//! Films and ratings from elsewhere.

mod tmdb;
mod tmdb_killed;
