//! A proxy in front of a node that knows no WebSocket: it refuses every upgrade and carries
//! everything else.

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const REFUSAL: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// It ends with its value.
pub struct Refusing {
    pub url: String,
    _task: JoinSet<()>,
}

impl Refusing {
    /// Before the node at this address (`http://…`).
    ///
    /// # Panics
    /// When no port is free.
    pub async fn start(node: &str) -> Refusing {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let node = node.trim_start_matches("http://").to_owned();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut wires = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let node = node.clone();
                wires.spawn(async move {
                    // it ends when either side does
                    let _ = carry(client, &node).await;
                });
                while wires.try_join_next().is_some() {}
            }
        });
        Refusing {
            url: format!("http://{address}"),
            _task: task,
        }
    }
}

/// A browser asks for an upgrade on a connection of its own.
async fn carry(mut client: TcpStream, node: &str) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if client.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    if text.contains("\r\nupgrade: websocket") {
        return client.write_all(REFUSAL).await;
    }
    let mut server = TcpStream::connect(node).await?;
    server.write_all(&head).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
