//! How films are written.

use projections::film_ratings::FilmRatings;
use projections::films::{self, FilmCard};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::images::{self, Size};

/// A text in both languages.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Translated {
    pub en: String,
    pub ko: String,
}

/// A text in the languages in which there is one.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PerhapsTranslated {
    #[schema(required = true)]
    pub en: Option<String>,
    #[schema(required = true)]
    pub ko: Option<String>,
}

/// A person's name, in Korean too where one is in use.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonName {
    pub en: String,
    #[schema(required = true)]
    pub ko: Option<String>,
}

/// How many rated a film, and how.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RatingSummary {
    pub count: i32,
    /// In stars, 0.5 to 5; null while nobody rates it.
    #[schema(required = true, minimum = 0.5, maximum = 5)]
    pub average: Option<f64>,
}

/// A film in a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FilmSummary {
    pub id: Uuid,
    pub title: Translated,
    /// Null where it is not known.
    #[schema(required = true)]
    pub year: Option<i16>,
    /// Slugs.
    pub genres: Vec<String>,
    /// A picture's address, at TMDB; null where there is none.
    #[schema(required = true)]
    pub poster: Option<String>,
    pub ratings: RatingSummary,
}

/// A film that something else is about.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FilmTitle {
    pub id: Uuid,
    pub title: Translated,
}

/// How many rated a film, and how, in detail.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Ratings {
    pub count: i32,
    /// In stars, 0.5 to 5; null while nobody rates it.
    #[schema(required = true, minimum = 0.5, maximum = 5)]
    pub average: Option<f64>,
    /// How many gave ½, 1, 1½ … 5 stars.
    #[schema(min_items = 10, max_items = 10)]
    pub histogram: Vec<i32>,
}

/// A film.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Film {
    pub id: Uuid,
    /// A readable name that never changes.
    #[schema(example = "parasite-2019")]
    pub key: String,
    pub title: Translated,
    pub original_title: String,
    /// Null where it is not known.
    #[schema(required = true)]
    pub year: Option<i16>,
    /// Null where it is not known.
    #[schema(required = true)]
    pub runtime_min: Option<i16>,
    /// Slugs.
    pub genres: Vec<String>,
    pub directors: Vec<PersonName>,
    pub cast: Vec<PersonName>,
    /// ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    pub overview: PerhapsTranslated,
    /// A picture's address, at TMDB; null where there is none.
    #[schema(required = true)]
    pub poster: Option<String>,
    pub ratings: Ratings,
}

impl From<FilmCard> for FilmSummary {
    fn from(card: FilmCard) -> FilmSummary {
        let ratings = RatingSummary {
            count: card.ratings,
            average: card.average(),
        };
        FilmSummary {
            id: card.film,
            title: Translated {
                en: card.title_en,
                ko: card.title_ko,
            },
            year: card.year,
            genres: card.genres.0,
            poster: images::address(card.poster.as_deref(), Size::Card),
            ratings,
        }
    }
}

impl Film {
    pub fn of(row: films::Film, ratings: &FilmRatings) -> Film {
        let people = |people: Vec<domain::film::Person>| {
            people
                .into_iter()
                .map(|person| PersonName {
                    en: person.en,
                    ko: person.ko,
                })
                .collect()
        };
        Film {
            id: row.film,
            key: row.key,
            title: Translated {
                en: row.title_en,
                ko: row.title_ko,
            },
            original_title: row.original_title,
            year: row.year,
            runtime_min: row.runtime_min,
            genres: row.genres.0,
            directors: people(row.directors.0),
            cast: people(row.actors.0),
            countries: row.countries.0,
            overview: PerhapsTranslated {
                en: row.overview_en,
                ko: row.overview_ko,
            },
            poster: images::address(row.poster.as_deref(), Size::Whole),
            ratings: Ratings {
                count: ratings.ratings,
                average: ratings.average(),
                histogram: ratings.histogram.0.to_vec(),
            },
        }
    }
}
