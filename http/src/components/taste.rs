//! Recommendations: films with their reasons, the way to a film, charts of a taste.
//!
//! Charts are drawn as SVG here; what they show is written beside them, too, and what is
//! liked differs from what is rated by more than its colour.

use maud::{Markup, html};

use super::films::film_card;
use super::{FilmCard, icon};
use crate::language::Language;
use crate::t;

/// A film, and why it is there.
pub struct NotedFilm<'a> {
    pub card: FilmCard<'a>,
    /// May be empty.
    pub note: String,
}

/// What stands over a row of films.
#[derive(Default)]
pub struct RailHead<'a> {
    pub heading: &'a str,
    pub lead: Option<String>,
    /// Address and text of more of it.
    pub more: Option<(&'a str, String)>,
}

/// A row that scrolls sideways; nothing where there are no films.
pub fn noted_rail(language: Language, head: &RailHead, films: &[NotedFilm]) -> Markup {
    html! {
        @if !films.is_empty() {
            section class="rail" data-previous=(t!(language, "rail-previous"))
                data-next=(t!(language, "rail-next")) {
                div class="section-head" {
                    h2 { (head.heading) }
                    @if let Some((href, text)) = &head.more {
                        a href=(href) { (text) (icon("arrow")) }
                    }
                }
                @if let Some(lead) = &head.lead { p class="rail-lead" { (lead) } }
                ul class="rail-row" {
                    @for film in films {
                        li {
                            (film_card(&film.card))
                            @if !film.note.is_empty() { p class="film-note" { (film.note) } }
                        }
                    }
                }
            }
        }
    }
}

/// A stop on the way to a film.
pub struct Stop {
    pub text: String,
    /// Of a film's page.
    pub href: Option<String>,
}

pub fn way(language: Language, stops: &[Stop]) -> Markup {
    html! {
        ol class="way" {
            li { span class="way-stop is-plain" { (t!(language, "taste-way-you")) } }
            @for stop in stops {
                li {
                    (icon("arrow"))
                    @match &stop.href {
                        Some(href) => a class="way-stop is-film" href=(href) { (stop.text) },
                        None => span class="way-stop is-plain" { (stop.text) },
                    }
                }
            }
        }
    }
}

/// How many films of a kind are rated, and liked.
pub struct Bar {
    pub label: String,
    pub rated: u32,
    pub liked: u32,
}

impl Bar {
    fn sentence(&self, language: Language) -> String {
        t!(
            language,
            "taste-bar",
            label = &self.label,
            liked = self.liked,
            rated = self.rated
        )
    }

    fn part(number: u32, most: u32) -> u32 {
        (number * 100).div_ceil(most.max(1))
    }
}

fn most(bars: &[Bar]) -> u32 {
    bars.iter().map(|bar| bar.rated).max().unwrap_or(1)
}

/// A bar for each kind, one below the other.
pub fn bars(language: Language, bars: &[Bar]) -> Markup {
    let most = most(bars);
    html! {
        ul class="chart-bars" {
            @for bar in bars {
                @let (rated, liked) = (Bar::part(bar.rated, most), Bar::part(bar.liked, most));
                li title=(bar.sentence(language)) {
                    span class="label" { (bar.label) }
                    svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
                        rect class="chart-rated" y="0.5" width=(rated) height="9" {}
                        rect class="chart-liked" y="2" width=(liked) height="6" {}
                    }
                    span class="number" {
                        (t!(language, "taste-of", liked = bar.liked, rated = bar.rated))
                    }
                }
            }
        }
    }
}

/// A column for each kind, one beside the other.
pub fn columns(language: Language, columns: &[Bar]) -> Markup {
    let most = most(columns);
    html! {
        ul class="chart-columns" {
            @for column in columns {
                @let rated = Bar::part(column.rated, most);
                @let liked = Bar::part(column.liked, most);
                li title=(column.sentence(language)) {
                    span aria-hidden="true" { (column.liked) "/" (column.rated) }
                    svg viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true" {
                        rect class="chart-rated" x="0.5" y=(100 - rated) width="9" height=(rated) {}
                        rect class="chart-liked" x="2.5" y=(100 - liked) width="5" height=(liked) {}
                    }
                    span class="label" aria-hidden="true" { (column.label) }
                    span class="visually-hidden" { (column.sentence(language)) }
                }
            }
        }
    }
}

/// What the two shapes of a chart mean.
pub fn legend(language: Language) -> Markup {
    html! {
        p class="taste-legend" {
            span {
                svg viewBox="0 0 20 10" aria-hidden="true" {
                    rect class="chart-liked" y="2" width="20" height="6" {}
                }
                (t!(language, "taste-legend-liked"))
            }
            span {
                svg viewBox="0 0 20 10" aria-hidden="true" {
                    rect class="chart-rated" x="0.5" y="0.5" width="19" height="9" {}
                }
                (t!(language, "taste-legend-rated"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drama(rated: u32, liked: u32) -> Bar {
        Bar {
            label: "Drama".to_owned(),
            rated,
            liked,
        }
    }

    #[test]
    fn a_chart_says_its_numbers_in_words_and_the_longest_bar_is_full() {
        for chart in [bars, columns] {
            let html = chart(Language::En, &[drama(8, 2), drama(1, 1)]).into_string();
            assert!(html.contains("Drama: 2 liked of 8 films"));
            assert!(html.contains("Drama: 1 liked of 1 film\""));
            assert!(html.contains("=\"100\"") && html.contains("=\"25\""));
            assert!(!html.contains("style="));
        }
        let html = bars(Language::Ko, &[drama(8, 2)]).into_string();
        assert!(html.contains("8편 중 2편"));
    }

    #[test]
    fn a_rail_without_films_is_nothing() {
        let head = RailHead::default();
        assert_eq!(noted_rail(Language::En, &head, &[]).into_string(), "");
    }

    #[test]
    fn a_way_begins_with_you_and_links_films() {
        let stop = |text: &str, href: Option<&str>| Stop {
            text: text.to_owned(),
            href: href.map(str::to_owned),
        };
        let stops = [stop("Oldboy", Some("/films/1")), stop("<Park>", None)];
        let html = way(Language::En, &stops).into_string();
        assert!(html.contains(">You<") && html.contains("href=\"/films/1\">Oldboy"));
        assert!(html.contains("&lt;Park&gt;"));
    }
}
