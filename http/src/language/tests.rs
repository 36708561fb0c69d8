//! What the two languages promise: the same ids, the same variables, every id that the source
//! uses, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use axum::http::HeaderValue;
use chrono::TimeZone;
use fluent_bundle::FluentValue;

use super::texts::sources;
use super::*;

/// Ids that begin so are computed.
const COMPUTED: [&str; 7] = [
    "country-",
    "event-",
    "genre-",
    "language-",
    "month-",
    "notification-",
    "role-",
];

fn accepting(header: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_str(header).unwrap());
    headers
}

/// id → the variables in its text.
fn texts(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let source = sources(language).join("\n");
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut id = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(|first: char| first.is_ascii_lowercase()) {
            line.split(" =").next().unwrap().clone_into(&mut id);
            assert!(
                texts.insert(id.clone(), BTreeSet::new()).is_none(),
                "{id} is there twice"
            );
        }
        for after in line.split('$').skip(1) {
            let end = after
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(after.len());
            texts.get_mut(&id).unwrap().insert(after[..end].to_owned());
        }
    }
    texts
}

/// The first string literal after each `t!(` and `message!(` of a source file.
fn used_ids(source: &str) -> Vec<String> {
    let calls = [concat!("t!", "("), concat!("message!", "(")];
    calls
        .iter()
        .flat_map(|call| {
            source
                .match_indices(call)
                .map(|(at, _)| (at, at + call.len()))
        })
        // Not the end of another macro's name.
        .filter(|(at, _)| !source[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        .map(|(_, after)| after)
        .filter_map(|at| source[at..].split('"').nth(1))
        .map(str::to_owned)
        .collect()
}

/// Path and text of every file of the source but this one.
fn source() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    rust_files(&root, &mut files);
    files.retain(|(path, _)| !path.ends_with("language/tests.rs"));
    files
}

fn rust_files(folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push((
                path.display().to_string(),
                std::fs::read_to_string(&path).unwrap(),
            ));
        }
    }
}

#[test]
fn both_languages_have_the_same_texts_with_the_same_variables() {
    let english = texts(Language::En);
    let korean = texts(Language::Ko);
    let ids =
        |texts: &BTreeMap<String, BTreeSet<String>>| texts.keys().cloned().collect::<Vec<_>>();
    assert_eq!(ids(&english), ids(&korean));
    for (id, variables) in &english {
        // A Korean text may do without a plural's number, never the other way around.
        assert!(
            korean[id].is_subset(variables),
            "{id}: {:?} / {variables:?}",
            korean[id]
        );
    }
}

#[test]
fn every_text_can_be_spoken() {
    for language in Language::ALL {
        for (id, variables) in texts(Language::En) {
            let mut args = FluentArgs::new();
            for variable in &variables {
                args.set(variable.clone(), FluentValue::from(2));
            }
            let mut errors = Vec::new();
            let bundle = bundle(language);
            let pattern = bundle.get_message(&id).unwrap().value().unwrap();
            bundle.format_pattern(pattern, Some(&args), &mut errors);
            assert!(errors.is_empty(), "{id} in {language:?}: {errors:?}");
        }
    }
}

#[test]
fn every_text_that_the_source_uses_exists() {
    let english = texts(Language::En);
    let mut seen = 0;
    for (path, source) in source() {
        // The macros' own patterns are no calls.
        if path.ends_with("language.rs") {
            continue;
        }
        for id in used_ids(&source) {
            seen += 1;
            assert!(english.contains_key(&id), "{path} uses {id}");
        }
    }
    assert!(seen > 50, "only {seen} uses found: the search is broken");
}

#[test]
fn every_text_is_used_by_the_source() {
    let files = source();
    let quoted: BTreeSet<&str> = files.iter().flat_map(|(_, text)| text.split('"')).collect();
    let mut unused: Vec<String> = texts(Language::En).into_keys().collect();
    unused.retain(|id| {
        let is_computed = COMPUTED.iter().any(|start| id.starts_with(start));
        !is_computed && !quoted.contains(id.as_str())
    });
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn every_genre_has_a_name() {
    let english = texts(Language::En);
    for genre in domain::Genre::ALL {
        let slug = genre.slug();
        assert!(english.contains_key(&format!("genre-{slug}")), "{slug}");
    }
    assert_eq!(Language::Ko.genre("science-fiction"), "SF");
}

#[test]
fn the_members_choice_goes_before_the_cookie_and_the_cookie_before_the_browser() {
    let mut headers = accepting("en");
    headers.insert("cookie", HeaderValue::from_static("language=ko"));
    assert_eq!(Language::choose(Some(Language::En), &headers), Language::En);
    assert_eq!(Language::choose(None, &headers), Language::Ko);
    headers.insert("cookie", HeaderValue::from_static("language=tlh"));
    assert_eq!(Language::choose(None, &headers), Language::En);
}

#[test]
fn the_browser_is_asked_by_weight() {
    let choose = |header| Language::choose(None, &accepting(header));
    assert_eq!(choose("ko-KR,ko;q=0.9,en;q=0.8"), Language::Ko);
    assert_eq!(choose("en;q=0.5, ko;q=0.8"), Language::Ko);
    assert_eq!(choose("fr, ko;q=0"), Language::En);
    assert_eq!(choose("de,*;q=0.1"), Language::En);
    assert_eq!(choose(";;;,q=,ko;q=abc"), Language::En);
}

#[test]
fn plurals_and_thousands_are_written_as_people_write_them() {
    assert_eq!(crate::t!(Language::En, "likes-count", count = 1), "1 like");
    assert_eq!(
        crate::t!(Language::En, "likes-count", count = 12_345),
        "12,345 likes"
    );
    assert_eq!(
        crate::t!(Language::Ko, "likes-count", count = 12_345),
        "좋아요 12,345개"
    );
    assert_eq!(
        crate::t!(Language::En, "film-runtime", hours = 2, minutes = 0),
        "2 h"
    );
    assert_eq!(
        crate::t!(Language::Ko, "film-runtime", hours = 2, minutes = 12),
        "2시간 12분"
    );
}

#[test]
fn dates_are_written_as_people_write_them() {
    let at = Utc.with_ymd_and_hms(2025, 3, 3, 12, 0, 0).unwrap();
    assert_eq!(Language::En.date(at), "3 March 2025");
    assert_eq!(Language::Ko.date(at), "2025년 3월 3일");
    assert_eq!(Language::En.moment(at), "3 March 2025, 12:00 UTC");
    assert_eq!(Language::Ko.moment(at), "2025년 3월 3일 12:00(UTC)");
    let day = at.date_naive();
    assert_eq!(Language::En.day(day), "3 March 2025");
    assert_eq!(Language::Ko.month(day), "2025년 3월");
}

#[test]
fn an_unknown_id_answers_itself() {
    assert_eq!(Language::En.text("no-such-text", None), "no-such-text");
}
