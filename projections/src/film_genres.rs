//! Which films are of which genre, and how many.

use domain::film::Fact;
use domain::{Event, FilmId, Genre, film};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

table! {
    /// A film has a genre.
    pub struct FilmGenre in film_genres {
        key { genre: String, film: Uuid }
        /// 0: not known. The newest come first.
        year: i16,
    }
}

impl ReadModel for FilmGenre {
    fn apply(happened: &Happened, film_genres: &mut Changes<FilmGenre>) {
        match &happened.event {
            Event::Film(film::Event::Listed(listed)) => {
                put(
                    film_genres,
                    listed.film,
                    &listed.facts.genres,
                    listed.facts.year,
                );
            }
            Event::Film(film::Event::Revised(revised)) => revise(film_genres, revised),
            Event::Film(film::Event::Merged(merged)) => {
                film_genres.remove_where("film", merged.film.0);
            }
            Event::Reservation(_)
            | Event::Forgetting(_)
            | Event::Member(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Follow(_)
            | Event::Comment(_)
            | Event::Room(_)
            | Event::ReadMarker(_)
            | Event::Report(_)
            | Event::Measure(_)
            | Event::Notifications(_)
            | Event::Watchlist(_)
            | Event::Audit(_) => {}
        }
    }
}

fn put(film_genres: &mut Changes<FilmGenre>, film: FilmId, genres: &[Genre], year: Option<i16>) {
    for genre in genres {
        film_genres.put(FilmGenre {
            genre: genre.slug().to_owned(),
            film: film.0,
            year: year.unwrap_or(0),
        });
    }
}

fn revise(film_genres: &mut Changes<FilmGenre>, revised: &film::Revised) {
    let (film, facts) = (revised.film, &revised.facts);
    let year = facts.iter().find_map(|fact| match fact {
        Fact::Year(year) => Some(*year),
        _ => None,
    });
    let genres = facts.iter().find_map(|fact| match fact {
        Fact::Genres(genres) => Some(genres),
        _ => None,
    });
    match (genres, year) {
        (Some(genres), year) => {
            film_genres.remove_where("film", film.0);
            put(film_genres, film, genres, year.flatten());
        }
        (None, Some(year)) => {
            for genre in Genre::ALL {
                let key = (genre.slug().to_owned(), film.0);
                film_genres.patch_if_there(key, move |row| row.year = year.unwrap_or(0));
            }
        }
        (None, None) => {}
    }
}

/// How many films each genre has, by slug; genres without any are left out.
pub async fn counts(connection: &mut PgConnection) -> sqlx::Result<Vec<(String, i64)>> {
    sqlx::query_as("select genre, count(*) from film_genres group by genre order by genre")
        .fetch_all(connection)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_film_is_in_each_of_its_genres() {
        let rows: Vec<FilmGenre> = given(vec![listed()]);
        let genres: Vec<&str> = rows.iter().map(|row| row.genre.as_str()).collect();
        assert_eq!(genres, ["comedy", "thriller"]);
    }

    #[test]
    fn a_revised_film_moves_between_genres_and_years() {
        let year = Fact::Year(Some(2020));
        let genres = Fact::Genres(vec![Genre::Comedy, Genre::Drama]);
        let rows = |facts| -> Vec<(String, i16)> {
            let rows: Vec<FilmGenre> = given(vec![listed(), revised(facts)]);
            rows.into_iter().map(|row| (row.genre, row.year)).collect()
        };
        let row = |genre: &str, year| (genre.to_owned(), year);
        assert_eq!(
            rows(vec![year.clone()]),
            [row("comedy", 2020), row("thriller", 2020)]
        );
        assert_eq!(
            rows(vec![year, genres]),
            [row("comedy", 2020), row("drama", 2020)]
        );
        assert_eq!(
            rows(vec![Fact::Year(None)]),
            [row("comedy", 0), row("thriller", 0)]
        );
    }
}
