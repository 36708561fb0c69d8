//! Which films of the catalogue are those of another one.

use std::collections::{HashMap, HashSet};

use domain::FilmId;
use domain::film::{Facts, Person};
use projections::people;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::app::App;

/// Films that are listed, by their ids elsewhere and by title and year.
#[derive(Debug, Default)]
pub struct Known {
    by_tmdb: HashMap<u32, FilmId>,
    by_title: HashMap<String, Vec<Named>>,
    by_imdb: HashMap<String, FilmId>,
    listed: HashSet<FilmId>,
    with_id: HashSet<FilmId>,
    merged: HashMap<FilmId, FilmId>,
    /// TMDB's ids of those that were merged.
    former_tmdb: HashMap<u32, FilmId>,
}

#[derive(Debug)]
struct Named {
    film: FilmId,
    year: i16,
    directors: Vec<Uuid>,
}

impl Known {
    /// All films that are listed now.
    pub async fn now(app: &App) -> anyhow::Result<Known> {
        let head = event_log::head(&app.pool).await?.position;
        let mut snapshot = app.reader.snapshot(Some(head)).await?;
        anyhow::ensure!(!snapshot.stale, "the read models are late; try again soon");
        let mut known = Known::default();
        for film in projections::films::names(&mut snapshot).await? {
            let facts = Facts {
                title: film.title.0,
                original_title: film.original_title,
                year: film.year,
                directors: film.directors.0,
                imdb: film.imdb,
                tmdb: film.tmdb.and_then(|id| u32::try_from(id).ok()),
                ..Facts::default()
            };
            known.add(FilmId(film.film), &facts);
        }
        for row in projections::merged_films::all(&mut snapshot).await? {
            let into = FilmId(row.into_film);
            known.merged.insert(FilmId(row.film), into);
            if let Some(id) = row.tmdb.and_then(|id| u32::try_from(id).ok()) {
                known.former_tmdb.insert(id, into);
            }
        }
        Ok(known)
    }

    /// Of two films under one name the first stays in front.
    pub fn add(&mut self, film: FilmId, facts: &Facts) {
        self.listed.insert(film);
        if let Some(id) = &facts.imdb {
            self.by_imdb.entry(id.clone()).or_insert(film);
        }
        if let Some(id) = facts.tmdb {
            self.by_tmdb.entry(id).or_insert(film);
            self.with_id.insert(film);
        }
        let Some(year) = facts.year else { return };
        for name in names(facts) {
            self.by_title.entry(name).or_default().push(Named {
                film,
                year,
                directors: ids(&facts.directors),
            });
        }
    }

    /// The film of this id, or the one that goes on for it.
    pub fn is_listed(&self, film: Uuid) -> Option<Uuid> {
        let film = FilmId(film);
        let here = self.listed.get(&film).or_else(|| self.merged.get(&film));
        here.map(|film| film.0)
    }

    /// The film of which this is told by who knows it under this id. Where that one was merged,
    /// its ids elsewhere are left out: the film that goes on for it has its own, by which it is
    /// found.
    pub fn told_of(&self, film: FilmId, facts: &mut Facts) -> Option<FilmId> {
        let merged = self.merged.get(&film).copied();
        let found = self.find(facts).or(merged)?;
        let is_own = facts.tmdb.and_then(|id| self.by_tmdb.get(&id)) == Some(&found);
        let is_former = facts
            .tmdb
            .is_some_and(|id| self.former_tmdb.contains_key(&id));
        if !is_own && (is_former || merged.is_some()) {
            (facts.tmdb, facts.imdb) = (None, None);
        }
        Some(found)
    }

    /// The same film, as far as one can tell: two of one id, or, where one of them has none, of
    /// one title, year and director. A catalogue may know no directors; two that know the same
    /// one may date a film one year apart.
    pub fn find(&self, facts: &Facts) -> Option<FilmId> {
        let by_id = |id: u32| self.by_tmdb.get(&id).or_else(|| self.former_tmdb.get(&id));
        let same = facts.tmdb.and_then(by_id).copied();
        let same = same.or_else(|| self.by_imdb.get(facts.imdb.as_ref()?).copied());
        same.or_else(|| {
            let films = names(facts).filter_map(|name| self.by_title.get(&name));
            let mut films = films.flatten().filter(|named| named.is(facts));
            films
                .find(|named| facts.tmdb.is_none() || !self.with_id.contains(&named.film))
                .map(|named| named.film)
        })
    }
}

