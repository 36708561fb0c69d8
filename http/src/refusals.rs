//! Refusals in the log: who tried what they may not. The line stands in its request's span, which
//! says where and who.

use std::num::NonZeroU32;
use std::sync::LazyLock;

use axum::http::StatusCode;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

/// Of a whole node: a flood of refusals must not fill the disk. Beyond, the metrics alone count
/// them, by route and status.
const LINES_PER_SECOND: NonZeroU32 = NonZeroU32::new(10).expect("more than none");

static LINES: LazyLock<DefaultDirectRateLimiter> =
    LazyLock::new(|| RateLimiter::direct(Quota::per_second(LINES_PER_SECOND)));

/// Notes that a request was refused for want of a session, a right or patience.
pub fn note(status: StatusCode, why: &str) {
    let concerns = matches!(
        status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    );
    if concerns {
        tell(why);
    }
}

/// Notes that somebody asked for what is not there for them.
pub fn note_hidden() {
    tell("no-right");
}

fn tell(why: &str) {
    if LINES.check().is_ok() {
        tracing::info!(why, "refused");
    }
}
