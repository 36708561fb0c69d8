//! Whom a payload or a state names: those whom it concerns that somebody reads it.

use std::collections::BTreeSet;

use domain::MemberId;
use serde_json::Value;

/// Fields that hold members' ids, alone, in lists, or as what they are known by.
const FIELDS: [&str; 19] = [
    "member",
    "author",
    "by",
    "reviewer",
    "followed",
    "mentions",
    "among",
    "newly_named",
    "members",
    "audit",
    "holder",
    "maker",
    "moderators",
    "invited",
    "present",
    "mutes",
    "bans",
    "named",
    "reactions",
];

/// All members that are named in it, however deep.
pub fn concerned(value: &Value) -> BTreeSet<MemberId> {
    let mut found = BTreeSet::new();
    look(value, false, &mut found);
    found
}

fn look(value: &Value, names_members: bool, found: &mut BTreeSet<MemberId>) {
    let id = |text: &str| Some(MemberId(text.parse().ok()?)).filter(|_| names_members);
    match value {
        Value::String(text) => found.extend(id(text)),
        Value::Array(values) => {
            for value in values {
                look(value, names_members, found);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                found.extend(id(name));
                look(
                    value,
                    names_members || FIELDS.contains(&name.as_str()),
                    found,
                );
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use domain::{Event, State};

    use super::*;

    /// As the types say it.
    fn in_debug(text: &str) -> BTreeSet<MemberId> {
        let after = text.split("MemberId(").skip(1);
        let ids = after.filter_map(|rest| {
            rest.split(')')
                .next()?
                .trim()
                .trim_end_matches(',')
                .parse()
                .ok()
        });
        ids.map(MemberId).collect()
    }

    fn stored() -> impl Iterator<Item = (&'static str, Event)> {
        let lines = include_str!("../../../domain/tests/golden.txt").lines();
        lines.map(|line| {
            let mut parts = line.splitn(3, ' ');
            let (name, version) = (parts.next().unwrap(), parts.next().unwrap());
            let json = parts.next().unwrap();
            (
                json,
                Event::from_json(name, version.parse().unwrap(), json).unwrap(),
            )
        })
    }

    #[test]
    fn every_member_in_a_stored_event_is_concerned() {
        let mut found = 0;
        for (json, event) in stored() {
            let named = in_debug(&format!("{event:?}"));
            let concerned = concerned(&serde_json::from_str(json).unwrap());
            found += named.len();
            assert!(concerned.is_superset(&named), "{json}: {concerned:?}");
        }
        assert!(found > 20, "the debug form names no members any more");
    }

    #[test]
    fn every_member_in_a_state_is_concerned() {
        let mut states = std::collections::HashMap::<_, State>::new();
        for (_, event) in stored() {
            let state = states.entry(event.stream()).or_default();
            state.evolve(&event);
            let shown = serde_json::to_value(&*state).unwrap();
            // what a room remembers for its limits is not shown
            let debug = format!("{state:?}");
            let debug = debug.split("recent: [").next().unwrap().to_owned();
            let concerned = concerned(&shown);
            assert!(concerned.is_superset(&in_debug(&debug)), "{shown}");
        }
    }
}
