//! Lists of films.

use axum::response::Response;
use domain::Genre;
use maud::{Markup, html};
use projections::films::{self, List, Order};
use serde::Deserialize;
use uuid::Uuid;

use crate::api::films::FilmPlace;
use crate::components::{Tab, empty, film_grid, pagination, tabs};
use crate::cursor;
use crate::extract::Query;
use crate::fields::decade;
use crate::language::Language;
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

/// Whose films are left out of a list, and how that is said in its addresses.
struct Unseen {
    by: Option<Uuid>,
    query: &'static str,
}

impl Unseen {
    /// A stranger has seen nothing.
    fn of(reading: &Reading, asked: bool) -> Unseen {
        let by = reading.viewer().filter(|_| asked);
        Unseen {
            by,
            query: if by.is_some() { "&unseen=on" } else { "" },
        }
    }

    /// Leads from all films of a list to those that are new to the member, and back.
    fn switch(&self, reading: &Reading, here: &str) -> Markup {
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

/// All films, in these orders; the first where none is chosen.
const ALL: Shelf<'static> = Shelf {
    base: "/films",
    genre: None,
    sorts: &[
        Order::Newest,
        Order::TalkedAbout,
        Order::BestRated,
        Order::Latest,
        Order::Oldest,
    ],
};
/// Those that are offered; an address may name another one.
const DECADES: [i16; 11] = [
    2020, 2010, 2000, 1990, 1980, 1970, 1960, 1950, 1940, 1930, 1920,
];

/// Films that are shown in several orders.
pub struct Shelf<'a> {
    pub base: &'a str,
    pub genre: Option<Genre>,
    pub sorts: &'static [Order],
}

/// How a shelf is looked at.
#[derive(Deserialize)]
pub struct Look {
    sort: Option<Order>,
    decade: Option<i16>,
    cursor: Option<String>,
    unseen: Option<String>,
}

/// `GET /films?sort={sort}&decade={year}&unseen=on&cursor={cursor}`: 200, 400.
pub async fn list(Query(look): Query<Look>, mut reading: Reading) -> Result<Response, Problem> {
    let language = reading.visitor.language;
    let shelf = ALL.show(&look, &mut reading).await?;
    let content = html! {
        header class="page-head" { h1 { (t!(language, "films-title")) } }
        (shelf)
    };
    let page = Page::new(
        reading.visitor.clone(),
        t!(language, "films-title"),
        content,
    );
    Ok(reading.respond(page))
}

impl Shelf<'_> {
    /// A page of the films, with the ways to look at them.
    pub async fn show(&self, look: &Look, reading: &mut Reading) -> Result<Markup, Problem> {
        let language = reading.visitor.language;
        let unseen = Unseen::of(reading, look.unseen.is_some());
        let sort = look.sort.unwrap_or(self.sorts[0]);
        let list = List {
            order: sort,
            genre: self.genre,
            decade: decade(look.decade)?,
            unseen_by: unseen.by,
        };
        let place: Option<FilmPlace> = cursor::decode(look.cursor.as_deref())?;
        let place = place.map(|place| place.within(sort)).transpose()?;
        let found = films::list(&mut reading.snapshot, list, place, FILMS).await;
        let found = found.map_err(failed)?;
        let here = self.address(sort, list.decade);
        let first = format!("{here}{}", unseen.query);
        let next = found.next.map(|place| {
            let next = cursor::encode(&FilmPlace::of(sort, place));
            format!("{first}&cursor={next}")
        });
        let films = Film::all(found.items);
        Ok(html! {
            (self.orders(language, sort, (list.decade, &unseen)))
            (self.decades(language, sort, (list.decade, &unseen)))
            (unseen.switch(reading, &here))
            @if films.is_empty() {
                (empty(&t!(language, "films-none-here")))
            } @else {
                (film_grid(&Film::cards(&films, language)))
            }
            (pagination(language, place.map(|_| first.as_str()), next.as_deref()))
        })
    }

    fn address(&self, sort: Order, decade: Option<i16>) -> String {
        let decade = decade.map(|year| format!("&decade={year}"));
        let (base, sort) = (self.base, sort.slug());
        format!("{base}?sort={sort}{}", decade.unwrap_or_default())
    }

    fn orders(
        &self,
        language: Language,
        here: Order,
        (decade, unseen): (Option<i16>, &Unseen),
    ) -> Markup {
        let address = |sort| format!("{}{}", self.address(sort, decade), unseen.query);
        let addresses: Vec<String> = self.sorts.iter().copied().map(address).collect();
        let sorts = self.sorts.iter().zip(&addresses);
        let orders: Vec<Tab> = sorts
            .map(|(sort, href)| Tab {
                href,
                text: sort_name(language, *sort),
                is_here: *sort == here,
            })
            .collect();
        tabs(&t!(language, "films-sort-label"), &orders)
    }

    fn decades(
        &self,
        language: Language,
        sort: Order,
        (here, unseen): (Option<i16>, &Unseen),
    ) -> Markup {
        let all = [None].into_iter().chain(DECADES.map(Some));
        html! {
            nav class="decades" aria-label=(t!(language, "films-decades-label")) {
                @for decade in all {
                    a class="chip" href={ (self.address(sort, decade)) (unseen.query) }
                        aria-current=[(decade == here).then_some("true")] {
                        @match decade {
                            Some(year) => {
                                (t!(language, "films-decade", year = year.to_string()))
                            },
                            None => (t!(language, "films-decade-all")),
                        }
                    }
                }
            }
        }
    }
}

fn sort_name(language: Language, sort: Order) -> String {
    match sort {
        Order::Newest => t!(language, "films-sort-newest"),
        Order::TalkedAbout => t!(language, "films-sort-talked-about"),
        Order::BestRated => t!(language, "films-sort-best-rated"),
        Order::Latest => t!(language, "films-sort-latest"),
        Order::Oldest => t!(language, "films-sort-oldest"),
    }
}
