//! Loading the streams that commands wait for, beside the commit of those that
//! wait for none.

use futures::future::BoxFuture;

use super::{FIRST_BACKOFF, Task};
use crate::commit;
use crate::event::StreamName;
use crate::load::Loaded;
use crate::model::{AppendError, Model};

pub(super) type Loading<M> = BoxFuture<'static, sqlx::Result<Loaded<M>>>;

impl<M: Model> Task<M> {
    pub(super) fn begin_load(&mut self) -> Loading<M> {
        let mut streams: Vec<StreamName> = Vec::new();
        for request in &self.waiting {
            streams.extend(self.planner.missing(&request.command.streams));
        }
        streams.sort_unstable();
        streams.dedup();
        self.loading.clone_from(&streams);
        self.overtaken.clear();
        let pool = self.pool.clone();
        let (keyring, snapshots) = (self.keyring.clone(), self.snapshots.clone());
        Box::pin(async move {
            let loading = commit::ask(&pool, move |connection| {
                Box::pin(
                    async move { Loaded::read(connection, &keyring, &snapshots, streams).await },
                )
            });
            let loaded = loading.await;
            if loaded.is_err() {
                tokio::time::sleep(FIRST_BACKOFF * 10).await;
            }
            loaded
        })
    }

    pub(super) fn end_load(&mut self, loaded: sqlx::Result<Loaded<M>>) {
        let waiting = std::mem::take(&mut self.waiting);
        let waiting = self.without_overdue(waiting);
        self.loading.clear();
        let mut loaded = match loaded {
            Ok(loaded) => loaded,
            Err(error) if commit::is_away(&error) => {
                tracing::warn!(%error, "streams can't be loaded; trying again");
                self.waiting.extend(waiting);
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
        // those are loaded again, for who waits for them
        loaded.leave_out(&self.overtaken);
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
