//! Loading the streams that commands wait for, beside the commit of those that
//! wait for none.

use futures::future::BoxFuture;
use sealing::Keys;
use sqlx::PgPool;

use super::{FIRST_BACKOFF, Task};
use crate::commit;
use crate::event::{Recorded, StreamName};
use crate::keyring::Keyring;
use crate::model::{AppendError, Model};
use crate::store;

pub(super) type Loading = BoxFuture<'static, Loaded>;

pub(super) struct Loaded {
    generation: u64,
    streams: Vec<StreamName>,
    /// And the keys under which they are sealed.
    events: sqlx::Result<(Vec<(StreamName, Recorded)>, Keys)>,
}

impl<M: Model> Task<M> {
    pub(super) fn begin_load(&mut self) -> Loading {
        let mut streams: Vec<StreamName> = Vec::new();
        for request in &self.waiting {
            streams.extend(self.planner.missing(&request.command.streams));
        }
        streams.sort_unstable();
        streams.dedup();
        self.loading.clone_from(&streams);
        let (pool, generation) = (self.pool.clone(), self.generation);
        let keyring = self.keyring.clone();
        Box::pin(async move {
            let events = read(&pool, &keyring, &streams).await;
            if events.is_err() {
                tokio::time::sleep(FIRST_BACKOFF * 10).await;
            }
            Loaded {
                generation,
                streams,
                events,
            }
        })
    }

    pub(super) fn end_load(&mut self, loaded: Loaded) {
        let waiting = std::mem::take(&mut self.waiting);
        self.loading.clear();
        let (events, keys) = match loaded.events {
            Ok(events) if loaded.generation == self.generation => events,
            Ok(_) => {
                self.waiting = waiting; // stale: load again
                return;
            }
            Err(error) if commit::is_temporary(&error) => {
                tracing::warn!(%error, "streams can't be loaded; trying again");
                self.waiting = self.without_overdue(waiting);
                return;
            }
            Err(error) => {
                tracing::error!(%error, "streams can't be loaded");
                for request in waiting {
                    let error = AppendError::Internal(format!("can't be loaded: {error}"));
                    self.answer_refused(request, error);
                }
                return;
            }
        };
        let unreadable = self.planner.load(&loaded.streams, &events, &keys).err();
        for request in waiting {
            let missing = self.planner.missing(&request.command.streams);
            match &unreadable {
                Some(error) if missing.iter().any(|s| loaded.streams.contains(s)) => {
                    self.answer_refused(request, AppendError::Internal(error.to_string()));
                }
                _ => self.plan_or_wait(request),
            }
        }
    }
}

async fn read(
    pool: &PgPool,
    keyring: &Keyring,
    streams: &[StreamName],
) -> sqlx::Result<(Vec<(StreamName, Recorded)>, Keys)> {
    let events = store::load(pool, streams).await?;
    let keys = keyring.fetch(events.iter().filter_map(|(_, event)| event.key_id));
    let keys = keys.await?;
    Ok((events, keys))
}
