//! Loading the streams that commands wait for, beside the commit of those that
//! wait for none.

use futures::future::BoxFuture;

use super::{FIRST_BACKOFF, Task};
use crate::commit;
use crate::event::StreamName;
use crate::load::Loaded;
use crate::model::{AppendError, Model};

/// Of this generation.
pub(super) type Loading<M> = BoxFuture<'static, (u64, sqlx::Result<Loaded<M>>)>;

impl<M: Model> Task<M> {
    pub(super) fn begin_load(&mut self) -> Loading<M> {
        let mut streams: Vec<StreamName> = Vec::new();
        for request in &self.waiting {
            streams.extend(self.planner.missing(&request.command.streams));
        }
        streams.sort_unstable();
        streams.dedup();
        self.loading.clone_from(&streams);
        let (pool, generation) = (self.pool.clone(), self.generation);
        let (keyring, snapshots) = (self.keyring.clone(), self.snapshots.clone());
        Box::pin(async move {
            let reading = async {
                let mut connection = commit::acquire(&pool).await?;
                let loading = Loaded::read(&mut connection, &keyring, &snapshots, streams);
                let loaded = commit::in_time(loading).await;
                if loaded.as_ref().is_err_and(commit::is_timeout) {
                    // not back into the pool, which would wait for it, too
                    drop(connection.detach());
                }
                loaded
            };
            let loaded = reading.await;
            if loaded.is_err() {
                tokio::time::sleep(FIRST_BACKOFF * 10).await;
            }
            (generation, loaded)
        })
    }

    pub(super) fn end_load(&mut self, (generation, loaded): (u64, sqlx::Result<Loaded<M>>)) {
        let waiting = std::mem::take(&mut self.waiting);
        self.loading.clear();
        let loaded = match loaded {
            Ok(loaded) if generation == self.generation => loaded,
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
        let (long, read) = self.planner.load(&loaded);
        long.into_iter()
            .for_each(|state| self.snapshots.keep(state));
        let unreadable = read.err();
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
