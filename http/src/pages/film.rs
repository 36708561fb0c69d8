//! A film: its facts, how it is rated, what is said about it.

use axum::extract::State;
use axum::response::Response;
use domain::{FilmId, Role};
use maud::{Markup, html};
use projections::reviews::Which;
use projections::rooms::{self, RoomCard};
use projections::watchlist::{self, Interest};
use projections::{film_ratings, films, people, reviews};
use serde::Deserialize;
use uuid::Uuid;

use crate::api::rooms::is_for_few;
use crate::app::App;
use crate::assets::asset;
use crate::components::taste::{RailHead, way};
use crate::components::{
    FilmCard, FilmHeader, Person, Tab, confirm, empty, film_header, pagination, review_card,
    room_cards, tabs,
};
use crate::cursor;
use crate::extract::{Path, Query};
use crate::language::Language;
use crate::layout::Page;
use crate::pages::recommended::{Asked, under};
use crate::pages::rooms::styles;
use crate::pages::rows::{Looking, Review, count, first_genre, in_language};
use crate::pages::watchlist::film_want;
use crate::pages::{leading_to, reviewing};
use crate::poster::titled;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::t;

/// On one page.
const REVIEWS: i64 = 20;
/// On the page: the last active ones.
const ROOMS: i64 = 4;

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    #[default]
    Newest,
    BestLiked,
    /// Newest first, also those that say nothing.
    Ratings,
}

#[derive(Deserialize)]
pub struct View {
    #[serde(default)]
    sort: Order,
    cursor: Option<String>,
}

/// `GET /films/{film}?sort={newest|best-liked|ratings}&cursor={cursor}`: 200, 400, 404.
pub async fn show(
    State(app): State<App>,
    Path(film): Path<Uuid>,
    Query(view): Query<View>,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let looking = Looking::of(&reading);
    let language = looking.language;
    let snapshot = &mut reading.snapshot;
    let row = films::by_id(snapshot, film).await.map_err(failed)?;
    let row = row.ok_or_else(Problem::not_found)?;
    let ratings = film_ratings::of_film(snapshot, film)
        .await
        .map_err(failed)?;
    let own = own(&mut reading, film)
        .await?
        .map(|row| Review::new(row, &looking));
    let viewer = reading.viewer();
    let interest = watchlist::interest(&mut reading.snapshot, film, viewer).await;
    let interest = interest.map_err(failed)?;
    let talking = rooms::of_film(&mut reading.snapshot, viewer, film, None, ROOMS).await;
    let talking = talking.map_err(failed)?.items;
    reading.is_for_few = talking.iter().any(is_for_few);
    let (found, next) = said(&mut reading, film, &view).await?;
    let found = Review::all(found, &looking);
    let onward = onward(&app, &mut reading, film).await?;

    let title = in_language(language, &row.title_en, &row.title_ko).to_owned();
    let is_operator = reading
        .caller
        .as_ref()
        .is_some_and(|caller| caller.is(Role::Operator));
    let content = html! {
        (header((&row, &ratings), &looking, own.is_some(), interest))
        @if let Some(own) = &own { (own_review(&looking, own)) }
        (talk(&looking, film, &talking))
        // Where the visitor's own is the only one, it stands above.
        @if own.is_none() || ratings.ratings > 1 {
            section id="reviews" {
                div class="section-head" {
                    h2 { (t!(language, "film-reviews")) }
                }
                (review_list(&looking, (film, ratings.ratings), &view, &found, next.as_deref()))
            }
        }
        (onward)
        @if is_operator {
            p class="actions" {
                a class="button quiet small" href={ "/films/" (row.film) "/merge" } {
                    (t!(language, "merge-link"))
                }
            }
        }
    };
    let film = titled(&title, row.year);
    let description = t!(language, "film-description", film = &film);
    let page = Page::new(reading.visitor.clone(), film, content)
        .description(description)
        .of_tmdb(row.votes.is_some())
        .styled(asset("taste.css"))
        .styled(asset("watchlist.css"))
        .styled(styles());
    Ok(reading.respond(page))
}

/// Where to go from here: the way that leads here, films that are akin, films that a walk
/// leads to, films of the same genres.
async fn onward(app: &App, reading: &mut Reading, film: Uuid) -> Result<Markup, Problem> {
    let language = reading.visitor.language;
    let asked = Asked::of(app, reading).await?;
    let stops = asked.way(reading, film).await?;
    let akin = asked.akin(reading, film).await?;
    let walk = asked.walk(reading, &[film]).await?;
    let similar = asked.similar(reading, film).await?;
    let walk_head = RailHead {
        heading: &t!(language, "taste-onward"),
        lead: Some(t!(language, "taste-onward-lead")),
        more: None,
    };
    Ok(html! {
        @if !stops.is_empty() {
            section {
                div class="section-head" { h2 { (t!(language, "taste-way")) } }
                (way(language, &stops))
            }
        }
        (under(&akin, language, &t!(language, "taste-akin")))
        (walk.render(language, &walk_head))
        (under(&similar, language, &t!(language, "taste-similar")))
    })
}

