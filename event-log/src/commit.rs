//! The sequencer's connection: one per node, used by one commit at a time.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgDatabaseError, PgPool, PgSeverity};
use sqlx::{ConnectOptions, Connection};
use uuid::Uuid;

use crate::event::Recorded;
use crate::store::{self, Head, StoredCommand};

/// No statement of the sequencer takes this long; a hung one is ended by the
/// server and a hung connection is given up, so that neither holds the lock.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How a commit ended.
pub(crate) enum Outcome {
    /// Everything is durable. With the stored answers of those refused commands
    /// that had been accepted before.
    Committed(Vec<StoredCommand>),
    /// Nothing was recorded: the log is elsewhere than planned, or a command id
    /// or version exists already.
    Elsewhere,
    /// Whether anything was recorded is unknown.
    Unknown(sqlx::Error),
}

pub(crate) async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let millis = STATEMENT_TIMEOUT.as_millis().to_string();
    let options = options.clone().options([
        ("statement_timeout", millis.as_str()),
        ("idle_in_transaction_session_timeout", millis.as_str()),
        ("synchronous_commit", "on"),
    ]);
    let connecting = options.connect();
    let connected = tokio::time::timeout(CONNECT_TIMEOUT, connecting).await;
    connected.unwrap_or_else(|_| Err(timed_out()))
}

/// Commits a planned batch in one round trip (two, if it holds refusals). The
/// connection is given back unless its state is unknown.
pub(crate) async fn commit(
    mut connection: PgConnection,
    base: Head,
    commands: Arc<Vec<StoredCommand>>,
    events: Arc<Vec<Arc<Recorded>>>,
    refused: Vec<(Uuid, Uuid)>,
) -> (Option<PgConnection>, Outcome) {
    let attempt = attempt(&mut connection, base, &commands, &events, &refused);
    match in_time(attempt).await {
        Ok(outcome) => (Some(connection), outcome),
        Err(error) if is_unique_violation(&error) => (Some(connection), Outcome::Elsewhere),
        Err(error) => {
            // closed without a farewell: it may hang
            drop(connection.close_hard().await);
            (None, Outcome::Unknown(error))
        }
    }
}

async fn attempt(
    connection: &mut PgConnection,
    base: Head,
    commands: &[StoredCommand],
    events: &[Arc<Recorded>],
    refused: &[(Uuid, Uuid)],
) -> sqlx::Result<Outcome> {
    let there = if commands.is_empty() {
        // a refusal is true only of the newest state
        store::head(&mut *connection).await? == base
    } else {
        store::append(connection, base, commands, events).await?
    };
    if !there {
        return Ok(Outcome::Elsewhere);
    }
    if refused.is_empty() {
        return Ok(Outcome::Committed(Vec::new()));
    }
    let before = store::find_commands(connection, refused).await?;
    Ok(Outcome::Committed(before))
}

/// Asks something on a connection of the pool's; one that does not answer is not given back to it.
pub(crate) async fn ask<T>(
    pool: &PgPool,
    question: impl for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, sqlx::Result<T>>,
) -> sqlx::Result<T> {
    // the pool asks each that it has whether it still answers: not for long
    let acquired = tokio::time::timeout(CONNECT_TIMEOUT, pool.acquire()).await;
    let mut connection = acquired.unwrap_or_else(|_| Err(timed_out()))?;
    let answer = in_time(question(&mut connection)).await;
    if answer.as_ref().is_err_and(is_timeout) {
        // the pool would wait for it, too
        drop(connection.detach());
    }
    answer
}

/// Gives a connection up that does not answer: whose server vanished without a word would be waited
/// for until the system notices, and the node's commands with it. It must not be used again.
pub(crate) async fn in_time<T>(work: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    let done = tokio::time::timeout(STATEMENT_TIMEOUT * 2, work).await;
    done.unwrap_or_else(|_| Err(timed_out()))
}

fn is_timeout(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut)
}

fn timed_out() -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())
}

pub(crate) fn is_unique_violation(error: &sqlx::Error) -> bool {
    let database = error.as_database_error();
    database.is_some_and(DatabaseError::is_unique_violation)
}

/// Whether another try may succeed: the server is away, starting, stopping, read-only for now or
/// ended the statement, rather than objecting to what it was given.
pub fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(database) => {
            // connection, resources, operator intervention, system error, serialization
            let classes = ["08", "53", "57", "58", "40"];
            let [idle_timeout, read_only] = ["25P03", "25006"];
            let code = database.code().unwrap_or_default();
            classes.iter().any(|class| code.starts_with(class))
                || code == idle_timeout
                || code == read_only
                || has_given_up(&**database)
        }
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

/// Whether the server ended the session for a reason inside itself, as it does with a new one where a
/// full disk has no room for its caches. It objects to nothing that it was given.
fn has_given_up(error: &dyn DatabaseError) -> bool {
    let severity = error.try_downcast_ref().map(PgDatabaseError::severity);
    let is_over = matches!(severity, Some(PgSeverity::Fatal | PgSeverity::Panic));
    is_over && error.code().is_some_and(|code| code.starts_with("XX"))
}
