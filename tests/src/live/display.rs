//! What a client shows of a room by the protocol alone, and how it came about.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// How far a client is in a room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    pub epoch: String,
    pub seq: i64,
}

/// A message as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posted {
    pub by: String,
    /// Its ordinal in its room.
    pub n: i64,
    pub text: Option<String>,
}

/// What a client has taken in at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The room as it was after `at`: how many were said to be there, and which messages, by `seq`.
    Snapshot {
        at: i64,
        count: i64,
        messages: Vec<i64>,
    },
    Event {
        seq: i64,
        pos: i64,
        kind: String,
        by: Option<String>,
    },
}

impl Applied {
    /// How far the client is with it.
    pub fn seq(&self) -> i64 {
        match self {
            Applied::Snapshot { at, .. } => *at,
            Applied::Event { seq, .. } => *seq,
        }
    }
}

/// What a client shows of a room: the protocol's whole rule, and nothing else.
#[derive(Clone, Debug, Default)]
pub struct Display {
    pub place: Option<Place>,
    /// Messages by `seq`.
    pub messages: BTreeMap<i64, Posted>,
    /// Snapshots and events in the order in which they were taken in.
    pub applied: Vec<Applied>,
    pub present: BTreeSet<String>,
    pub archived: bool,
    /// What it has heard to have been changed, in order: where, of which message, and to what.
    pub changes: Vec<(i64, i64, Option<String>)>,
    /// Events that were dropped, as the client had them.
    pub repeated: u64,
    /// How often something was missing between what it had and what came.
    pub holes: u64,
}

/// What a client does after a frame.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    GoOn,
    /// Something is missing: subscribe again from where it is.
    Subscribe,
}

impl Display {
    pub fn subscribed(&mut self, frame: &Value) {
        let epoch = text(&frame["epoch"]);
        if frame["mode"] == "snapshot" {
            let snapshot = &frame["snapshot"];
            let at = number(&snapshot["at"]);
            let mut messages = Vec::new();
            self.messages.clear();
            for message in snapshot["messages"].as_array().expect("a list") {
                let seq = number(&message["seq"]);
                messages.push(seq);
                self.messages.insert(seq, posted(&message["by"], message));
            }
            let members = snapshot["present"]["members"].as_array().expect("a list");
            self.archived = snapshot["room"]["archived"] == true;
            self.present = members.iter().map(|member| text(&member["id"])).collect();
            self.applied.push(Applied::Snapshot {
                at,
                count: number(&snapshot["present"]["count"]),
                messages,
            });
            self.place = Some(Place { epoch, seq: at });
        }
    }

    pub fn events(&mut self, frame: &Value) -> Next {
        for event in frame["e"].as_array().expect("a list") {
            let Some(place) = &mut self.place else {
                return Next::Subscribe;
            };
            let seq = number(&event["seq"]);
            if seq <= place.seq {
                self.repeated += 1;
                continue;
            }
            if seq > place.seq + 1 {
                self.holes += 1;
                return Next::Subscribe;
            }
            place.seq = seq;
            self.apply(seq, event);
        }
        Next::GoOn
    }

    fn apply(&mut self, seq: i64, event: &Value) {
        let kind = text(&event["k"]);
        let said = &event["d"];
        match kind.as_str() {
            "message_posted" => {
                self.messages.insert(seq, posted(&event["by"], said));
            }
            "message_edited" => {
                self.change(seq, number(&said["message"]), body(&said["body"]));
            }
            "message_retracted" => self.change(seq, number(&said["message"]), None),
            "archived" => self.archived = true,
            "reopened" => self.archived = false,
            "entered" => {
                self.present.insert(text(&event["by"]));
            }
            "left" => {
                self.present.remove(&text(&event["by"]));
            }
            _ => {}
        }
        self.applied.push(Applied::Event {
            seq,
            pos: number(&event["pos"]),
            kind,
            by: event["by"].as_str().map(str::to_owned),
        });
    }

    fn change(&mut self, seq: i64, message: i64, text: Option<String>) {
        if let Some(shown) = self.messages.get_mut(&message) {
            shown.text.clone_from(&text);
        }
        self.changes.push((seq, message, text));
    }

    /// Takes in what was said before: as of the answer's `at`, with what has come since.
    pub fn scrolled(&mut self, history: &Value) {
        let at = number(&history["at"]);
        for message in history["messages"].as_array().expect("a list") {
            let seq = number(&message["seq"]);
            let mut shown = posted(&message["by"], message);
            let since = self.changes.iter().rev();
            let mut since = since.take_while(|(changed, ..)| *changed > at);
            if let Some((.., text)) = since.find(|(_, message, _)| *message == seq) {
                shown.text.clone_from(text);
            }
            self.messages.insert(seq, shown);
        }
    }
}

fn posted(by: &Value, said: &Value) -> Posted {
    Posted {
        by: text(by),
        n: number(&said["n"]),
        text: body(&said["body"]),
    }
}

fn number(value: &Value) -> i64 {
    value.as_i64().expect("a number")
}

fn body(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
