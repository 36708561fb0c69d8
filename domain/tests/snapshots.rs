//! What stands in snapshots of states. `snapshots.txt` has a line for each event in `golden.txt`:
//! the state of its stream that is left when all up to it have happened. It is the shape that
//! snapshots are known by, so whoever changes a state, or what events make of it, writes that file
//! anew, and then no older snapshot is used any more.

use std::collections::BTreeMap;

use domain::{Event, SNAPSHOT_SHAPE, State};

/// The states, with the events that led to each: of each kind of stream one.
fn states() -> Vec<(&'static str, State)> {
    let mut streams: BTreeMap<&str, State> = BTreeMap::new();
    let states = include_str!("golden.txt").lines().map(|line| {
        let mut parts = line.splitn(3, ' ');
        let mut next = || parts.next().expect("a type, a version and a payload");
        let (type_name, version, json) = (next(), next(), next());
        let category = type_name.split('.').next().expect("its first part");
        let version = version.parse().expect("a version");
        let event = Event::from_json(type_name, version, json);
        let state = streams.entry(category).or_default();
        state.evolve(&event.expect("a golden form is read"));
        (type_name, state.clone())
    });
    states.collect()
}

#[test]
fn the_shape_says_what_events_make_of_the_states() {
    let line = |(type_name, state): (&str, State)| format!("{type_name} {}\n", state.to_snapshot());
    let shape: String = states().into_iter().map(line).collect();
    assert!(
        shape == SNAPSHOT_SHAPE,
        "states are others than snapshots.txt says. It must be:\n{shape}"
    );
}

#[test]
fn what_is_kept_is_read_back() {
    for (_, state) in states() {
        assert_eq!(State::from_snapshot(&state.to_snapshot()), Some(state));
    }
}

#[test]
fn what_has_another_form_is_not_read() {
    for text in ["", "{}", r#"{"room":{}}"#, r#"{"read_marker":{"n":"7"}}"#] {
        assert_eq!(State::from_snapshot(text), None);
    }
}

#[test]
fn no_words_are_kept() {
    assert!(!SNAPSHOT_SHAPE.contains('‡'));
    let words = [
        "Basement", "Attic", "Nights", "Days", "Ann", "Stairs", "Me too", "quote",
    ];
    assert!(words.iter().all(|word| !SNAPSHOT_SHAPE.contains(word)));
}
