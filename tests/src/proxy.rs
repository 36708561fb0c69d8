//! A wire between a node and PostgreSQL that can be cut at the worst moment: after
//! the commit, before its answer. It can lose notifications and freeze, too; and it makes a node of
//! another build, by what it changes of its words, as its test has to find out.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinSet;

/// One row with one true: what `log.append` answers.
const APPENDED: &[u8] = &[b'D', 0, 0, 0, 11, 0, 1, 0, 0, 0, 1, 1];
const COMMITTED: &[u8] = b"COMMIT\0";
/// The server is outside of any transaction: what went before is committed.
const READY: &[u8] = &[b'Z', 0, 0, 0, 5, b'I'];
/// Begins what `LISTEN` hears.
const NOTIFICATION: u8 = b'A';

#[derive(Default)]
struct Faults {
    cut_next_commit: AtomicBool,
    swallow_next: AtomicBool,
    answers_first: AtomicBool,
    loses_notifications: AtomicBool,
    frozen: AtomicBool,
    delay_ms: AtomicU64,
    changes: OnceLock<(&'static str, &'static str)>,
    /// Of wires that carry something.
    generation: AtomicU64,
    cuts: AtomicU64,
    lost: AtomicU64,
}

/// It ends with its value.
pub struct Proxy {
    options: PgConnectOptions,
    faults: Arc<Faults>,
    _task: JoinSet<()>,
}

impl Proxy {
    /// Before the server of these options, which is reached by a Unix socket.
    ///
    /// # Panics
    /// When no port is free.
    pub async fn start(server: &PgConnectOptions) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let directory = server.get_socket().expect("the tests' server has a socket");
        let socket = directory.join(format!(".s.PGSQL.{}", server.get_port()));
        let options = PgConnectOptions::new_without_pgpass()
            .host("127.0.0.1")
            .port(port)
            .ssl_mode(PgSslMode::Disable)
            .username(server.get_username())
            .database(server.get_database().expect("a database was named"));
        let faults = Arc::<Faults>::default();
        let mut task = JoinSet::new();
        task.spawn(accept(listener, socket, faults.clone()));
        Proxy {
            options,
            faults,
            _task: task,
        }
    }

    /// To connect through it.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// The next commit's answer is lost, with its connection.
    pub fn cut_next_commit(&self) {
        self.faults.cut_next_commit.store(true, Ordering::Relaxed);
    }

    /// The next answer never comes, and its connection stays.
    pub fn swallow_next_answer(&self) {
        self.faults.swallow_next.store(true, Ordering::Relaxed);
    }

    /// The next append is answered as the one before it was, and its connection ends before the server
    /// has heard of it: as of one that answers first, and dies before it commits.
    pub fn answer_first(&self) {
        self.faults.answers_first.store(true, Ordering::Relaxed);
    }

    pub fn lose_notifications(&self) {
        let losing = &self.faults.loses_notifications;
        losing.store(true, Ordering::Relaxed);
    }

    /// Nothing passes, in no direction, until it is called again with false.
    pub fn freeze(&self, frozen: bool) {
        self.faults.frozen.store(frozen, Ordering::Relaxed);
    }

    /// Each answer takes so much longer.
    pub fn delay(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).expect("it is short");
        self.faults.delay_ms.store(millis, Ordering::Relaxed);
    }

    /// Wherever the node says the one, the server hears the other, which is as long: as if that line
    /// of its code were another one.
    ///
    /// # Panics
    /// When it is longer or shorter, or something is changed already.
    pub fn change(&self, from: &'static str, to: &'static str) {
        assert_eq!(from.len(), to.len(), "a message says how long it is");
        let first = self.faults.changes.set((from, to));
        first.expect("one thing is changed");
    }

    /// On the wires that are there nothing passes any more, and nobody says that they ended; new ones
    /// can be had.
    pub fn vanish(&self) {
        self.faults.generation.fetch_add(1, Ordering::Relaxed);
    }

    /// Commits whose answers were lost.
    pub fn cuts(&self) -> u64 {
        self.faults.cuts.load(Ordering::Relaxed)
    }

    /// Notifications that were lost.
    pub fn lost(&self) -> u64 {
        self.faults.lost.load(Ordering::Relaxed)
    }
}

