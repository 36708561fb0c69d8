//! The log as live rooms read it: opened under the members' keys.

use std::borrow::Borrow;

use commands::Reeltime;
use domain::Event;
use event_log::{DecodeError, Keyring, Model, Recorded};
use sqlx::PgPool;

use super::LiveError;

/// Cheap to clone.
#[derive(Clone)]
pub struct Log {
    pub pool: PgPool,
    pub keyring: Keyring,
}

impl Log {
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
