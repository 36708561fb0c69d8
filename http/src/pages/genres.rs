//! Genres, and the films of each.

use axum::response::Response;
use domain::Genre;
use maud::html;
use projections::{film_genres, films};
use uuid::Uuid;

use crate::components::{empty, film_grid, genre_tiles, pagination};
use crate::cursor;
use crate::extract::{Path, Query};
use crate::fields::genre;
use crate::layout::Page;
use crate::pages::films::{FILMS, From, Unseen};
use crate::pages::rows::{Film, Looking};
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

/// `GET /genres/{genre}?cursor={cursor}`: 200, 400, 404.
pub async fn show(
    Path(slug): Path<String>,
    Query(from): Query<From>,
    mut reading: Reading,
) -> Result<Response, Problem> {
    let genre = genre(&slug)?;
    let after: Option<(i16, Uuid)> = cursor::decode(from.cursor.as_deref())?;
    let language = Looking::of(&reading).language;
    let unseen = Unseen::of(&reading, from.unseen.is_some());
    let snapshot = &mut reading.snapshot;
    let counts = film_genres::counts(snapshot).await.map_err(failed)?;
    let count = counts
        .iter()
        .find(|(slug, _)| slug == genre.slug())
        .map_or(0, |(_, count)| *count);
    let found = films::of_genre(snapshot, genre, after, unseen.by, FILMS)
        .await
        .map_err(failed)?;

    let here = format!("/genres/{slug}");
    let first = format!("{here}?{}", unseen.query.trim_start_matches('&'));
    let next = found
        .next
        .map(|next| format!("{here}?cursor={}{}", cursor::encode(&next), unseen.query));
    let films = Film::all(found.items);
    let name = language.genre(genre.slug());
    let content = html! {
        header class="page-head" {
            h1 { (t!(language, "genre-title", genre = &name)) }
            p class="lead" { (t!(language, "films-count", count = count)) }
        }
        (unseen.switch(&reading, &format!("{here}?")))
        @if films.is_empty() {
            (empty(&t!(language, "genre-empty")))
        } @else {
            (film_grid(&Film::cards(&films, language)))
        }
        (pagination(language, after.map(|_| first.trim_end_matches('?')), next.as_deref()))
    };
    let page = Page::new(
        reading.visitor.clone(),
        t!(language, "genre-title", genre = &name),
        content,
    )
    .description(t!(language, "genre-description", genre = &name));
    Ok(reading.respond(page))
}