async fn accept(listener: TcpListener, socket: PathBuf, faults: Arc<Faults>) {
    let mut wires = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let (socket, faults) = (socket.clone(), faults.clone());
        wires.spawn(async move {
            if let Ok(server) = UnixStream::connect(&socket).await {
                // it ends when either side does
                let _ = carry(client, server, &faults).await;
            }
        });
        while wires.try_join_next().is_some() {}
    }
}

async fn carry(
    mut client: TcpStream,
    mut server: UnixStream,
    faults: &Faults,
) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let (mut up, mut down) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let generation = faults.generation.load(Ordering::Relaxed);
    // how the server answered an append here
    let mut answered: Option<Vec<u8>> = None;
    loop {
        if faults.generation.load(Ordering::Relaxed) > generation {
            return std::future::pending().await;
        }
        while faults.frozen.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        tokio::select! {
            read = client.read(&mut up) => match read? {
                0 => return Ok(()),
                bytes => {
                    if let Some(answer) = faults.answers_first(answered.as_deref()) {
                        return client.write_all(answer).await;
                    }
                    faults.change(&mut up[..bytes]);
                    server.write_all(&up[..bytes]).await?;
                }
            },
            read = server.read(&mut down) => {
                let bytes = read?;
                if bytes == 0 || faults.cuts_here(&down[..bytes]) {
                    return Ok(());
                }
                if is_appended(&down[..bytes]) {
                    answered = Some(down[..bytes].to_vec());
                }
                let delay = faults.delay_ms.load(Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(delay)).await;
                if !faults.loses(&down[..bytes]) && !faults.swallows(&down[..bytes]) {
                    client.write_all(&down[..bytes]).await?;
                }
            }
        }
    }
}

impl Faults {
    fn cuts_here(&self, answer: &[u8]) -> bool {
        let commits = is_appended(answer) || answer.ends_with(READY) && has(answer, COMMITTED);
        let cuts = commits && self.cut_next_commit.swap(false, Ordering::Relaxed);
        self.cuts.fetch_add(u64::from(cuts), Ordering::Relaxed);
        cuts
    }

    fn answers_first<'a>(&self, answered: Option<&'a [u8]>) -> Option<&'a [u8]> {
        let answer = answered?;
        let first = self.answers_first.swap(false, Ordering::Relaxed);
        first.then_some(answer)
    }

    fn change(&self, said: &mut [u8]) {
        let Some((from, to)) = self.changes.get() else {
            return;
        };
        let mut parts = said.windows(from.len());
        if let Some(at) = parts.position(|part| part == from.as_bytes()) {
            said[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }

    fn swallows(&self, answer: &[u8]) -> bool {
        answer.ends_with(READY) && self.swallow_next.swap(false, Ordering::Relaxed)
    }

    fn loses(&self, answer: &[u8]) -> bool {
        let loses = self.loses_notifications.load(Ordering::Relaxed) && are_notifications(answer);
        self.lost.fetch_add(u64::from(loses), Ordering::Relaxed);
        loses
    }
}

fn has(answer: &[u8], part: &[u8]) -> bool {
    answer.windows(part.len()).any(|window| window == part)
}

fn is_appended(answer: &[u8]) -> bool {
    answer.ends_with(READY) && has(answer, APPENDED)
}

/// Whole messages of that kind and nothing else: what only begins like one is a piece of rows.
fn are_notifications(answer: &[u8]) -> bool {
    let Some((NOTIFICATION, [a, b, c, d, ..])) =
        answer.split_first().map(|(kind, rest)| (*kind, rest))
    else {
        return false;
    };
    let length = u32::from_be_bytes([*a, *b, *c, *d]);
    let end = usize::try_from(length).expect("32 bits") + 1;
    match answer.get(end..) {
        Some([]) => true,
        Some(rest) => are_notifications(rest),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_begins_like_a_notification_is_none() {
        let one = [b'A', 0, 0, 0, 6, 1, 2];
        assert!(are_notifications(&one));
        assert!(are_notifications(&[one, one].concat()));
        assert!(!are_notifications(&one[..6]));
        assert!(!are_notifications(&[&one[..], b"D"].concat()));
        assert!(!are_notifications(b"A row's middle"));
        assert!(!are_notifications(b""));
    }
}
