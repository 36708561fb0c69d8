//! The films of a site, and others whose facts don't matter.

use domain::film::{Facts, Listed, Person, Translated};
use domain::{FilmId, Genre};

pub fn parasite() -> FilmId {
    FilmId::of_key("parasite-2019")
}

pub fn ratatouille() -> FilmId {
    FilmId::of_key("ratatouille-2007")
}

pub fn seopyeonje() -> FilmId {
    FilmId::of_key("seopyeonje-1993")
}

/// The three of every site.
pub(super) fn listed() -> Vec<Listed> {
    let drama = [Genre::Drama, Genre::Music];
    vec![
        film("Seopyeonje", "서편제", 1993, &drama),
        film("Ratatouille", "라따뚜이", 2007, &[Genre::Animation]),
        film("Parasite", "기생충", 2019, &[Genre::Thriller, Genre::Drama]),
    ]
}

/// A film whose facts don't matter.
pub fn film(en: &str, ko: &str, year: i16, genres: &[Genre]) -> Listed {
    let key = format!("{}-{year}", en.to_lowercase().replace(' ', "-"));
    let facts = Facts {
        title: Translated::both(en, ko),
        original_title: ko.to_owned(),
        year: Some(year),
        runtime_min: Some(112),
        genres: genres.to_vec(),
        directors: vec![Person {
            en: "Im Kwon-taek".to_owned(),
            ko: Some("임권택".to_owned()),
        }],
        cast: vec![Person {
            en: "Somebody".to_owned(),
            ko: None,
        }],
        countries: vec!["KR".to_owned()],
        overview: Translated::both("It begins.", "시작된다."),
        ..Facts::default()
    };
    Listed {
        film: FilmId::of_key(&key),
        key,
        facts: facts.into(),
    }
}
