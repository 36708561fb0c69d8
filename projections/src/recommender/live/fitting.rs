//! Models fitted in the background. One fit at a time, on a thread of its own, which rests four times
//! as long as it worked: at most a fifth of a core. A fit that is overtaken by the next position is
//! skipped.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::{CHUNK, RETRY, Shared, Trouble};
use crate::aside::compute;
use crate::opinions;
use crate::recommender::{Fit, Fitted, LEAST_HALF_STARS, Like, MOST_LIKES, Outline, last_fit};

const REST: u32 = 4;
const LEAST_REST: Duration = Duration::from_millis(50);

pub(super) async fn keep_fitted(shared: Arc<Shared>) {
    let mut films = 0;
    loop {
        let started = Instant::now();
        let head = shared.tail.head();
        let fitted = fit(&shared, last_fit(head), &mut films).await;
        if let Err(error) = fitted {
            tracing::debug!(%error, "the models wait for their fit");
            tokio::time::sleep(RETRY).await;
            continue;
        }
        tokio::time::sleep((started.elapsed() * REST).max(LEAST_REST)).await;
        let due = shared.tail.wait_past(next_fit(head) - 1);
        tokio::select! {
            () = due => {}
            () = shared.departed.notified() => {}
        }
    }
}

/// The first position behind this one at which a fit is due.
fn next_fit(position: i64) -> i64 {
    let here = last_fit(position);
    let mut next = position + 1;
    while last_fit(next) == here {
        next += 1;
    }
    next
}

/// Fits at the position that is due by now, at `least` or behind it. `films` counts the
/// changes of the shelf that the last fit knew.
async fn fit(shared: &Arc<Shared>, least: i64, films: &mut u64) -> Result<(), Trouble> {
    let mut snapshot = shared.snapshot(least).await?;
    // they are not where the snapshot is, and nobody knows what they said at the fit
    let needed = ["opinions", "departures"];
    let mut detached = snapshot.detached.iter();
    if detached.any(|detached| needed.contains(&detached.model.as_str())) {
        return Err(Trouble::Late);
    }
    let at = last_fit(snapshot.position);
    let due = opinions::due(&mut snapshot).await?;
    let fit = Fit {
        at,
        departed: due.departed,
    };
    let (last, fitted) = shared.fitted.borrow().clone();
    let shelved = compute(|| shared.shelf().changes());
    let is_same = due.changed <= last.at && due.departed == last.departed && shelved == *films;
    if is_same {
        shared.fitted.send_replace((fit, fitted));
        return Ok(());
    }
    let likes = opinions::likes_at(&mut snapshot, at, LEAST_HALF_STARS, MOST_LIKES).await?;
    drop(snapshot);
    let started = Instant::now();
    let fitted = fit_apart(shared.clone(), likes).await?;
    let (members, liked) = fitted.sizes();
    let seconds = started.elapsed().as_secs_f64();
    tracing::debug!(at, members, liked, seconds, "fitted");
    metrics::gauge!("recommender_fit_seconds").set(seconds);
    metrics::gauge!("recommender_fit_position").set(fit.position() as f64);
    shared.fitted.send_replace((fit, Arc::new(fitted)));
    *films = shelved;
    Ok(())
}

/// On a thread that the end of the program need not wait for.
async fn fit_apart(shared: Arc<Shared>, likes: Vec<Like>) -> Result<Fitted, Trouble> {
    let (done, fitted) = oneshot::channel();
    let thread = std::thread::Builder::new().name("fit".to_owned());
    let work = move || {
        let outlines = outlines(&shared);
        let _ = done.send(Fitted::new(likes, outlines));
    };
    thread.spawn(work).map_err(|_| Trouble::Broken)?;
    fitted.await.map_err(|_| Trouble::Broken)
}

fn outlines(shared: &Shared) -> Vec<Outline> {
    let mut outlines = Vec::new();
    let mut from = 0;
    loop {
        let shelf = shared.shelf();
        let to = shelf.kin().slots().min(from + CHUNK);
        if from == to {
            return outlines;
        }
        outlines.extend(shelf.kin().outlines(from..to));
        from = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_fit_is_the_first_one_behind() {
        for position in 0..5_000 {
            let next = next_fit(position);
            assert!(last_fit(next) == next && next > position);
            assert!((position + 1..next).all(|between| last_fit(between) != between));
        }
    }
}
