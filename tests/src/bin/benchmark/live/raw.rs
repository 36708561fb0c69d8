//! The bytes of all frames in one buffer for each room; each socket writes what it has not had,
//! in one call. No reading, no protocol: the machine's limit.

use std::sync::{Arc, RwLock};

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Running, Server, Shape, client};

const WRITE_BYTES: usize = 64 * 1024;

#[derive(Default)]
struct Room {
    bytes: RwLock<Vec<u8>>,
    length: watch::Sender<usize>,
}

struct Raw {
    rooms: Vec<Room>,
}

impl Server for Raw {
    fn publish(&self, room: usize, stamp: u64) {
        let room = &self.rooms[room];
        let mut bytes = room.bytes.write().expect("no panic");
        bytes.extend_from_slice(&web::live::frame::text(&client::message(stamp)));
        room.length.send_replace(bytes.len());
    }
}

pub async fn start(shape: Shape) -> anyhow::Result<Running> {
    let rooms = (0..shape.rooms).map(|_| Room::default());
    let server = Arc::new(Raw {
        rooms: rooms.collect(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let accepting = server.clone();
    let task = tokio::spawn(async move {
        // they end with this: nobody tells them that their client has gone
        let mut sockets = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            sockets.spawn(serve(accepting.clone(), stream));
        }
    });
    Ok(Running {
        server,
        address,
        path: |room| format!("/{room}"),
        packs: false,
        greeting: Box::new(|_| vec![]),
        task: task.abort_handle(),
    })
}

async fn serve(server: Arc<Raw>, mut stream: TcpStream) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head);
    let room = head.split(['/', ' ']).nth(2).context("GET /room")?;
    let room = &server.rooms[room.parse::<usize>()?];
    let mut length = room.length.subscribe();
    let mut place = *length.borrow();
    stream.write_all(b"HTTP/1.1 101 Go on\r\n\r\n").await?;
    loop {
        let end = *length.wait_for(|length| *length > place).await?;
        while place < end {
            stream.writable().await?;
            let bytes = room.bytes.read().expect("no panic");
            let stretch = &bytes[place..end.min(place + WRITE_BYTES)];
            match stream.try_write(stretch) {
                Ok(written) => place += written,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
