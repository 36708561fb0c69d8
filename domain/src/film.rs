//! A film, as a catalogue lists it.

use serde::{Deserialize, Serialize};

use crate::{FilmId, Genre, event::events};

events! {
    Film by film {
        Listed = ("film.listed", 1),
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    pub film: FilmId,
    /// What the catalogue knows it by, such as `parasite-2019`; never changes.
    pub key: String,
    pub title: Translated,
    /// In the film's own script.
    pub original_title: String,
    /// Of the first public release.
    pub year: i16,
    pub runtime_min: i16,
    pub genres: Vec<Genre>,
    pub directors: Vec<Person>,
    /// Leading actors, the first first.
    pub cast: Vec<Person>,
    /// ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    pub overview: Translated,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Translated {
    pub en: String,
    pub ko: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub en: String,
    /// The usual Korean spelling, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ko: Option<String>,
}

/// The film is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct State;

impl State {
    pub(crate) fn evolve(_: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::Listed(_) => Some(Self),
        }
    }
}
