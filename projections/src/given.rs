//! How read models are tested: `given(events)`, then rows, without a database;
//! and the same again with the events split into batches of every size.

mod events;

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Event, Stream};

use crate::changes::{Changes, Mode, Rows};
use crate::model::{Happened, ReadModel};
pub use events::*;

/// The time of the event at a position: an hour after the one before.
pub fn at(position: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::hours(position)
}

/// The rows of one model after these events, in the order of their keys.
pub fn given<R>(events: Vec<Event>) -> Vec<R>
where
    R: ReadModel + PartialEq,
    R::Key: Ord,
{
    let mut versions = HashMap::<Stream, i64>::new();
    let happened: Vec<Happened> = (1..)
        .zip(events)
        .map(|(position, event)| {
            let version = versions.entry(event.stream()).or_default();
            *version += 1;
            Happened {
                position,
                version: *version,
                at: at(position),
                event,
            }
        })
        .collect();
    let rows = in_batches(&happened, happened.len().max(1));
    for size in 1..happened.len() {
        assert_eq!(
            in_batches::<R>(&happened, size),
            rows,
            "in batches of {size}"
        );
    }
    rows
}

fn in_batches<R>(happened: &[Happened], size: usize) -> Vec<R>
where
    R: ReadModel,
    R::Key: Ord,
{
    let mut rows = Rows::<R>::begin(Mode::Empty);
    for batch in happened.chunks(size) {
        let mut changes = Changes::<R>::default();
        batch
            .iter()
            .for_each(|happened| R::apply(happened, &mut changes));
        rows.fold_known(changes).expect("the changes fit the rows");
    }
    let mut rows: Vec<R> = rows.known().collect();
    rows.sort_by_key(R::key);
    rows
}
