//! Searching, and people of films.

use axum::response::Response;
use domain::Genre;
use maud::{Markup, html};
use projections::people;
use projections::search::{Filters, FoundMember, FoundPerson, FoundRoom, Query as Asked};
use serde::Deserialize;
use uuid::Uuid;

use crate::components::{
    FoundFilm, avatar, empty, film_grid, film_rail, found_films, icon, marked, pagination,
    search_filters,
};
use crate::cursor::{self, Exact};
use crate::extract::{Path, Query};
use crate::language::Language;
use crate::layout::{Page, query_value};
use crate::pages::rows::{Film, in_language};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::searching::{self, Found};
use crate::t;

/// On one page.
const FILMS: i64 = 24;

/// As the forms send it: what is not chosen is empty, what is no number is not chosen.
#[derive(Deserialize)]
pub struct View {
    #[serde(default)]
    q: String,
    #[serde(default)]
    genre: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    stars: String,
    cursor: Option<String>,
}

impl View {
    fn filters(&self) -> Filters {
        Filters {
            genre: Genre::from_slug(&self.genre).ok(),
            from: self.from.trim().parse().ok(),
            to: self.to.trim().parse().ok(),
            stars: self
                .stars
                .parse()
                .ok()
                .filter(|stars: &f64| stars.is_finite()),
        }
    }

    /// This search without a cursor.
    fn address(&self) -> String {
        let fields = [
            ("genre", &self.genre),
            ("from", &self.from),
            ("to", &self.to),
            ("stars", &self.stars),
        ];
        let set = fields.iter().filter(|(_, value)| !value.is_empty());
        let set = set.map(|(name, value)| format!("&{name}={}", query_value(value)));
        format!(
            "/search?q={}{}",
            query_value(&self.q),
            set.collect::<String>()
        )
    }
}

/// `GET /search?q={typed}&genre=&from=&to=&stars=&cursor=`: 200, 400.
pub async fn show(Query(view): Query<View>, mut reading: Reading) -> Result<Response, Problem> {
    let language = reading.visitor.language;
    let filters = view.filters();
    let after: Option<(u8, Exact, Uuid)> = cursor::decode(view.cursor.as_deref())?;
    let place = after.map(|(quality, standing, film)| (quality, standing.into(), film));
    let snapshot = &mut reading.snapshot;
    let mut found = searching::search(snapshot, &view.q, &filters, place, FILMS).await?;
    let here = view.address();
    let next = found.films.next.take().map(|(quality, standing, film)| {
        let next = (quality, Exact::from(standing), film);
        format!("{here}&cursor={}", cursor::encode(&next))
    });
    let typed = view.q.trim();
    let asked = Asked::new(typed);
    let heading = match typed {
        "" => t!(language, "search-title"),
        typed => t!(language, "search-title-for", typed = typed),
    };
    let content = html! {
        header class="page-head" { h1 { (heading) } }
        @if !typed.is_empty() { (search_filters(language, typed, &filters)) }
        @match &asked {
            Some(asked) if found.instead.is_empty() => (everything(language, asked, found)),
            _ => (nothing(language, typed, found)),
        }
        (pagination(language, after.map(|_| here.as_str()), next.as_deref()))
    };
    let page = Page::new(reading.visitor.clone(), heading, content).searched(typed);
    Ok(reading.respond(page))
}

/// People, members and rooms are few and stand above the films; but not if films are called so and
/// they only have it somewhere in their names.
fn everything(language: Language, asked: &Asked, found: Found) -> Markup {
    let people = found.people.iter().map(|one| one.quality);
    let members = found.members.iter().map(|one| one.quality);
    let rooms = found.rooms.iter().map(|one| one.quality);
    let others = people.chain(members).chain(rooms).min();
    let film = found.films.items.iter().map(|one| one.quality).min();
    let others_first = others.zip(film).is_none_or(|(others, film)| others <= film);
    let names = html! {
        @if !found.people.is_empty() { (people_found(language, asked, &found.people)) }
        @if !found.members.is_empty() { (members_found(language, asked, &found.members)) }
        @if !found.rooms.is_empty() { (rooms_found(language, asked, &found.rooms)) }
    };
    html! {
        @if others_first { (names) }
        @if !found.films.items.is_empty() {
            section {
                @if others.is_some() {
                    div class="section-head" { h2 { (t!(language, "search-films")) } }
                }
                (films_found(language, asked, found))
            }
        }
        @if !others_first { (names) }
    }
}

