//! A wire between a browser and a node that is cut and mended: what was open is closed, and what is
//! new gets nowhere meanwhile. The browser's own way of being offline leaves WebSockets open.

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// It ends with its value.
pub struct Tunnel {
    pub url: String,
    cut: watch::Sender<bool>,
    _task: JoinSet<()>,
}

impl Tunnel {
    /// To the node at this address (`http://…`).
    ///
    /// # Panics
    /// When no port is free.
    pub async fn start(node: &str) -> Tunnel {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let node = node.trim_start_matches("http://").to_owned();
        let (cut, is_cut) = watch::channel(false);
        let mut task = JoinSet::new();
        task.spawn(accept(listener, node, is_cut));
        Tunnel {
            url: format!("http://{address}"),
            cut,
            _task: task,
        }
    }

    /// Until it is called again with false.
    pub fn cut(&self, is_cut: bool) {
        self.cut.send_replace(is_cut);
    }
}

async fn accept(listener: TcpListener, node: String, mut is_cut: watch::Receiver<bool>) {
    let mut wires = JoinSet::new();
    loop {
        tokio::select! {
            changed = is_cut.changed() => {
                if changed.is_err() {
                    return;
                }
                wires.abort_all();
            }
            accepted = listener.accept() => {
                let Ok((client, _)) = accepted else { return };
                if !*is_cut.borrow() {
                    let node = node.clone();
                    wires.spawn(async move {
                        // it ends when either side does
                        let _ = carry(client, &node).await;
                    });
                }
            }
        }
        while wires.try_join_next().is_some() {}
    }
}

async fn carry(mut client: TcpStream, node: &str) -> std::io::Result<()> {
    let mut server = TcpStream::connect(node).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
