//! Over real sockets, with shortened bounds.

use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, oneshot};

use super::*;

const BOUNDS: Bounds = Bounds {
    connections: 16,
    per_address: 16,
    proxies: vec![],
    head_timeout: Duration::from_millis(100),
    deaf_timeout: Duration::from_secs(10),
    shutdown_timeout: Duration::from_secs(10),
};

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<usize>,
}

async fn start(router: Router, bounds: Bounds) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let stopped = async move { drop(stopped.await) };
    let ended = tokio::spawn(serve(listener, router, bounds, stopped));
    Running {
        address,
        stop,
        ended,
    }
}

async fn send(address: SocketAddr, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

async fn answer(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

const GET: &str = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

/// A handler that says when it has begun and waits until it may end.
fn gate() -> (Router, Arc<Notify>, Arc<Notify>) {
    let (begun, may_end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begin, end) = (Arc::clone(&begun), Arc::clone(&may_end));
    let handler = move || async move {
        begin.notify_one();
        end.notified().await;
        "done"
    };
    (Router::new().route("/", get(handler)), begun, may_end)
}

#[tokio::test]
async fn a_handler_learns_the_peers_address() {
    let handler = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() };
    let running = start(Router::new().route("/", get(handler)), BOUNDS).await;
    let stream = send(running.address, GET).await;
    let own = stream.local_addr().unwrap().to_string();
    assert!(answer(stream).await.ends_with(&own));
}

#[tokio::test]
async fn half_a_head_is_not_waited_for() {
    let running = start(Router::new(), BOUNDS).await;
    let stream = send(running.address, "GET / HTTP/1.1\r\nhost:").await;
    // Ends when the server hangs up; nextest's and the test's patience is the deadline.
    let said = tokio::time::timeout(Duration::from_secs(10), answer(stream))
        .await
        .unwrap();
    assert!(
        said.is_empty() || said.starts_with("HTTP/1.1 408"),
        "{said}"
    );
}

#[tokio::test]
async fn a_head_that_is_too_long_is_431() {
    let running = start(Router::new(), BOUNDS).await;
    let head = format!(
        "GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n",
        "y".repeat(HEAD_BYTES)
    );
    assert!(
        answer(send(running.address, &head).await)
            .await
            .starts_with("HTTP/1.1 431")
    );
}

#[tokio::test]
async fn what_is_in_flight_finishes_and_nobody_new_is_let_in() {
    let (router, begun, may_end) = gate();
    let running = start(router, BOUNDS).await;
    let stream = send(running.address, GET).await;
    begun.notified().await;
    running.stop.send(()).unwrap();
    while TcpStream::connect(running.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    may_end.notify_one();
    assert!(answer(stream).await.ends_with("done"));
    assert_eq!(running.ended.await.unwrap(), 0);
}

#[tokio::test]
async fn what_does_not_finish_is_cut_at_the_bound() {
    let (router, begun, _may_end) = gate();
    let bounds = Bounds {
        shutdown_timeout: Duration::from_millis(50),
        ..BOUNDS
    };
    let running = start(router, bounds).await;
    let _stream = send(running.address, GET).await;
    begun.notified().await;
    running.stop.send(()).unwrap();
    assert_eq!(running.ended.await.unwrap(), 1);
}

#[tokio::test]
async fn a_stream_that_nobody_takes_ends() {
    let ended = Arc::new(Notify::new());
    let told = Arc::clone(&ended);
    let handler = move || async move {
        let held = TellsEnd(told);
        let chunk = axum::body::Bytes::from_static(&[b'x'; 16 * 1024]);
        let endless = futures::stream::repeat_with(move || {
            let _held = &held;
            Ok::<_, std::convert::Infallible>(chunk.clone())
        });
        Body::from_stream(endless)
    };
    let bounds = Bounds {
        deaf_timeout: Duration::from_secs(1),
        ..BOUNDS
    };
    let running = start(Router::new().route("/", get(handler)), bounds).await;
    let _deaf = send(running.address, GET).await;
    let patience = Duration::from_secs(20);
    tokio::time::timeout(patience, ended.notified())
        .await
        .unwrap();
}

struct TellsEnd(Arc<Notify>);

impl Drop for TellsEnd {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[tokio::test]
async fn at_the_bound_a_connection_waits_for_room() {
    let (router, begun, may_end) = gate();
    let running = start(
        router,
        Bounds {
            connections: 1,
            ..BOUNDS
        },
    )
    .await;
    let first = send(running.address, GET).await;
    begun.notified().await;
    let second = send(running.address, GET).await;
    may_end.notify_one();
    assert!(answer(first).await.ends_with("done"));
    begun.notified().await;
    may_end.notify_one();
    assert!(answer(second).await.ends_with("done"));
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_no_more() {
    let (router, begun, may_end) = gate();
    let bounds = Bounds {
        per_address: 1,
        ..BOUNDS
    };
    let running = start(router.clone(), bounds.clone()).await;
    let first = send(running.address, GET).await;
    begun.notified().await;
    let second = TcpStream::connect(running.address).await.unwrap();
    assert_eq!(answer(second).await, "", "it is hung up on");
    may_end.notify_one();
    assert!(answer(first).await.ends_with("done"));

    // a proxy brings many people
    let proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let running = start(router, Bounds { proxies, ..bounds }).await;
    let first = send(running.address, GET).await;
    begun.notified().await;
    let second = send(running.address, GET).await;
    begun.notified().await;
    may_end.notify_waiters();
    for stream in [first, second] {
        assert!(answer(stream).await.ends_with("done"));
    }
}

#[test]
fn a_proxys_connections_are_counted_against_no_address() {
    let proxies = [&Network::HERE[..], &["2001:db8::7".parse().unwrap()]].concat();
    let bounds = Bounds {
        per_address: 1,
        proxies,
        ..BOUNDS
    };
    let open = Arc::new(Open::default());
    let take = |peer: &str| {
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        Place::take(&open, peer, &bounds)
    };
    for proxy in ["127.0.0.1", "::ffff:127.0.0.1", "::1", "2001:db8::7"] {
        let places = [take(proxy), take(proxy)];
        assert!(places.iter().all(Option::is_some), "{proxy}");
        assert!(open.counts().is_empty(), "{proxy}");
    }
    // who is beside it is no proxy, and one with all of their network
    let first = take("2001:db8::8");
    assert!(first.is_some() && take("2001:db8::9").is_none());
    drop(first);
    assert!(open.counts().is_empty());
}