fn films_found(language: Language, asked: &Asked, found: Found) -> Markup {
    let (names, cards): (Vec<_>, Vec<_>) = (found.films.items.into_iter())
        .map(|found| (found.name, found.card))
        .unzip();
    let genres: Vec<Vec<String>> = cards
        .iter()
        .map(|card| {
            card.genres
                .iter()
                .map(|slug| language.genre(slug))
                .collect()
        })
        .collect();
    let films = Film::all(cards);
    let cards = Film::cards(&films, language).into_iter();
    let found: Vec<FoundFilm> = cards
        .zip(&names)
        .zip(genres)
        .map(|((card, name), genres)| FoundFilm {
            name: name.as_deref().filter(|name| *name != card.title),
            card,
            genres,
        })
        .collect();
    found_films(language, asked, &found)
}

fn people_found(language: Language, asked: &Asked, found: &[FoundPerson]) -> Markup {
    html! {
        section {
            div class="section-head" { h2 { (t!(language, "search-people")) } }
            ul class="found-names" {
                @for person in found {
                    @let name = person_name(language, &person.name_en, person.name_ko.as_deref());
                    li {
                        a href={ "/people/" (person.slug) } {
                            span {
                                (marked(asked, name))
                                @if name != person.name_en {
                                    " " span class="found-other" { (marked(asked, &person.name_en)) }
                                }
                            }
                            span class="found-facts" {
                                (t!(language, "films-count", count = person.films))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn members_found(language: Language, asked: &Asked, found: &[FoundMember]) -> Markup {
    html! {
        section {
            div class="section-head" { h2 { (t!(language, "search-members")) } }
            ul class="found-names" {
                @for member in found {
                    li {
                        a href={ "/members/" (member.member) } {
                            (avatar(Some(&member.name)))
                            span { (marked(asked, &member.name)) }
                        }
                    }
                }
            }
        }
    }
}

fn rooms_found(language: Language, asked: &Asked, found: &[FoundRoom]) -> Markup {
    html! {
        section {
            div class="section-head" { h2 { (t!(language, "search-rooms")) } }
            ul class="found-names" {
                @for room in found {
                    li {
                        a href={ "/rooms/" (room.room) } {
                            (icon("bubble")) span { (marked(asked, &room.name)) }
                        }
                    }
                }
            }
        }
    }
}

/// Nothing was typed, or nothing was found: films to look at.
fn nothing(language: Language, typed: &str, found: Found) -> Markup {
    let films = Film::all(found.instead);
    html! {
        @if typed.is_empty() {
            p class="lead" { (t!(language, "search-lead")) }
        } @else {
            (empty(&t!(language, "search-nothing", typed = typed)))
            p { (t!(language, "search-nothing-hint")) }
        }
        @if !films.is_empty() {
            (film_rail(
                language,
                &t!(language, "search-instead"),
                Some("/films"),
                &Film::cards(&films, language),
            ))
        }
    }
}

/// `GET /people/{slug}`: 200, 404.
pub async fn person(Path(slug): Path<String>, mut reading: Reading) -> Result<Response, Problem> {
    let language = reading.visitor.language;
    let found = people::by_slug(&mut reading.snapshot, &slug).await;
    let found = found.map_err(failed)?.ok_or_else(Problem::not_found)?;
    let name = person_name(language, &found.name_en, found.name_ko.as_deref()).to_owned();
    let other = in_language(
        language,
        found.name_ko.as_deref().unwrap_or(&found.name_en),
        &found.name_en,
    );
    let (directed, acted) = (Film::all(found.directed), Film::all(found.acted));
    let content = html! {
        header class="page-head" {
            h1 { (name) }
            @if other != name { p class="lead" { (other) } }
        }
        @for (films, heading) in [
            (&directed, t!(language, "person-directed")),
            (&acted, t!(language, "person-acted")),
        ] {
            @if !films.is_empty() {
                section {
                    div class="section-head" { h2 { (heading) } }
                    (film_grid(&Film::cards(films, language)))
                }
            }
        }
    };
    let page = Page::new(reading.visitor.clone(), &name, content).description(t!(
        language,
        "person-description",
        name = &name
    ));
    Ok(reading.respond(page))
}

fn person_name<'a>(language: Language, en: &'a str, ko: Option<&'a str>) -> &'a str {
    in_language(language, en, ko.unwrap_or(en))
}
