//! What the integration tests and the benchmarks share: databases of their own
//! on a real PostgreSQL, clocks, seeds and a small model for the log alone.

pub mod chromium;
pub mod counter;
pub mod database;
pub mod history;
pub mod process;
pub mod site;

use std::sync::Arc;

use chrono::{DateTime, Utc};

/// The machine's clock, for code that takes one.
pub fn clock() -> event_log::Clock {
    Arc::new(now)
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests stand where http stands: at the edge"
)]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests stand where http stands: at the edge"
)]
pub fn new_id() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}

/// The seed of a random test: `SEED` or a new one, printed so that a failure can
/// be run again.
pub fn seed() -> u64 {
    let given = std::env::var("SEED")
        .ok()
        .and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(|| new_id().as_u64_pair().1);
    println!("SEED={seed}");
    seed
}
