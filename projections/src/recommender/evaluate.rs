//! How well each model foretells what people liked next, on MovieLens data.
//!
//! Likes are ratings of four stars or more. *Leave last out*: each member's
//! likes in the order of time (then film id); of members with five or more the
//! last is the test, the second last the validation. *Global time*: the last
//! fifth of all likes is the test, the last fifth of the rest the validation.
//! A model's parameters are those with the highest nDCG@10 on the validation;
//! then it is fitted again with the validation's likes. All films that somebody
//! likes in training are ranked, except those in the member's history, the lower
//! id first where scores are equal; cases whose film nobody likes there are left out.

mod entrants;
mod measure;
mod movielens;
mod report;
mod splits;

use std::path::Path;

use super::Histories;
use entrants::{Data, ENTRANTS, Entrant, Parameters};
use measure::{Measured, measure};
use splits::{Split, by_time, last_but};

pub use movielens::{ReadError, read};
pub use report::{Report, Row, Table};

const LEAST_HALF_STARS: u8 = 8;
/// Of all likes, by time, those that a global split trains on.
const TRAINING: f64 = 0.8;

/// Reads `ratings.csv` and `movies.csv` of a MovieLens folder and measures every model.
pub fn evaluate(directory: &Path) -> Result<Report, ReadError> {
    let histories = movielens::read(directory)?;
    Ok(contest(&histories))
}

fn contest(histories: &Histories) -> Report {
    let likes = histories.likes(LEAST_HALF_STARS);
    let ratings = histories.members.values().map(Vec::len).sum();
    let before = by_time(&likes, TRAINING);
    Report {
        ratings,
        likes: likes.len(),
        tables: vec![
            table(
                "Leave last out",
                histories,
                &last_but(&likes, 1),
                &last_but(&likes, 0),
            ),
            table(
                "Global time",
                histories,
                &by_time(&before.training, TRAINING),
                &before,
            ),
        ],
    }
}

fn table(title: &'static str, histories: &Histories, validation: &Split, test: &Split) -> Table {
    let tuning = Data::new(histories, &validation.training);
    let testing = Data::new(histories, &test.training);
    let row = |entrant: &Entrant| -> Row {
        let parameters = choose(entrant, &tuning, validation);
        let measured = measure(
            &testing.likes,
            &test.cases,
            &(entrant.fit)(&testing, parameters),
        );
        Row {
            model: entrant.name,
            parameters: entrant.describe(parameters),
            measured,
        }
    };
    Table {
        title,
        films: testing.likes.films().len(),
        rows: ENTRANTS.iter().map(row).collect(),
    }
}

/// The first of the parameters with the highest nDCG on the validation.
fn choose(entrant: &Entrant, data: &Data, validation: &Split) -> Parameters {
    let mut chosen: Option<(f64, Parameters)> = None;
    for parameters in entrant.grid() {
        if entrant.is_fixed() {
            return parameters;
        }
        let Measured { ndcg, .. } = measure(
            &data.likes,
            &validation.cases,
            &(entrant.fit)(data, parameters),
        );
        if chosen.is_none_or(|(best, _)| ndcg > best) {
            chosen = Some((ndcg, parameters));
        }
    }
    chosen.expect("a grid has parameters").1
}

#[cfg(test)]
mod tests;
