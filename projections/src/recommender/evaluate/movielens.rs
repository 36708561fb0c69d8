//! MovieLens' CSV files as histories. Its numbers become ids in the same order.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::super::{FilmFacts, Histories, Rated};

/// A file of the folder can't be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", .file.display())]
pub struct ReadError {
    file: PathBuf,
    why: csv::Error,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rating {
    user_id: u32,
    movie_id: u32,
    rating: f64,
    timestamp: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Movie {
    movie_id: u32,
    genres: String,
}

/// Reads `ratings.csv` and `movies.csv` of a MovieLens folder.
pub fn read(directory: &Path) -> Result<Histories, ReadError> {
    let mut histories = Histories::default();
    rows(directory.join("movies.csv"), |movie: Movie| {
        let genres = movie.genres.split('|').map(str::to_owned).collect();
        histories.films.insert(
            id(movie.movie_id),
            FilmFacts {
                genres,
                ..FilmFacts::default()
            },
        );
    })?;
    rows(directory.join("ratings.csv"), |rating: Rating| {
        histories
            .members
            .entry(id(rating.user_id))
            .or_default()
            .push(Rated {
                film: id(rating.movie_id),
                half_stars: (2.0 * rating.rating).round() as u8,
                at: rating.timestamp,
            });
        histories
            .films
            .entry(id(rating.movie_id))
            .or_default()
            .votes += 1;
    })?;
    Ok(histories)
}

fn rows<T: DeserializeOwned>(file: PathBuf, mut each: impl FnMut(T)) -> Result<(), ReadError> {
    let unreadable = |why| ReadError {
        file: file.clone(),
        why,
    };
    let mut reader = csv::Reader::from_path(&file).map_err(unreadable)?;
    for row in reader.deserialize() {
        each(row.map_err(unreadable)?);
    }
    Ok(())
}

fn id(number: u32) -> Uuid {
    Uuid::from_u128(u128::from(number))
}
