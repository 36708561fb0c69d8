//! Films: cards, grids, rails, the head of a film's page, genre tiles.

use maud::{Markup, html};

use crate::components::{icon, rating_summary};
use crate::images::{self, Size};
use crate::language::Language;
use crate::poster::{Poster, emblem};
use crate::t;

pub struct FilmCard<'a> {
    pub href: &'a str,
    pub title: &'a str,
    pub year: Option<i16>,
    /// The slug of the first genre.
    pub genre: &'a str,
    /// What the poster is drawn from: the film's key.
    pub seed: &'a str,
    /// TMDB's poster: its path there.
    pub image: Option<&'a str>,
    pub average: Option<f64>,
}

impl FilmCard<'_> {
    pub fn poster(&self) -> Poster<'_> {
        Poster {
            title: self.title,
            year: self.year,
            genre: self.genre,
            seed: self.seed,
        }
    }

    /// TMDB's poster over ours, where it has one; hidden from screen readers.
    pub fn picture(&self, size: Size) -> Markup {
        images::over(self.poster().draw(), self.image, size)
    }
}

pub(super) fn film_card(card: &FilmCard) -> Markup {
    html! {
        a class="film-card" href=(card.href) {
            (card.picture(Size::Card))
            span class="film-card-title" { (card.title) }
            span class="film-card-facts" {
                @if let Some(year) = card.year { span { (year) } }
                @if let Some(average) = card.average {
                    span class="film-card-rating" { (icon("star")) (format!("{average:.1}")) }
                }
            }
        }
    }
}

/// In a line, where one of some films is chosen.
pub fn film_card_small(card: &FilmCard) -> Markup {
    html! {
        span class="film-small" {
            (card.picture(Size::Card))
            span { strong { (card.title) } @if let Some(year) = card.year { " " (year) } }
        }
    }
}

pub fn film_grid(cards: &[FilmCard]) -> Markup {
    html! {
        ul class="film-grid" { @for card in cards { li { (film_card(card)) } } }
    }
}

/// A row that scrolls sideways, with a heading that may lead to all of them.
pub fn film_rail(
    language: Language,
    heading: &str,
    all_href: Option<&str>,
    cards: &[FilmCard],
) -> Markup {
    html! {
        section class="rail" data-previous=(t!(language, "rail-previous"))
            data-next=(t!(language, "rail-next")) {
            div class="section-head" {
                h2 { (heading) }
                @if let Some(href) = all_href {
                    a href=(href) { (t!(language, "home-see-all")) (icon("arrow")) }
                }
            }
            ul class="rail-row" { @for card in cards { li { (film_card(card)) } } }
        }
    }
}

/// Links to all genres, each with its emblem.
pub fn genre_tiles(language: Language, genres: &[&str]) -> Markup {
    html! {
        ul class="genre-tiles" {
            @for genre in genres {
                li {
                    a href={ "/genres/" (genre) } {
                        (emblem(genre))
                        span { (language.genre(genre)) }
                    }
                }
            }
        }
    }
}

pub struct Person<'a> {
    pub name: &'a str,
    pub href: String,
}

/// Everything above the reviews on a film's page.
pub struct FilmHeader<'a> {
    pub card: FilmCard<'a>,
    /// Shown if it differs from the title.
    pub original_title: &'a str,
    pub runtime_min: Option<i16>,
    /// Slugs.
    pub genres: &'a [&'a str],
    pub directors: &'a [Person<'a>],
    pub cast: &'a [Person<'a>],
    /// Names in the visitor's language.
    pub countries: &'a [String],
    pub overview: Option<&'a str>,
    /// TMDB's picture behind it all: its path there.
    pub backdrop: Option<&'a str>,
    /// Where else there is something about it: address and text.
    pub elsewhere: &'a [(String, String)],
    pub ratings: &'a [u64; 10],
    /// Buttons: write or edit a review, or sign in to do so.
    pub actions: Markup,
}

