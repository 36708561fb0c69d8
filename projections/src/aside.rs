//! Work that computes for milliseconds at a time, beside what must not wait for it.

use std::future::poll_fn;
use std::pin::pin;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

/// Polls a future as work that blocks its thread. A thread of the runtime that computes hears
/// nothing meanwhile, and where it is the one that listens to sockets and timers for all, the other
/// threads sleep on: commands would wait for a build that takes a fraction of one core.
pub(crate) async fn aside<F: Future>(work: F) -> F::Output {
    let mut work = pin!(work);
    let shared = Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
    poll_fn(|context| match shared {
        true => block_in_place(|| work.as_mut().poll(context)),
        false => work.as_mut().poll(context),
    })
    .await
}
