//! A batch of events given to read models and written in one transaction. A model
//! whose code fails stops alone, in front of the event at which it does; the others go
//! on.

use std::borrow::Borrow;
use std::sync::Arc;

use domain::Event;
use event_log::lease::Lease;
use event_log::{Keyring, Recorded};
use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::aside::compute_each;
use crate::changes::{Mode, WriteError};
use crate::model::{AnyModel, Happened, make_room};
use crate::projector::ProjectError;
use crate::{rebuild, standing};

/// Checkpoints kept behind the newest: the table stays small.
const OLD_CHECKPOINTS: i64 = 10_000;

/// What the live models remember of their rows, about; what was longest unused is dropped and
/// read again when it is needed.
const REMEMBERED_BYTES: usize = 48 * 1024 * 1024;

/// A model that stops, and the event at which its code fails.
pub(crate) struct Stopped {
    pub model: &'static str,
    pub failed_at: i64,
    pub error: WriteError,
}

/// Fetches the keys first, then opens what is sealed.
pub(crate) async fn read(
    keyring: &Keyring,
    events: &[impl Borrow<Recorded>],
) -> Result<Vec<Happened>, ProjectError> {
    let events = || events.iter().map(Borrow::borrow);
    let keys = keyring.fetch(events().filter_map(|event: &Recorded| event.key_id));
    let keys = keys.await?;
    let happened = events().map(|event: &Recorded| {
        Happened::read(event, &keys).map_err(|cause| ProjectError::Unreadable {
            position: event.position,
            cause,
        })
    });
    compute_each(events().len(), || happened.collect())
}

/// Applies events to all live models and moves the checkpoint, in one transaction. A
/// model that fails is parked and no longer among `models`. What this code can't read (an event
/// of a newer type) is an error, once everything in front of it is applied: no model skips it.
pub(crate) async fn apply(
    connection: &mut PgConnection,
    keyring: &Keyring,
    events: &[Arc<Recorded>],
    models: &mut Vec<Box<dyn AnyModel>>,
    lease: Option<&Lease>,
) -> Result<(), ProjectError> {
    if events.is_empty() {
        return Ok(());
    }
    let happened = match read(keyring, events).await {
        Err(ProjectError::Unreadable { position, cause }) if events[0].position < position => {
            let readable = events.partition_point(|event| event.position < position);
            let readable = read(keyring, &events[..readable]).await?;
            write(connection, &readable, models, lease).await?;
            return Err(ProjectError::Unreadable { position, cause });
        }
        read => read?,
    };
    write(connection, &happened, models, lease).await
}

async fn write(
    connection: &mut PgConnection,
    happened: &[Happened],
    models: &mut Vec<Box<dyn AnyModel>>,
    lease: Option<&Lease>,
) -> Result<(), ProjectError> {
    match together(connection, happened, models, lease).await {
        Err(ProjectError::Write(error)) if error.is_the_models() => {
            models.iter_mut().for_each(|model| model.begin(Mode::Live));
            apart(connection, happened, models, lease).await
        }
        done => done,
    }
}

/// The usual case, without a savepoint for each model.
async fn together(
    connection: &mut PgConnection,
    happened: &[Happened],
    models: &mut [Box<dyn AnyModel>],
    lease: Option<&Lease>,
) -> Result<(), ProjectError> {
    compute_each(happened.len(), || {
        let mut models = models.iter_mut();
        models.try_for_each(|model| apply_all(&mut **model, happened))
    })?;
    let mut transaction = connection.begin().await?;
    fence(&mut transaction, lease).await?;
    for model in &mut *models {
        write_one(&mut transaction, &mut **model).await?;
    }
    make_room(models.iter_mut(), REMEMBERED_BYTES);
    forget_elsewhere(&mut transaction, happened, models).await?;
    move_checkpoint(&mut transaction, happened).await?;
    transaction.commit().await?;
    Ok(())
}

/// Each model under a savepoint: those that fail are parked in the same transaction.
async fn apart(
    connection: &mut PgConnection,
    happened: &[Happened],
    models: &mut Vec<Box<dyn AnyModel>>,
    lease: Option<&Lease>,
) -> Result<(), ProjectError> {
    let mut transaction = connection.begin().await?;
    fence(&mut transaction, lease).await?;
    let mut stopped = Vec::new();
    for model in &mut *models {
        if let Err(stop) = advance(&mut transaction, &mut **model, happened).await? {
            let error = stop.error.to_string();
            standing::park(&mut transaction, &**model, stop.failed_at, &error).await?;
            stopped.push(stop);
        }
    }
    models.retain(|model| !stopped.iter().any(|stop| stop.model == model.name()));
    forget_elsewhere(&mut transaction, happened, models).await?;
    move_checkpoint(&mut transaction, happened).await?;
    transaction.commit().await?;
    for stop in stopped {
        metrics::counter!("read_model_failures", "model" => stop.model).increment(1);
        tracing::error!(
            model = stop.model,
            position = stop.failed_at,
            error = %stop.error,
            "a read model fails at an event and was detached; the others go on"
        );
    }
    Ok(())
}

