//! The starter catalogue: films that ship inside the binary, so that a new
//! Reeltime has something to talk about. Facts and words are our own.

use anyhow::Context;
use commands::{Asked, film::List};
use domain::film::{Facts, Listed, Person, Translated};
use domain::{FilmId, Genre};
use serde::Deserialize;
use uuid::Uuid;

use crate::app::App;
use crate::fresh;

const FILES: [&str; 4] = [
    include_str!("../catalogue/english-classics.json"),
    include_str!("../catalogue/english-modern.json"),
    include_str!("../catalogue/korea.json"),
    include_str!("../catalogue/world.json"),
];
/// The import is one command with this id: however many nodes start at once, the
/// films are listed once.
const IMPORT: Uuid = Uuid::from_u128(0x7b1e_3c5a_90d2_4f6e_8a47_1f0c_6d2b_9e35);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Never changes: the film's id is derived from it.
    key: String,
    title: Translated,
    original_title: String,
    year: i16,
    runtime_min: i16,
    genres: Vec<Genre>,
    directors: Vec<Person>,
    cast: Vec<Person>,
    countries: Vec<String>,
    overview: Translated,
}

/// All films of the catalogue, the oldest first.
pub fn films() -> anyhow::Result<Vec<Listed>> {
    let mut films = Vec::new();
    for file in FILES {
        let entries: Vec<Entry> = serde_json::from_str(file).context("the starter catalogue")?;
        films.extend(entries.into_iter().map(listed));
    }
    films.sort_by(|a, b| (a.facts.year, &a.key).cmp(&(b.facts.year, &b.key)));
    Ok(films)
}

fn listed(entry: Entry) -> Listed {
    let facts = Facts {
        title: entry.title,
        original_title: entry.original_title,
        year: Some(entry.year),
        runtime_min: Some(entry.runtime_min),
        genres: entry.genres,
        directors: entry.directors,
        cast: entry.cast,
        countries: entry.countries,
        overview: entry.overview,
        ..Facts::default()
    };
    Listed {
        film: FilmId::of_key(&entry.key),
        key: entry.key,
        facts: facts.into(),
    }
}

/// Lists the catalogue's films, if nothing has ever happened here.
pub async fn import_into_empty_log(app: &App) -> anyhow::Result<()> {
    if event_log::head(&app.pool).await?.position > 0 {
        return Ok(());
    }
    let films = films()?;
    tracing::info!(films = films.len(), "importing the starter catalogue");
    let asked = Asked {
        id: IMPORT,
        actor: Uuid::nil(),
        digest: app.vault.digest("starter-catalogue", &[]),
        at: fresh::now(),
        correlation: IMPORT,
        causation: None,
    };
    commands::execute(&app.sequencer, asked, List { films })
        .await
        .context("importing the starter catalogue")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn there_are_hundreds_of_films_of_all_genres_each_under_its_own_key() {
        let films = films().unwrap();
        let keys: HashSet<&str> = films.iter().map(|film| film.key.as_str()).collect();
        assert_eq!(keys.len(), films.len());
        assert!(films.len() >= 300, "{}", films.len());
        for genre in Genre::ALL {
            let of_genre = films
                .iter()
                .filter(|film| film.facts.genres.contains(&genre));
            assert!(of_genre.count() >= 5, "{genre:?}");
        }
        let korean = films
            .iter()
            .filter(|film| film.facts.countries.contains(&"KR".to_owned()));
        assert!(korean.count() >= 60);
    }

    #[test]
    fn every_film_is_told_in_both_languages() {
        for Listed { key, facts, .. } in films().unwrap() {
            let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
            for text in [&facts.title, &facts.overview] {
                assert!(
                    said(&text.en).is_some() && said(&text.ko).is_some(),
                    "{key}"
                );
            }
            let hangul = |c: char| ('가'..='힣').contains(&c);
            assert!(said(&facts.overview.ko).unwrap().contains(hangul), "{key}");
            assert!(!said(&facts.overview.en).unwrap().contains(hangul), "{key}");
            let year = facts.year.unwrap();
            assert!((1890..=2026).contains(&year), "{key}");
            assert!((20..=400).contains(&facts.runtime_min.unwrap()), "{key}");
            assert!(
                !facts.directors.is_empty() && !facts.genres.is_empty(),
                "{key}"
            );
            assert!(key.ends_with(&year.to_string()), "{key}");
        }
    }

    #[test]
    fn a_person_is_written_in_one_way() {
        let films = films().unwrap();
        let mut korean: HashMap<&str, &str> = HashMap::new();
        for person in films
            .iter()
            .flat_map(|film| film.facts.directors.iter().chain(&film.facts.cast))
        {
            if let Some(ko) = &person.ko {
                assert_eq!(*korean.entry(&person.en).or_insert(ko), ko, "{}", person.en);
            }
        }
    }
}
