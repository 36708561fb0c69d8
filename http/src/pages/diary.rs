//! What a member saw, by months.

use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};
use projections::reviews::ReviewCard;

use crate::components::{empty, film_card_small, icon, stars};
use crate::pages::rows::{Looking, Review};
use crate::t;

/// A page of a diary; each month has its heading.
pub fn diary(looking: &Looking, is_own: bool, rows: Vec<ReviewCard>) -> Markup {
    let language = looking.language;
    let days: Vec<NaiveDate> = rows.iter().filter_map(|row| row.watched_on).collect();
    let reviews = Review::all(rows, looking);
    let seen: Vec<(NaiveDate, &Review)> = days.into_iter().zip(&reviews).collect();
    if seen.is_empty() && is_own {
        return empty(&t!(language, "diary-own-empty"));
    }
    if seen.is_empty() {
        return empty(&t!(language, "diary-empty"));
    }
    let months = seen.chunk_by(|(one, _), (other, _)| {
        (one.year(), one.month()) == (other.year(), other.month())
    });
    html! {
        @for month in months {
            section class="diary" {
                h3 { (language.month(month[0].0)) }
                ol { @for (day, review) in month { (entry(looking, *day, review)) } }
            }
        }
    }
}

fn entry(looking: &Looking, day: NaiveDate, review: &Review) -> Markup {
    let language = looking.language;
    html! {
        li {
            time datetime=(day) title=(language.day(day)) { (day.day()) }
            a class="diary-film" href=(review.film_href) { (film_card_small(&review.film(language))) }
            a class="diary-review" href=(review.href) {
                (stars(language, review.half_stars()))
                @if review.row.text.is_some() {
                    (icon("bubble"))
                    span class="visually-hidden" { (t!(language, "review-open")) }
                }
            }
        }
    }
}
