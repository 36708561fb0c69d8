//! A model for tests of the log alone: streams that add up.

use event_log::{Command, DecodeError, Encoded, Model, Stored, StreamName};
use sealing::Keys;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub struct Counter;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Added {
    pub stream: String,
    pub number: i64,
}

/// The sum may not become larger than the limit.
#[derive(Clone, Debug, PartialEq)]
pub struct TooMuch;

impl Model for Counter {
    type Event = Added;
    type State = i64;
    type Refusal = TooMuch;

    fn stream(event: &Added) -> StreamName {
        event.stream.as_str().into()
    }

    fn evolve(state: &mut i64, event: &Added) {
        *state += event.number;
    }

    fn encode(event: &Added, _: Uuid, _: &Keys) -> Result<Encoded, String> {
        Ok(Encoded {
            event_type: "counter.added",
            schema_version: 1,
            payload: serde_json::to_string(event).expect("it has only text keys"),
            key_id: None,
        })
    }

    fn decode(stored: Stored<'_>, _: &Keys) -> Result<Added, DecodeError> {
        serde_json::from_str(stored.payload).map_err(|error| DecodeError(error.to_string()))
    }
}

/// Adds a number to each of some streams, unless one would pass the limit.
pub fn add(id: Uuid, streams: &[String], number: i64, limit: i64) -> Command<Counter> {
    let names: Vec<StreamName> = streams.iter().map(|s| s.as_str().into()).collect();
    let looked_at = names.clone();
    Command {
        id,
        actor: Uuid::nil(),
        digest: [u8::try_from(number.rem_euclid(251)).expect("under 251"); 32],
        correlation: id,
        causation: None,
        occurred_at: crate::now(),
        streams: names,
        expected: Vec::new(),
        keys: Keys::default(),
        decide: Box::new(move |seen| {
            let added = |stream: &StreamName| {
                if seen.state(stream) + number > limit {
                    return Err(TooMuch);
                }
                Ok(Added {
                    stream: stream.to_string(),
                    number,
                })
            };
            looked_at.iter().map(added).collect()
        }),
    }
}
