//! What strangers send, read as it is read when it comes: each target takes any bytes, must not
//! panic, holds what was read against what it must be, and says whether anything was. `cargo fuzz`
//! calls them as long as one likes; as tests they take the stored corpus, and a number of inputs
//! that are made of it.

mod html;
mod imports;
mod stream;

#[cfg(test)]
mod tests;

use std::fmt::Debug;

use domain::Event;
use replay_tool::cloud_event::{self, Line};
use sealing::Opening;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use web::cursor::{self, Exact};
use web::markdown;

pub use html::check as check_html;
pub use imports::{own_films, tmdb};
pub use stream::frames;

/// What a list was asked to go on from.
pub fn cursors(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else {
        return false;
    };
    let read = [
        cursor::<i64>(text),
        cursor::<(i32, i64)>(text),
        cursor::<(i64, i64)>(text),
        cursor::<(i16, Uuid)>(text),
        cursor::<(Exact, Uuid)>(text),
        cursor::<(u8, Exact, Uuid)>(text),
    ];
    read.contains(&true)
}

/// What is understood is said again in one way alone, which is understood the same.
fn cursor<T: DeserializeOwned + Serialize + PartialEq + Debug>(text: &str) -> bool {
    let Ok(Some(read)) = cursor::decode::<T>(Some(text)) else {
        return false;
    };
    let again = cursor::encode(&read);
    assert_eq!(cursor::decode(Some(&again)).ok().flatten(), Some(read));
    true
}

/// What members write.
pub fn markdown(data: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(data) else {
        return false;
    };
    let named = [(Uuid::from_u128(1), "Ann".to_owned())].into();
    html::check(&markdown::render_naming(text, &named).into_string());
    let excerpt = markdown::excerpt(text, 40);
    assert!(!excerpt.contains('\n'), "{excerpt:?}");
    true
}

/// A stored event: its type, its schema version and its payload, with a space between.
pub fn events(data: &[u8]) -> bool {
    let text = str::from_utf8(data).unwrap_or_default();
    let mut parts = text.splitn(3, ' ');
    let (Some(kind), Some(version), Some(json)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let Ok(version) = version.parse() else {
        return false;
    };
    for opening in [Opening::Unsealed, Opening::Closed] {
        drop(Event::from_stored(kind, version, json, opening));
    }
    let Ok(event) = Event::from_json(kind, version, json) else {
        return false;
    };
    let again = Event::from_json(kind, event.schema_version(), &event.to_json());
    assert_eq!(again.ok().as_ref(), Some(&event));
    assert!(!event.stream().to_string().is_empty());
    true
}

/// A line of an exported log.
pub fn cloud_events(data: &[u8]) -> bool {
    let text = str::from_utf8(data).unwrap_or_default();
    let Ok(line) = cloud_event::read(text) else {
        return false;
    };
    let again = written(&line);
    let line = cloud_event::read(&again).expect("what was written is read");
    assert_eq!(written(&line), again);
    true
}

fn written(line: &Line) -> String {
    let written = match line {
        Line::Event(event) => cloud_event::event(event),
        Line::Command(command, hash) => cloud_event::command(command, hash),
        Line::Checkpoint(signed) => cloud_event::checkpoint(signed),
        Line::End(end) => cloud_event::end(end),
    };
    written.expect("what was read is written")
}
