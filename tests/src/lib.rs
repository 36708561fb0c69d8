//! What the integration tests and the benchmarks share: databases of their own
//! on a real PostgreSQL, clocks, seeds and a small model for the log alone.

pub mod chromium;
pub mod contract;
pub mod counter;
pub mod database;
pub mod described;
pub mod guards;
pub mod history;
pub mod letters;
pub mod listening;
pub mod live;
pub mod oracle;
pub mod process;
pub mod providers;
pub mod proxy;
pub mod refusing;
pub mod replaying;
pub mod secrets;
pub mod site;
pub mod tmdb;
pub mod tunnel;

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

/// The master key of all tests.
pub const MASTER_KEY: [u8; 32] = [7; 32];

/// The keys in a test's vault.
pub async fn keyring(vault: &sqlx::PgPool) -> event_log::Keyring {
    let text = sealing::MasterKeys::text(&MASTER_KEY);
    secrets::remember(&text);
    let master = sealing::MasterKeys::parse(&text).expect("its own text");
    let opened = event_log::Keyring::open(vault.clone(), event_log::Master::Given(master));
    opened.await.expect("a vault")
}

/// Looks again and again until something is so.
///
/// # Panics
/// When it is not so in time.
pub async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    while !is_so().await {
        assert!(tokio::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// How many times as much the fault suites do: `FAULTS`, or once.
///
/// # Panics
/// When it is no number: what was asked for is not what would be run.
pub fn faults() -> usize {
    let given = std::env::var("FAULTS");
    given.map_or(1, |text| text.parse().expect("FAULTS is a number"))
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
