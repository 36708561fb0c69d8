//! A client's connection through a broken server.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use rand::RngExt;
use serde_json::{Value, json};
use tests::live::{Closed, Socket};
use tests::new_id;
use tests::site::text;

use super::eavesdropping::Eavesdropping;
use super::{Door, Fault, OFTEN, loud};

/// One client's connection.
pub(super) struct Line {
    door: Arc<Door>,
    /// Whose it is.
    member: String,
    eavesdropping: Eavesdropping,
    /// Sendings that wait for an answer.
    said: BTreeMap<u64, Value>,
    /// What happened, and was not told yet.
    held: Vec<Value>,
    /// Messages that fell out since it subscribed.
    dropped: i64,
    entered: i64,
    /// A sending that goes on under another cid, and its own.
    renamed: Option<(String, String)>,
}

/// What becomes of what a client says.
enum Heard {
    PassedOn(Value),
    /// By the server itself.
    Answered(Value),
    /// Answered, and that is all.
    Died(Value),
}

impl Line {
    pub fn of(member: &str, door: Arc<Door>) -> Line {
        Line {
            door,
            member: member.to_owned(),
            eavesdropping: Eavesdropping::default(),
            said: BTreeMap::new(),
            held: Vec::new(),
            dropped: 0,
            entered: 0,
            renamed: None,
        }
    }

