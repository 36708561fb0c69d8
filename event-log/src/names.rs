//! Whom and what an event names beside its actor. The log has it in columns of its own, by which
//! [`crate::read_matching`] finds the event.

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::event::Recorded;

/// What the payload says under these names; `None`: nothing, or the event's actor.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Names {
    pub film: Option<Uuid>,
    pub member: Option<Uuid>,
    pub author: Option<Uuid>,
}

#[derive(Default, Deserialize)]
struct Fields<'p> {
    #[serde(borrow)]
    film: Option<&'p RawValue>,
    #[serde(borrow)]
    member: Option<&'p RawValue>,
    #[serde(borrow)]
    author: Option<&'p RawValue>,
}

impl Names {
    pub fn of(event: &Recorded) -> Names {
        // what is no object names nobody
        let fields: Fields<'_> = serde_json::from_str(&event.payload).unwrap_or_default();
        let other = |field: Option<&RawValue>| {
            let id: Uuid = serde_json::from_str(field?.get()).ok()?;
            (id != event.actor).then_some(id)
        };
        Names {
            film: other(fields.film),
            member: other(fields.member),
            author: other(fields.author),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(payload: &str) -> [Option<u128>; 3] {
        let event = Recorded {
            actor: Uuid::from_u128(1),
            payload: payload.to_owned(),
            ..crate::rows::blank()
        };
        let Names {
            film,
            member,
            author,
        } = Names::of(&event);
        [film, member, author].map(|id| id.map(|id| id.as_u128()))
    }

    #[test]
    fn an_event_names_whom_its_payload_says_beside_its_actor() {
        let id = |number| Uuid::from_u128(number);
        let payload = format!(
            r#"{{"film":"{}","member":"{}","rating":8,"author":"{}"}}"#,
            id(7),
            id(1),
            id(2)
        );
        assert_eq!(named(&payload), [Some(7), None, Some(2)]);
        let below = format!(r#"{{"reply_to":{{"author":"{}"}},"member":null}}"#, id(2));
        assert_eq!(named(&below), [None; 3]);
        assert_eq!(named("7"), [None; 3]);
        assert_eq!(named(r#"{"film":{"title":"Rain"},"author":7}"#), [None; 3]);
    }
}
