//! Reactors: what follows from time passing, without anybody asking. Now and then one node looks
//! for what is due and gives a command for each; the command decides, as always, whether it is so.
//!
//! A command's id is derived from its cause, so that two nodes, or a node that died half-way and
//! came back, do it once. The lease only saves the second node the work.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use event_log::{Accepted, Clock, NO_DIGEST, lease};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{Asked, Command, ExecuteError, Sequencer, execute};

/// Ids derived from causes; fixed for ever.
const CAUSES: Uuid = Uuid::from_u128(0x3fd3_8a06_6c1e_4d6b_8f0e_2b0c_5a4e_93d7);

/// Candidates that are looked at in one round, mostly; the rest come in the next.
pub const AT_ONCE: i64 = 100;
/// Causes whose failure was told; at the bound all are forgotten, and told once more.
const TOLD: usize = 1_000;

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
    /// Looks for what is due with `find`, which may be behind: what it finds are candidates, some
    /// at once, in an order that stays, without so many of the first.
    pub fn start<C, F>(
        reacting: Reacting,
        find: impl Fn(DateTime<Utc>, i64) -> F + Send + Sync + 'static,
    ) -> Reactor
    where
        C: Command + Send + Sync + 'static,
        F: Future<Output = sqlx::Result<Vec<Due<C>>>> + Send,
    {
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut walk = Walk::default();
            loop {
                if let Err(error) = round(&reacting, &find, &mut walk).await {
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

/// How far a reactor has come. What is done is no candidate any more; what can't be done stays
/// one, in front of all others, so it is left out until they have been looked at. Then it is tried
/// again.
#[derive(Default)]
struct Walk {
    left_out: i64,
    /// Of those left out, how many can't be decided.
    undecided: u32,
    told: HashSet<Uuid>,
}

async fn round<C, F>(
    reacting: &Reacting,
    find: &impl Fn(DateTime<Utc>, i64) -> F,
    walk: &mut Walk,
) -> Result<(), RoundError>
where
    C: Command + Send + Sync + 'static,
    F: Future<Output = sqlx::Result<Vec<Due<C>>>> + Send,
{
    let mut connection = reacting.database.connect().await?;
    let lease = lease::acquire(&mut connection, reacting.name, reacting.holder).await?;
    if lease.is_some() {
        let at = (reacting.clock)();
        let found = find(at, walk.left_out).await?;
        if found.is_empty() {
            walk.begin_anew(reacting.name);
        }
        for due in found {
            let cause = due.cause;
            let outcome = react(reacting, due, at).await;
            walk.note(reacting.name, cause, outcome)?;
        }
    }
    // the lease goes with it
    connection.close().await?;
    Ok(())
}

async fn react<C>(
    reacting: &Reacting,
    due: Due<C>,
    at: DateTime<Utc>,
) -> Result<Accepted, ExecuteError>
where
    C: Command + Send + Sync + 'static,
{
    let scope = Uuid::new_v5(&CAUSES, reacting.name.as_bytes());
    let asked = Asked {
        id: Uuid::new_v5(&scope, due.cause.as_bytes()),
        actor: Uuid::nil(),
        digest: NO_DIGEST,
        at,
        correlation: due.cause,
        causation: None,
    };
    execute(&reacting.sequencer, asked, due.command).await
}

impl Walk {
    /// An error is one that concerns all candidates.
    fn note(
        &mut self,
        name: &'static str,
        cause: Uuid,
        outcome: Result<Accepted, ExecuteError>,
    ) -> Result<(), ExecuteError> {
        match outcome {
            Ok(accepted) if accepted.events > 0 && !accepted.again => return Ok(()),
            // whoever finds it is behind what is decided on
            Ok(_) | Err(ExecuteError::Refused(_)) => {}
            // its own trouble
            Err(error @ (ExecuteError::Internal(_) | ExecuteError::IdReused)) => {
                self.undecided += 1;
                self.tell(name, cause, &error);
            }
            Err(error @ ExecuteError::Busy) => return Err(error),
        }
        self.left_out += 1;
        Ok(())
    }

    fn tell(&mut self, name: &'static str, cause: Uuid, error: &ExecuteError) {
        if self.told.len() >= TOLD {
            self.told.clear();
        }
        if self.told.insert(cause) {
            tracing::error!(%error, name, %cause, "a reactor's command can't be decided");
        }
    }

    /// All have been looked at.
    fn begin_anew(&mut self, name: &'static str) {
        metrics::gauge!("reactor_undecided", "reactor" => name).set(self.undecided);
        (self.left_out, self.undecided) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Refused;

    fn accepted(events: i32, again: bool) -> Result<Accepted, ExecuteError> {
        Ok(Accepted {
            position: 9,
            events,
            again,
        })
    }

    #[test]
    fn what_stays_a_candidate_is_left_out_until_all_have_been_looked_at() {
        let mut walk = Walk::default();
        let lost_key = || Err(ExecuteError::Internal("no key".to_owned()));
        let mut note = |cause, outcome| walk.note("test", Uuid::from_u128(cause), outcome);
        note(1, lost_key()).unwrap();
        note(2, accepted(1, false)).unwrap();
        note(3, accepted(1, true)).unwrap();
        note(4, accepted(0, false)).unwrap();
        note(5, Err(ExecuteError::Refused(Refused::NoSuchFilm))).unwrap();
        note(6, Err(ExecuteError::IdReused)).unwrap();
        assert!(note(7, Err(ExecuteError::Busy)).is_err());
        assert_eq!((walk.left_out, walk.undecided), (5, 2));
        walk.begin_anew("test");
        walk.note("test", Uuid::from_u128(1), lost_key()).unwrap();
        assert_eq!((walk.left_out, walk.undecided), (1, 1));
        assert_eq!(walk.told.len(), 2, "it is told once");
    }
}
