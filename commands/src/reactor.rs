//! Reactors: what follows from time passing, without anybody asking. Now and then one node looks
//! for what is due and gives a command for each; the command decides, as always, whether it is so.
//!
//! A command's id is derived from its cause, so that two nodes, or a node that died half-way and
//! came back, do it once. The lease only saves the second node the work.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use event_log::{Clock, lease};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{Asked, Command, ExecuteError, Sequencer, execute};

/// Ids derived from causes; fixed for ever.
const CAUSES: Uuid = Uuid::from_u128(0x3fd3_8a06_6c1e_4d6b_8f0e_2b0c_5a4e_93d7);

/// What is to be done, and what makes it due: the same cause is the same command, for ever.
pub struct Due<C> {
    pub cause: Uuid,
    pub command: C,
}

/// A kind of work that is looked for again and again. It stops with the last clone.
#[derive(Clone)]
pub struct Reactor {
    _task: Arc<JoinSet<()>>,
}

/// What every reactor needs.
#[derive(Clone)]
pub struct Reacting {
    /// Names the lease, and with the cause each command.
    pub name: &'static str,
    pub every: Duration,
    pub database: PgConnectOptions,
    pub sequencer: Sequencer,
    pub clock: Clock,
    /// This node.
    pub holder: Uuid,
}

impl Reactor {
    /// Looks for what is due with `find`, which may be behind: what it finds are candidates.
    pub fn start<C, F>(
        reacting: Reacting,
        find: impl Fn(DateTime<Utc>) -> F + Send + Sync + 'static,
    ) -> Reactor
    where
        C: Command + Send + Sync + 'static,
        F: Future<Output = sqlx::Result<Vec<Due<C>>>> + Send,
    {
        let mut task = JoinSet::new();
        task.spawn(async move {
            loop {
                if let Err(error) = round(&reacting, &find).await {
                    let name = reacting.name;
                    tracing::warn!(%error, name, "a reactor's round failed; the next does it");
                }
                tokio::time::sleep(reacting.every).await;
            }
        });
        Reactor {
            _task: Arc::new(task),
        }
    }
}

/// Why a round of a reactor was left.
#[derive(Debug, thiserror::Error)]
enum RoundError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Execute(#[from] ExecuteError),
}

async fn round<C, F>(
    reacting: &Reacting,
    find: &impl Fn(DateTime<Utc>) -> F,
) -> Result<(), RoundError>
where
    C: Command + Send + Sync + 'static,
    F: Future<Output = sqlx::Result<Vec<Due<C>>>> + Send,
{
    let mut connection = reacting.database.connect().await?;
    let lease = lease::acquire(&mut connection, reacting.name, reacting.holder).await?;
    if lease.is_some() {
        let at = (reacting.clock)();
        for due in find(at).await? {
            react(reacting, due, at).await?;
        }
    }
    // the lease goes with it
    connection.close().await?;
    Ok(())
}

async fn react<C>(reacting: &Reacting, due: Due<C>, at: DateTime<Utc>) -> Result<(), ExecuteError>
where
    C: Command + Send + Sync + 'static,
{
    let scope = Uuid::new_v5(&CAUSES, reacting.name.as_bytes());
    let asked = Asked {
        id: Uuid::new_v5(&scope, due.cause.as_bytes()),
        actor: Uuid::nil(),
        digest: [0; 32],
        at,
        correlation: due.cause,
        causation: None,
    };
    match execute(&reacting.sequencer, asked, due.command).await {
        // it is not so any more
        Ok(_) | Err(ExecuteError::Refused(_)) => Ok(()),
        // its own trouble: what is due behind it goes on
        Err(error @ ExecuteError::Internal(_)) => {
            let (name, cause) = (reacting.name, due.cause);
            tracing::error!(%error, name, %cause, "a reactor's command can't be decided");
            Ok(())
        }
        Err(error) => Err(error),
    }
}
