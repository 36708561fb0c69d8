//! A private PostgreSQL in a directory, run from the PostgreSQL programs that are installed on the
//! machine. It listens on a Unix socket alone, never on a port, and keeps PostgreSQL's safe
//! durability settings: what it acknowledged survives `kill -9` of everything.
//!
//! ```text
//! <data_dir>/lock          held (flock) by the one process that runs the cluster
//! <data_dir>/postgres/     the cluster (PGDATA); reeltime.conf in it is the operator's to change
//! <data_dir>/socket/       the socket, unless the path is too long for one
//! <data_dir>/postgres.log  what the server says, bounded; the older part in postgres.log.1
//! ```

mod connection;
mod error;
mod initialize;
mod keeper;
mod launch;
mod lock;
mod log;
mod place;
mod process;
mod programs;
mod server;
mod user;

use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;

pub use crate::connection::{APPLICATION, OWNER};
pub use crate::error::{Error, sentence};
use crate::lock::Lock;
use crate::place::Place;
use crate::server::Server;

/// A running private PostgreSQL, held by this process.
///
/// It does not depend on the async runtime that started it. Dropped without [`Cluster::stop`], it
/// tells the server to shut down but does not wait; a process that ends without either (`kill -9`)
/// leaves the server running, and the next start on the directory takes it over.
#[derive(Debug)]
pub struct Cluster {
    options: PgConnectOptions,
    server: Server,
    // Dropped last: the next owner should find a server that was at least told to stop.
    _lock: Lock,
}

impl Cluster {
    /// Starts the cluster of this directory and waits until it answers. Makes the directory and
    /// the cluster when they are absent; takes over a server that a killed owner left behind.
    ///
    /// The future may be dropped at any moment: the next start finds a usable directory.
    pub async fn start(data_dir: &Path) -> Result<Cluster, Error> {
        let place = Place::prepare(data_dir)?;
        let lock = Lock::take(place.root())?;
        let programs = programs::find(&place.user, place.major()?)?;
        initialize::ensure(&place, &programs).await?;
        let (server, options) = Server::start(place, programs).await?;
        Ok(Cluster {
            options,
            server,
            _lock: lock,
        })
    }

    /// How to reach the cluster that another process owns; `None` when no server runs there.
    /// A server that is just starting is waited for.
    pub async fn connect(data_dir: &Path) -> Result<Option<PgConnectOptions>, Error> {
        match Place::existing(data_dir)? {
            Some(place) => connection::attach(&place).await,
            None => Ok(None),
        }
    }

    /// Database `reeltime` as the application's role ([`APPLICATION`]). Its owner is
    /// `.username(OWNER)`, the superuser `.username("postgres")`.
    pub fn connect_options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// Shuts the server down and waits for its end. Open transactions are rolled back, so close
    /// pools first.
    pub async fn stop(self) -> Result<(), Error> {
        self.server.stop().await
    }
}

/// `/var/lib/reeltime` for root; else where the platform keeps a program's data.
pub fn default_data_dir() -> PathBuf {
    if nix::unistd::geteuid().is_root() {
        return PathBuf::from("/var/lib/reeltime");
    }
    let from_env = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let home = from_env("HOME").map(PathBuf::from);
    if cfg!(target_os = "macos") {
        return home.map_or_else(
            || PathBuf::from("reeltime-data"),
            |home| home.join("Library/Application Support/Reeltime"),
        );
    }
    match (from_env("XDG_DATA_HOME").map(PathBuf::from), home) {
        (Some(data), _) if data.is_absolute() => data.join("reeltime"),
        (_, Some(home)) => home.join(".local/share/reeltime"),
        (_, None) => PathBuf::from("reeltime-data"),
    }
}