/// The visitor's own review of the film.
pub async fn own(
    reading: &mut Reading,
    film: Uuid,
) -> Result<Option<reviews::ReviewCard>, Problem> {
    let Some(caller) = &reading.caller else {
        return Ok(None);
    };
    reviews::own(&mut reading.snapshot, caller.member, FilmId(film))
        .await
        .map_err(failed)
}

/// A page of what others say, and where the next one begins.
async fn said(
    reading: &mut Reading,
    film: Uuid,
    view: &View,
) -> Result<(Vec<reviews::ReviewCard>, Option<String>), Problem> {
    let viewer = reading.viewer();
    let snapshot = &mut reading.snapshot;
    let after = view.cursor.as_deref();
    Ok(match view.sort {
        Order::Newest | Order::Ratings => {
            let after = cursor::decode(after)?;
            let which = match view.sort {
                Order::Ratings => Which::All,
                Order::Newest | Order::BestLiked => Which::InWords,
            };
            let of = (film, which);
            let page = reviews::newest_of_film(snapshot, of, viewer, after, REVIEWS).await;
            let page = page.map_err(failed)?;
            (page.items, page.next.map(|next| cursor::encode(&next)))
        }
        Order::BestLiked => {
            let after = cursor::decode(after)?;
            let of = (film, Which::InWords);
            let page = reviews::best_liked_of_film(snapshot, of, viewer, after, REVIEWS).await;
            let page = page.map_err(failed)?;
            (page.items, page.next.map(|next| cursor::encode(&next)))
        }
    })
}

fn header(
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

/// Rooms in which the film is talked about.
fn talk(looking: &Looking, film: Uuid, rooms: &[RoomCard]) -> Markup {
    let language = looking.language;
    html! {
        section id="rooms" {
            div class="section-head" {
                h2 { (t!(language, "rooms-of-film")) }
                @if !looking.is_past {
                    a href={ "/rooms/new?film=" (film) } { (t!(language, "room-open")) }
                }
            }
            @if rooms.is_empty() {
                p class="hint" { (t!(language, "rooms-of-film-empty")) }
            } @else {
                (room_cards(language, rooms, false))
            }
        }
    }
}

fn own_review(looking: &Looking, own: &Review) -> Markup {
    let language = looking.language;
    html! {
        section id="your-review" {
            div class="section-head" { h2 { (t!(language, "film-your-review")) } }
            div class="reviews" { (review_card(language, &own.card(looking))) }
            (own_actions(language, own))
        }
    }
}

/// What an author can do with their review.
pub fn own_actions(language: Language, own: &Review) -> Markup {
    html! {
        div class="actions" {
            a class="button quiet small" href=(reviewing::address(own.row.film)) {
                (t!(language, "edit"))
            }
            (confirm(
                language,
                &format!("{}/retract", own.href),
                &t!(language, "review-retract"),
                &t!(language, "review-retract-confirm"),
                &html! {},
            ))
        }
    }
}

fn review_list(
    looking: &Looking,
    (film, rated): (Uuid, i32),
    view: &View,
    found: &[Review],
    next: Option<&str>,
) -> Markup {
    let language = looking.language;
    let newest = format!("/films/{film}?sort=newest#reviews");
    let best_liked = format!("/films/{film}?sort=best-liked#reviews");
    let ratings = format!("/films/{film}?sort=ratings#reviews");
    let tab = |order, href, text| Tab {
        href,
        text,
        is_here: view.sort == order,
    };
    let orders = [
        tab(Order::Newest, &newest, t!(language, "film-sort-newest")),
        tab(
            Order::BestLiked,
            &best_liked,
            t!(language, "film-sort-best"),
        ),
        tab(
            Order::Ratings,
            &ratings,
            t!(language, "film-sort-ratings", count = rated),
        ),
    ];
    let (first, sort) = match view.sort {
        Order::Newest => (&newest, "newest"),
        Order::BestLiked => (&best_liked, "best-liked"),
        Order::Ratings => (&ratings, "ratings"),
    };
    let next = next.map(|next| format!("/films/{film}?sort={sort}&cursor={next}#reviews"));
    html! {
        @if rated > 0 { (tabs(&t!(language, "film-sort-label"), &orders)) }
        @if found.is_empty() && view.cursor.is_none() {
            (empty(&t!(language, "film-reviews-empty")))
        } @else {
            div class="reviews" {
                // The visitor's own stands above.
                @for review in found.iter().filter(|review| !review.is_by(looking.viewer)) {
                    (review_card(language, &review.card(looking)))
                }
            }
        }
        (pagination(language, view.cursor.as_ref().map(|_| first.as_str()), next.as_deref()))
    }
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
