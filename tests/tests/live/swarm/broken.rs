//! A server that breaks a promise: it stands before the nodes, speaks the protocol like them, and
//! does one thing as no server may.

mod eavesdropping;
mod loud;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, RwLock};

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use commands::Sequencer;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tests::live::{Closed, Socket};
use tests::new_id;
use tests::site::text;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use web::live::upgrade::PROTOCOL;

use super::client::{Act, Member, Urls};
use eavesdropping::Eavesdropping;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// All is passed on as it is.
    None,
    /// Messages fall out of what a connection is sent, and it numbers what is left by itself.
    DropsFromItsRing,
    /// It dies between the acknowledgement and the commit.
    AcknowledgesFirst,
    /// Presence is a number that grows when a connection enters.
    CountsConnections,
    /// What is sent again is recorded again.
    LooksAtNoCid,
    /// What somebody said is passed on as somebody else's.
    MixesUpAuthors,
    /// Snapshots lack messages.
    LeavesOutOfSnapshots,
    /// Who is sent away goes on being shown what happens in the room.
    EndsNoLines,
    /// Who is muted is heard all the same.
    ChecksNoMutes,
}

impl Fault {
    pub const ALL: [Fault; 9] = [
        Fault::None,
        Fault::DropsFromItsRing,
        Fault::AcknowledgesFirst,
        Fault::CountsConnections,
        Fault::LooksAtNoCid,
        Fault::MixesUpAuthors,
        Fault::LeavesOutOfSnapshots,
        Fault::EndsNoLines,
        Fault::ChecksNoMutes,
    ];

    /// What who keeps order does in its room.
    pub fn acts(self) -> &'static [Act] {
        match self {
            Fault::None => &Act::USUAL,
            Fault::EndsNoLines => &Act::SENDING_AWAY,
            Fault::ChecksNoMutes => &[Act::Mute],
            Fault::DropsFromItsRing
            | Fault::AcknowledgesFirst
            | Fault::CountsConnections
            | Fault::LooksAtNoCid
            | Fault::MixesUpAuthors
            | Fault::LeavesOutOfSnapshots => &[],
        }
    }
}

/// How often it does what it should not.
const OFTEN: f64 = 0.1;

/// It ends with its value.
pub struct Broken {
    pub urls: Urls,
    _tasks: JoinSet<()>,
}

/// What it breaks its promises with.
#[derive(Clone)]
pub struct Inside {
    pub nodes: Urls,
    /// Of its room; the first one keeps order there.
    pub members: Vec<Member>,
    pub sequencer: Sequencer,
}

struct Door {
    fault: Fault,
    inside: Inside,
    /// Before which of the nodes it stands.
    node: usize,
    house: Arc<Mutex<House>>,
}

/// What all connections of a server share.
struct House {
    random: StdRng,
    /// Of connections that entered and did not say goodbye.
    count: i64,
    /// Of what was sent.
    cids: BTreeSet<String>,
}

impl Broken {
    /// Before each of the nodes.
    pub async fn start(fault: Fault, inside: Inside, seed: u64) -> Broken {
        let house = Arc::new(Mutex::new(House {
            random: StdRng::seed_from_u64(seed),
            count: 0,
            cids: BTreeSet::new(),
        }));
        let mut urls: [String; 2] = Default::default();
        let mut tasks = JoinSet::new();
        for (node, url) in urls.iter_mut().enumerate() {
            let door = Door {
                fault,
                inside: inside.clone(),
                node,
                house: house.clone(),
            };
            let router = Router::new()
                .route("/api/v1/live", get(come_in))
                .with_state(Arc::new(door));
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            *url = format!("http://{}", listener.local_addr().unwrap());
            tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        }
        Broken {
            urls: Arc::new(RwLock::new(urls)),
            _tasks: tasks,
        }
    }
}

async fn come_in(
    State(door): State<Arc<Door>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let token = headers.get(AUTHORIZATION).and_then(|by| by.to_str().ok());
    let token = token.and_then(|by| by.strip_prefix("Bearer "));
    let address = format!("{}/api/v1/live", door.url().replacen("http", "ws", 1));
    let Ok(node) = Socket::connect(&address, token, None).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let mut members = door.inside.members.iter();
    let member = members.find(|member| Some(member.token.as_str()) == token);
    let line = Line {
        member: member.expect("it is for them").id.clone(),
        eavesdropping: Eavesdropping::default(),
        said: BTreeMap::new(),
        door: Arc::clone(&door),
        dropped: 0,
        entered: 0,
        renamed: None,
    };
    upgrade
        .protocols([PROTOCOL])
        .on_upgrade(move |client| line.carry(client, node))
}

impl Door {
    /// Of its node.
    fn url(&self) -> String {
        self.inside.nodes.read().unwrap()[self.node].clone()
    }
}

/// One client's connection.
struct Line {
    door: Arc<Door>,
    /// Whose it is.
    member: String,
    eavesdropping: Eavesdropping,
    /// Sendings that wait for an answer.
    said: BTreeMap<u64, Value>,
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
    /// Until either side ends it.
    async fn carry(mut self, mut client: WebSocket, mut node: Socket) {
        loop {
            tokio::select! {
                said = client.recv() => match said {
                    Some(Ok(Message::Text(text))) => {
                        let said = serde_json::from_str(&text).unwrap();
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

    /// `None`: the client is not told it.
    async fn pass_on(&mut self, node: &mut Socket, mut told: Value) -> Option<Value> {
        match self.door.fault {
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
            Fault::DropsFromItsRing => self.drop_some(&mut told),
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
            Fault::LeavesOutOfSnapshots if told["mode"] == "snapshot" => self.leave_out(&mut told),
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
                self.dropped += 1;
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

    fn leave_out(&self, told: &mut Value) {
        let messages = told["snapshot"]["messages"].as_array_mut().unwrap();
        let mut house = self.door.house.lock().unwrap();
        messages.retain(|_| !house.random.random_bool(OFTEN));
    }

    fn say_goodbye(&self) {
        self.door.house.lock().unwrap().count -= self.entered;
    }
}
