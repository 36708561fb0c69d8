//! The live protocol's frames, as its own description says that they are.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Value, json};

/// A JSON Schema for each kind of frame.
pub struct Described {
    said: BTreeMap<String, Validator>,
    told: BTreeMap<String, Validator>,
}

impl Described {
    /// As a node has them.
    ///
    /// # Panics
    /// When it tells none.
    pub async fn of(url: &str) -> Described {
        let document = reqwest::get(format!("{url}/api/v1/asyncapi.json")).await;
        let document = document.expect("the node answers").json().await;
        Described::by(&document.expect("a document"))
    }

    fn by(document: &Value) -> Described {
        Described {
            said: frames(document, "said-"),
            told: frames(document, "told-"),
        }
    }

    /// # Panics
    /// When a client must not say it.
    pub fn check_said(&self, frame: &Value) {
        check(&self.said, frame);
    }

    /// # Panics
    /// When a client must not be told it.
    pub fn check_told(&self, frame: &Value) {
        check(&self.told, frame);
    }
}

fn frames(document: &Value, prefix: &str) -> BTreeMap<String, Validator> {
    let messages = document["components"]["messages"].as_object();
    let messages = messages.expect("it describes messages").iter();
    let frames = messages.filter_map(|(name, message)| {
        let kind = name.strip_prefix(prefix)?;
        Some((kind.to_owned(), schema(document, &message["payload"])))
    });
    frames.collect()
}

fn schema(document: &Value, payload: &Value) -> Validator {
    let schema = json!({"components": document["components"], "allOf": [payload]});
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.build(&schema).expect("a schema")
}

fn check(described: &BTreeMap<String, Validator>, frame: &Value) {
    let schema = frame["t"].as_str().and_then(|kind| described.get(kind));
    let schema = schema.unwrap_or_else(|| panic!("nothing like it is described: {frame}"));
    if !schema.is_valid(frame) {
        let wrong = schema.iter_errors(frame).map(|error| error.to_string());
        panic!("{frame}: {:#?}", wrong.collect::<Vec<_>>());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described() -> Described {
        let text = json!({"type": "string"});
        let typing = json!({
            "type": "object",
            "properties": {
                "t": {"const": "typing"},
                "room": {"$ref": "#/components/schemas/Text"},
            },
            "required": ["t", "room"],
        });
        Described::by(&json!({"components": {
            "messages": {"said-typing": {"payload": typing}},
            "schemas": {"Text": text},
        }}))
    }

    #[test]
    fn what_is_as_described_passes() {
        described().check_said(&json!({"t": "typing", "room": "r"}));
    }

    #[test]
    #[should_panic(expected = "is not of type")]
    fn another_type_is_found() {
        described().check_said(&json!({"t": "typing", "room": 7}));
    }

    #[test]
    #[should_panic(expected = "nothing like it")]
    fn what_is_only_said_is_not_told() {
        described().check_told(&json!({"t": "typing", "room": "r"}));
    }
}
