//! What who waits is told: each command once, and its repetitions the same.

use tokio::time::Instant;

use super::Task;
use crate::event::Accepted;
use crate::model::{AppendError, Command, Model, NO_DIGEST};
use crate::plan::{Answer, Batch, Request, Verdict};
use crate::store::StoredCommand;

impl<M: Model> Task<M> {
    /// Answers a committed batch.
    pub(super) fn settle(&mut self, batch: Batch<M>, before: &[StoredCommand]) {
        metrics::counter!("log_events_appended").increment(batch.events.len() as u64);
        metrics::counter!("log_batches_committed").increment(1);
        self.tail.feed(&batch.events);
        for snapshot in batch.snapshots {
            self.snapshots.keep(snapshot);
        }
        for (request, verdict) in batch.planned {
            match verdict {
                Verdict::Accepted(index) => {
                    let stored = &batch.commands[index];
                    let answer = Accepted {
                        again: false,
                        ..stored.answer()
                    };
                    self.answer_stored(request, stored.clone(), Ok(answer));
                }
                Verdict::Refused(error) => {
                    let is_it = |c: &&StoredCommand| (c.id, c.actor) == request.key();
                    match before.iter().find(is_it) {
                        Some(stored) => {
                            let answer = repeated(stored, &request.command);
                            self.answer_stored(request, stored.clone(), answer);
                        }
                        None => self.answer_refused(request, error),
                    }
                }
            }
        }
    }

    pub(super) fn answer_stored(
        &mut self,
        request: Request<M>,
        stored: StoredCommand,
        answer: Answer<M>,
    ) {
        let key = request.key();
        let _ = request.reply.send(answer);
        for repetition in self.pending.remove(&key).unwrap_or_default() {
            let answer = repeated(&stored, &repetition.command);
            let _ = repetition.reply.send(answer);
        }
        self.recent.put(key, stored);
    }

    /// A refusal is not kept: its repetitions are decided anew.
    pub(super) fn answer_refused(&mut self, request: Request<M>, error: AppendError<M::Refusal>) {
        let key = request.key();
        let mut repetitions = self.pending.remove(&key).unwrap_or_default();
        let _ = request.reply.send(Err(error));
        if let Some(first) = repetitions.pop() {
            self.pending.insert(key, repetitions);
            self.waiting.push(first);
        }
    }

    /// Without those that nobody waits for any more.
    pub(super) fn without_overdue(&mut self, requests: Vec<Request<M>>) -> Vec<Request<M>> {
        let now = Instant::now();
        let is_overdue =
            |request: &Request<M>| request.deadline <= now || request.reply.is_closed();
        let (overdue, rest): (Vec<_>, Vec<_>) = requests.into_iter().partition(is_overdue);
        for request in overdue {
            self.answer_refused(request, AppendError::Busy);
        }
        rest
    }
}

/// The answer to a command that was accepted before.
pub(super) fn repeated<M: Model>(stored: &StoredCommand, command: &Command<M>) -> Answer<M> {
    let tell = stored.digest != NO_DIGEST && command.digest != NO_DIGEST;
    if tell && stored.digest != command.digest {
        return Err(AppendError::IdReused);
    }
    Ok(stored.answer())
}
