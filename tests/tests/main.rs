//! Everything that needs a real PostgreSQL, in one binary. One file per resource
//! or guarantee; run with `cargo run -p tests`.

#![expect(
    clippy::unwrap_used,
    reason = "a test that can't go on says so by panicking"
)]

mod api;
mod as_of;
mod auditing;
mod authorization;
mod carrying;
mod chromium;
mod contract;
mod detaching;
mod faults;
mod forgetting;
mod grants;
mod headers;
mod importing;
mod live;
mod log;
mod logging;
mod long_streams;
mod one_database;
mod pages;
mod pool;
mod projector;
mod reacting;
mod rebuilding;
mod replay_tool;
mod secrets;
mod security_page;
mod signing;
mod switching;
mod waiting;
