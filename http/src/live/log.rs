//! The log as live rooms read it: opened under the members' keys.

use std::borrow::Borrow;
use std::sync::Arc;

use commands::Reeltime;
use domain::Event;
use event_log::{DecodeError, Keyring, Model, Recorded, Tail};
use sqlx::PgPool;

use super::LiveError;

/// Cheap to clone.
#[derive(Clone)]
pub struct Log {
    pub pool: PgPool,
    pub keyring: Keyring,
}

impl Log {
    /// What was just accepted behind a position. The tail may not have come so far: it waits for
    /// what another node has recorded before.
    pub async fn accepted(
        &self,
        tail: &Tail,
        behind: i64,
        events: i64,
    ) -> Result<Vec<Arc<Recorded>>, LiveError> {
        if tail.head() >= behind + events {
            return Ok(tail.read_after(behind, events).await?);
        }
        let recorded = event_log::read_after(&self.pool, behind, events).await?;
        Ok(recorded.into_iter().map(Arc::new).collect())
    }

    /// What recorded events say. What was forgotten arrives as forgotten.
    pub async fn opened<R: Borrow<Recorded>>(
        &self,
        recorded: &[R],
    ) -> Result<Vec<Event>, LiveError> {
        let opened = self.each_opened(recorded).await?.into_iter();
        Ok(opened.collect::<Result<_, _>>()?)
    }

    /// The same, each for itself: one may not be readable here.
    pub async fn each_opened<R: Borrow<Recorded>>(
        &self,
        recorded: &[R],
    ) -> sqlx::Result<Vec<Result<Event, DecodeError>>> {
        let ids: Vec<_> = recorded
            .iter()
            .filter_map(|event| event.borrow().key_id)
            .collect();
        let keys = self.keyring.fetch(ids).await?;
        let opened = recorded
            .iter()
            .map(|event| Reeltime::decode(event.borrow().stored(), &keys));
        Ok(opened.collect())
    }
}
