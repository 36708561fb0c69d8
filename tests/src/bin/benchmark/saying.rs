//! What is appended where appends are measured: events that hold a sealed text of sixty bytes, as
//! messages do, and nothing else that would take time.

use std::sync::{Arc, LazyLock};

use event_log::{Command, DecodeError, Encoded, Model, Stored, StreamName};
use sealing::{Held, Key, Keys};
use serde::{Deserialize, Serialize};
use tests::new_id;
use uuid::Uuid;

const WORDS: &str = "I saw it twice, and the second time I understood the ending.";
/// The key of all of them. A member's is fetched beforehand as well.
pub const KEY: Uuid = Uuid::from_u128(0x5EA1);
static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let key = Arc::new(Key::new(&[7; sealing::SECRET_BYTES]));
    [(KEY, Held::Key(key))].into_iter().collect()
});

/// Streams that count what was said in them.
pub struct Saying;

#[derive(Clone, Serialize, Deserialize)]
pub struct Said {
    stream: String,
}

#[derive(Serialize)]
struct Payload<'s> {
    stream: &'s str,
    body: String,
}

impl Model for Saying {
    type Event = Said;
    type State = u64;
    type Refusal = ();

    fn stream(event: &Said) -> StreamName {
        event.stream.as_str().into()
    }

    fn evolve(state: &mut u64, _: &Said) {
        *state += 1;
    }

    fn encode(event: &Said, id: Uuid, keys: &Keys) -> Result<Encoded, String> {
        let Some(Held::Key(key)) = keys.get(KEY) else {
            return Err("the command brings no key".to_owned());
        };
        Ok(Encoded {
            event_type: "saying.said",
            schema_version: 1,
            payload: payload(&event.stream, key.seal(id.as_bytes(), WORDS.as_bytes())),
            key_id: Some(KEY),
        })
    }

    fn decode(stored: Stored<'_>, _: &Keys) -> Result<Said, DecodeError> {
        serde_json::from_str(stored.payload).map_err(|error| DecodeError(error.to_string()))
    }
}

fn payload(stream: &str, body: String) -> String {
    serde_json::to_string(&Payload { stream, body }).expect("it has only text keys")
}

/// As long as a stored one, for rows that are inserted beside it.
pub fn unsealed(stream: &str) -> String {
    static SEALED: LazyLock<String> = LazyLock::new(|| {
        let key = Key::new(&[7; sealing::SECRET_BYTES]);
        key.seal(new_id().as_bytes(), WORDS.as_bytes())
    });
    payload(stream, SEALED.clone())
}

/// Says something once in each of some streams.
pub fn say(id: Uuid, streams: &[String]) -> Command<Saying> {
    let said: Vec<Said> = streams
        .iter()
        .map(|stream| Said {
            stream: stream.clone(),
        })
        .collect();
    Command {
        id,
        actor: Uuid::nil(),
        digest: [0; 32],
        correlation: id,
        causation: None,
        occurred_at: tests::now(),
        streams: said.iter().map(Saying::stream).collect(),
        expected: Vec::new(),
        keys: KEYS.clone(),
        decide: Box::new(move |_| Ok(said.clone())),
    }
}
