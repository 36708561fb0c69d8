//! When another node was faster, or a connection broke between commit and answer:
//! lock the log, catch up, decide again, commit.

use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::answering::repeated;
use super::{FIRST_BACKOFF, MAX_CATCH_UP, Task};
use crate::commit::{self, in_time};
use crate::load::Loaded;
use crate::model::{AppendError, Model};
use crate::plan::{Batch, Request};
use crate::store::{self, StoredCommand};

const MAX_BACKOFF: Duration = Duration::from_millis(500);

impl<M: Model> Task<M> {
    /// Takes back what is planned and decides it again under the log's lock.
    pub(super) async fn replan(&mut self) {
        let mut requests = Vec::new();
        let following = std::mem::replace(&mut self.next, Batch::new(self.planner.head()));
        let batches = [Some(following), self.in_flight.take()];
        for mut batch in batches.into_iter().flatten() {
            self.planner.take_back(&mut batch);
            requests.splice(0..0, batch.planned.into_iter().map(|(request, _)| request));
        }
        metrics::counter!("log_batches_replanned").increment(1);
        self.commit_until_done(requests).await;
        self.next = Batch::new(self.planner.head());
    }

    async fn commit_until_done(&mut self, mut requests: Vec<Request<M>>) {
        let mut backoff = FIRST_BACKOFF;
        loop {
            requests = self.without_overdue(requests);
            if requests.is_empty() {
                return;
            }
            match self.commit_under_lock(&mut requests).await {
                Ok(()) => {}
                Err(_) if self.tail.is_severed() => return,
                Err(error) if commit::is_away(&error) => {
                    tracing::warn!(%error, "the log can't be written; trying again");
                    tokio::time::sleep(backoff).await;
                    backoff = (backoff * 2).min(MAX_BACKOFF);
                }
                Err(error) => return self.commit_one_by_one(requests, &error).await,
            }
        }
    }

    /// The server objects to something in the batch: it concerns one command and
    /// no other.
    async fn commit_one_by_one(&mut self, requests: Vec<Request<M>>, why: &sqlx::Error) {
        if requests.len() == 1 {
            tracing::error!(%why, "a command can't be recorded");
            for request in requests {
                // if what is known of its streams is to blame, the next one finds them as they are
                self.planner.forget(&request.command.streams);
                let streams = request.command.streams.iter().cloned();
                self.overtaken.extend(streams);
                let error = AppendError::Internal(format!("can't be recorded: {why}"));
                self.answer_refused(request, error);
            }
            return;
        }
        for request in requests {
            Box::pin(self.commit_until_done(vec![request])).await;
        }
    }

    /// One transaction: lock, catch up, decide, append. Those that are not answered
    /// are still in `requests`: on success, what had no room.
    async fn commit_under_lock(&mut self, requests: &mut Vec<Request<M>>) -> sqlx::Result<()> {
        let mut connection = self.connect().await?;
        let mut transaction = in_time(connection.begin()).await?;
        in_time(store::lock(&mut transaction)).await?;
        let mut batch = self.plan_under_lock(&mut transaction, requests).await?;
        let appending = store::append(&mut transaction, batch.base, &batch.commands, &batch.events);
        let committed = match in_time(appending).await {
            Ok(true) => in_time(transaction.commit()).await,
            Ok(false) => {
                drop(transaction);
                Err(sqlx::Error::Protocol(
                    "the head moved under the lock".into(),
                ))
            }
            Err(error) => {
                drop(transaction);
                Err(error)
            }
        };
        if let Err(error) = committed {
            self.planner.take_back(&mut batch);
            requests.splice(0..0, batch.planned.into_iter().map(|(request, _)| request));
            return Err(error);
        }
        self.connection = Some(connection);
        self.settle(batch, &[]);
        Ok(())
    }

    /// Answers what had been accepted before and plans the rest, as far as there is room.
    async fn plan_under_lock(
        &mut self,
        connection: &mut PgConnection,
        requests: &mut Vec<Request<M>>,
    ) -> sqlx::Result<Batch<M>> {
        in_time(self.catch_up(connection)).await?;
        let ids: Vec<_> = requests.iter().map(Request::key).collect();
        let found = in_time(store::find_commands(&mut *connection, &ids)).await?;
        let streams: Vec<_> = requests
            .iter()
            .flat_map(|request| self.planner.missing(&request.command.streams))
            .collect();
        let loading = Loaded::read(connection, &self.keyring, &self.snapshots, streams);
        let loaded = in_time(loading).await?;
        let (_, unreadable) = self.planner.load(&loaded);
        let mut batch = Batch::new(self.planner.head());
        for request in std::mem::take(requests) {
            let is_it = |command: &&StoredCommand| (command.id, command.actor) == request.key();
            if let Some(stored) = found.iter().find(is_it) {
                let answer = repeated(stored, &request.command);
                self.answer_stored(request, stored.clone(), answer);
            } else if !batch.has_room() {
                requests.push(request);
            } else if self.planner.missing(&request.command.streams).is_empty() {
                self.planner.plan(&mut batch, request);
            } else {
                let why = unreadable.as_ref().err().map(ToString::to_string);
                self.answer_refused(request, AppendError::Internal(why.unwrap_or_default()));
            }
        }
        Ok(batch)
    }

    /// Takes in what other nodes have appended, under the lock.
    async fn catch_up(&mut self, connection: &mut PgConnection) -> sqlx::Result<()> {
        let ours = self.planner.head();
        if !self
            .tail
            .is_of(connection, ours.position, ours.hash)
            .await?
        {
            return Err(sqlx::Error::Protocol("the log is another one".into()));
        }
        let head = store::head(&mut *connection).await?;
        if head.position - ours.position > MAX_CATCH_UP {
            self.planner.reset(head);
            self.overtaken.clone_from(&self.loading);
            return Ok(());
        }
        let events = store::read_after(connection, ours.position, MAX_CATCH_UP).await?;
        events.iter().for_each(|event| self.fold(event));
        Ok(())
    }
}
