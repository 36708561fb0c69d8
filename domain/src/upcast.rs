//! Old stored forms, made new: each step is a pure function from one schema version of a type to
//! the next, and a reader goes through them one by one.
//!
//! A form that ever shipped stays readable for ever. To change one: raise the version in
//! `events!`, write the step here, and keep the old form's line in `tests/golden.txt` beside a
//! new one.

use serde_json::{Map, Value};

/// From this version of the type to the next. Sealed fields pass as they are: only their holder
/// may change, never their place in the event.
pub(crate) struct Upcast {
    pub type_name: &'static str,
    pub from: i16,
    pub step: fn(&mut Map<String, Value>),
}

/// Nothing has shipped yet.
pub(crate) const UPCASTS: &[Upcast] = &[];

/// The payload as the newest version has it; None when there is no way there.
pub(crate) fn upcast(
    upcasts: &[Upcast],
    type_name: &str,
    (stored, known): (i16, i16),
    mut payload: Map<String, Value>,
) -> Option<Map<String, Value>> {
    if stored > known {
        return None;
    }
    for from in stored..known {
        let is_it = |upcast: &&Upcast| upcast.type_name == type_name && upcast.from == from;
        let upcast = upcasts.iter().find(is_it)?;
        (upcast.step)(&mut payload);
    }
    Some(payload)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Version 1: `stars` from 1 to 5. Version 2: in half stars. Version 3: called `rating`.
    const MADE_UP: &[Upcast] = &[
        Upcast {
            type_name: "made.up",
            from: 2,
            step: |payload| {
                let rating = payload.remove("half_stars").unwrap_or_default();
                payload.insert("rating".into(), rating);
            },
        },
        Upcast {
            type_name: "made.up",
            from: 1,
            step: |payload| {
                let stars = payload.remove("stars").and_then(|stars| stars.as_i64());
                payload.insert("half_stars".into(), json!(stars.unwrap_or_default() * 2));
            },
        },
        Upcast {
            type_name: "another",
            from: 3,
            step: |payload| payload.clear(),
        },
    ];

    fn made_up(versions: (i16, i16), payload: Value) -> Option<Value> {
        let Value::Object(payload) = payload else {
            panic!("a payload is an object");
        };
        upcast(MADE_UP, "made.up", versions, payload).map(Value::Object)
    }

    #[test]
    fn old_forms_go_through_every_step_in_order() {
        let text = json!({"sealed": "AAAA"});
        let newest = json!({"text": text, "rating": 8});
        let first = json!({"text": text, "stars": 4});
        assert_eq!(made_up((1, 3), first), Some(newest.clone()));
        let second = json!({"text": text, "half_stars": 8});
        assert_eq!(made_up((2, 3), second), Some(newest.clone()));
        assert_eq!(made_up((3, 3), newest.clone()), Some(newest));
    }

    #[test]
    fn a_form_from_the_future_or_without_a_step_is_not_guessed() {
        assert_eq!(made_up((3, 2), json!({})), None);
        assert_eq!(made_up((0, 3), json!({})), None);
        assert_eq!(made_up((3, 4), json!({})), None);
    }
}
