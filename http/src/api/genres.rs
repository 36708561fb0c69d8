//! `/genres`: the nineteen, and their films.

use domain::Genre;
use projections::film_genres;
use projections::films::Order;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::films::{FilmOrder, FilmSummary, Translated};
use super::list::{Leaving, List, ListQuery};
use super::{Answer, App};
use crate::extract::{Json, Path, Query};
use crate::fields;
use crate::language::Language;
use crate::reading::{Reading, failed};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_genres))
        .routes(routes!(list_genre_films))
}

/// A genre.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GenreSummary {
    #[schema(example = "science-fiction")]
    pub slug: String,
    pub name: Translated,
    /// How many films it has.
    pub films: i64,
}

/// Lists all genres.
///
/// There are nineteen: on one page.
#[utoipa::path(get, path = "/genres", tag = "films",
    responses((status = 200, description = "All genres", body = List<GenreSummary>)))]
pub async fn list_genres(mut reading: Reading) -> Answer {
    let counts = film_genres::counts(&mut reading.snapshot)
        .await
        .map_err(failed)?;
    let films_of = |slug: &str| {
        let found = counts.iter().find(|(genre, _)| genre == slug);
        found.map_or(0, |(_, films)| *films)
    };
    let genres = Genre::ALL.map(|genre| GenreSummary {
        slug: genre.slug().to_owned(),
        name: Translated {
            en: Language::En.genre(genre.slug()),
            ko: Language::Ko.genre(genre.slug()),
        },
        films: films_of(genre.slug()),
    });
    let list = List {
        items: genres.into(),
        next: None,
    };
    Ok(reading.respond(Json(list)))
}

/// Lists a genre's films.
#[utoipa::path(get, path = "/genres/{genre}/films", tag = "films",
    params(("genre" = String, Path, description = "Its slug"), FilmOrder, Leaving, ListQuery),
    responses((status = 200, description = "A page of films", body = List<FilmSummary>)))]
pub async fn list_genre_films(
    mut reading: Reading,
    Path(genre): Path<String>,
    Query(order): Query<FilmOrder>,
    Query(leaving): Query<Leaving>,
    Query(query): Query<ListQuery>,
) -> Answer {
    let genre = fields::genre(&genre)?;
    let otherwise = (Some(genre), Order::Latest);
    let list = order
        .list(&mut reading, otherwise, &leaving, &query)
        .await?;
    Ok(reading.respond(Json(list)))
}
