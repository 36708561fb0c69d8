//! A server that breaks a promise: it stands before the nodes, speaks the protocol like them, and
//! does one thing as no server may.

mod eavesdropping;
mod line;
mod loud;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, RwLock};

use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use commands::Sequencer;
use rand::SeedableRng;
use rand::rngs::StdRng;
use tests::live::Socket;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use web::live::upgrade::PROTOCOL;

use super::client::{Act, Member, Urls};
use line::Line;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// All is passed on as it is.
    None,
    /// Messages fall out of what a connection is sent.
    DropsFromItsRing,
    /// The same, and it numbers what is left by itself.
    Renumbers,
    /// What happens is told once the client asks for something.
    HoldsBack,
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
    /// So do pages of what was said before.
    LeavesOutOfHistory,
    /// Who is sent away goes on being shown what happens in the room.
    EndsNoLines,
    /// Who is muted is heard all the same.
    ChecksNoMutes,
}

impl Fault {
    pub const ALL: [Fault; 12] = [
        Fault::None,
        Fault::DropsFromItsRing,
        Fault::Renumbers,
        Fault::HoldsBack,
        Fault::AcknowledgesFirst,
        Fault::CountsConnections,
        Fault::LooksAtNoCid,
        Fault::MixesUpAuthors,
        Fault::LeavesOutOfSnapshots,
        Fault::LeavesOutOfHistory,
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
            | Fault::Renumbers
            | Fault::HoldsBack
            | Fault::AcknowledgesFirst
            | Fault::CountsConnections
            | Fault::LooksAtNoCid
            | Fault::MixesUpAuthors
            | Fault::LeavesOutOfSnapshots
            | Fault::LeavesOutOfHistory => &[],
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
    let member = member.expect("it is for them");
    let line = Line::of(&member.id, Arc::clone(&door));
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
