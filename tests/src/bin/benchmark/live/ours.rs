//! Reeltime's own accept loop, handshake, protocol, rings and sockets. Fed with ready-made frames
//! it is the transport alone; `recorded` has its messages recorded first.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use commands::room::Open;
use domain::room::Admission;
use domain::{RoomDescription, RoomId, RoomName};
use serde_json::json;
use sqlx::PgPool;
use tests::{history, new_id};
use tokio::net::TcpListener;
use web::app::{App, Options};
use web::live::frame;
use web::live::ring::Frame;
use web::live::room::Room;
use web::security::Protection;
use web::server::{self, Bounds};

use super::{Running, Server, Shape, client};

const BOUNDS: Bounds = Bounds {
    connections: 20_000,
    per_address: 20_000,
    proxies: Vec::new(),
    head_timeout: Duration::from_secs(10),
    deaf_timeout: Duration::from_secs(30),
    shutdown_timeout: Duration::from_secs(10),
};

pub struct Node {
    pub app: App,
    address: SocketAddr,
}

struct Ours {
    rooms: Vec<Arc<Room>>,
}

impl Server for Ours {
    fn publish(&self, room: usize, stamp: u64) {
        let room = &self.rooms[room];
        let seq = room.head() + 1;
        let frame = Frame {
            first_seq: seq,
            last_seq: seq,
            frame: frame::Shared::new(frame::text(&client::message(stamp))),
        };
        room.publish(vec![(frame, &[])])
            .expect("it is the next one");
    }
}

impl Node {
    pub async fn start(pool: PgPool) -> anyhow::Result<Node> {
        let keyring = tests::keyring(&pool).await;
        let options = Options {
            allowances: tests::site::generous(),
            connections: 16,
            secure_cookies: false,
            providers: web::providers::Providers::default(),
            origin: None,
            mailing: tests::site::mailing(&std::env::temp_dir()),
            grace: chrono::TimeDelta::zero(),
            roles_need_two_factors: false,
            tmdb: None,
            signing: None,
        };
        let app = App::start(pool, keyring, options).await?;
        history::begin(&app.sequencer, 1).await?;
        let protection = Protection {
            public_url: None,
            trusted_proxies: vec![],
            request_timeout: Duration::from_secs(60),
        };
        let router = web::routes::router(app.clone(), protection);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            server::serve(listener, router, BOUNDS, std::future::pending()).await;
        });
        Ok(Node { app, address })
    }

    /// New rooms.
    pub async fn rooms(&self, count: usize) -> anyhow::Result<Vec<RoomId>> {
        let mut rooms = Vec::new();
        for _ in 0..count {
            let room = RoomId(new_id());
            let member = history::member(0);
            let open = Open {
                room,
                member,
                film: None,
                name: RoomName::new("A room").expect("a name"),
                description: RoomDescription::new("").expect("nothing"),
                admission: Admission::Public,
                closes_when_empty: false,
                at: tests::now(),
            };
            commands::execute(&self.app.sequencer, history::asked(member), open).await?;
            rooms.push(room);
        }
        Ok(rooms)
    }

    /// New rooms of this shape, for ready-made frames.
    pub async fn open(&self, shape: Shape) -> anyhow::Result<Running> {
        let rooms = self.rooms(shape.rooms).await?;
        let rooms = self.follow(&rooms).await?;
        let server = Ours {
            rooms: rooms.clone(),
        };
        Ok(self.running(rooms, Arc::new(server)))
    }

    /// The rooms as this node has them.
    pub async fn follow(&self, ids: &[RoomId]) -> anyhow::Result<Vec<Arc<Room>>> {
        let mut rooms = Vec::new();
        for id in ids {
            rooms.push(self.app.live.room(id.0).await?);
        }
        Ok(rooms)
    }

    /// For clients of these rooms.
    pub fn running(&self, rooms: Vec<Arc<Room>>, server: Arc<dyn Server>) -> Running {
        let greeting = move |room: usize| {
            let hello = json!({"t": "hello", "id": 1});
            let sub = json!({"t": "sub", "id": 2, "room": rooms[room].id, "last": 0});
            vec![hello.to_string(), sub.to_string()]
        };
        Running {
            server,
            address: self.address,
            path: |_| "/api/v1/live".to_owned(),
            packs: false,
            greeting: Box::new(greeting),
            task: tokio::spawn(std::future::pending::<()>()).abort_handle(),
        }
    }
}
