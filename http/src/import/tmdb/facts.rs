//! A film of TMDB's as a film of ours.

use std::collections::HashMap;

use domain::film::{Facts, Person, Translated, Votes};
use domain::{Genre, Language};
use projections::{films, people};

use super::answers::{Credit, Credits, Details, Image, Video};

/// Leading actors of a film; more are left out.
const MOST_CAST: usize = 10;
/// Keywords of a film; more are left out.
const MOST_KEYWORDS: usize = 40;
/// The first moving pictures.
const YEARS: std::ops::RangeInclusive<i16> = 1870..=2100;

/// TMDB's numbers for our genres.
pub type Genres = HashMap<u32, Genre>;

/// Those of TMDB's genres that we have, too: all, unless it has new ones.
pub fn genres(named: &[super::answers::Genre]) -> Genres {
    let known = named.iter().filter_map(|genre| {
        let slug = genre.name.to_lowercase().replace(' ', "-");
        Some((genre.id, Genre::from_slug(&slug).ok()?))
    });
    known.collect()
}

/// What is known of a film, from its details in English and in Korean. Of a text that one
/// language lacks its translations are asked.
pub fn facts(id: u32, en: &Details, ko: &Details, genres: &Genres) -> Facts {
    Facts {
        title: Translated {
            en: title(Language::En, en, en),
            ko: title(Language::Ko, ko, en),
        },
        original_title: some(&en.original_title)
            .or(some(&en.title))
            .unwrap_or_default(),
        year: year(&en.release_date),
        runtime_min: en.runtime.and_then(minutes),
        genres: of_genres(en, genres),
        directors: directors(&en.credits, &ko.credits),
        cast: cast(&en.credits, &ko.credits),
        countries: countries(en),
        language: some(&en.original_language),
        keywords: keywords(en),
        overview: Translated {
            en: overview(Language::En, en, en),
            ko: overview(Language::Ko, ko, en),
        },
        tmdb: Some(id),
        imdb: en.imdb_id.as_deref().and_then(some),
        votes: Some(votes(en)),
        poster: image(&en.poster_path, &ko.poster_path, &en.images.posters),
        backdrop: image(&en.backdrop_path, &ko.backdrop_path, &en.images.backdrops),
        trailer: trailer(&en.videos.results),
    }
}

