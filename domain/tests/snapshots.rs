//! What stands in snapshots of states. `snapshots.txt` has a line for each event of long streams
//! in `golden.txt`: the state that is left when all up to it have happened. It is the shape that
//! snapshots are known by, so whoever changes a state, or what events make of it, writes that file
//! anew, and then no older snapshot is used any more.

use domain::{Event, LONG_STREAMS, SNAPSHOT_SHAPE, State};

/// The states, with the events that led to each.
fn states() -> Vec<(&'static str, State)> {
    let mut states = Vec::new();
    for category in LONG_STREAMS {
        let mut state = State::default();
        for line in include_str!("golden.txt").lines() {
            let mut parts = line.splitn(3, ' ');
            let mut next = || parts.next().expect("a type, a version and a payload");
            let (type_name, version, json) = (next(), next(), next());
            if type_name.split('.').next() == Some(category) {
                let version = version.parse().expect("a version");
                let event = Event::from_json(type_name, version, json);
                state.evolve(&event.expect("a golden form is read"));
                states.push((type_name, state.clone()));
            }
        }
    }
    states
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
    let words = ["Basement", "Attic", "Nights", "Days"];
    assert!(words.iter().all(|word| !SNAPSHOT_SHAPE.contains(word)));
}
