//! axum's WebSocket and a tokio broadcast for each room.

use std::sync::Arc;

use axum::Router;
use axum::extract::ws::{Message, Utf8Bytes, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::broadcast;

use super::{Running, Server, Shape, client};

/// Messages that a slow socket may be behind.
const QUEUE: usize = 16_384;

struct Bare {
    rooms: Vec<broadcast::Sender<Utf8Bytes>>,
}

impl Server for Bare {
    fn publish(&self, room: usize, stamp: u64) {
        let text = String::from_utf8_lossy(&client::message(stamp)).into_owned();
        // nobody listens: nothing is lost
        let _ = self.rooms[room].send(text.into());
    }
}

pub async fn start(shape: Shape) -> anyhow::Result<Running> {
    let rooms = (0..shape.rooms).map(|_| broadcast::Sender::new(QUEUE));
    let server = Arc::new(Bare {
        rooms: rooms.collect(),
    });
    let router = Router::new()
        .route("/{room}", get(socket))
        .with_state(server.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let serving = axum::serve(listener, router);
    Ok(Running {
        server,
        address,
        path: |room| format!("/{room}"),
        packs: false,
        greeting: Box::new(|_| vec![]),
        task: tokio::spawn(async move {
            let _ = serving.await;
        })
        .abort_handle(),
    })
}

async fn socket(
    State(server): State<Arc<Bare>>,
    Path(room): Path<usize>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let mut messages = server.rooms[room].subscribe();
    upgrade
        .protocols([web::live::upgrade::PROTOCOL])
        .on_upgrade(async move |mut socket| {
            while let Ok(message) = messages.recv().await {
                if socket.send(Message::Text(message)).await.is_err() {
                    return;
                }
            }
        })
}
