//! Rooms: their list. One is opened and named in [`forms`]; its own page is in [`room`], and what is
//! done there in [`coming`], [`talk`] and [`order`].

mod coming;
mod forms;
mod order;
mod room;
mod talk;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::html;
use projections::rooms;
use serde::Deserialize;

use crate::api::rooms::is_for_few;
use crate::app::App;
use crate::assets::asset;
use crate::components::{Tab, empty, pagination, room_cards, tabs};
use crate::cursor;
use crate::extract::Query;
use crate::layout::Page;
use crate::pages::sign_in_first;
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::t;

/// On one page.
const ROOMS: i64 = 24;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/rooms", get(list))
        .route("/rooms/{room}", get(room::show))
        .merge(forms::routes())
        .merge(coming::routes())
        .merge(talk::routes())
        .merge(order::routes())
}

/// A room's style sheet.
pub fn styles() -> String {
    asset("rooms.css")
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    #[default]
    Busiest,
    Newest,
    Mine,
}

#[derive(Deserialize)]
pub struct View {
    #[serde(default)]
    sort: Order,
    cursor: Option<String>,
}

/// `GET /rooms?sort={busiest|newest|mine}&cursor={cursor}`: 200, 400; strangers sign in for theirs.
async fn list(Query(view): Query<View>, mut reading: Reading) -> Result<Response, Problem> {
    let language = reading.visitor.language;
    let viewer = reading.viewer();
    if view.sort == Order::Mine && viewer.is_none() {
        return Ok(sign_in_first("/rooms?sort=mine"));
    }
    let (found, next) = found(&mut reading, &view).await?;
    reading.is_for_few = found.iter().any(is_for_few);
    let address = |order| match order {
        Order::Busiest => "/rooms",
        Order::Newest => "/rooms?sort=newest",
        Order::Mine => "/rooms?sort=mine",
    };
    let tab = |order, text| Tab {
        href: address(order),
        text,
        is_here: view.sort == order,
    };
    let mut orders = vec![
        tab(Order::Busiest, t!(language, "rooms-busiest")),
        tab(Order::Newest, t!(language, "rooms-newest")),
    ];
    if viewer.is_some() {
        orders.push(tab(Order::Mine, t!(language, "rooms-mine")));
    }
    let here = address(view.sort);
    let turn = if here.contains('?') { '&' } else { '?' };
    let next = next.map(|next| format!("{here}{turn}cursor={next}"));
    let content = html! {
        header class="page-head with-act" {
            div {
                h1 { (t!(language, "rooms-title")) }
                p class="lead" { (t!(language, "rooms-lead")) }
            }
            @if reading.visitor.as_of.is_none() {
                a class="button" href="/rooms/new" { (t!(language, "room-open")) }
            }
        }
        (tabs(&t!(language, "rooms-sort-label"), &orders))
        @for order in orders.iter().filter(|order| order.is_here) {
            h2 class="visually-hidden" { (order.text) }
        }
        @if found.is_empty() {
            (empty(&t!(language, "rooms-empty")))
        } @else {
            (room_cards(language, &found, true))
        }
        (pagination(language, view.cursor.as_ref().map(|_| here), next.as_deref()))
    };
    let page = Page::new(
        reading.visitor.clone(),
        t!(language, "rooms-title"),
        content,
    )
    .description(t!(language, "rooms-lead"))
    .styled(styles());
    Ok(reading.respond(page))
}

async fn found(
    reading: &mut Reading,
    view: &View,
) -> Result<(Vec<rooms::RoomCard>, Option<String>), Problem> {
    let viewer = reading.viewer();
    let snapshot = &mut reading.snapshot;
    let after = view.cursor.as_deref();
    Ok(match (view.sort, viewer) {
        (Order::Mine, Some(viewer)) => {
            let page = rooms::mine(snapshot, viewer, cursor::decode(after)?, ROOMS).await;
            let page = page.map_err(failed)?;
            (page.items, page.next.map(|next| cursor::encode(&next)))
        }
        (Order::Newest, _) => {
            let page = rooms::newest(snapshot, viewer, cursor::decode(after)?, ROOMS).await;
            let page = page.map_err(failed)?;
            (page.items, page.next.map(|next| cursor::encode(&next)))
        }
        (Order::Busiest | Order::Mine, _) => {
            let page = rooms::busiest(snapshot, viewer, cursor::decode(after)?, ROOMS).await;
            let page = page.map_err(failed)?;
            (page.items, page.next.map(|next| cursor::encode(&next)))
        }
    })
}