    /// Until either side ends it.
    pub async fn carry(mut self, mut client: WebSocket, mut node: Socket) {
        loop {
            tokio::select! {
                said = client.recv() => match said {
                    Some(Ok(Message::Text(text))) => {
                        let said: Value = serde_json::from_str(&text).unwrap();
                        if said["id"].is_u64() && self.let_go(&mut client).await.is_err() {
                            return;
                        }
                        match self.hear(said) {
                            Heard::PassedOn(said) => node.say(said).await,
                            Heard::Answered(answer) => {
                                let answer = Message::text(answer.to_string());
                                if client.send(answer).await.is_err() {
                                    return;
                                }
                            }
                            Heard::Died(answer) => {
                                // who is gone hears nothing
                                let _ = client.send(Message::text(answer.to_string())).await;
                                return;
                            }
                        }
                    }
                    Some(Ok(Message::Close(_))) => return self.say_goodbye(),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
                told = node.read_when_it_comes() => match told {
                    Ok(told) => {
                        let Some(told) = self.pass_on(&mut node, told).await else {
                            continue;
                        };
                        let told = Message::text(told.to_string());
                        if client.send(told).await.is_err() {
                            return;
                        }
                    }
                    Err(Closed(code)) => {
                        let frame = code.map(|code| CloseFrame { code, reason: "".into() });
                        let _ = client.send(Message::Close(frame)).await;
                        return;
                    }
                },
            }
        }
    }

    async fn let_go(&mut self, client: &mut WebSocket) -> Result<(), axum::Error> {
        for told in self.held.drain(..) {
            client.send(Message::text(told.to_string())).await?;
        }
        Ok(())
    }

    /// `None`: the client is not told it.
    async fn pass_on(&mut self, node: &mut Socket, mut told: Value) -> Option<Value> {
        match self.door.fault {
            Fault::HoldsBack if told["t"] == "events" => {
                self.held.push(told);
                None
            }
            Fault::EndsNoLines => self.eavesdrop(node, told).await,
            Fault::ChecksNoMutes if told["code"] == "muted" => {
                let id = told["id"].as_u64();
                if let Some(said) = id.and_then(|id| self.said.remove(&id)) {
                    loud::say(&self.door.inside.sequencer, &self.member, &said).await;
                    // who sends it once more finds that it has been said
                    told["code"] = json!("busy");
                    told["temporary"] = json!(true);
                }
                Some(told)
            }
            _ => Some(self.tell(told)),
        }
    }

    async fn eavesdrop(&mut self, node: &mut Socket, told: Value) -> Option<Value> {
        if told["t"] != "ended" || told["code"] == "resubscribe" {
            self.eavesdropping.follow(&told);
            return Some(told);
        }
        let insider = &self.door.inside.members[0];
        *node = self.eavesdropping.begin(&self.door.url(), insider).await?;
        None
    }

    fn hear(&mut self, mut said: Value) -> Heard {
        let mut house = self.door.house.lock().unwrap();
        let is = |kind| said["t"] == kind;
        match self.door.fault {
            Fault::AcknowledgesFirst if is("send") && house.random.random_bool(OFTEN) => {
                Heard::Died(json!({"t": "ack", "id": said["id"], "cid": said["cid"],
                                   "seq": 1, "pos": 1, "again": false}))
            }
            Fault::EndsNoLines if self.eavesdropping.is_on && said["id"].is_u64() => {
                Heard::Answered(json!({"t": "error", "id": said["id"], "code": "banned",
                                       "temporary": false}))
            }
            Fault::ChecksNoMutes if is("send") => {
                self.said
                    .extend(said["id"].as_u64().map(|id| (id, said.clone())));
                Heard::PassedOn(said)
            }
            Fault::CountsConnections if is("sub") && said["enter"] == true => {
                house.count += 1;
                self.entered += 1;
                Heard::PassedOn(said)
            }
            Fault::LooksAtNoCid if is("send") => {
                let own = text(&said["cid"]);
                if !house.cids.insert(own.clone()) {
                    let cid = new_id().to_string();
                    said["cid"] = json!(cid);
                    self.renamed = Some((cid, own));
                }
                Heard::PassedOn(said)
            }
            _ => Heard::PassedOn(said),
        }
    }

    fn tell(&mut self, mut told: Value) -> Value {
        match self.door.fault {
            Fault::DropsFromItsRing | Fault::Renumbers => self.drop_some(&mut told),
            Fault::CountsConnections if told["mode"] == "snapshot" => {
                let count = self.door.house.lock().unwrap().count;
                told["snapshot"]["present"]["count"] = json!(count);
            }
            Fault::LooksAtNoCid if told["t"] == "ack" => {
                let renamed = self.renamed.take_if(|(cid, _)| told["cid"] == *cid);
                if let Some((_, own)) = renamed {
                    told["cid"] = json!(own);
                }
            }
            Fault::MixesUpAuthors => self.mix_up(&mut told),
            Fault::LeavesOutOfSnapshots if told["mode"] == "snapshot" => {
                self.leave_out(&mut told["snapshot"]["messages"]);
            }
            Fault::LeavesOutOfHistory if told["t"] == "history" => {
                self.leave_out(&mut told["messages"]);
            }
            _ => {}
        }
        told
    }

    fn drop_some(&mut self, told: &mut Value) {
        if told["t"] == "subscribed" {
            self.dropped = 0;
        }
        let events = told.get_mut("e").and_then(Value::as_array_mut);
        let Some(events) = events else {
            return;
        };
        let mut house = self.door.house.lock().unwrap();
        events.retain_mut(|event| {
            if event["k"] == "message_posted" && house.random.random_bool(OFTEN) {
                self.dropped += i64::from(self.door.fault == Fault::Renumbers);
                return false;
            }
            event["seq"] = json!(event["seq"].as_i64().unwrap() - self.dropped);
            true
        });
    }

    fn mix_up(&self, told: &mut Value) {
        let events = told.get_mut("e").and_then(Value::as_array_mut);
        let mut house = self.door.house.lock().unwrap();
        for event in events.into_iter().flatten() {
            if event["k"] == "message_posted" && house.random.random_bool(OFTEN) {
                event["by"] = json!(new_id());
            }
        }
    }

    fn leave_out(&self, messages: &mut Value) {
        let messages = messages.as_array_mut().unwrap();
        let mut house = self.door.house.lock().unwrap();
        messages.retain(|_| !house.random.random_bool(OFTEN));
    }

    fn say_goodbye(&self) {
        self.door.house.lock().unwrap().count -= self.entered;
    }
}
