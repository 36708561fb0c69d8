//! The projector: follows the log and keeps all read models at one position.
//!
//! One node at a time, by a lease with fencing. Rows and checkpoint are committed
//! together, so that every event is applied exactly once; a crash between them
//! can't be. A model whose code fails is detached alone ([`crate::batch`]).

use std::pin::pin;
use std::time::Duration;

use event_log::lease::{self, Lease};
use event_log::{Gathering, Keyring, ReadError, Tail};
use futures::FutureExt;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, PgPool};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use crate::aside::counted;
use crate::background::Background;
use crate::batch;
use crate::changes::WriteError;
use crate::model::AnyModel;
use crate::rebuild::{drop_left_behind, rebuild_outdated};
use crate::standing::{self, State};

/// What is applied in one transaction while live: well within the lease's time. A larger one costs
/// little more, as what they have in common is most of their cost.
const LIVE: Gathering = Gathering {
    batch: 1_000,
    pause: Duration::from_millis(8),
};
pub(crate) const LEASE: &str = "projector";
const RENEW_EVERY: Duration = Duration::from_secs(1);
/// How often a node tries to become the projector.
const RETRY: Duration = Duration::from_millis(200);
/// Taking the lease up waits no longer for whoever still commits under it.
const BEGUN_WITHIN: Duration = Duration::from_secs(30);
/// After failures in a row the pause grows to this.
const MAX_RETRY: Duration = Duration::from_secs(2);

/// Why projecting stopped.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    #[error("event {position} can't be read: {cause}")]
    Unreadable {
        position: i64,
        cause: domain::DecodeError,
    },
    #[error("read models can't be written: {0}")]
    Write(#[from] WriteError),
    #[error(transparent)]
    Log(#[from] ReadError),
    /// Computing it anew stops here; the live table stays.
    #[error("the code of {model} fails at position {position}: {error}")]
    Fails {
        model: &'static str,
        position: i64,
        error: WriteError,
    },
    /// They are not where this build left them.
    #[error("the tables that were being built were dropped, or somebody else goes on with them")]
    Overtaken,
    /// Another node has the lease, or a rebuild was switched in.
    #[error("the projector's lease was lost")]
    Fenced,
}

impl From<sqlx::Error> for ProjectError {
    fn from(error: sqlx::Error) -> Self {
        ProjectError::Write(WriteError::Database(error))
    }
}

/// A node's projector. Cheap to clone; it stops with the last clone.
#[derive(Clone)]
pub struct Projector {
    projected: watch::Receiver<i64>,
    background: Background,
}

impl Projector {
    /// Starts to project whenever this node has the lease.
    pub fn start(pool: &PgPool, keyring: Keyring, tail: Tail, node: Uuid) -> Projector {
        let options = (*pool.connect_options()).clone();
        let (position, projected) = watch::channel(0);
        let mut task = JoinSet::new();
        task.spawn(project_for_ever(options, (keyring, tail), node, position));
        Projector {
            projected,
            background: Background::of(task),
        }
    }

    /// One that projects nothing: what is read stays at this position.
    pub fn still(position: i64) -> Projector {
        let (position, projected) = watch::channel(position);
        let mut task = JoinSet::new();
        // keeps the sender: those who listen wait, rather than fail
        task.spawn(async move { position.closed().await });
        Projector {
            projected,
            background: Background::of(task),
        }
    }

    /// The position of the read models as far as this node knows it: exact while
    /// it projects itself.
    pub fn projected(&self) -> watch::Receiver<i64> {
        self.projected.clone()
    }

    /// Stops it for all who have it, and waits until it has stopped.
    pub async fn end(&self) {
        self.background.end().await;
    }
}

async fn project_for_ever(
    options: PgConnectOptions,
    log: (Keyring, Tail),
    node: Uuid,
    position: watch::Sender<i64>,
) {
    let mut pause = RETRY;
    loop {
        match project(&options, &log, node, &position).await {
            Ok(()) | Err(ProjectError::Fenced) => pause = RETRY,
            Err(error) => {
                metrics::counter!("projector_failures").increment(1);
                tracing::error!(%error, "the projector stopped; it tries again");
                pause = (pause * 2).min(MAX_RETRY);
            }
        }
        tokio::time::sleep(pause).await;
    }
}

/// Projects until the lease is lost; at once `Ok` if it is not to be had.
async fn project(
    options: &PgConnectOptions,
    (keyring, tail): &(Keyring, Tail),
    node: Uuid,
    position: &watch::Sender<i64>,
) -> Result<(), ProjectError> {
    let Some(begun) = in_time(BEGUN_WITHIN, Begun::begin(options, tail, node)).await? else {
        return Ok(());
    };
    let Begun {
        mut connection,
        lease,
        mut models,
        outdated,
        mut last,
    } = begun;
    // ends with the lease
    let mut rebuilding = JoinSet::new();
    if !outdated.is_empty() {
        let (options, keyring) = (options.clone(), keyring.clone());
        rebuilding.spawn(counted(rebuild_outdated(options, keyring, outdated)));
    }
    let all = crate::models().len();
    let mut renewed = Instant::now();
    position.send_replace(last);
    loop {
        if renewed.elapsed() >= RENEW_EVERY {
            // what comes later comes too late
            if !in_time(lease::TTL, lease.renew(&mut connection)).await? {
                return Err(ProjectError::Fenced);
            }
            let tidying = tidy(&mut connection).map(Ok);
            held_on(&lease, options, tidying).await?;
            renewed = Instant::now();
        }
        let waiting = tail.wait_past(last);
        if tokio::time::timeout(RENEW_EVERY, waiting).await.is_err() {
            continue;
        }
        let begun = Instant::now();
        let events = tail.read_after(last, LIVE.batch).await?;
        let batch = batch::apply(&mut connection, keyring, &events, &mut models, Some(&lease));
        held_on(&lease, options, counted(batch)).await?;
        tell_detached(all - models.len());
        last = events.last().map_or(last, |event| event.position);
        metrics::counter!("projector_events").increment(events.len() as u64);
        metrics::gauge!("projector_position").set(last as f64);
        position.send_replace(last);
        LIVE.rest(events.len(), begun).await;
    }
}

/// What a projector begins with.
struct Begun {
    /// It has the lease.
    connection: PgConnection,
    lease: Lease,
    models: Models,
    /// To be rebuilt: name and version of the code.
    outdated: Vec<(String, i32)>,
    last: i64,
}

impl Begun {
    /// `None`: the lease is not to be had.
    async fn begin(
        options: &PgConnectOptions,
        tail: &Tail,
        node: Uuid,
    ) -> Result<Option<Begun>, ProjectError> {
        let mut connection = connect(options, "read").await?;
        // what would be applied is in memory, and this may be another server by now
        tail.check(&mut connection).await?;
        let Some(lease) = lease::acquire(&mut connection, LEASE, node).await? else {
            return Ok(None);
        };
        tracing::info!("projecting");
        tidy(&mut connection).await;
        let (models, outdated) = live_models(&mut connection, &lease).await?;
        let last = checkpoint(&mut connection).await?;
        Ok(Some(Begun {
            connection,
            lease,
            models,
            outdated,
            last,
        }))
    }
}

/// A server that vanished without a word would be waited for until the system notices.
pub(crate) async fn in_time<T, E: From<sqlx::Error>>(
    within: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let done = tokio::time::timeout(within, work).await;
    done.unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()).into()))
}

