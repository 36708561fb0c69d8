//! A film's facts, and what the visitor can do with it.

use maud::{Markup, html};
use projections::watchlist::Interest;
use projections::{film_ratings, films, people};
use uuid::Uuid;

use crate::components::{FilmCard, FilmHeader, Person, film_header};
use crate::language::Language;
use crate::pages::rows::{Looking, count, first_genre, in_language};
use crate::pages::watchlist::film_want;
use crate::pages::{leading_to, reviewing};
use crate::t;

pub fn header(
    (row, ratings): (&films::Film, &film_ratings::FilmRatings),
    looking: &Looking,
    is_reviewed: bool,
    interest: Interest,
) -> Markup {
    let language = looking.language;
    let title = in_language(language, &row.title_en, &row.title_ko);
    let (href, seed) = (format!("/films/{}", row.film), row.film.to_string());
    let person = |person| Person {
        name: name(language, person),
        href: format!("/people/{}", people::slug(&person.en)),
    };
    let directors: Vec<Person> = row.directors.iter().map(person).collect();
    let cast: Vec<Person> = row.actors.iter().map(person).collect();
    let genres: Vec<&str> = row.genres.iter().map(String::as_str).collect();
    let countries: Vec<String> = row
        .countries
        .iter()
        .map(|code| language.country(code))
        .collect();
    let film = FilmHeader {
        card: FilmCard {
            href: &href,
            title,
            year: row.year,
            genre: first_genre(&row.genres),
            seed: &seed,
            image: row.poster.as_deref(),
            average: ratings.average(),
        },
        original_title: &row.original_title,
        runtime_min: row.runtime_min,
        genres: &genres,
        directors: &directors,
        cast: &cast,
        countries: &countries,
        overview: overview(language, row),
        backdrop: row.backdrop.as_deref(),
        elsewhere: &elsewhere(language, row),
        ratings: &ratings.histogram.map(count),
        actions: html! {
            (review_action(looking, row.film, is_reviewed))
            (film_want(looking, row.film, interest))
        },
    };
    film_header(language, &film)
}

fn review_action(looking: &Looking, film: Uuid, is_reviewed: bool) -> Markup {
    let language = looking.language;
    let review = reviewing::address(film);
    match looking.viewer {
        Some(_) if is_reviewed => html! {
            a class="button quiet" href=(review) { (t!(language, "film-edit-review")) }
        },
        Some(_) => html! {
            a class="button" href=(review) { (t!(language, "film-write-review")) }
        },
        None if looking.is_past => html! {},
        None => html! {
            a class="button" href=(leading_to("/sign-in", &review)) {
                (t!(language, "film-sign-in-to-review"))
            }
        },
    }
}

/// Its trailer, and its page at TMDB.
fn elsewhere(language: Language, row: &films::Film) -> Vec<(String, String)> {
    let trailer = row.trailer.as_ref().map(|name| {
        let href = format!("https://www.youtube.com/watch?v={name}");
        (href, t!(language, "film-trailer"))
    });
    let tmdb = row.tmdb.map(|id| {
        let href = format!("https://www.themoviedb.org/movie/{id}");
        (href, "TMDB".to_owned())
    });
    trailer.into_iter().chain(tmdb).collect()
}

/// In the visitor's language, else in the other.
fn overview(language: Language, row: &films::Film) -> Option<&str> {
    let (en, ko) = (row.overview_en.as_deref(), row.overview_ko.as_deref());
    match language {
        Language::En => en.or(ko),
        Language::Ko => ko.or(en),
    }
}

/// In the visitor's language, where there is a usual spelling.
fn name(language: Language, person: &domain::film::Person) -> &str {
    in_language(
        language,
        &person.en,
        person.ko.as_deref().unwrap_or(&person.en),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_of_the_catalogue_has_a_name() {
        for film in crate::catalogue::films().unwrap() {
            for code in &film.facts.countries {
                for language in Language::ALL {
                    assert_ne!(language.country(code), *code, "{}", film.key);
                }
            }
        }
    }
}
