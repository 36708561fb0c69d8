//! How an event is shown: as a line for people, as an object for programs.

use std::fmt;

use event_log::Recorded;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::cloud_event::hex;
use crate::out::Out;
use crate::times;

/// Of one value of a payload in a line; the rest is cut off. JSON has it whole.
const MAX_SHOWN: usize = 120;

/// `#12 2026-07-01 12:00:00.000Z review-… v3 review.rerated by … from=7 to=9`
pub fn event(out: &Out, event: &Recorded) -> String {
    let name = event.stream.as_str();
    let stream = format!("{name} v{}", event.version);
    line(out, event, &stream)
}

/// As [`event`], without the stream's name.
pub fn event_of_stream(out: &Out, event: &Recorded) -> String {
    line(out, event, &format!("v{}", event.version))
}

fn line(out: &Out, event: &Recorded, place: &str) -> String {
    let actor = match event.actor.is_nil() {
        true => "nobody".to_owned(),
        false => event.actor.to_string(),
    };
    format!(
        "#{} {} {place} {} {}{}",
        event.position,
        out.dim(times::shown(event.recorded_at)),
        out.strong(&event.event_type),
        out.dim(format!("by {actor}")),
        payload(event),
    )
}

/// ` field=value …` in the stored order, without the stream's own id.
fn payload(event: &Recorded) -> String {
    let Ok(Fields(fields)) = serde_json::from_str(&event.payload) else {
        return format!(" {}", harmless(&event.payload));
    };
    let mut text = String::new();
    for (name, value) in fields {
        let value = shown(value.get());
        if own_id(event) != Some(&value) {
            text += &format!(" {name}={value}");
        }
    }
    text
}

/// Behind the stream's category.
fn own_id(event: &Recorded) -> Option<&str> {
    let (_, id) = event.stream.as_str().split_once('-')?;
    Some(id)
}

fn shown(json: &str) -> String {
    if json == r#"{"forgotten":true}"# {
        return "(forgotten)".into();
    }
    if json.starts_with(r#"{"sealed":"#) {
        return "(sealed)".into();
    }
    let Ok(text) = serde_json::from_str::<String>(json) else {
        return harmless(json);
    };
    let plain = |c: char| c.is_alphanumeric() || "-_.:@/+".contains(c);
    let text = cut(&text);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("{text:?}")
    }
}

/// Members' words must not steer a terminal.
fn harmless(text: &str) -> String {
    cut(text).replace(char::is_control, "\u{fffd}")
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// An object's fields in the order in which they are stored.
struct Fields(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// An event with all that is stored of it.
#[derive(Serialize)]
pub struct Whole<'a> {
    position: i64,
    stream: &'a str,
    version: i64,
    about: Option<i64>,
    id: String,
    #[serde(rename = "type")]
    event_type: &'a str,
    schema_version: i16,
    occurred_at: String,
    recorded_at: String,
    actor: String,
    command: String,
    correlation: String,
    causation: Option<String>,
    key_id: Option<String>,
    hash: String,
    /// As it was stored.
    data: &'a RawValue,
}

/// An event for programs.
pub fn whole(event: &Recorded) -> serde_json::Result<Whole<'_>> {
    let time = |time: chrono::DateTime<chrono::Utc>| {
        time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
    };
    Ok(Whole {
        position: event.position,
        stream: event.stream.as_str(),
        version: event.version,
        about: event.about,
        id: event.id.to_string(),
        event_type: &event.event_type,
        schema_version: event.schema_version,
        occurred_at: time(event.occurred_at),
        recorded_at: time(event.recorded_at),
        actor: event.actor.to_string(),
        command: event.command.to_string(),
        correlation: event.correlation.to_string(),
        causation: event.causation.map(|id| id.to_string()),
        key_id: event.key_id.map(|id| id.to_string()),
        hash: hex(&event.hash),
        data: serde_json::from_str(&event.payload)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_shown_in_one_line_and_steers_no_terminal() {
        let long = format!("\"{}\"", "길".repeat(200));
        for (json, expected) in [
            ("7", "7"),
            (r#""review-1""#, "review-1"),
            (r#""기생충""#, "기생충"),
            (r#""""#, r#""""#),
            (r#""two words""#, r#""two words""#),
            (r#""a\nb\u001b[31m""#, r#""a\nb\u{1b}[31m""#),
            ("[\"\u{9b}31m\"]", "[\"\u{fffd}31m\"]"),
            (r#"{"forgotten":true}"#, "(forgotten)"),
            (r#"{"sealed":"AAAA"}"#, "(sealed)"),
            (&long, &format!("\"{}…\"", "길".repeat(MAX_SHOWN))),
        ] {
            assert_eq!(shown(json), expected, "{json}");
        }
    }
}