/// Applies events to one model as far as its code goes, inside a transaction: all of
/// them, or those in front of the one at which it fails.
pub(crate) async fn advance(
    connection: &mut PgConnection,
    model: &mut dyn AnyModel,
    happened: &[Happened],
) -> Result<Result<(), Stopped>, ProjectError> {
    let Err(_) = attempt(connection, model, happened).await? else {
        return Ok(Ok(()));
    };
    for event in happened {
        let one = std::slice::from_ref(event);
        if let Err(error) = attempt(connection, model, one).await? {
            return Ok(Err(Stopped {
                model: model.name(),
                failed_at: event.position,
                error,
            }));
        }
    }
    Ok(Ok(()))
}

/// Under a savepoint; the inner error is the model's own, and then nothing was done.
async fn attempt(
    connection: &mut PgConnection,
    model: &mut dyn AnyModel,
    happened: &[Happened],
) -> Result<Result<(), WriteError>, ProjectError> {
    let mut savepoint = connection.begin().await?;
    let done = match apply_all(model, happened) {
        Ok(()) => write_one(&mut savepoint, model).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => {
            savepoint.commit().await?;
            Ok(Ok(()))
        }
        Err(error) if error.is_the_models() => {
            savepoint.rollback().await?;
            model.begin(Mode::Live);
            Ok(Err(error))
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn apply_all(model: &mut dyn AnyModel, happened: &[Happened]) -> Result<(), WriteError> {
    happened.iter().try_for_each(|event| model.apply(event))
}

async fn write_one(
    connection: &mut PgConnection,
    model: &mut dyn AnyModel,
) -> Result<(), WriteError> {
    model.fold(connection).await?;
    model.store(connection).await
}

async fn fence(connection: &mut PgConnection, lease: Option<&Lease>) -> Result<(), ProjectError> {
    match lease {
        Some(lease) if !lease.fence(connection).await? => Err(ProjectError::Fenced),
        _ => Ok(()),
    }
}

/// When somebody is forgotten, nothing keeps what they said beside the live tables: copies that
/// stand still are dropped, and a model that was detached, but is read from, takes this event
/// before its turn.
async fn forget_elsewhere(
    connection: &mut PgConnection,
    happened: &[Happened],
    live: &[Box<dyn AnyModel>],
) -> Result<(), ProjectError> {
    let forgets = |happened: &&Happened| matches!(happened.event, Event::Forgetting(_));
    let forgettings: Vec<&Happened> = happened.iter().filter(forgets).collect();
    let Some(last) = forgettings.last() else {
        return Ok(());
    };
    rebuild::drop_copies(connection, last.position).await?;
    let is_live = |name| live.iter().any(|model| model.name() == name);
    let mut detached = crate::models();
    detached.retain(|model| !is_live(model.name()));
    if !detached.is_empty() {
        sqlx::query(ALONE_WITH_DETACHED)
            .execute(&mut *connection)
            .await?;
    }
    for model in &mut detached {
        for forgetting in &forgettings {
            forget_before_its_turn(connection, &mut **model, forgetting).await?;
        }
    }
    Ok(())
}

/// Whoever writes tables of detached models waits for others who do, to the transaction's end: the
/// projector where somebody is forgotten, and models that catch up.
pub(crate) const ALONE_WITH_DETACHED: &str =
    "select pg_advisory_xact_lock(hashtext('reeltime detached models'))";

/// A model that has not come so far takes an event by which somebody is forgotten. It comes to it
/// again, and then nothing is left to forget.
pub(crate) async fn forget_before_its_turn(
    connection: &mut PgConnection,
    model: &mut dyn AnyModel,
    forgetting: &Happened,
) -> Result<(), ProjectError> {
    let one = std::slice::from_ref(forgetting);
    if let Err(error) = attempt(connection, model, one).await? {
        let (model, position) = (model.name(), forgetting.position);
        tracing::error!(
            model,
            position,
            %error,
            "a detached read model does not forget, unless it has nothing to forget"
        );
    }
    Ok(())
}

async fn move_checkpoint(
    connection: &mut PgConnection,
    happened: &[Happened],
) -> Result<(), ProjectError> {
    let (Some(first), Some(last)) = (happened.first(), happened.last()) else {
        return Ok(());
    };
    sqlx::query("insert into checkpoints (position) values ($1)")
        .bind(last.position)
        .execute(&mut *connection)
        .await?;
    if last.position / OLD_CHECKPOINTS != first.position / OLD_CHECKPOINTS {
        sqlx::query("delete from checkpoints where position < $1")
            .bind(last.position)
            .execute(connection)
            .await?;
    }
    Ok(())
}
