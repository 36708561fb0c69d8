//! How much a film is talked about now.
//!
//! Every review, comment and like adds to a film's heat, and what was added
//! halves every three days. Heat is kept as the logarithm of a sum that grows
//! with time instead of decaying ("forward decay"): the order of films is right
//! at any moment, and no row changes while nothing happens.

use chrono::{DateTime, Utc};
use domain::{Event, FilmId, comment, like, review};
use uuid::Uuid;

use crate::changes::Changes;
use crate::model::{Happened, ReadModel};
use crate::table::table;

const HALF_LIFE_S: f64 = 3.0 * 24.0 * 3600.0;
const REVIEW: f64 = 1.0;
const COMMENT: f64 = 0.5;
const LIKE: f64 = 0.25;

table! {
    /// log₂ of the sum of weight × 2^(time / half-life) over all that was said.
    pub struct FilmHeat in film_heat {
        key { film: Uuid }
        heat: f64,
    }
}

impl ReadModel for FilmHeat {
    fn apply(happened: &Happened, film_heat: &mut Changes<FilmHeat>) {
        let Some((film, added)) = said(happened) else {
            return;
        };
        let cold = FilmHeat {
            film: film.0,
            heat: f64::NEG_INFINITY,
        };
        film_heat.put_or_patch(cold, move |film| film.heat = log2_of_sum(film.heat, added));
    }
}

/// The film of which something is said, and how much heat that is.
pub(crate) fn said(happened: &Happened) -> Option<(FilmId, f64)> {
    match &happened.event {
        Event::Review(review::Event::Posted(posted)) => {
            Some((posted.film, added(REVIEW, happened.at)))
        }
        Event::Comment(comment::Event::Posted(posted)) => {
            Some((posted.film, added(COMMENT, happened.at)))
        }
        Event::Like(like::Event::Liked(liked)) => Some((liked.film, added(LIKE, happened.at))),
        // as much as it has left of when it was posted
        Event::Review(review::Event::Moved(moved)) => {
            Some((moved.into, added(REVIEW, moved.posted_at)))
        }
        Event::Review(
            review::Event::Rerated(_)
            | review::Event::Rewritten(_)
            | review::Event::Dated(_)
            | review::Event::Retracted(_)
            | review::Event::Hidden(_)
            | review::Event::Restored(_),
        )
        | Event::Comment(
            comment::Event::Edited(_)
            | comment::Event::Retracted(_)
            | comment::Event::Hidden(_)
            | comment::Event::Restored(_),
        )
        | Event::Like(like::Event::Unliked(_))
        | Event::Film(_)
        | Event::Follow(_)
        | Event::Reservation(_)
        | Event::Forgetting(_)
        | Event::Member(_)
        | Event::Room(_)
        | Event::ReadMarker(_)
        | Event::Report(_)
        | Event::Measure(_)
        | Event::Notifications(_)
        | Event::Watchlist(_)
        | Event::Audit(_) => None,
    }
}

fn added(weight: f64, at: DateTime<Utc>) -> f64 {
    let seconds = at.timestamp_micros() as f64 / 1e6;
    weight.log2() + seconds / HALF_LIFE_S
}

/// log₂(2^a + 2^b), without leaving the range of numbers.
pub(crate) fn log2_of_sum(a: f64, b: f64) -> f64 {
    let (smaller, larger) = if a < b { (a, b) } else { (b, a) };
    larger + (smaller - larger).exp2().ln_1p() / std::f64::consts::LN_2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn two_equal_heats_are_one_more() {
        assert_eq!(log2_of_sum(5000.0, 5000.0), 5001.0);
        assert_eq!(log2_of_sum(f64::NEG_INFINITY, 3.0), 3.0);
        assert_eq!(log2_of_sum(3.0, f64::NEG_INFINITY), 3.0);
    }

    #[test]
    fn what_is_said_later_weighs_more() {
        let early: Vec<FilmHeat> = given(vec![posted(1, 4.0)]);
        let late: Vec<FilmHeat> = given(vec![listed(), posted(1, 4.0)]);
        assert!(late[0].heat > early[0].heat);
        // an hour of a half-life of three days
        assert!((late[0].heat - early[0].heat - 1.0 / 72.0).abs() < 1e-9);
    }

    #[test]
    fn every_voice_adds_and_editing_adds_nothing() {
        let one: Vec<FilmHeat> = given(vec![posted(1, 4.0)]);
        let edited: Vec<FilmHeat> = given(vec![posted(1, 4.0), rerated(4.0, 1.0)]);
        let talked: Vec<FilmHeat> = given(vec![posted(1, 4.0), commented(1), liked(1)]);
        assert_eq!(one, edited);
        assert!(talked[0].heat > one[0].heat);
    }
}
