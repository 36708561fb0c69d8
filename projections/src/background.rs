//! What a value does by itself.

use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

/// Tasks that are asked to end with the last clone; who must know that they have ended asks before.
#[derive(Clone)]
pub(crate) struct Background(Arc<Mutex<JoinSet<()>>>);

impl Background {
    pub(crate) fn of(tasks: JoinSet<()>) -> Background {
        Background(Arc::new(Mutex::new(tasks)))
    }

    /// Asks them to end, and waits until they have: one that computes ends when that is done.
    pub(crate) async fn end(&self) {
        // a set is never half changed
        let mut tasks = take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::mpsc;
    use std::time::Duration;

    use futures::poll;
    use tokio::sync::oneshot;

    use super::*;
    use crate::aside::compute;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn whoever_computes_is_waited_for() {
        let (tell, told) = oneshot::channel();
        let (go, going) = mpsc::channel();
        let here = Arc::new(());
        let also_here = here.clone();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            compute(move || {
                tell.send(()).unwrap();
                going.recv_timeout(Duration::from_secs(20)).unwrap();
            });
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            drop(also_here);
        });
        told.await.unwrap();
        let background = Background::of(tasks);
        let mut ending = pin!(background.end());
        assert!(poll!(&mut ending).is_pending());
        go.send(()).unwrap();
        ending.await;
        assert_eq!(Arc::strong_count(&here), 1);
    }
}
