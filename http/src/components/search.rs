//! Searching: the box in the head of every page, filters, what was found.

use domain::Genre;
use maud::{Markup, html};
use projections::search::{Filters, Query, highlight};

use crate::components::{FilmCard, icon};
use crate::images::Size;
use crate::language::Language;
use crate::t;

/// The longest that can be typed.
const MOST_CHARACTERS: u32 = 100;

/// A plain form; a script adds suggestions while somebody types.
pub fn search_box(language: Language, typed: &str) -> Markup {
    html! {
        search class="search-box" {
            form action="/search" method="get" data-suggestions="/api/v1/search/suggestions"
                data-label=(t!(language, "search-suggestions"))
                data-none=(t!(language, "search-suggestions-none"))
                data-some=(t!(language, "search-suggestions-some"))
                data-film=(t!(language, "search-kind-film"))
                data-person=(t!(language, "search-kind-person"))
                data-member=(t!(language, "search-kind-member"))
                data-room=(t!(language, "search-kind-room")) {
                label class="visually-hidden" for="search" { (t!(language, "search-label")) }
                input id="search" name="q" type="search" value=(typed) required
                    placeholder=(t!(language, "search-placeholder"))
                    autocomplete="off" autocapitalize="none" spellcheck="false" enterkeyhint="search"
                    maxlength=(MOST_CHARACTERS);
                button type="submit" aria-label=(t!(language, "search-submit")) { (icon("search")) }
            }
        }
    }
}

/// A film that was found.
pub struct FoundFilm<'a> {
    pub card: FilmCard<'a>,
    /// The title that matched, if it is another one than is shown.
    pub name: Option<&'a str>,
    /// In the reader's language.
    pub genres: Vec<String>,
}

pub fn found_films(language: Language, query: &Query, films: &[FoundFilm]) -> Markup {
    html! {
        ul class="found-films" {
            @for FoundFilm { card, name, genres } in films {
                li {
                    a href=(card.href) {
                        (card.picture(Size::Card))
                        span class="found-text" {
                            span class="found-title" { (marked(query, card.title)) }
                            @if let Some(name) = name {
                                span class="found-other" { (marked(query, name)) }
                            }
                            span class="found-facts" {
                                @if let Some(year) = card.year { span { (year) } }
                                @if !genres.is_empty() { span { (genres.join(", ")) } }
                                @if let Some(average) = card.average {
                                    span class="film-card-rating" {
                                        span class="visually-hidden" {
                                            (t!(language, "film-rating-average")) " "
                                        }
                                        (icon("star")) (format!("{average:.1}"))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A name with what matched in it marked.
pub fn marked(query: &Query, name: &str) -> Markup {
    html! {
        @for piece in highlight(query, name) {
            @if piece.is_match { mark { (piece.text) } } @else { (piece.text) }
        }
    }
}

/// Folded up until one of them is set.
pub fn search_filters(language: Language, typed: &str, filters: &Filters) -> Markup {
    let is_open = *filters != Filters::default();
    html! {
        details class="search-filters" open[is_open] {
            summary { (t!(language, "search-filters")) }
            form action="/search" method="get" {
                input type="hidden" name="q" value=(typed);
                div {
                    label for="filter-genre" { (t!(language, "search-genre")) }
                    select id="filter-genre" name="genre" {
                        option value="" { (t!(language, "search-any")) }
                        @for genre in Genre::ALL {
                            option value=(genre.slug()) selected[filters.genre == Some(genre)] {
                                (language.genre(genre.slug()))
                            }
                        }
                    }
                }
                (year(&t!(language, "search-from"), "from", filters.from))
                (year(&t!(language, "search-to"), "to", filters.to))
                div {
                    label for="filter-stars" { (t!(language, "search-stars")) }
                    select id="filter-stars" name="stars" {
                        option value="" { (t!(language, "search-any")) }
                        @for stars in [4.5, 4.0, 3.5, 3.0, 2.0] {
                            option value=(stars) selected[filters.stars == Some(stars)] {
                                (t!(language, "search-stars-least", stars = format!("{stars:.1}")))
                            }
                        }
                    }
                }
                button class="button quiet" type="submit" { (t!(language, "search-apply")) }
            }
        }
    }
}

fn year(label: &str, name: &str, value: Option<i16>) -> Markup {
    let id = format!("filter-{name}");
    html! {
        div {
            label for=(id) { (label) }
            input id=(id) name=(name) type="number" inputmode="numeric" min="1870" max="2100"
                value=[value];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matched_is_marked_and_never_markup() {
        let query = Query::new("b").unwrap();
        let html = marked(&query, "<b>ad").into_string();
        assert_eq!(html, "&lt;<mark>b</mark>&gt;ad");
    }

    #[test]
    fn filters_are_open_once_one_is_set() {
        let open = |filters| {
            let html = search_filters(Language::Ko, "살인", &filters).into_string();
            html.contains("<details class=\"search-filters\" open>")
        };
        assert!(!open(Filters::default()));
        assert!(open(Filters {
            from: Some(1990),
            ..Filters::default()
        }));
    }
}
