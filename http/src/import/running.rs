//! Imports that operators start on this node's page. One that is cut off, because the node stops,
//! goes on when it is started again.

use std::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::task::JoinSet;

use super::tmdb::{self, Access, Asked};
use crate::app::App;

#[derive(Debug)]
pub struct Imports {
    access: Option<Access>,
    running: Mutex<JoinSet<()>>,
}

impl Imports {
    pub fn new(access: Option<Access>) -> Imports {
        Imports {
            access,
            running: Mutex::new(JoinSet::new()),
        }
    }

    /// Whether this node has a token.
    pub fn can_start(&self) -> bool {
        self.access.is_some()
    }

    /// Beside everything else. How it goes is in the journal; that another one runs already is in
    /// the log alone.
    pub fn start(&self, app: App, asked: Asked) {
        let Some(access) = self.access.clone() else {
            return;
        };
        let mut running = self.running();
        while running.try_join_next().is_some() {}
        running.spawn(async move {
            match tmdb::import(&app, &access, asked).await {
                Ok(imported) => tracing::info!("{imported}"),
                Err(error) => {
                    let error = cluster::sentence(error.as_ref());
                    tracing::warn!(error, "the import stopped");
                }
            }
        });
    }

    /// Cuts off what runs, and waits until it has ended.
    pub async fn end(&self) {
        let mut running = take(&mut *self.running());
        running.shutdown().await;
    }

    fn running(&self) -> MutexGuard<'_, JoinSet<()>> {
        // a set is never half changed
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
