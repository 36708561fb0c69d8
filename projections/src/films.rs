//! Films: the facts of the catalogue, and the lists of films.

use domain::{Event, film};
use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::page::{Page, page};
use crate::table::table;

table! {
    /// A listed film.
    pub struct Film in films {
        key { film: Uuid }
        position: i64,
        key: String,
        title_en: String,
        title_ko: String,
        original_title: String,
        year: i16,
        runtime_min: i16,
        /// Slugs, as `domain::Genre` names them.
        genres: Json<Vec<String>>,
        directors: Json<Vec<film::Person>>,
        actors: Json<Vec<film::Person>>,
        /// ISO 3166-1 alpha-2.
        countries: Json<Vec<String>>,
        overview_en: String,
        overview_ko: String,
    }
}

impl ReadModel for Film {
    fn apply(happened: &Happened, films: &mut Changes<Film>) {
        match &happened.event {
            Event::Film(film::Event::Listed(listed)) => films.put(Film {
                film: listed.film.0,
                position: happened.position,
                key: listed.key.clone(),
                title_en: listed.title.en.clone(),
                title_ko: listed.title.ko.clone(),
                original_title: listed.original_title.clone(),
                year: listed.year,
                runtime_min: listed.runtime_min,
                genres: Json(listed.genres.iter().map(|g| g.slug().to_owned()).collect()),
                directors: Json(listed.directors.clone()),
                actors: Json(listed.cast.clone()),
                countries: Json(listed.countries.clone()),
                overview_en: listed.overview.en.clone(),
                overview_ko: listed.overview.ko.clone(),
            }),
            Event::Reservation(_)
            | Event::Member(_)
            | Event::Review(_)
            | Event::Like(_)
            | Event::Comment(_) => {}
        }
    }
}

/// A film as lists show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FilmCard {
    pub film: Uuid,
    pub position: i64,
    pub title_en: String,
    pub title_ko: String,
    pub year: i16,
    pub genres: Json<Vec<String>>,
    /// How many rated it.
    pub ratings: i32,
    /// Sum of the ratings in half stars.
    pub total: i64,
    /// How much it is talked about; only differences mean something.
    pub heat: f64,
}

impl FilmCard {
    /// In stars, 0.5 to 5; `None` while nobody has rated it.
    pub fn average(&self) -> Option<f64> {
        crate::film_ratings::average(self.ratings, self.total)
    }
}

pub async fn by_id(connection: &mut PgConnection, film: Uuid) -> sqlx::Result<Option<Film>> {
    sqlx::query_as("select * from films where film = $1")
        .bind(film)
        .fetch_optional(connection)
        .await
}

/// Newly added first; `after` is the last card's position.
pub async fn newly_added(
    connection: &mut PgConnection,
    after: Option<i64>,
    limit: i64,
) -> sqlx::Result<Page<FilmCard, i64>> {
    let cards = sqlx::query_as(
        "select f.film, f.position, f.title_en, f.title_ko, f.year, f.genres,
                coalesce(r.ratings, 0) as ratings, coalesce(r.total, 0) as total,
                coalesce(h.heat, 0) as heat
         from films f
         left join film_ratings r using (film)
         left join film_heat h using (film)
         where $1::bigint is null or f.position < $1
         order by f.position desc
         limit $2 + 1",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &FilmCard| card.position))
}

/// Most talked about first; `after` is the last card's heat and film.
pub async fn talked_about(
    connection: &mut PgConnection,
    after: Option<(f64, Uuid)>,
    limit: i64,
) -> sqlx::Result<Page<FilmCard, (f64, Uuid)>> {
    let (heat, film) = after.unzip();
    let cards = sqlx::query_as(
        "select f.film, f.position, f.title_en, f.title_ko, f.year, f.genres,
                r.ratings, r.total, h.heat
         from film_heat h
         join films f using (film)
         join film_ratings r using (film)
         where r.ratings > 0
           and ($1::float8 is null or h.heat < $1 or (h.heat = $1 and h.film > $2))
         order by h.heat desc, h.film
         limit $3 + 1",
    )
    .bind(heat)
    .bind(film)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &FilmCard| (card.heat, card.film)))
}

/// A genre's films, newest release first; `after` is the last card's year and film.
pub async fn of_genre(
    connection: &mut PgConnection,
    genre: domain::Genre,
    after: Option<(i16, Uuid)>,
    limit: i64,
) -> sqlx::Result<Page<FilmCard, (i16, Uuid)>> {
    let (year, film) = after.unzip();
    let cards = sqlx::query_as(
        "select f.film, f.position, f.title_en, f.title_ko, f.year, f.genres,
                coalesce(r.ratings, 0) as ratings, coalesce(r.total, 0) as total,
                coalesce(h.heat, 0) as heat
         from film_genres g
         join films f using (film)
         left join film_ratings r using (film)
         left join film_heat h using (film)
         where g.genre = $1
           and ($2::smallint is null or g.year < $2 or (g.year = $2 and g.film > $3))
         order by g.year desc, g.film
         limit $4 + 1",
    )
    .bind(genre.slug())
    .bind(year)
    .bind(film)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(page(cards, limit, |card: &FilmCard| (card.year, card.film)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn a_listed_film_has_its_facts() {
        let rows: Vec<Film> = given(vec![listed()]);
        let film = &rows[0];
        assert_eq!(
            (film.title_ko.as_str(), film.year, film.position),
            ("기생충", 2019, 1)
        );
        assert_eq!(film.genres.0, ["comedy", "thriller"]);
    }
}
