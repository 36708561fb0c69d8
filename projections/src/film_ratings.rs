//! How a film is rated: count, sum and histogram.

use domain::{Event, Rating, review};
use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

table! {
    /// All standing ratings of a film. No row: nobody has ever rated it.
    pub struct FilmRatings in film_ratings {
        key { film: Uuid }
        ratings: i32,
        /// In half stars.
        total: i64,
        /// How many gave ½, 1, 1½ … 5 stars.
        histogram: Json<[i32; 10]>,
    }
}

impl FilmRatings {
    pub fn none(film: Uuid) -> FilmRatings {
        FilmRatings {
            film,
            ratings: 0,
            total: 0,
            histogram: Json([0; 10]),
        }
    }

    /// In stars, 0.5 to 5; `None` while nobody rates it.
    pub fn average(&self) -> Option<f64> {
        average(self.ratings, self.total)
    }

    fn count(&mut self, rating: Rating, by: i32) {
        let half_stars = rating.half_stars();
        self.ratings += by;
        self.total += i64::from(by) * i64::from(half_stars);
        self.histogram[usize::from(half_stars) - 1] += by;
    }
}

pub(crate) fn average(ratings: i32, half_stars: i64) -> Option<f64> {
    (ratings > 0).then(|| half_stars as f64 / 2.0 / f64::from(ratings))
}

impl ReadModel for FilmRatings {
    fn apply(happened: &Happened, film_ratings: &mut Changes<FilmRatings>) {
        match &happened.event {
            Event::Review(review::Event::Posted(posted)) => {
                let rating = posted.rating;
                let first = FilmRatings::none(posted.film.0);
                film_ratings.put_or_patch(first, move |film| film.count(rating, 1));
            }
            Event::Review(review::Event::Rerated(rerated)) => {
                let (from, to) = (rerated.from, rerated.to);
                film_ratings.patch((rerated.film.0,), move |film| {
                    film.count(from, -1);
                    film.count(to, 1);
                });
            }
            Event::Review(review::Event::Retracted(retracted)) => {
                let rating = retracted.rating;
                film_ratings.patch((retracted.film.0,), move |film| film.count(rating, -1));
            }
            Event::Review(review::Event::Moved(moved)) => {
                let rating = moved.rating;
                film_ratings.patch((moved.film.0,), move |film| film.count(rating, -1));
                let first = FilmRatings::none(moved.into.0);
                film_ratings.put_or_patch(first, move |film| film.count(rating, 1));
            }
            Event::Review(
                review::Event::Rewritten(_)
                | review::Event::Dated(_)
                | review::Event::Hidden(_)
                | review::Event::Restored(_),
            )
            | Event::Film(_)
            | Event::Reservation(_)
            | Event::Forgetting(_)
            | Event::Member(_)
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

pub async fn of_film(connection: &mut PgConnection, film: Uuid) -> sqlx::Result<FilmRatings> {
    let row = sqlx::query_as("select * from film_ratings where film = $1")
        .bind(film)
        .fetch_optional(connection)
        .await?;
    Ok(row.unwrap_or_else(|| FilmRatings::none(film)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn ratings_are_counted_once_each_and_moved_when_they_change() {
        let rows: Vec<FilmRatings> = given(vec![posted(1, 4.0), rerated(4.0, 0.5)]);
        let film = &rows[0];
        assert_eq!((film.ratings, film.total), (1, 1));
        assert_eq!(film.histogram.0, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(film.average(), Some(0.5));
    }

    #[test]
    fn a_retracted_rating_counts_no_more() {
        let rows: Vec<FilmRatings> = given(vec![posted(1, 4.0), retracted(1, 4.0)]);
        assert_eq!(rows, [FilmRatings::none(PARASITE.0)]);
        assert_eq!(rows[0].average(), None);
    }
}
