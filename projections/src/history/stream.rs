//! What a stream was at a version, and what each event changed.

use std::collections::BTreeSet;

use domain::{Event, MemberId, State};
use event_log::{Keyring, Recorded, StreamName, read_last_of_types};
use serde_json::{Map, Value};
use sqlx::postgres::PgConnection;
use thiserror::Error;

use super::concerned::concerned;
use super::opened::{Opened, open};

/// What tells the words that stand in a stream, beside its first event: the log has an index of them.
const WORDS: [&str; 8] = [
    "member.renamed",
    "member.about_changed",
    "member.email_changed",
    "review.posted",
    "review.rewritten",
    "comment.edited",
    "room.renamed",
    "room.described",
];

/// An event that says that it belongs to another stream: folding it would be nonsense.
#[derive(Debug, Error)]
#[error(
    "position {position} belongs to the stream {stream}: the log is damaged (see replay-tool verify)"
)]
pub struct Misplaced {
    position: i64,
    stream: String,
}

/// The events of a stream so far, and what they add up to.
#[derive(Clone, Debug, Default)]
pub struct StreamAt {
    pub version: i64,
    pub position: i64,
    pub state: State,
    /// The newest of each field: states know members' words by fingerprints alone.
    said: Map<String, Value>,
}

impl StreamAt {
    pub fn take(&mut self, recorded: &Recorded, event: &Event) -> Result<(), Misplaced> {
        let stream = event.stream().to_string();
        if stream != recorded.stream.as_str() {
            return Err(Misplaced {
                position: recorded.position,
                stream,
            });
        }
        self.state.evolve(event);
        (self.version, self.position) = (recorded.version, recorded.position);
        Ok(())
    }

    fn say(&mut self, opened: &Opened) {
        if let Value::Object(data) = &opened.data {
            self.said.extend(data.clone());
        }
    }

    fn take_opened(&mut self, opened: &Opened) {
        self.say(opened);
        let event = opened.event.as_ref();
        if event.is_none_or(|event| self.take(&opened.recorded, event).is_err()) {
            // damaged: it counts, and adds nothing
            (self.version, self.position) = (opened.recorded.version, opened.recorded.position);
        }
    }

    /// Whom the state names.
    pub fn concerned(&self) -> BTreeSet<MemberId> {
        concerned(&self.shown())
    }

    /// What the events say last of a field, whether the state knows it or not.
    pub fn said(&self, field: &str) -> Option<&Value> {
        self.said.get(field)
    }

    /// The state as an object, with the words that stand there; null: nothing had happened yet.
    pub fn shown(&self) -> Value {
        let mut state = serde_json::to_value(&self.state).unwrap_or_default();
        if let Value::Object(fields) = &mut state {
            for (name, value) in fields {
                if value.get("sealed").is_some()
                    && let Some(said) = self.said.get(name)
                {
                    value.clone_from(said);
                }
            }
        }
        state
    }
}

/// One event and what it made of the state.
#[derive(Clone, Debug)]
pub struct Step {
    pub opened: Opened,
    pub before: Value,
    pub after: Value,
}

/// These next events of a stream as steps, oldest first, and what it was behind them. `before` is
/// what it was before them, and its version. Of a stream with parts the state is what decisions see.
pub async fn steps(
    keyring: &Keyring,
    connection: &mut PgConnection,
    stream: &StreamName,
    before: (i64, State),
    events: Vec<Recorded>,
) -> sqlx::Result<(StreamAt, Vec<Step>)> {
    let mut at = told(keyring, connection, stream, before).await?;
    let mut steps = Vec::with_capacity(events.len());
    for opened in open(keyring, events).await? {
        let before = at.shown();
        at.take_opened(&opened);
        steps.push(Step {
            after: at.shown(),
            opened,
            before,
        });
    }
    Ok((at, steps))
}

/// A state with the words that it does not hold.
async fn told(
    keyring: &Keyring,
    connection: &mut PgConnection,
    stream: &StreamName,
    (version, state): (i64, State),
) -> sqlx::Result<StreamAt> {
    let mut at = StreamAt::default();
    if version == 0 {
        return Ok(at);
    }
    let telling = read_last_of_types(connection, stream, version, &WORDS).await?;
    for opened in open(keyring, telling).await? {
        at.say(&opened);
    }
    (at.version, at.state) = (version, state);
    Ok(at)
}

/// A field that two states have otherwise; `None`: it is not there.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Names and indices down to it, between points.
    pub field: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// What differs between two states, field by field.
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    differ(String::new(), Some(before), Some(after), &mut found);
    found
}

fn differ(
    field: String,
    before: Option<&Value>,
    after: Option<&Value>,
    found: &mut Vec<Difference>,
) {
    if before == after {
        return;
    }
    let fields = |value: Option<&Value>| match value {
        Some(Value::Object(fields)) => Some(fields.clone()),
        None | Some(Value::Null) => Some(Map::new()),
        Some(_) => None,
    };
    let (Some(one), Some(other)) = (fields(before), fields(after)) else {
        return found.push(Difference {
            field,
            before: before.cloned(),
            after: after.cloned(),
        });
    };
    if one.is_empty() && other.is_empty() {
        return;
    }
    let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let inner = match field.as_str() {
            "" => name.clone(),
            outer => format!("{outer}.{name}"),
        };
        differ(inner, one.get(name), other.get(name), found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_log_has_an_index_of_what_tells_words() {
        let index = include_str!("../../../migrations/20261130050000_telling.sql");
        for event_type in WORDS {
            assert!(index.contains(&format!("'{event_type}'")), "{event_type}");
        }
    }

    #[test]
    fn states_are_compared_field_by_field() {
        let before = json!({"rating": 7, "text": "Rain.", "present": ["a"], "same": {"x": 1}});
        let after =
            json!({"rating": 9, "present": ["a", "b"], "same": {"x": 1}, "mutes": {"b": 1}});
        let found = differences(&before, &after);
        let told: Vec<_> = found
            .iter()
            .map(|difference| {
                (
                    difference.field.as_str(),
                    &difference.before,
                    &difference.after,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("mutes.b", &None, &Some(json!(1))),
                ("present", &Some(json!(["a"])), &Some(json!(["a", "b"]))),
                ("rating", &Some(json!(7)), &Some(json!(9))),
                ("text", &Some(json!("Rain.")), &None),
            ]
        );
        assert_eq!(differences(&after, &after), []);
        assert_eq!(differences(&Value::Null, &json!({"a": 1})).len(), 1);
    }
}
