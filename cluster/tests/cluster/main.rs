//! The private cluster on the installed PostgreSQL programs: what it promises after a start, a
//! stop, and `kill -9` at any moment.

#![expect(
    clippy::unwrap_used,
    reason = "clippy allows it in test functions only, and these are their helpers"
)]

mod kills;
mod places;
mod starts;
mod support;