/// Holds the lease on while the server is at what takes longer; if it is not, it never answers.
async fn held_on<T>(
    lease: &Lease,
    options: &PgConnectOptions,
    work: impl Future<Output = Result<T, ProjectError>>,
) -> Result<T, ProjectError> {
    let mut work = pin!(work);
    loop {
        if let Ok(done) = tokio::time::timeout(RENEW_EVERY, &mut work).await {
            return done;
        }
        let renewing = async {
            let mut beside = connect(options, "read").await?;
            let renewed = lease.renew_beside(&mut beside).await;
            beside.close().await?;
            renewed
        };
        match in_time(lease::TTL, renewing).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!("the projector's lease is lost, or its connection not heard of");
                return Err(ProjectError::Fenced);
            }
            // too many connections, say: then it goes on without
            Err(error @ sqlx::Error::Database(_)) => {
                tracing::debug!(%error, "the projector's lease is not renewed");
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// No copy of what somebody wrote outlasts them because the one who made it was killed.
async fn tidy(connection: &mut PgConnection) {
    if let Err(error) = drop_left_behind(connection).await {
        tracing::debug!(%error, "copies that were left behind are not dropped yet");
    }
}

type Models = Vec<Box<dyn AnyModel>>;

/// The models that are live, under the lease, and those that must be rebuilt: name and
/// version of the code.
async fn live_models(
    connection: &mut PgConnection,
    lease: &Lease,
) -> Result<(Models, Vec<(String, i32)>), ProjectError> {
    let mut models = crate::models();
    let mut transaction = connection.begin().await?;
    if !lease.fence(&mut transaction).await? {
        return Err(ProjectError::Fenced);
    }
    let standings = standing::enrol(&mut transaction, &models).await?;
    transaction.commit().await?;
    let mut outdated = Vec::new();
    models.retain(|model| {
        let mut all = standings.iter();
        let standing = all.find(|standing| standing.name == model.name());
        let Some(standing) = standing else {
            return false;
        };
        let (code, position) = (model.version(), standing.position);
        if standing.state == State::Parked {
            tracing::warn!(model = model.name(), position, "parked");
        }
        if standing.state == State::Building || standing.version != code {
            outdated.push((model.name().to_owned(), code));
        }
        standing.state == State::Live
    });
    tell_detached(standings.len() - models.len());
    Ok((models, outdated))
}

fn tell_detached(models: usize) {
    metrics::gauge!("read_models_detached").set(models as f64);
}

/// A connection that sees the read tables of one schema, unqualified. Commits
/// need not reach the disk at once: read tables can be computed again.
pub(crate) async fn connect(
    options: &PgConnectOptions,
    schema: &str,
) -> sqlx::Result<PgConnection> {
    let options = options
        .clone()
        .options([("search_path", schema), ("synchronous_commit", "off")]);
    options.connect().await
}

/// The position at which the connection's read tables stand.
pub(crate) async fn checkpoint(connection: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("select coalesce(max(position), 0) from checkpoints")
        .fetch_one(connection)
        .await
}