/// Where TMDB knows a text in one language and we know it in the other, too, both stay; so do
/// people's Korean names.
pub fn keep_languages(facts: &mut Facts, known: &films::Film) {
    let keep = |now: &mut Option<String>, before: Option<&String>| {
        if now.is_none() {
            *now = before.cloned();
        }
    };
    keep(&mut facts.title.en, known.title.en.as_ref());
    keep(&mut facts.title.ko, known.title.ko.as_ref());
    keep(&mut facts.overview.en, known.overview_en.as_ref());
    keep(&mut facts.overview.ko, known.overview_ko.as_ref());
    let named = known.directors.iter().chain(known.actors.iter());
    let korean: HashMap<_, _> = named
        .filter_map(|person| Some((people::id(&person.en), person.ko.clone()?)))
        .collect();
    for person in facts.directors.iter_mut().chain(&mut facts.cast) {
        keep(&mut person.ko, korean.get(&people::id(&person.en)));
    }
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Asked for a title that is not translated, TMDB gives the original one.
fn title(language: Language, in_it: &Details, translated: &Details) -> Option<String> {
    if translated.original_language == language.code() {
        return some(&translated.original_title);
    }
    let texts = texts(language, translated).find_map(|texts| some(&texts.title));
    texts.or_else(|| {
        let title = some(&in_it.title)?;
        let is_original = title == translated.original_title;
        let is_english = language == Language::Ko && title == translated.title;
        (!is_original && !is_english).then_some(title)
    })
}

fn overview(language: Language, in_it: &Details, translated: &Details) -> Option<String> {
    let translation = || texts(language, translated).find_map(|texts| some(&texts.overview));
    some(&in_it.overview).or_else(translation)
}

fn texts(
    language: Language,
    details: &Details,
) -> impl Iterator<Item = &super::answers::TranslatedTexts> {
    let translations = details.translations.translations.iter();
    translations
        .filter(move |translation| translation.iso_639_1 == language.code())
        .map(|translation| &translation.data)
}

fn year(release_date: &str) -> Option<i16> {
    let year = release_date.split('-').next()?.parse().ok()?;
    YEARS.contains(&year).then_some(year)
}

fn minutes(minutes: f64) -> Option<i16> {
    // whole and small: nothing is lost
    (minutes >= 1.0 && minutes < f64::from(i16::MAX)).then_some(minutes as i16)
}

fn of_genres(details: &Details, genres: &Genres) -> Vec<Genre> {
    let mut ours = Vec::new();
    for genre in &details.genres {
        if let Some(genre) = genres.get(&genre.id).filter(|genre| !ours.contains(*genre)) {
            ours.push(*genre);
        }
    }
    ours
}

fn countries(details: &Details) -> Vec<String> {
    let codes = details.production_countries.iter();
    codes
        .filter_map(|country| some(&country.iso_3166_1))
        .collect()
}

fn keywords(details: &Details) -> Vec<String> {
    let words = details.keywords.keywords.iter();
    let words = words.filter_map(|keyword| some(&keyword.name));
    words.take(MOST_KEYWORDS).collect()
}

fn votes(details: &Details) -> Votes {
    Votes {
        // never negative, far below the bound
        count: details.vote_count as u32,
        average: details.vote_average,
    }
}

fn directors(en: &Credits, ko: &Credits) -> Vec<Person> {
    let directs = |credit: &&Credit| credit.job.as_deref() == Some("Director");
    named(en.crew.iter().filter(directs), &ko.crew)
}

fn cast(en: &Credits, ko: &Credits) -> Vec<Person> {
    let mut leading: Vec<&Credit> = en.cast.iter().collect();
    leading.sort_by(|a, b| {
        let order = |credit: &Credit| credit.order.unwrap_or(f64::INFINITY);
        order(a).total_cmp(&order(b))
    });
    let mut cast = named(leading.into_iter(), &ko.cast);
    cast.truncate(MOST_CAST);
    cast
}

/// Each once: one person of that name is one here.
fn named<'a>(credits: impl Iterator<Item = &'a Credit>, korean: &[Credit]) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for credit in credits {
        let Some(en) = some(&credit.name) else {
            continue;
        };
        // in an address it is letters and digits; a name without any has none
        let slug = people::slug(&en);
        if slug.is_empty() || people.iter().any(|one| people::slug(&one.en) == slug) {
            continue;
        }
        let in_korean = korean.iter().find(|one| one.id == credit.id);
        let names = in_korean.map(|one| [&one.name, &one.original_name]);
        let names = names.into_iter().flatten().chain([&credit.original_name]);
        let ko = names
            .filter(|name| has_hangul(name))
            .find_map(|name| some(name));
        people.push(Person { en, ko });
    }
    people
}

fn has_hangul(text: &str) -> bool {
    text.contains(|letter: char| ('가'..='힣').contains(&letter))
}

/// The one that TMDB shows; else one in a language that is read here, else one without words.
fn image(first: &Option<String>, second: &Option<String>, others: &[Image]) -> Option<String> {
    let of = |language: Option<&'static str>| {
        let mut those = others
            .iter()
            .filter(move |image| image.iso_639_1.as_deref() == language);
        those.find_map(|image| image.file_path.clone())
    };
    let image = first.clone().or_else(|| second.clone());
    let image = image.or_else(|| of(Some("ko"))).or_else(|| of(Some("en")));
    image.or_else(|| of(None)).filter(|path| is_path(path))
}

/// It becomes a part of an address.
fn is_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let name = path.strip_prefix('/').unwrap_or_default();
    !name.is_empty() && name.bytes().all(is_plain)
}

