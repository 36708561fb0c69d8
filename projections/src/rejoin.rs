//! A parked model, mended, comes up to the others and joins them again.

use event_log::{Filter, Keyring, Order, lease, read_matching, read_page};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, PgPool};

use crate::batch::{self, ALONE_WITH_DETACHED, Stopped};
use crate::changes::Mode;
use crate::model::AnyModel;
use crate::projector::{self, ProjectError, checkpoint, connect};
use crate::standing::{self, Standing, State, standings};

/// Events in one transaction.
const WINDOW: i64 = 1_000;

/// Why a model did not join.
#[derive(Debug, thiserror::Error)]
pub enum RejoinError {
    #[error("there is no read model {0}")]
    Unknown(String),
    #[error("{0} is not parked")]
    NotParked(String),
    /// Other code wrote its rows: going on from them would be wrong.
    #[error("the rows of {model} were written by version {stored} of its code, this is {code}")]
    OtherVersion {
        model: String,
        stored: i32,
        code: i32,
    },
    /// It stays parked, in front of this event.
    #[error("{model} still fails at position {position}: {error}")]
    StillFails {
        model: String,
        position: i64,
        error: String,
    },
    #[error(transparent)]
    Project(#[from] ProjectError),
}

impl From<sqlx::Error> for RejoinError {
    fn from(error: sqlx::Error) -> Self {
        RejoinError::Project(error.into())
    }
}

/// Lets a parked model catch up from where it stopped, window by window, and join the
/// live ones; returns the position at which it did. `progress` hears of each window:
/// position reached and where the live ones are.
pub async fn rejoin(
    pool: &PgPool,
    keyring: &Keyring,
    name: &str,
    mut progress: impl FnMut(i64, i64),
) -> Result<i64, RejoinError> {
    let mut models = crate::models().into_iter();
    let model = models.find(|model| model.name() == name);
    let mut model = model.ok_or_else(|| RejoinError::Unknown(name.to_owned()))?;
    let mut connection = connect(&pool.connect_options(), "read").await?;
    loop {
        let mut transaction = connection.begin().await?;
        let mut position = parked(&mut transaction, &*model).await?.position;
        let mut live = checkpoint(&mut transaction).await?;
        let is_last = live - position <= WINDOW;
        if is_last {
            // the projector stands still until this one has joined it
            lease::revoke(&mut transaction, projector::LEASE).await?;
            live = checkpoint(&mut transaction).await?;
        }
        // behind the lease, as the projector has it
        sqlx::query(ALONE_WITH_DETACHED)
            .execute(&mut *transaction)
            .await?;
        // what it knew of its rows may have been forgotten meanwhile
        model.begin(Mode::Live);
        while position < live {
            let log = (pool, keyring);
            let reached = window(log, &mut transaction, &mut *model, (position, live));
            match reached.await? {
                Ok(reached) => position = reached,
                Err(stop) => {
                    let error = stop.error.to_string();
                    standing::park(&mut transaction, &*model, stop.failed_at, &error).await?;
                    forget_ahead(log, &mut transaction, &mut *model, stop.failed_at - 1).await?;
                    transaction.commit().await?;
                    return Err(RejoinError::StillFails {
                        model: name.to_owned(),
                        position: stop.failed_at,
                        error,
                    });
                }
            }
            progress(position, live);
            if !is_last {
                break;
            }
        }
        if is_last {
            standing::join(&mut transaction, name, model.version()).await?;
            transaction.commit().await?;
            return Ok(position);
        }
        standing::advance(&mut transaction, name, position).await?;
        forget_ahead((pool, keyring), &mut transaction, &mut *model, position).await?;
        transaction.commit().await?;
    }
}

/// Whoever was forgotten behind where the model is, as far as the live ones are: what it wrote just
/// now may be theirs, and it may come no further.
async fn forget_ahead(
    (pool, keyring): (&PgPool, &Keyring),
    connection: &mut PgConnection,
    model: &mut dyn AnyModel,
    mut position: i64,
) -> Result<(), RejoinError> {
    let live = checkpoint(&mut *connection).await?;
    let filter = Filter {
        event_type: Some("forgetting.forgotten".to_owned()),
        ..Filter::default()
    };
    let mut reading = pool.acquire().await?;
    while position < live {
        let (range, order) = ((position, live), Order::OldestFirst);
        let found = read_matching(&mut reading, &filter, range, order, WINDOW).await?;
        for forgetting in batch::read(keyring, &found.events).await? {
            batch::forget_before_its_turn(&mut *connection, model, &forgetting).await?;
        }
        position = found.next.unwrap_or(live);
    }
    Ok(())
}

/// How the model stands; nobody else lets it catch up until the transaction ends.
async fn parked(
    connection: &mut PgConnection,
    model: &dyn AnyModel,
) -> Result<Standing, RejoinError> {
    sqlx::query("select from models where name = $1 for update")
        .bind(model.name())
        .execute(&mut *connection)
        .await?;
    let mut all = standings(connection).await?.into_iter();
    let name = || model.name().to_owned();
    let standing = all.find(|standing| standing.name == model.name());
    let standing = standing.ok_or_else(|| RejoinError::Unknown(name()))?;
    if standing.state != State::Parked {
        return Err(RejoinError::NotParked(name()));
    }
    if standing.version != model.version() {
        return Err(RejoinError::OtherVersion {
            model: name(),
            stored: standing.version,
            code: model.version(),
        });
    }
    Ok(standing)
}

async fn window(
    (pool, keyring): (&PgPool, &Keyring),
    connection: &mut PgConnection,
    model: &mut dyn AnyModel,
    (position, live): (i64, i64),
) -> Result<Result<i64, Stopped>, RejoinError> {
    let limit = WINDOW.min(live - position);
    let page = read_page(pool, position, limit).await;
    let events = page.map_err(ProjectError::Log)?;
    let happened = batch::read(keyring, &events).await?;
    let reached = happened.last().map_or(position, |event| event.position);
    let done = batch::advance(connection, model, &happened).await?;
    Ok(done.map(|()| reached))
}
