//! MovieLens' titles ("City of Lost Children, The (Cité des enfants perdus, La) (1995)"),
//! and which films of the catalogue are the same.

use std::collections::{HashMap, HashSet};

use domain::FilmId;
use domain::film::Facts;
use unicode_normalization::UnicodeNormalization;

#[derive(Debug, PartialEq)]
pub struct Title {
    pub english: String,
    pub original: String,
    pub year: Option<i16>,
}

pub fn read(title: &str) -> Title {
    let mut rest = title.trim();
    let mut original = None;
    let mut year = None;
    while let Some((before, inner)) = last_parentheses(rest) {
        // "2006–2007" and "1975-1979" begin in the first year
        let digits: String = inner.chars().take(4).collect();
        match digits.parse() {
            Ok(number) if year.is_none() && digits.len() == 4 => year = Some(number),
            _ if inner.starts_with("a.k.a.") => {}
            _ => original = Some(inner),
        }
        rest = before;
    }
    let english = article_first(rest);
    Title {
        original: original.map_or_else(|| english.clone(), article_first),
        english,
        year,
    }
}

/// What stands before, and inside, parentheses at the end.
fn last_parentheses(title: &str) -> Option<(&str, &str)> {
    let open = title.strip_suffix(')')?;
    let (before, inner) = open.rsplit_once('(')?;
    let before = before.trim_end();
    (!before.is_empty()).then_some((before, inner))
}

const ARTICLES: [&str; 20] = [
    "The", "A", "An", "La", "Le", "Les", "L'", "El", "Los", "Las", "Il", "Lo", "I", "Der", "Die",
    "Das", "Un", "Une", "Den", "De",
];

fn article_first(title: &str) -> String {
    match title.rsplit_once(", ") {
        Some((rest, "L'")) => format!("L'{rest}"),
        Some((rest, article)) if ARTICLES.contains(&article) => format!("{article} {rest}"),
        _ => title.to_owned(),
    }
}

/// Films that are listed, by TMDB's id and by title and year.
#[derive(Debug, Default)]
pub struct Known {
    by_tmdb: HashMap<u32, FilmId>,
    by_title: HashMap<(String, i16), FilmId>,
    with_id: HashSet<FilmId>,
}

impl Known {
    /// Of two films under one name the first stays.
    pub fn add(&mut self, film: FilmId, facts: &Facts) {
        if let Some(id) = facts.tmdb {
            self.by_tmdb.entry(id).or_insert(film);
            self.with_id.insert(film);
        }
        for name in names(facts) {
            self.by_title.entry(name).or_insert(film);
        }
    }

    /// The same film, as far as one can tell: two of one id, or, where one of them has
    /// none, of one title and year.
    pub fn find(&self, facts: &Facts) -> Option<FilmId> {
        let same = facts.tmdb.and_then(|id| self.by_tmdb.get(&id));
        let named = || {
            let mut films = names(facts).filter_map(|name| self.by_title.get(&name));
            films.find(|film| facts.tmdb.is_none() || !self.with_id.contains(film))
        };
        same.or_else(named).copied()
    }
}

fn names(facts: &Facts) -> impl Iterator<Item = (String, i16)> {
    let english = facts.title.en.as_deref();
    let titles = english.into_iter().chain([facts.original_title.as_str()]);
    let year = facts.year;
    let names = titles.filter_map(move |title| Some((plain(title), year?)));
    names.filter(|(title, _)| !title.is_empty())
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

    fn title(english: &str, original: &str, year: Option<i16>) -> Title {
        Title {
            english: english.to_owned(),
            original: original.to_owned(),
            year,
        }
    }

    #[test]
    fn titles_are_taken_apart() {
        for (written, read_as) in [
            (
                "Toy Story (1995)",
                title("Toy Story", "Toy Story", Some(1995)),
            ),
            (
                "City of Lost Children, The (Cité des enfants perdus, La) (1995)",
                title(
                    "The City of Lost Children",
                    "La Cité des enfants perdus",
                    Some(1995),
                ),
            ),
            (
                "Seven (a.k.a. Se7en) (1995) ",
                title("Seven", "Seven", Some(1995)),
            ),
            (
                "Death Note (2006–2007)",
                title("Death Note", "Death Note", Some(2006)),
            ),
            ("Moonlight", title("Moonlight", "Moonlight", None)),
            (
                "(500) Days of Summer (2009)",
                title("(500) Days of Summer", "(500) Days of Summer", Some(2009)),
            ),
            (
                "2001: A Space Odyssey (1968)",
                title("2001: A Space Odyssey", "2001: A Space Odyssey", Some(1968)),
            ),
        ] {
            assert_eq!(read(written), read_as, "{written}");
        }
    }

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
}
