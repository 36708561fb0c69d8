//! How far something long has come: a bar on a terminal, elsewhere a line of the log now and then.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::Instant;

/// Between two lines.
const EVERY: Duration = Duration::from_secs(5);

pub struct Progress {
    what: &'static str,
    length: u64,
    done: AtomicU64,
    begun: Instant,
    told: Mutex<Instant>,
    /// On a terminal.
    bar: Option<ProgressBar>,
}

impl Progress {
    pub fn new(what: &'static str, length: usize) -> Progress {
        let length = u64::try_from(length).unwrap_or_default();
        let is_terminal = std::io::stderr().is_terminal();
        if !is_terminal {
            tracing::info!(what, length, "importing");
        }
        Progress {
            what,
            length,
            done: AtomicU64::new(0),
            begun: Instant::now(),
            told: Mutex::new(Instant::now()),
            bar: is_terminal.then(|| bar(what, length)),
        }
    }

    pub fn add(&self, more: usize) {
        let more = u64::try_from(more).unwrap_or_default();
        let done = self.done.fetch_add(more, Ordering::Relaxed) + more;
        if let Some(bar) = &self.bar {
            bar.inc(more);
            return;
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.elapsed() >= EVERY {
            *told = Instant::now();
            self.tell(done, "importing");
        }
    }

    pub fn finish(self) {
        match &self.bar {
            Some(bar) => bar.finish_and_clear(),
            None => self.tell(self.done.load(Ordering::Relaxed), "imported"),
        }
    }

    fn tell(&self, done: u64, message: &str) {
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        let per_second = (done as f64 / seconds).round();
        tracing::info!(
            what = self.what,
            done,
            length = self.length,
            per_second,
            "{message}"
        );
    }
}

fn bar(what: &'static str, length: u64) -> ProgressBar {
    let template = "{msg:>8} {bar:40} {human_pos}/{human_len}, {per_sec}, {eta} left";
    let style = ProgressStyle::with_template(template).expect("the template is well-formed");
    ProgressBar::new(length)
        .with_style(style)
        .with_message(what)
}
