//! Lists of films.

use axum::response::Response;
use maud::html;
use projections::films;
use serde::Deserialize;

use crate::components::{Tab, empty, film_grid, pagination, tabs};
use crate::cursor;
use crate::extract::Query;
use crate::layout::Page;
use crate::pages::rows::Film;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::t;

/// On one page of a list.
pub const FILMS: i64 = 36;

/// Where a page of a list begins.
#[derive(Deserialize)]
pub struct From {
    pub cursor: Option<String>,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    #[default]
    Newest,
    TalkedAbout,
}

#[derive(Deserialize)]
pub struct List {
    #[serde(default)]
    sort: Order,
    cursor: Option<String>,
}

/// `GET /films?sort={newest|talked-about}&cursor={cursor}`: 200, 400.
pub async fn list(Query(list): Query<List>, mut reading: Reading) -> Result<Response, Problem> {
    let language = reading.visitor.language;
    let snapshot = &mut reading.snapshot;
    let after = list.cursor.as_deref();
    let (found, next) = match list.sort {
        Order::Newest => {
            let page = films::newly_added(snapshot, cursor::decode(after)?, FILMS).await;
            let page = page.map_err(failed)?;
            (page.items, page.next.map(|next| cursor::encode(&next)))
        }
        Order::TalkedAbout => {
            let page = films::talked_about(snapshot, cursor::decode(after)?, FILMS).await;
            let page = page.map_err(failed)?;
            (page.items, page.next.map(|next| cursor::encode(&next)))
        }
    };
    let here = match list.sort {
        Order::Newest => "/films?sort=newest",
        Order::TalkedAbout => "/films?sort=talked-about",
    };
    let next = next.map(|next| format!("{here}&cursor={next}"));
    let films = Film::all(found);
    let tab = |order, href, text| Tab {
        href,
        text,
        is_here: list.sort == order,
    };
    let orders = [
        tab(
            Order::Newest,
            "/films?sort=newest",
            t!(language, "home-newly-added"),
        ),
        tab(
            Order::TalkedAbout,
            "/films?sort=talked-about",
            t!(language, "home-talked-about"),
        ),
    ];
    let content = html! {
        header class="page-head" { h1 { (t!(language, "films-title")) } }
        (tabs(&t!(language, "films-sort-label"), &orders))
        @if films.is_empty() {
            (empty(&t!(language, "home-empty")))
        } @else {
            (film_grid(&Film::cards(&films, language)))
        }
        (pagination(language, list.cursor.as_ref().map(|_| here), next.as_deref()))
    };
    let page = Page::new(
        reading.visitor.clone(),
        t!(language, "films-title"),
        content,
    );
    Ok(reading.respond(page))
}
