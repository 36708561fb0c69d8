//! Which films are of which genre, and how many.

use domain::{Event, film};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

table! {
    /// A film has a genre.
    pub struct FilmGenre in film_genres {
        key { genre: String, film: Uuid }
        year: i16,
    }
}

impl ReadModel for FilmGenre {
    fn apply(happened: &Happened, film_genres: &mut Changes<FilmGenre>) {
        match &happened.event {
            Event::Film(film::Event::Listed(listed)) => {
                for genre in &listed.genres {
                    film_genres.put(FilmGenre {
                        genre: genre.slug().to_owned(),
                        film: listed.film.0,
                        year: listed.year,
                    });
                }
            }
            Event::Reservation(_)
            | Event::Member(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Comment(_) => {}
        }
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
}
