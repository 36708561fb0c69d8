//! Destroys the keys of whoever is forgotten. At its start it goes through all who ever were, so
//! that a vault restored from a backup forgets again; then it follows the log.
//!
//! Every node does so, without a lease: destroying again changes nothing, and each node must
//! forget the keys that it has in memory. Snapshots of states go with the keys: some hold digests
//! of what was said.

use std::time::Duration;

use domain::forgetting::{Event as Forgetting, Forgotten};
use domain::{DecodeError, Event};
use event_log::{Keyring, ReadError, Recorded, Tail};
use sealing::{Held, Opening};
use sqlx::PgPool;
use tokio::task::JoinSet;
use tokio_stream::StreamExt;

/// Between two tries while the log or the vault is away.
const RETRY: Duration = Duration::from_secs(1);
/// Forgotten members read at once.
const PAGE: i64 = 1_000;

/// Why a key was not destroyed.
#[derive(Debug, thiserror::Error)]
pub enum ForgetError {
    #[error(transparent)]
    Log(#[from] ReadError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("event {position} can't be read: {cause}")]
    Unreadable { position: i64, cause: DecodeError },
}

/// It stops with this value.
pub struct Forgetter {
    _task: JoinSet<()>,
}

impl Forgetter {
    /// Starts when all keys are destroyed whose members are forgotten by now.
    pub async fn start(
        log: &PgPool,
        keyring: Keyring,
        tail: Tail,
    ) -> Result<Forgetter, ForgetError> {
        let position = event_log::head(log).await?.position;
        forget_again(log, &keyring).await?;
        let mut task = JoinSet::new();
        task.spawn(follow(log.clone(), keyring, tail, position));
        Ok(Forgetter { _task: task })
    }
}

/// All who were ever forgotten.
async fn forget_again(log: &PgPool, keyring: &Keyring) -> Result<(), ForgetError> {
    let (mut last, mut newest) = (None, 0);
    loop {
        let events = event_log::read_category(log, CATEGORY, last.as_ref(), PAGE).await?;
        let forgotten = events.iter().map(read);
        let forgotten: Vec<Forgotten> = forgotten.collect::<Result<_, _>>()?;
        // asked for together: mostly all are destroyed
        let ids = forgotten.iter().flat_map(Forgotten::key_ids);
        let keys = keyring.fetch(ids).await?;
        for forgotten in &forgotten {
            let is_destroyed = |id| matches!(keys.get(id), Some(Held::Destroyed));
            if !forgotten.key_ids().all(is_destroyed) {
                destroy(keyring, forgotten).await?;
            }
        }
        let positions = events.iter().map(|event| event.position);
        newest = positions.fold(newest, i64::max);
        match events.last() {
            Some(event) => last = Some((event.stream.clone(), event.version)),
            None => return keep_nothing_before(log, keyring, newest).await,
        }
    }
}

const CATEGORY: &str = "forgetting";

async fn follow(log: PgPool, keyring: Keyring, tail: Tail, mut position: i64) {
    loop {
        let mut events = std::pin::pin!(tail.follow(position));
        while let Some(event) = events.next().await {
            let done = match event {
                Ok(event) => forget(&log, &keyring, &event)
                    .await
                    .map(|()| event.position),
                Err(error) => Err(error.into()),
            };
            match done {
                Ok(done) => position = done,
                Err(error) => {
                    tracing::error!(%error, "a key is not destroyed yet; trying again");
                    break;
                }
            }
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// Destroys what the event says. Also where another node was faster: this one may still know what was
/// said.
async fn forget(log: &PgPool, keyring: &Keyring, event: &Recorded) -> Result<(), ForgetError> {
    let Some((CATEGORY, _)) = event.stream.as_str().split_once('-') else {
        return Ok(());
    };
    destroy(keyring, &read(event)?).await?;
    keep_nothing_before(log, keyring, event.position).await
}

async fn destroy(keyring: &Keyring, forgotten: &Forgotten) -> Result<(), ForgetError> {
    let ids: Vec<_> = forgotten.key_ids().collect();
    keyring.destroy(forgotten.member.0, &ids).await?;
    tracing::info!(member = %forgotten.member, "a member was forgotten");
    Ok(())
}

/// Of what was read before all that is forgotten up to this position.
async fn keep_nothing_before(
    log: &PgPool,
    keyring: &Keyring,
    position: i64,
) -> Result<(), ForgetError> {
    keyring.forget_before(position);
    event_log::delete_snapshots(log, position).await?;
    Ok(())
}

fn read(event: &Recorded) -> Result<Forgotten, ForgetError> {
    let stored = event.stored();
    let (name, version) = (stored.event_type, stored.schema_version);
    let read = Event::from_stored(name, version, stored.payload, Opening::Unsealed);
    let position = event.position;
    match read.map_err(|cause| ForgetError::Unreadable { position, cause })? {
        Event::Forgetting(Forgetting::Forgotten(forgotten)) => Ok(forgotten),
        other => unreachable!("{other:?} in a stream of forgettings"),
    }
}
