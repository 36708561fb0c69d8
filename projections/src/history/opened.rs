//! Events with what is sealed opened, while its keys exist.

use std::collections::BTreeSet;

use domain::{Event, MemberId};
use event_log::{Keyring, Recorded};
use sealing::Keys;
use serde_json::Value;
use uuid::Uuid;

use super::concerned::concerned;

/// An event and what it says.
#[derive(Clone, Debug)]
pub struct Opened {
    pub recorded: Recorded,
    /// None: nobody can read it; `unreadable` says why, and `data` is what is stored.
    pub event: Option<Event>,
    /// The payload, with texts in the place of what is sealed, and `{"forgotten": true}` where the
    /// key was destroyed.
    pub data: Value,
    pub unreadable: Option<String>,
}

/// Opens events. One that can't be read is given as it is stored: whoever looks at a damaged log
/// must see it.
pub async fn open(keyring: &Keyring, events: Vec<Recorded>) -> sqlx::Result<Vec<Opened>> {
    let ids = events.iter().filter_map(|event| event.key_id);
    let keys = keyring.fetch(ids).await?;
    let opened = events.into_iter().map(|event| Opened::of(event, &keys));
    Ok(opened.collect())
}

impl Opened {
    fn of(recorded: Recorded, keys: &Keys) -> Opened {
        let stored = recorded.stored();
        let opening = keys.opening(stored.id, stored.key_id);
        let (event_type, version) = (stored.event_type, stored.schema_version);
        let read = Event::from_stored(event_type, version, stored.payload, opening);
        let text = match &read {
            Ok(event) => event.to_json(),
            Err(_) => recorded.payload.clone(),
        };
        Opened {
            data: serde_json::from_str(&text).unwrap_or(Value::String(text)),
            unreadable: read.as_ref().err().map(ToString::to_string),
            event: read.ok(),
            recorded,
        }
    }

    /// An id that its payload names.
    pub fn named(&self, field: &str) -> Option<Uuid> {
        self.data.get(field)?.as_str()?.parse().ok()
    }

    /// The members whose doings or words it shows.
    pub fn concerned(&self) -> BTreeSet<MemberId> {
        let mut members = concerned(&self.data);
        members.extend(Some(MemberId(self.recorded.actor)).filter(|actor| !actor.0.is_nil()));
        members
    }
}
