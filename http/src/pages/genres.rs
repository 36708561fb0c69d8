//! Genres, and the films of each.

use axum::response::Response;
use domain::Genre;
use maud::html;
use projections::film_genres;
use projections::films::Order;

use crate::components::genre_tiles;
use crate::extract::{Path, Query};
use crate::fields::genre;
use crate::layout::Page;
use crate::pages::films::{Look, Shelf};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::t;

/// `GET /genres`: 200.
pub async fn list(reading: Reading) -> Response {
    let language = reading.visitor.language;
    let content = html! {
        header class="page-head" {
            h1 { (t!(language, "genres-title")) }
            p class="lead" { (t!(language, "genres-lead")) }
        }
        (genre_tiles(language, &Genre::ALL.map(Genre::slug)))
    };
    let page = Page::new(
        reading.visitor.clone(),
        t!(language, "genres-title"),
        content,
    )
    .description(t!(language, "genres-lead"));
    reading.respond(page)
}

/// `GET /genres/{genre}?sort={sort}&decade={year}&unseen=on&cursor={cursor}`: 200, 400, 404.
pub async fn show(
    Path(slug): Path<String>,
    Query(look): Query<Look>,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let genre = genre(&slug)?;
    let language = reading.visitor.language;
    let counts = film_genres::counts(&mut reading.snapshot).await;
    let counts = counts.map_err(failed)?;
    let count = counts
        .iter()
        .find(|(slug, _)| slug == genre.slug())
        .map_or(0, |(_, count)| *count);
    let shelf = Shelf {
        base: &format!("/genres/{slug}"),
        genre: Some(genre),
        sorts: &[
            Order::Latest,
            Order::TalkedAbout,
            Order::BestRated,
            Order::Oldest,
        ],
    };
    let shelf = shelf.show(&look, &mut reading).await?;
    let name = language.genre(genre.slug());
    let content = html! {
        header class="page-head" {
            h1 { (t!(language, "genre-title", genre = &name)) }
            p class="lead" { (t!(language, "films-count", count = count)) }
        }
        (shelf)
    };
    let page = Page::new(
        reading.visitor.clone(),
        t!(language, "genre-title", genre = &name),
        content,
    )
    .description(t!(language, "genre-description", genre = &name));
    Ok(reading.respond(page))
}
