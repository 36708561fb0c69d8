//! Every stored form that there ever was: it is read, written back as it was, and shows nothing of
//! what members said once it is sealed. `golden.txt` has a line for each: type, schema version,
//! payload before sealing. A line never changes and never goes.
//!
//! In that file, what a member said begins with ‡. No other text is a member's.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::{Event, KeyKind, MemberId};
use sealing::{Held, Key, Keys};
use serde_json::Value;
use uuid::Uuid;

const MARK: char = '‡';
/// All words that may stand in a stored event of members: an event's own, never a member's.
const WORDS: [&str; 21] = [
    "name",
    "email",
    "ko",
    "en",
    "moderator",
    "auditor",
    "operator",
    "identity",
    "naver",
    "everything",
    "public",
    "invitation",
    "node_lost",
    "review",
    "comment",
    "message",
    "member",
    "upheld",
    "dismissed",
    "review.posted",
    "🍿",
];

struct Golden {
    type_name: &'static str,
    version: i16,
    json: &'static str,
}

fn golden() -> Vec<Golden> {
    let lines = include_str!("golden.txt").lines();
    let golden = lines.map(|line| {
        let mut parts = line.splitn(3, ' ');
        let mut next = || parts.next().expect("a type, a version and a payload");
        Golden {
            type_name: next(),
            version: next().parse().expect("a version"),
            json: next(),
        }
    });
    golden.collect()
}

fn event(golden: &Golden) -> Event {
    Event::from_json(golden.type_name, golden.version, golden.json).unwrap_or_else(|error| {
        panic!("{}: {error}", golden.json);
    })
}

/// Both keys of whoever the event's fields belong to.
fn keys(event: &Event) -> Keys {
    let owner: Option<MemberId> = event.owner();
    let key = |(id, byte): (Uuid, u8)| (id, Held::Key(Arc::new(Key::new(&[byte; 32]))));
    let ids = owner.into_iter().flat_map(MemberId::key_ids);
    ids.zip(1..).map(key).collect()
}

fn is_sealed(golden: &Golden) -> bool {
    golden.json.contains(MARK)
}

#[test]
fn every_type_has_a_golden_form_of_each_version() {
    let there: HashSet<(&str, i16)> = golden().iter().map(|g| (g.type_name, g.version)).collect();
    for (type_name, newest) in Event::types() {
        for version in 1..=newest {
            let is_there = there.contains(&(type_name, version));
            assert!(is_there, "golden.txt has no {type_name} {version}");
        }
    }
}

#[test]
fn every_form_is_read_and_the_newest_written_back_as_it_was() {
    let newest: HashMap<&str, i16> = Event::types().collect();
    for golden in golden() {
        let event = event(&golden);
        assert_eq!(event.type_name(), golden.type_name);
        if golden.version == newest[golden.type_name] {
            assert_eq!(event.to_json(), golden.json);
        }
    }
}

#[test]
fn sealed_forms_show_nothing_and_are_opened_again() {
    let id = Uuid::from_u128(0xE);
    for golden in golden() {
        let event = event(&golden);
        let keys = keys(&event);
        let (stored, key_id) = event.to_stored(id, &keys).unwrap();
        assert!(!stored.contains(MARK), "{stored}");
        assert_eq!(key_id.is_some(), is_sealed(&golden), "{stored}");
        let opening = keys.opening(id, key_id);
        let (name, version) = (event.type_name(), event.schema_version());
        let opened = Event::from_stored(name, version, &stored, opening).unwrap();
        assert_eq!(opened, event);
        if !is_sealed(&golden) {
            continue;
        }
        // as another event's, it is not opened
        let elsewhere = keys.opening(Uuid::from_u128(0xF), key_id);
        assert!(Event::from_stored(name, version, &stored, elsewhere).is_err());
        let missing = Keys::default().opening(id, key_id);
        assert!(Event::from_stored(name, version, &stored, missing).is_err());
    }
}

#[test]
fn what_is_destroyed_arrives_as_forgotten_and_everything_else_as_it_was() {
    let id = Uuid::from_u128(0xE);
    for golden in golden().iter().filter(|golden| is_sealed(golden)) {
        let event = event(golden);
        let (stored, key_id) = event.to_stored(id, &keys(&event)).unwrap();
        let destroyed: Keys = key_id.into_iter().map(|id| (id, Held::Destroyed)).collect();
        let opening = destroyed.opening(id, key_id);
        let (name, version) = (event.type_name(), event.schema_version());
        let forgotten = Event::from_stored(name, version, &stored, opening).unwrap();
        let mut expected: Value = serde_json::from_str(golden.json).unwrap();
        let forgotten: Value = serde_json::from_str(&forgotten.to_json()).unwrap();
        for value in expected.as_object_mut().unwrap().values_mut() {
            if value.as_str().is_some_and(|text| text.starts_with(MARK)) {
                *value = serde_json::json!({ "forgotten": true });
            }
        }
        assert_eq!(forgotten, expected);
    }
}

/// A text outside `Sealed` is a new word here: whoever adds one looks twice.
#[test]
fn stored_events_of_members_hold_no_text_but_known_words() {
    for golden in golden() {
        if golden.type_name.starts_with("film.") {
            continue; // everybody's
        }
        let event = event(&golden);
        let (stored, _) = event.to_stored(Uuid::nil(), &keys(&event)).unwrap();
        expect_known(&serde_json::from_str(&stored).unwrap(), &stored);
    }
}

fn expect_known(value: &Value, stored: &str) {
    match value {
        Value::String(text) => {
            let is_known = WORDS.contains(&text.as_str())
                || Uuid::parse_str(text).is_ok()
                || text.parse::<chrono::DateTime<chrono::Utc>>().is_ok()
                || text.parse::<chrono::NaiveDate>().is_ok();
            assert!(is_known, "{text:?} is not sealed in {stored}");
        }
        Value::Array(values) => values.iter().for_each(|value| expect_known(value, stored)),
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(name, _)| *name != "sealed");
            fields.for_each(|(_, value)| expect_known(value, stored));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A reordered field, another cipher or another name of a place: what is stored could not be
/// opened any more.
#[test]
fn the_sealed_form_never_changes() {
    let golden = golden();
    let is_it = |golden: &&Golden| golden.type_name == "comment.posted";
    let event = event(golden.iter().find(is_it).unwrap());
    let (stored, key_id) = event
        .to_stored(Uuid::from_u128(0xE), &keys(&event))
        .unwrap();
    assert_eq!(key_id, Some(event.owner().unwrap().key_id(KeyKind::Words)));
    let stored: Value = serde_json::from_str(&stored).unwrap();
    assert_eq!(
        stored["text"]["sealed"],
        "AW3LQe7YM5TH2t5AID03M2oGdEddHsfcKBWDV+2dFsHoNCFMLLI6W0hgBl7R57ctunit"
    );
}
