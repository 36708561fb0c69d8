//! The main page.

use axum::response::Response;
use domain::Genre;
use maud::{Markup, html};
use projections::{films, reviews};

use crate::components::{empty, film_rail, genre_tiles, review_card};
use crate::language::Language;
use crate::layout::Page;
use crate::pages::rows::{Film, Looking, Review};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::t;

/// Films in a row that scrolls.
const RAIL: i64 = 16;
const REVIEWS: i64 = 6;
/// Posters beside the welcome.
const FAN: usize = 5;

/// `GET /`: 200.
pub async fn show(mut reading: Reading) -> Result<Response, Problem> {
    let looking = Looking::of(&reading);
    let language = looking.language;
    let snapshot = &mut reading.snapshot;
    let talked_about = films::talked_about(snapshot, None, RAIL)
        .await
        .map_err(failed)?;
    let newly_added = films::newly_added(snapshot, None, RAIL)
        .await
        .map_err(failed)?;
    let newest = reviews::newest(snapshot, looking.viewer, None, REVIEWS)
        .await
        .map_err(failed)?;
    let talked_about = Film::all(talked_about.items);
    let newly_added = Film::all(newly_added.items);
    let newest = Review::all(newest.items, &looking);

    let content = html! {
        @if reading.caller.is_some() {
            header class="page-head" { h1 { (t!(language, "home-title")) } }
        } @else {
            (welcome(language, if talked_about.len() < FAN { &newly_added } else { &talked_about }))
        }
        @if talked_about.is_empty() {
            section { (empty(&t!(language, "home-empty"))) }
        } @else {
            (film_rail(
                language,
                &t!(language, "home-talked-about"),
                Some("/films?sort=talked-about"),
                &Film::cards(&talked_about, language),
            ))
        }
        @if !newest.is_empty() {
            section {
                div class="section-head" { h2 { (t!(language, "home-recent-reviews")) } }
                div class="reviews two" {
                    @for review in &newest {
                        (review_card(language, &review.card_with_film(&looking)))
                    }
                }
            }
        }
        (film_rail(
            language,
            &t!(language, "home-newly-added"),
            Some("/films?sort=newest"),
            &Film::cards(&newly_added, language),
        ))
        section {
            div class="section-head" { h2 { (t!(language, "home-by-genre")) } }
            (genre_tiles(language, &Genre::ALL.map(Genre::slug)))
        }
    };
    let page = Page::new(reading.visitor.clone(), "", content);
    Ok(reading.respond(page))
}

fn welcome(language: Language, films: &[Film]) -> Markup {
    html! {
        section class="hero" {
            div {
                h1 { (t!(language, "home-welcome")) }
                p class="lead" { (t!(language, "home-lead")) }
                p class="actions" {
                    a class="button" href="/sign-up" { (t!(language, "home-join")) }
                    a class="button quiet" href="/films" { (t!(language, "home-browse")) }
                }
            }
            div class="hero-posters" aria-hidden="true" {
                @for film in films.iter().take(FAN) {
                    @let card = film.card(language);
                    a href=(card.href) tabindex="-1" { (card.poster().decorative()) }
                }
            }
        }
    }
}
