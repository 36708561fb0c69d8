//! Which events touch a row: the log gone through once more, asking each model.

use std::collections::VecDeque;

use event_log::{Keyring, copy_page};
use serde_json::{Map, Value};
use sqlx::postgres::PgConnection;

use crate::batch;
use crate::changes::Touched;
use crate::compare::Difference;
use crate::projector::ProjectError;

/// Events in memory at once.
const WINDOW: i64 = 5_000;
/// Of each row the last so many.
const MAX_EVENTS: usize = 10;

/// A row that differs, as changes are compared with it.
struct Sought {
    key: String,
    /// Live and rebuilt, by column.
    rows: Vec<Map<String, Value>>,
    events: VecDeque<i64>,
}

/// Tells each difference behind `after` up to `through` the events that touch it.
pub(crate) async fn find(
    keyring: &Keyring,
    connection: &mut PgConnection,
    (mut after, through): (i64, i64),
    differences: &mut [Difference],
) -> Result<(), ProjectError> {
    let mut sought: Vec<Sought> = differences.iter().map(Sought::of).collect();
    let mut models = crate::models();
    models.retain(|model| {
        let mut tables = differences.iter().map(|difference| &difference.table);
        tables.any(|table| table == model.name())
    });
    while !models.is_empty() && after < through {
        let events = copy_page(connection, after, WINDOW.min(through - after)).await?;
        let Some(last) = events.last() else { break };
        after = last.position;
        for happened in batch::read(keyring, &events).await? {
            for model in &mut models {
                // a model that fails here has touched nothing
                let touched = model.touched(&happened).unwrap_or_default();
                let rows = differences.iter().zip(&mut sought);
                let rows = rows.filter(|(difference, _)| difference.table == model.name());
                rows.for_each(|(_, sought)| sought.see(happened.position, &touched));
            }
        }
    }
    for (difference, sought) in differences.iter_mut().zip(sought) {
        difference.events = sought.events.into();
    }
    Ok(())
}

impl Sought {
    fn of(difference: &Difference) -> Sought {
        let rows = [&difference.live, &difference.rebuilt]
            .into_iter()
            .flatten();
        let rows = rows.filter_map(|row| serde_json::from_str(row).ok());
        Sought {
            key: Touched::values(&key_values(&difference.key)),
            rows: rows.collect(),
            events: VecDeque::new(),
        }
    }

    fn see(&mut self, position: i64, touched: &[Touched]) {
        if !touched.iter().any(|touched| self.is(touched)) {
            return;
        }
        if self.events.len() == MAX_EVENTS {
            self.events.pop_front();
        }
        self.events.push_back(position);
    }

    fn is(&self, touched: &Touched) -> bool {
        match touched {
            Touched::Key(key) => *key == self.key,
            Touched::Where(column, value) => {
                let value = Value::String(value.to_string());
                self.rows.iter().any(|row| row.get(*column) == Some(&value))
            }
        }
    }
}

/// The values of a key's JSON object.
fn key_values(object: &str) -> String {
    let columns: Map<String, Value> = serde_json::from_str(object).unwrap_or_default();
    let values = columns.values().map(Value::to_string);
    values.collect::<Vec<_>>().join(",")
}
