//! Work that computes for milliseconds at a time, beside what must not wait for it.

use std::future::poll_fn;
use std::pin::pin;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

/// Does this as work that blocks its thread. A thread of the runtime that computes hears nothing
/// meanwhile, and where it is the one that listens to sockets and timers for all, the other threads
/// sleep on: everybody would wait for what takes a fraction of one core.
pub fn compute<T>(work: impl FnOnce() -> T) -> T {
    let runtime = Handle::try_current();
    match runtime.is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread) {
        true => block_in_place(work),
        // no other thread would take over
        false => work(),
    }
}

/// Polls a future as [`compute`] does work.
pub(crate) async fn aside<F: Future>(work: F) -> F::Output {
    let mut work = pin!(work);
    poll_fn(|context| compute(|| work.as_mut().poll(context))).await
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Receiver};
    use std::time::Duration;

    use super::*;

    /// Comes from a task that is next on the caller's thread.
    fn word() -> Receiver<()> {
        let (told, word) = mpsc::channel();
        tokio::spawn(async move { told.send(()) });
        word
    }

    fn hear(word: &Receiver<()>) {
        word.recv_timeout(Duration::from_secs(20)).unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn what_computes_leaves_the_other_tasks_a_thread() {
        let computing = tokio::spawn(async {
            let word = word();
            compute(|| hear(&word));
        });
        computing.await.unwrap();
        let polling = tokio::spawn(async {
            let word = word();
            aside(async move { hear(&word) }).await;
        });
        polling.await.unwrap();
    }

    #[tokio::test]
    async fn a_runtime_of_one_thread_computes_where_it_is() {
        assert_eq!(compute(|| 1), 1);
        assert_eq!(aside(async { 1 }).await, 1);
    }

    #[test]
    fn so_does_who_has_no_runtime() {
        assert_eq!(compute(|| 1), 1);
    }
}
