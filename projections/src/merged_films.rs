//! Films that were the same as others, and which films go on for them.

use domain::{Event, FilmId, film};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

table! {
    /// A film that was merged into another one.
    pub struct MergedFilm in merged_films {
        key { film: Uuid }
        /// The one that goes on: one that is merged itself hands on what it got.
        into_film: Uuid,
        tmdb: Option<i32>,
    }
}

impl ReadModel for MergedFilm {
    fn apply(happened: &Happened, merged_films: &mut Changes<MergedFilm>) {
        match &happened.event {
            Event::Film(film::Event::Merged(merged)) => {
                let (film, into) = (merged.film.0, merged.into.0);
                merged_films.patch_where("into_film", film, move |row| row.into_film = into);
                merged_films.put(MergedFilm {
                    film,
                    into_film: into,
                    tmdb: merged.tmdb.and_then(|id| i32::try_from(id).ok()),
                });
            }
            Event::Film(film::Event::Listed(_) | film::Event::Revised(_))
            | Event::Reservation(_)
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

/// The film that goes on for this one; `None`: it was not merged.
pub async fn target(connection: &mut PgConnection, film: Uuid) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar("select into_film from merged_films where film = $1")
        .bind(film)
        .fetch_optional(connection)
        .await
}

/// Of one film; more are not looked at.
const MOST: i64 = 100;

/// The films for which this one goes on.
pub async fn former(connection: &mut PgConnection, film: Uuid) -> sqlx::Result<Vec<FilmId>> {
    let former: Vec<Uuid> = sqlx::query_scalar(
        "select film from merged_films where into_film = $1 order by film limit $2",
    )
    .bind(film)
    .bind(MOST)
    .fetch_all(connection)
    .await?;
    Ok(former.into_iter().map(FilmId).collect())
}

pub async fn all(connection: &mut PgConnection) -> sqlx::Result<Vec<MergedFilm>> {
    sqlx::query_as("select * from merged_films order by film")
        .fetch_all(connection)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::film_ratings::FilmRatings;
    use crate::given::*;
    use crate::opinions::Opinion;
    use crate::reviews::Review;

    const TWIN: FilmId = FilmId(Uuid::from_u128(0xF1));

    fn merged(film: FilmId, into: FilmId) -> Event {
        film::Merged {
            film,
            into,
            tmdb: Some(7),
        }
        .into()
    }

    fn moved(rated: bool) -> Event {
        domain::review::Moved {
            review: anns_review(),
            film: PARASITE,
            into: TWIN,
            member: ANN,
            rating: domain::Rating::from_stars(4.0).unwrap(),
            posted_at: at(1),
            rated_at: rated.then(|| at(1)),
        }
        .into()
    }

    #[test]
    fn who_was_merged_twice_leads_to_the_last() {
        let third = FilmId(Uuid::from_u128(0xF2));
        let rows: Vec<MergedFilm> = given(vec![merged(PARASITE, TWIN), merged(TWIN, third)]);
        let leads: Vec<(Uuid, Uuid)> = rows.iter().map(|row| (row.film, row.into_film)).collect();
        assert_eq!(leads, [(PARASITE.0, third.0), (TWIN.0, third.0)]);
    }

    #[test]
    fn a_review_counts_where_it_moved_to() {
        let events = || vec![posted(1, 4.0), merged(PARASITE, TWIN), moved(true)];
        let reviews: Vec<Review> = given(events());
        assert_eq!((reviews[0].film, reviews[0].rating), (TWIN.0, 8));
        let ratings: Vec<FilmRatings> = given(events());
        let counts: Vec<i32> = ratings.iter().map(|film| film.ratings).collect();
        assert_eq!(counts, [0, 1]);
        let opinions: Vec<Opinion> = given(events());
        let said: Vec<_> = opinions
            .iter()
            .map(|one| (one.film, one.half_stars, one.since))
            .collect();
        assert_eq!(
            said,
            [(PARASITE.0, None, None), (TWIN.0, Some(8), Some(at(1)))]
        );
        let opinions: Vec<Opinion> =
            given(vec![posted(1, 4.0), merged(PARASITE, TWIN), moved(false)]);
        assert_eq!(opinions.len(), 1);
    }
}
