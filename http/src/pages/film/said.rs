//! What is said of a film: its reviews, in the order that is asked for, a page at a time.

use maud::{Markup, html};
use projections::reviews::{self, Which};
use serde::Deserialize;
use uuid::Uuid;

use crate::components::{Tab, empty, pagination, review_card, tabs};
use crate::cursor;
use crate::pages::rows::{Looking, Review};
use crate::problem::Problem;
use crate::reading::{Reading, failed};
use crate::t;

/// On one page.
const REVIEWS: i64 = 20;

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

/// A page of what others say, and where the next one begins.
pub async fn said(
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

pub fn review_list(
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