/// At YouTube, official ones first.
fn trailer(videos: &[Video]) -> Option<String> {
    let is_key = |key: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        (6..=20).contains(&key.len()) && key.bytes().all(is_plain)
    };
    let trailers = videos
        .iter()
        .filter(|video| video.site == "YouTube" && video.kind == "Trailer" && is_key(&video.key));
    let best = trailers.min_by_key(|video| !video.official);
    best.map(|video| video.key.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn details(value: Value) -> Details {
        serde_json::from_value(value).unwrap()
    }

    fn ours() -> Genres {
        let named = [(53, "Thriller"), (878, "Science Fiction"), (1, "Podcast")];
        genres(&named.map(|(id, name)| super::super::answers::Genre {
            id,
            name: name.to_owned(),
        }))
    }

    fn parasite() -> (Details, Details) {
        let en = json!({
            "title": "Parasite", "original_title": "기생충", "original_language": "ko",
            "overview": "All unemployed.", "release_date": "2019-05-30", "runtime": 133,
            "genres": [{"id": 53, "name": "Thriller"}, {"id": 1, "name": "Podcast"}],
            "production_countries": [{"iso_3166_1": "KR", "name": "South Korea"}],
            "imdb_id": "tt6751668", "poster_path": "/p.jpg", "backdrop_path": null,
            "vote_count": 19000, "vote_average": 8,
            "credits": {
                "cast": [
                    {"id": 2, "name": "Lee Sun-kyun", "order": 1},
                    {"id": 1, "name": "Song Kang-ho", "order": 0}
                ],
                "crew": [
                    {"id": 3, "name": "Bong Joon Ho", "job": "Director"},
                    {"id": 3, "name": "Bong Joon Ho", "job": "Writer"}
                ]
            },
            "keywords": {"keywords": [{"id": 1, "name": "class differences"}]},
            "videos": {"results": [
                {"key": "teaser000", "site": "YouTube", "type": "Teaser"},
                {"key": "fan_made0", "site": "YouTube", "type": "Trailer"},
                {"key": "5xH0HfJHsaY", "site": "YouTube", "type": "Trailer", "official": true}
            ]},
            "images": {"backdrops": [{"file_path": "/b.jpg", "iso_639_1": null}]}
        });
        let ko = json!({
            "title": "기생충", "overview": "전원 백수.",
            "credits": {"cast": [{"id": 1, "name": "송강호"}], "crew": [{"id": 3, "name": "봉준호"}]}
        });
        (details(en), details(ko))
    }

    fn person(en: &str, ko: Option<&str>) -> Person {
        Person {
            en: en.to_owned(),
            ko: ko.map(str::to_owned),
        }
    }

    #[test]
    fn a_film_is_told_in_both_languages() {
        let (en, ko) = parasite();
        let facts = facts(496_243, &en, &ko, &ours());
        assert_eq!(facts.title, Translated::both("Parasite", "기생충"));
        assert_eq!(
            facts.overview,
            Translated::both("All unemployed.", "전원 백수.")
        );
        assert_eq!(facts.genres, [Genre::Thriller]);
        assert_eq!(facts.directors, [person("Bong Joon Ho", Some("봉준호"))]);
        let cast = [
            person("Song Kang-ho", Some("송강호")),
            person("Lee Sun-kyun", None),
        ];
        assert_eq!(facts.cast, cast);
        assert_eq!((facts.year, facts.runtime_min), (Some(2019), Some(133)));
        assert_eq!(facts.votes.unwrap().count, 19_000);
        assert_eq!(facts.poster.as_deref(), Some("/p.jpg"));
        assert_eq!(facts.backdrop.as_deref(), Some("/b.jpg"));
        assert_eq!(facts.trailer.as_deref(), Some("5xH0HfJHsaY"));
    }

    #[test]
    fn what_tmdb_does_not_know_is_not_known() {
        let bare = json!({
            "title": "Untitled", "original_title": "Untitled", "original_language": "en",
            "overview": null, "release_date": "", "runtime": 0, "genres": [],
            "imdb_id": null, "belongs_to_collection": null, "poster_path": null,
            "backdrop_path": "/../../x", "vote_average": 0.0, "vote_count": 0, "credits": null
        });
        let ko = json!({"title": "Untitled", "overview": ""});
        let facts = facts(1, &details(bare), &details(ko), &ours());
        let expected = Facts {
            title: Translated {
                en: Some("Untitled".to_owned()),
                ko: None,
            },
            original_title: "Untitled".to_owned(),
            language: Some("en".to_owned()),
            tmdb: Some(1),
            votes: Some(Votes {
                count: 0,
                average: 0.0,
            }),
            ..Facts::default()
        };
        assert_eq!(facts, expected);
    }

    #[test]
    fn a_text_that_is_missing_is_looked_for_in_the_translations() {
        let en = json!({
            "title": "花様年華", "original_title": "花様年華", "original_language": "cn",
            "overview": "", "release_date": "2000-09-29",
            "translations": {"translations": [
                {"iso_639_1": "en", "iso_3166_1": "US", "data": {"title": "", "overview": ""}},
                {"iso_639_1": "en", "iso_3166_1": "GB",
                 "data": {"title": "In the Mood for Love", "overview": "Two neighbours."}},
                {"iso_639_1": "ko", "iso_3166_1": "KR",
                 "data": {"title": "화양연화", "overview": null}}
            ]}
        });
        let ko = json!({"title": "花様年華", "overview": ""});
        let facts = facts(843, &details(en), &details(ko), &ours());
        assert_eq!(
            facts.title,
            Translated::both("In the Mood for Love", "화양연화")
        );
        assert_eq!(facts.overview.en.as_deref(), Some("Two neighbours."));
        assert_eq!(facts.overview.ko, None);
    }
}