pub fn film_header(language: Language, film: &FilmHeader) -> Markup {
    let card = &film.card;
    html! {
        article class={ "film tone-" (card.genre) } {
            (images::backdrop(film.backdrop))
            div class="film-poster" { (card.picture(Size::Whole)) }
            div class="film-title" {
                h1 { (card.title) }
                p class="film-line" {
                    @if let Some(year) = card.year { span { (year) } }
                    @if let Some(minutes) = film.runtime_min {
                        span { (runtime(language, minutes)) }
                    }
                    @if film.original_title != card.title {
                        span class="original" { (film.original_title) }
                    }
                }
                @if !film.directors.is_empty() {
                    p class="film-directors" {
                        span { (t!(language, "film-directed-by")) } " "
                        strong { (people(film.directors)) }
                    }
                }
                ul class="chips" aria-label=(t!(language, "film-genres")) {
                    @for genre in film.genres {
                        li {
                            a class={ "chip tone-" (genre) } href={ "/genres/" (genre) } {
                                (language.genre(genre))
                            }
                        }
                    }
                }
            }
            div class="film-text" {
                @if let Some(overview) = film.overview {
                    h2 class="visually-hidden" { (t!(language, "film-overview")) }
                    p class="film-overview" { (overview) }
                }
                dl class="film-facts" {
                    @if !film.cast.is_empty() {
                        dt { (t!(language, "film-cast")) } dd { (people(film.cast)) }
                    }
                    @if !film.countries.is_empty() {
                        dt { (t!(language, "film-countries")) } dd { (film.countries.join(", ")) }
                    }
                    @if !film.elsewhere.is_empty() {
                        dt { (t!(language, "film-elsewhere")) }
                        dd class="film-elsewhere" {
                            @for (href, text) in film.elsewhere {
                                a href=(href) rel="noreferrer" { (text) }
                            }
                        }
                    }
                }
            }
            div class="film-side" {
                (rating_summary(language, card.average, film.ratings))
                div class="film-actions" { (film.actions) }
            }
        }
    }
}

fn people(people: &[Person]) -> Markup {
    html! {
        @for (nth, person) in people.iter().enumerate() {
            @if nth > 0 { ", " }
            a href=(person.href) { (person.name) }
        }
    }
}

fn runtime(language: Language, minutes: i16) -> String {
    t!(
        language,
        "film-runtime",
        hours = minutes / 60,
        minutes = minutes % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parasite<'a>(title: &'a str) -> FilmCard<'a> {
        FilmCard {
            href: "/films/parasite-2019",
            title,
            year: Some(2019),
            genre: "thriller",
            seed: "parasite-2019",
            image: None,
            average: Some(4.46),
        }
    }

    #[test]
    fn a_card_says_title_year_and_average_once_to_screen_readers() {
        let html = film_grid(&[parasite("Parasite")]).into_string();
        assert!(html.contains("aria-hidden=\"true\""));
        assert!(html.contains("<span class=\"film-card-title\">Parasite</span>"));
        assert!(html.contains("4.5"));
    }

    #[test]
    fn a_films_head_shows_the_original_title_only_if_it_differs() {
        let head = |title| {
            let film = FilmHeader {
                card: parasite(title),
                original_title: "기생충",
                runtime_min: Some(132),
                genres: &["thriller", "comedy"],
                directors: &[Person {
                    name: "Bong Joon-ho",
                    href: "/people/bong-joon-ho".to_owned(),
                }],
                cast: &[],
                countries: &["South Korea".to_owned()],
                overview: Some("Two families."),
                backdrop: None,
                elsewhere: &[],
                ratings: &[0; 10],
                actions: html! {},
            };
            film_header(Language::En, &film).into_string()
        };
        assert!(head("Parasite").contains("<span class=\"original\">기생충</span>"));
        assert!(head("Parasite").contains("2 h 12 min"));
        assert!(!head("기생충").contains("class=\"original\""));
    }
}
