//! The accept loop: HTTP/1.1 with a bound on everything that a stranger could hold open.
//!
//! Each connection's peer address is in its requests as `ConnectInfo<SocketAddr>`.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::address::{Network, household};

/// The longest request head. Beyond: 431.
const HEAD_BYTES: usize = 32 * 1024;
/// After a failed accept (no file descriptors left, mostly) others get time to finish.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

#[derive(Clone, Debug)]
pub struct Bounds {
    /// At the bound new connections wait in the kernel's queue until one ends.
    pub connections: usize,
    /// Of one address at once. At the bound new ones are hung up on.
    pub per_address: usize,
    /// Whose connections are many people's: they are not counted.
    pub proxies: Vec<Network>,
    /// A request's head must have arrived by then; also how long a kept connection may idle.
    pub head_timeout: Duration,
    /// What a peer does not acknowledge for so long, it never will: it is gone, or takes nothing.
    pub deaf_timeout: Duration,
    /// How long requests in flight may take once the shutdown has begun; then they are cut.
    pub shutdown_timeout: Duration,
}

/// Serves until `shutdown` resolves, lets what is in flight finish within the bound, and
/// returns how many connections had to be cut.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    shutdown: impl Future<Output = ()>,
) -> usize {
    let (stop, stopping) = watch::channel(());
    let bounds = Arc::new(bounds);
    let room = Arc::new(Semaphore::new(bounds.connections));
    let open = Arc::new(Open::default());
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer, permit) = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            () = &mut shutdown => break,
        };
        let Some(place) = Place::take(&open, peer, &bounds) else {
            tracing::debug!("an address has too many connections");
            continue;
        };
        let (router, stopping) = (router.clone(), stopping.clone());
        let conversation = converse(stream, peer, router, Arc::clone(&bounds), stopping);
        connections.spawn(async move {
            conversation.await;
            drop((place, permit));
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    drop(stop);
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(bounds.shutdown_timeout, finished)
        .await
        .is_err()
    {
        tracing::warn!("requests were still in flight at the shutdown's bound");
    }
    let cut = connections.len();
    connections.shutdown().await;
    cut
}

/// The connections that each address has.
#[derive(Default)]
struct Open(Mutex<HashMap<IpAddr, usize>>);

impl Open {
    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().expect("no panic under this lock")
    }
}

/// A connection among those of its address, which it leaves when this goes; a proxy's is among
/// nobody's.
struct Place(Option<(Arc<Open>, IpAddr)>);

impl Place {
    /// `None`: the address has too many.
    fn take(open: &Arc<Open>, peer: SocketAddr, bounds: &Bounds) -> Option<Place> {
        let address = peer.ip().to_canonical();
        if bounds.proxies.iter().any(|proxy| proxy.contains(address)) {
            return Some(Place(None));
        }
        let address = household(address);
        let mut counts = open.counts();
        let count = counts.entry(address).or_default();
        if *count >= bounds.per_address {
            return None;
        }
        *count += 1;
        Some(Place(Some((Arc::clone(open), address))))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((open, address)) = &self.0 else {
            return;
        };
        let mut counts = open.counts();
        if let Some(count) = counts.get_mut(address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(address);
            }
        }
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let room = Arc::clone(room);
    let permit = room
        .acquire_owned()
        .await
        .expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, permit),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    bounds: Arc<Bounds>,
    mut stopping: watch::Receiver<()>,
) {
    // Small answers must not wait for the client's acknowledgement of the last one.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    // A stream of events that nobody takes any more would end after many minutes otherwise.
    let deaf = Some(bounds.deaf_timeout);
    if let Err(error) = SockRef::from(&stream).set_tcp_user_timeout(deaf) {
        tracing::debug!(%error, "no TCP_USER_TIMEOUT");
    }
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_timeout)
        .max_header_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        // The sender is gone: the answer in flight is the last one.
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Strangers hang up all the time.
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests;
