//! The protocol's description (AsyncAPI 3): one message for each frame, with the JSON Schema that
//! its Rust type has.

use std::sync::LazyLock;

use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use bytes::Bytes;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::close::Close;
use super::protocol::{Said, Told};
use super::upgrade::PROTOCOL;

static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    let document = serde_json::to_vec(&document());
    document.expect("a document is plain data").into()
});

/// `GET /api/v1/asyncapi.json`: 200.
pub async fn asyncapi() -> impl IntoResponse {
    let media = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, media)], DOCUMENT.clone())
}

/// Frames that make sense on a connection alone, and the answers to the others.
const OF_CONNECTIONS: [&str; 4] = ["said-hello", "said-sub", "said-unsub", "said-pong"];
const ANSWERS: [&str; 4] = ["told-ack", "told-error", "told-history", "told-message"];

fn document() -> Value {
    let settings = SchemaSettings::draft2020_12();
    let mut settings = settings.with(|settings| {
        settings.definitions_path = "/components/schemas".into();
    });
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let said = generator.root_schema_for::<Said>().to_value();
    let told = generator.root_schema_for::<Told>().to_value();
    let mut schemas = Map::new();
    for root in [&said, &told] {
        let shared = root
            .pointer("/components/schemas")
            .and_then(Value::as_object);
        schemas.extend(shared.cloned().unwrap_or_default());
    }
    let mut messages = Map::new();
    let heard = add_frames(&mut messages, "said", &said);
    let sent = add_frames(&mut messages, "told", &told);
    let is_posted = |name: &&String| !OF_CONNECTIONS.contains(&name.as_str());
    let posted: Vec<String> = heard.iter().filter(is_posted).cloned().collect();
    let answers = ANSWERS.map(str::to_owned);
    let mut post = operation("receive", "posted", &posted);
    post["reply"] = operation("send", "posted", &answers);
    if let Some(reply) = post["reply"].as_object_mut() {
        reply.remove("action");
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Reeltime live",
            "version": "1.0.0",
            "description": description(),
        },
        "defaultContentType": "application/json",
        "channels": channels(&heard, &sent, &[&posted[..], &answers].concat()),
        "operations": {
            "say": operation("receive", "live", &heard),
            "tell": operation("send", "live", &sent),
            "stream": operation("send", "events", &sent),
            "post": post,
        },
        "components": {"messages": messages, "schemas": schemas},
    })
}

fn channels(heard: &[String], sent: &[String], posted: &[String]) -> Value {
    let messages = |names: &mut dyn Iterator<Item = &String>| -> Map<String, Value> {
        names
            .map(|name| {
                (
                    name.clone(),
                    reference(&format!("/components/messages/{name}")),
                )
            })
            .collect()
    };
    json!({
        "live": {
            "address": "/api/v1/live",
            "description": format!("A WebSocket with the subprotocol `{PROTOCOL}`; a JSON object \
                per text frame. A client that offers `permessage-deflate` gets long frames packed, \
                each by itself."),
            "bindings": {"ws": {"method": "GET"}},
            "messages": messages(&mut heard.iter().chain(sent)),
        },
        "events": {
            "address": "/api/v1/rooms/{room}/events",
            "description": "Server-Sent Events of one room: the same frames in `data`, \
                `epoch:seq` in `id`, which `from` or `Last-Event-ID` goes on from; `enter=true` \
                makes the member present.",
            "parameters": {"room": {"description": "The room's id"}},
            "messages": messages(&mut sent.iter()),
        },
        "posted": {
            "address": "/api/v1/live",
            "description": "For who listens to events: one frame as a request's body, its answer as \
                the response's. A frame without an answer is told by 204.",
            "bindings": {"http": {}},
            "messages": messages(&mut posted.iter()),
        },
    })
}

fn operation(action: &str, channel: &str, names: &[String]) -> Value {
    let messages = names.iter();
    let messages = messages.map(|name| reference(&format!("/channels/{channel}/messages/{name}")));
    json!({
        "action": action,
        "channel": reference(&format!("/channels/{channel}")),
        "messages": messages.collect::<Vec<Value>>(),
    })
}

fn reference(pointer: &str) -> Value {
    json!({"$ref": format!("#{pointer}")})
}

fn description() -> String {
    let codes = Close::ALL.map(|close| format!("{} ({})", close.code(), close.reason()));
    format!(
        "A client's whole rule: `seq == last + 1` apply; `seq <= last` drop; `seq > last + 1` \
         subscribe again from `last`. Messages that were asked for are as they were at their \
         answer's `at`, wherever among the events it comes: of what happens to them, what is up to \
         `at` is left out, and what is behind it applied, also where it came before the answer. \
         Whoever is in a room that is archived has left it with that, and goes on hearing of it; \
         when it is `reopened`, who wants to be there again subscribes again with `enter`. A \
         command's `cid` (UUIDv7) is made by the client: sent again, it is done once and answered \
         the same. Close codes up to 4499 say: come back; from 4500 on: don't. They are {}. Who \
         has too many connections, or finds the node full, is told so before there is one: the \
         upgrade is answered with 429 or 503 and `Retry-After`.",
        codes.join(", ")
    )
}

/// A message for each frame of an enum's schema; their names.
fn add_frames(messages: &mut Map<String, Value>, prefix: &str, root: &Value) -> Vec<String> {
    let frames = root["oneOf"].as_array().cloned().unwrap_or_default();
    let mut names = Vec::new();
    for frame in frames {
        let kind = frame.pointer("/properties/t/const").and_then(Value::as_str);
        let kind = kind.expect("every frame says what it is").to_owned();
        let name = format!("{prefix}-{kind}");
        let message = json!({
            "name": kind,
            "summary": frame.get("description"),
            "payload": frame,
        });
        messages.insert(name.clone(), message);
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_is_described() {
        let document = document();
        let messages = document["components"]["messages"].as_object().unwrap();
        for frame in [
            "said-hello",
            "said-sub",
            "said-unsub",
            "said-send",
            "said-edit",
            "said-retract",
            "said-react",
            "said-read",
            "said-typing",
            "said-moderate",
            "said-history",
            "said-message",
            "said-report",
            "said-pong",
            "told-welcome",
            "told-subscribed",
            "told-unsubscribed",
            "told-events",
            "told-ack",
            "told-error",
            "told-history",
            "told-message",
            "told-ephemeral",
            "told-gap",
            "told-standing",
            "told-ended",
            "told-ping",
            "told-goaway",
        ] {
            assert!(messages.contains_key(frame), "{frame}");
        }
        assert_eq!(messages.len(), 28);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let text = document.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
        assert!(text.contains("\"$ref\":\"#/components/schemas/"));
    }
}
