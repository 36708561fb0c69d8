//! Lists of films.

use axum::response::Response;
use maud::{Markup, html};
use projections::films;
use serde::Deserialize;
use uuid::Uuid;

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
    /// Without what the visitor has seen.
    pub unseen: Option<String>,
}

/// Whose films are left out of a list, and how that is said in its addresses.
pub struct Unseen {
    pub by: Option<Uuid>,
    pub query: &'static str,
}

impl Unseen {
    /// A stranger has seen nothing.
    pub fn of(reading: &Reading, asked: bool) -> Unseen {
        let by = reading.viewer().filter(|_| asked);
        Unseen {
            by,
            query: if by.is_some() { "&unseen=on" } else { "" },
        }
    }

    /// Leads from all films of a list to those that are new to the member, and back.
    pub fn switch(&self, reading: &Reading, here: &str) -> Markup {
        let language = reading.visitor.language;
        html! {
            @if reading.viewer().is_some() {
                p class="list-switch" {
                    @if self.by.is_some() {
                        a class="chip" href=(here) aria-current="true" {
                            (t!(language, "films-seen-too"))
                        }
                    } @else {
                        a class="chip" href={ (here) "&unseen=on" } { (t!(language, "films-unseen")) }
                    }
                }
            }
        }
    }
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
    unseen: Option<String>,
}

/// `GET /films?sort={newest|talked-about}&cursor={cursor}`: 200, 400.
pub async fn list(Query(list): Query<List>, mut reading: Reading) -> Result<Response, Problem> {
    let language = reading.visitor.language;
    let unseen = Unseen::of(&reading, list.unseen.is_some());
    let snapshot = &mut reading.snapshot;
    let after = list.cursor.as_deref();
    let (found, next) = match list.sort {
        Order::Newest => {
            let page = films::newly_added(snapshot, cursor::decode(after)?, unseen.by, FILMS).await;
            let page = page.map_err(failed)?;
            (page.items, page.next.map(|next| cursor::encode(&next)))
        }
        Order::TalkedAbout => {
            let page =
                films::talked_about(snapshot, cursor::decode(after)?, unseen.by, FILMS).await;
            let page = page.map_err(failed)?;
            (page.items, page.next.map(|next| cursor::encode(&next)))
        }
    };
    let here = match list.sort {
        Order::Newest => "/films?sort=newest",
        Order::TalkedAbout => "/films?sort=talked-about",
    };
    let next = next.map(|next| format!("{here}{}&cursor={next}", unseen.query));
    let first = format!("{here}{}", unseen.query);
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
        (unseen.switch(&reading, here))
        @if films.is_empty() {
            (empty(&t!(language, "home-empty")))
        } @else {
            (film_grid(&Film::cards(&films, language)))
        }
        (pagination(language, list.cursor.as_ref().map(|_| first.as_str()), next.as_deref()))
    };
    let page = Page::new(
        reading.visitor.clone(),
        t!(language, "films-title"),
        content,
    );
    Ok(reading.respond(page))
}
