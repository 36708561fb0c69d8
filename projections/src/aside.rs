//! Work that computes for milliseconds at a time, beside what must not wait for it.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::LazyLock;
use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::watch;
use tokio::task::block_in_place;
use tokio::time::timeout;

/// A poll takes milliseconds. What takes longer is left to end, or panic, with the process.
const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// How many futures of this process are counted as aside.
static ASIDE: LazyLock<watch::Sender<usize>> = LazyLock::new(|| watch::Sender::new(0));

/// Does this as work that blocks its thread. A thread of the runtime that computes hears nothing
/// meanwhile, and where it is the one that listens to sockets and timers for all, the other threads
/// sleep on: everybody would wait for what takes a fraction of one core.
///
/// Meanwhile the thread's part in the runtime goes on elsewhere, and may not be given back before the
/// task waits for something. A runtime that ends takes the timers away without waiting for such a
/// task, which panics at the next one that it touches. So whoever computes in a task is asked to end,
/// and waited for, while the runtime is there.
pub fn compute<T>(work: impl FnOnce() -> T) -> T {
    let runtime = Handle::try_current();
    match runtime.is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread) {
        true => block_in_place(work),
        // no other thread would take over
        false => work(),
    }
}

/// So few things take less than a millisecond.
const FEW: usize = 200;

/// Does what is to be done with each of so many as [`compute`] does work, unless they are few: to
/// hand the thread's part over would cost more.
pub(crate) fn compute_each<T>(count: usize, work: impl FnOnce() -> T) -> T {
    match count {
        ..=FEW => work(),
        _ => compute(work),
    }
}

/// Polls a future as [`compute`] does work.
pub(crate) fn aside<F: Future>(work: F) -> impl Future<Output = F::Output> {
    counted(async move {
        let mut work = pin!(work);
        poll_fn(|context| compute(|| work.as_mut().poll(context))).await
    })
}

/// Counts a future among those that are aside: from now on, until it is dropped.
pub(crate) fn counted<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let place = Place::take();
    async move {
        let _place = place;
        work.await
    }
}

/// Waits until nothing of this process is aside, for five seconds at most: what hangs must not keep
/// a process from its end. What is there is asked to end before, by dropping those for whom it is
/// done; a process waits for this before its runtime ends.
pub async fn nothing_aside() {
    let mut aside = ASIDE.subscribe();
    let nothing = aside.wait_for(|count| *count == 0);
    if timeout(ENDS_WITHIN, nothing).await.is_err() {
        tracing::warn!("something still computes at the end");
    }
}

struct Place;

impl Place {
    fn take() -> Place {
        ASIDE.send_modify(|count| *count += 1);
        Place
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        ASIDE.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::mpsc::{self, Receiver};

    use futures::poll;

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

    #[tokio::test]
    async fn what_is_aside_is_waited_for_until_it_is_dropped() {
        let working = aside(pending::<()>());
        let mut waiting = pin!(nothing_aside());
        assert!(poll!(&mut waiting).is_pending());
        drop(working);
        // others' tests of this process end, too
        waiting.await;
    }

    #[test]
    fn so_does_who_has_no_runtime() {
        assert_eq!(compute(|| 1), 1);
    }
}
