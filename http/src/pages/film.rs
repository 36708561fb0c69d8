//! A film: its facts, how it is rated, what is said about it.

mod header;
mod said;

use axum::extract::State;
use axum::response::Response;
use domain::{FilmId, Role};
use maud::{Markup, html};
use projections::rooms::{self, RoomCard};
use projections::{film_ratings, films, reviews, watchlist};
use uuid::Uuid;

use crate::api::rooms::is_for_few;
use crate::app::App;
use crate::assets::asset;
use crate::components::taste::{RailHead, way};
use crate::components::{confirm, review_card, room_cards};
use crate::extract::{Path, Query};
use crate::language::Language;
use crate::layout::Page;
use crate::pages::recommended::{Asked, under};
use crate::pages::reviewing;
use crate::pages::rooms::styles;
use crate::pages::rows::{Looking, Review, in_language};
use crate::poster::titled;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::t;
use header::header;
use said::{View, review_list, said};

/// On the page: the last active ones.
const ROOMS: i64 = 4;

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
