//! The log as live rooms read it: opened under the members' keys.

use std::borrow::Borrow;

use commands::Reeltime;
use domain::Event;
use event_log::{Keyring, Model, Recorded};
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
        let ids: Vec<_> = recorded
            .iter()
            .filter_map(|event| event.borrow().key_id)
            .collect();
        let keys = self.keyring.fetch(ids).await?;
        let opened = recorded
            .iter()
            .map(|event| Reeltime::decode(event.borrow().stored(), &keys));
        Ok(opened.collect::<Result<_, _>>()?)
    }
}
