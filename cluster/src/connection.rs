//! How the cluster is reached, and whether it answers yet.

use std::path::Path;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection};
use tokio::time::{Instant, sleep, timeout};

use crate::error::Error;
use crate::place::{PORT, Place};
use crate::process::{self, Found};

/// Recovery after a crash reads what was written since the last checkpoint; a slow disk may need
/// minutes. At the bound, the start fails, and the server is told to stop.
pub(crate) const READY_TIMEOUT: Duration = Duration::from_secs(600);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(10);

/// SQLSTATE `cannot_connect_now`: starting up, in recovery, shutting down.
const NOT_NOW: &str = "57P03";
/// SQLSTATE `too_many_connections`: those of a killed owner, which are about to end.
const TOO_MANY: &str = "53300";

/// Who owns the database `reeltime` and its schema. No superuser; may create databases.
pub const OWNER: &str = "reeltime";
/// As whom the application works there: it may do what the owner lets it.
pub const APPLICATION: &str = "reeltime_app";

pub(crate) fn options(socket_directory: &Path) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket_directory)
        .port(PORT)
        .username(APPLICATION)
        .database("reeltime")
        .ssl_mode(PgSslMode::Disable)
}

pub(crate) async fn attach(place: &Place) -> Result<Option<PgConnectOptions>, Error> {
    match process::find(place)? {
        Found::Server(pid) => ready(place, || !process::lives(place, pid)).await,
        Found::Nobody | Found::Remains(_) => Ok(None),
    }
}

/// Waits until the server of this place answers; `None` when it has `ended` instead.
pub(crate) async fn ready(
    place: &Place,
    ended: impl Fn() -> bool,
) -> Result<Option<PgConnectOptions>, Error> {
    let deadline = Instant::now() + READY_TIMEOUT;
    loop {
        // The server's own word, since the one that started it may have chosen another place.
        if let Some(directory) = process::pid_file(place).and_then(|file| file.socket_directory) {
            let options = options(&directory);
            if answers(&options).await? {
                return Ok(Some(options));
            }
        }
        if ended() {
            return Ok(None);
        }
        if Instant::now() > deadline {
            return Err(Error::Failed {
                what: "PostgreSQL does not get ready".into(),
                said: format!("see {}", place.log().display()),
            });
        }
        sleep(PAUSE).await;
    }
}

async fn answers(options: &PgConnectOptions) -> Result<bool, Error> {
    match timeout(ATTEMPT_TIMEOUT, options.connect()).await {
        Ok(Ok(connection)) => {
            // It answered; how the farewell goes does not matter.
            let _ = connection.close().await;
            Ok(true)
        }
        Ok(Err(error @ sqlx::Error::Database(_))) => {
            let code = error.as_database_error().and_then(|error| error.code());
            match code.as_deref() {
                Some(NOT_NOW | TOO_MANY) => Ok(false),
                _ => Err(Error::Refused(error)),
            }
        }
        // No socket yet, nobody behind it any more, no answer in time.
        Ok(Err(_)) | Err(_) => Ok(false),
    }
}