impl Named {
    fn is(&self, facts: &Facts) -> bool {
        let Some(year) = facts.year else { return false };
        let directors = ids(&facts.directors);
        if self.directors.is_empty() || directors.is_empty() {
            return self.year == year;
        }
        let is_shared = directors.iter().any(|one| self.directors.contains(one));
        is_shared && (self.year - year).abs() <= 1
    }
}

fn ids(directors: &[Person]) -> Vec<Uuid> {
    directors.iter().map(|one| people::id(&one.en)).collect()
}

fn names(facts: &Facts) -> impl Iterator<Item = String> {
    let titles = [
        facts.title.en.as_deref(),
        facts.title.ko.as_deref(),
        Some(facts.original_title.as_str()),
    ];
    let mut names: Vec<String> = titles.into_iter().flatten().map(plain).collect();
    names.retain(|title| !title.is_empty());
    names.dedup();
    names.into_iter()
}

/// Without case, accents, marks and the first article.
fn plain(title: &str) -> String {
    let title = title.to_lowercase().replace('&', " and ");
    let title = title.strip_prefix("the ").unwrap_or(&title);
    title
        .nfd()
        .filter(|letter| letter.is_alphanumeric())
        .collect()
}

#[cfg(test)]
mod tests {
    use domain::film::Translated;

    use super::*;

    fn facts(english: &str, original: &str, year: i16, tmdb: Option<u32>) -> Facts {
        Facts {
            title: Translated {
                en: Some(english.to_owned()),
                ko: None,
            },
            original_title: original.to_owned(),
            year: Some(year),
            tmdb,
            ..Facts::default()
        }
    }

    fn by(director: &str, facts: Facts) -> Facts {
        Facts {
            directors: vec![Person {
                en: director.to_owned(),
                ko: None,
            }],
            ..facts
        }
    }

    #[test]
    fn a_film_is_known_by_id_or_by_title_and_year() {
        let mut known = Known::default();
        let [amelie, solaris] = ["amelie-2001", "solaris-1972"].map(FilmId::of_key);
        known.add(amelie, &facts("Amélie", "Le Fabuleux Destin", 2001, None));
        known.add(solaris, &facts("Solaris", "Солярис", 1972, Some(593)));
        let find = |english, year, tmdb| known.find(&facts(english, english, year, tmdb));
        assert_eq!(find("Amelie", 2001, Some(194)), Some(amelie));
        assert_eq!(find("Le fabuleux destin", 2001, None), Some(amelie));
        assert_eq!(find("Amelie", 2002, None), None);
        assert_eq!(find("Solyaris", 1971, Some(593)), Some(solaris));
        // another film of that name and year: it has another id
        assert_eq!(find("Solaris", 1972, Some(594)), None);
        assert_eq!(find("Solaris", 1972, None), Some(solaris));
    }

    #[test]
    fn two_of_one_name_are_told_apart_by_their_directors() {
        let mut known = Known::default();
        let [handmaiden, other] = ["handmaiden", "other"].map(FilmId::of_key);
        let title = |year| facts("The Handmaiden", "아가씨", year, None);
        known.add(other, &by("Somebody Else", title(2016)));
        known.add(handmaiden, &by("Park Chan-wook", title(2016)));
        let find = |director, year| known.find(&by(director, title(year)));
        assert_eq!(find("Park Chan-wook", 2016), Some(handmaiden));
        // in spellings of their own, and dated by another release
        assert_eq!(find("Park Chan Wook", 2017), Some(handmaiden));
        assert_eq!(find("Park Chan-wook", 2018), None);
        assert_eq!(find("Nobody", 2016), None);
    }
}
