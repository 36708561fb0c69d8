//! Films: the facts of the catalogue, and the lists of films.

mod lists;

use domain::film::{Fact, Listed, Person, Translated};
use domain::{Event, Genre, Language, film};
use sqlx::postgres::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;
pub use lists::{List, Order, Place, list};

table! {
    /// A listed film.
    pub struct Film in films {
        key { film: Uuid }
        position: i64,
        key: String,
        title: Json<Translated>,
        /// To be shown: in another language where there is none.
        title_en: String,
        title_ko: String,
        original_title: String,
        year: Option<i16>,
        runtime_min: Option<i16>,
        /// Slugs, as `domain::Genre` names them.
        genres: Json<Vec<String>>,
        directors: Json<Vec<Person>>,
        actors: Json<Vec<Person>>,
        /// ISO 3166-1 alpha-2.
        countries: Json<Vec<String>>,
        /// ISO 639-1.
        language: Option<String>,
        keywords: Json<Vec<String>>,
        overview_en: Option<String>,
        overview_ko: Option<String>,
        tmdb: Option<i32>,
        imdb: Option<String>,
        votes: Option<i32>,
        vote_average: Option<f64>,
        /// Paths at TMDB's image host.
        poster: Option<String>,
        backdrop: Option<String>,
        /// At YouTube.
        trailer: Option<String>,
    }
}

impl ReadModel for Film {
    fn apply(happened: &Happened, films: &mut Changes<Film>) {
        match &happened.event {
            Event::Film(film::Event::Listed(listed)) => {
                films.put(Film::listed(listed, happened.position));
            }
            Event::Film(film::Event::Revised(revised)) => {
                let facts = revised.facts.clone();
                films.patch((revised.film.0,), move |film| film.learn(facts));
            }
            Event::Film(film::Event::Merged(merged)) => films.remove((merged.film.0,)),
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

impl Film {
    fn listed(listed: &Listed, position: i64) -> Film {
        let mut film = Film {
            film: listed.film.0,
            position,
            key: listed.key.clone(),
            title: Json::default(),
            title_en: String::new(),
            title_ko: String::new(),
            original_title: String::new(),
            year: None,
            runtime_min: None,
            genres: Json::default(),
            directors: Json::default(),
            actors: Json::default(),
            countries: Json::default(),
            language: None,
            keywords: Json::default(),
            overview_en: None,
            overview_ko: None,
            tmdb: None,
            imdb: None,
            votes: None,
            vote_average: None,
            poster: None,
            backdrop: None,
            trailer: None,
        };
        film.learn(listed.facts.all());
        film
    }

    fn learn(&mut self, facts: Vec<Fact>) {
        facts.into_iter().for_each(|fact| self.set(fact));
        let shown = |language| self.title.in_or_other(language, &self.original_title);
        (self.title_en, self.title_ko) = (
            shown(Language::En).to_owned(),
            shown(Language::Ko).to_owned(),
        );
    }

    fn set(&mut self, fact: Fact) {
        let slug = |genre: Genre| genre.slug().to_owned();
        // what TMDB counts stays far below
        let integer = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        match fact {
            Fact::Title(title) => self.title = Json(title),
            Fact::OriginalTitle(title) => self.original_title = title,
            Fact::Year(year) => self.year = year,
            Fact::RuntimeMin(minutes) => self.runtime_min = minutes,
            Fact::Genres(genres) => self.genres = Json(genres.into_iter().map(slug).collect()),
            Fact::Directors(people) => self.directors = Json(people),
            Fact::Cast(people) => self.actors = Json(people),
            Fact::Countries(countries) => self.countries = Json(countries),
            Fact::Language(language) => self.language = language,
            Fact::Keywords(keywords) => self.keywords = Json(keywords),
            Fact::Overview(overview) => {
                (self.overview_en, self.overview_ko) = (overview.en, overview.ko);
            }
            Fact::Tmdb(id) => self.tmdb = id.map(integer),
            Fact::Imdb(id) => self.imdb = id,
            Fact::Votes(votes) => {
                self.votes = votes.map(|votes| integer(votes.count));
                self.vote_average = votes.map(|votes| votes.average);
            }
            Fact::Poster(path) => self.poster = path,
            Fact::Backdrop(path) => self.backdrop = path,
            Fact::Trailer(name) => self.trailer = name,
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
    pub year: Option<i16>,
    pub genres: Json<Vec<String>>,
    /// Path at TMDB's image host.
    pub poster: Option<String>,
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

/// Which films have these ids of TMDB's.
pub async fn by_tmdb(connection: &mut PgConnection, ids: &[i32]) -> sqlx::Result<Vec<(i32, Uuid)>> {
    sqlx::query_as("select tmdb, film from films where tmdb = any ($1) order by tmdb, position")
        .bind(ids)
        .fetch_all(connection)
        .await
}

/// These films, in no order.
pub async fn by_ids(connection: &mut PgConnection, films: &[Uuid]) -> sqlx::Result<Vec<Film>> {
    sqlx::query_as("select * from films where film = any ($1)")
        .bind(films)
        .fetch_all(connection)
        .await
}

/// What other catalogues may know a film by.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FilmName {
    pub film: Uuid,
    pub title: Json<Translated>,
    pub original_title: String,
    pub year: Option<i16>,
    pub directors: Json<Vec<Person>>,
    pub tmdb: Option<i32>,
    pub imdb: Option<String>,
}

/// Of all films, the first listed first.
pub async fn names(connection: &mut PgConnection) -> sqlx::Result<Vec<FilmName>> {
    sqlx::query_as(
        "select film, title, original_title, year, directors, tmdb, imdb from films
         order by position, film",
    )
    .fetch_all(connection)
    .await
}

/// These films, in this order; one that is not there is left out.
pub async fn cards(connection: &mut PgConnection, films: &[Uuid]) -> sqlx::Result<Vec<FilmCard>> {
    sqlx::query_as(
        "select f.film, f.position, f.title_en, f.title_ko, f.year, f.genres, f.poster,
                coalesce(r.ratings, 0) as ratings, coalesce(r.total, 0) as total,
                coalesce(h.heat, 0) as heat
         from unnest($1::uuid[]) with ordinality as wanted (film, place)
         join films f using (film)
         left join film_ratings r using (film)
         left join film_heat h using (film)
         order by place",
    )
    .bind(films)
    .fetch_all(connection)
    .await
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
            ("기생충", Some(2019), 1)
        );
        assert_eq!(film.genres.0, ["comedy", "thriller"]);
    }

    #[test]
    fn a_revision_changes_what_it_names() {
        let title = Translated {
            en: None,
            ko: Some("기생충".to_owned()),
        };
        let votes = film::Votes {
            count: 20_000,
            average: 8.5,
        };
        let facts = vec![Fact::Title(title), Fact::Votes(Some(votes))];
        let rows: Vec<Film> = given(vec![listed(), revised(facts)]);
        let before: Vec<Film> = given(vec![listed()]);
        let expected = Film {
            title: rows[0].title.clone(),
            title_en: "기생충".to_owned(),
            votes: Some(20_000),
            vote_average: Some(8.5),
            ..before[0].clone()
        };
        assert_eq!(rows, [expected]);
    }

    #[test]
    fn a_title_without_translation_comes_from_what_is_known_last() {
        let untitled = vec![Fact::Title(Translated::default())];
        let renamed = vec![Fact::OriginalTitle("Gisaengchung".to_owned())];
        let rows: Vec<Film> = given(vec![listed(), revised(untitled), revised(renamed)]);
        assert_eq!(rows[0].title_ko, "Gisaengchung");
    }
}
