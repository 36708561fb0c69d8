//! What a request was counted for, told on its answer.

use std::cell::RefCell;
use std::fmt::Write;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
pub const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// How one limit stands after a request was counted.
#[derive(Clone, Copy)]
pub struct Standing {
    pub name: &'static str,
    pub allowed: u32,
    pub window: Duration,
    pub left: u32,
    /// Until one more is allowed, at most; of who was refused exactly, as in `Retry-After`.
    pub seconds: u32,
}

tokio::task_local! {
    /// Of the request that is being answered. A limit that is counted elsewhere (for what is said
    /// through a socket) is told nowhere.
    static COUNTED: RefCell<Vec<Standing>>;
}

pub fn tell(standing: Standing) {
    // outside of a request there is nobody to tell
    let _ = COUNTED.try_with(|counted| counted.borrow_mut().push(standing));
}

/// Of the request that is being answered.
pub fn is_nothing_counted() -> bool {
    COUNTED.with(|counted| counted.borrow().is_empty())
}

/// Answers, and tells on the answer all that was counted on the way.
pub async fn on_answer(answering: impl Future<Output = Response>) -> Response {
    let answering = async {
        let response = answering.await;
        (response, COUNTED.with(RefCell::take))
    };
    let (mut response, counted) = COUNTED.scope(RefCell::default(), answering).await;
    if !counted.is_empty() {
        let (policies, standings) = headers(&counted);
        response.headers_mut().insert(POLICY, policies);
        response.headers_mut().insert(LIMIT, standings);
    }
    response
}

fn headers(counted: &[Standing]) -> (HeaderValue, HeaderValue) {
    let (mut policies, mut standings) = (String::new(), String::new());
    for (number, standing) in counted.iter().enumerate() {
        let comma = if number == 0 { "" } else { ", " };
        let (name, window) = (standing.name, standing.window.as_secs());
        let (q, r, t) = (standing.allowed, standing.left, standing.seconds);
        let written = write!(policies, r#"{comma}"{name}";q={q};w={window}"#)
            .and_then(|()| write!(standings, r#"{comma}"{name}";r={r};t={t}"#));
        written.expect("a string takes everything");
    }
    let value = |text| HeaderValue::try_from(text).expect("names and numbers are ASCII");
    (value(policies), value(standings))
}
