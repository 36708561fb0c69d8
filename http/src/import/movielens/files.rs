//! MovieLens' CSV files.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, Utc};
use domain::Genre;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Without one of them nothing is brought in.
pub const FILES: [&str; 3] = ["movies.csv", "links.csv", "ratings.csv"];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Movie {
    pub movie_id: u32,
    pub title: String,
    /// Separated by `|`.
    pub genres: String,
    #[serde(skip)]
    pub tmdb: Option<u32>,
    #[serde(skip)]
    pub imdb: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rating {
    pub user_id: u32,
    pub movie_id: u32,
    /// In stars.
    pub rating: f64,
    /// In seconds.
    pub timestamp: i64,
}

impl Rating {
    pub fn at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.timestamp, 0).unwrap_or_default()
    }

    pub fn stars(&self) -> anyhow::Result<domain::Rating> {
        let rating = domain::Rating::from_stars(self.rating);
        rating.with_context(|| format!("{} stars are no rating", self.rating))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    movie_id: u32,
    imdb_id: String,
    tmdb_id: Option<u32>,
}

/// The films, with their ids elsewhere.
pub fn movies(directory: &Path) -> anyhow::Result<Vec<Movie>> {
    let links = rows(directory, "links.csv")?.into_iter();
    let links: HashMap<u32, Link> = links.map(|link: Link| (link.movie_id, link)).collect();
    let mut movies: Vec<Movie> = rows(directory, "movies.csv")?;
    for movie in &mut movies {
        if let Some(link) = links.get(&movie.movie_id) {
            movie.tmdb = link.tmdb_id;
            movie.imdb = Some(format!("tt{}", link.imdb_id));
        }
    }
    Ok(movies)
}

pub fn ratings(directory: &Path) -> anyhow::Result<Vec<Rating>> {
    rows(directory, "ratings.csv")
}

fn rows<T: DeserializeOwned>(directory: &Path, name: &str) -> anyhow::Result<Vec<T>> {
    let file = directory.join(name);
    let read = || csv::Reader::from_path(&file)?.into_deserialize().collect();
    let rows: Result<Vec<T>, csv::Error> = read();
    rows.with_context(|| file.display().to_string())
}

/// Those of MovieLens' genres that we have, too: not film noir, nor what is IMAX.
pub fn genres(names: &str) -> Vec<Genre> {
    let genre = |name| match name {
        "Children" => Some(Genre::Family),
        "Musical" => Some(Genre::Music),
        "Sci-Fi" => Some(Genre::ScienceFiction),
        other => Genre::from_slug(&other.to_lowercase()).ok(),
    };
    names.split('|').filter_map(genre).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genres_are_ours() {
        let read = genres("Adventure|Children|Sci-Fi|Musical|IMAX|Film-Noir|War");
        let ours = [
            Genre::Adventure,
            Genre::Family,
            Genre::ScienceFiction,
            Genre::Music,
            Genre::War,
        ];
        assert_eq!(read, ours);
        assert_eq!(genres("(no genres listed)"), []);
    }
}
