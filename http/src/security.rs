//! What stands around every route: the request gets an id and an address, a bounded body and a
//! bounded time; other sites' forms are turned away; a panic becomes a 500; every answer
//! carries the headers that keep a browser from being used against its owner.
//!
//! A cross-site WebSocket upgrade is a GET and passes the CSRF layer: `live` compares `Origin`
//! itself.

use std::any::Any;
use std::net::SocketAddr;
use std::sync::{Arc, Once};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_LENGTH, EXPECT, HeaderName, ORIGIN};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tracing::Instrument;

use crate::address::{ClientAddress, Network, is_overlooked_proxy};
use crate::cookies;
use crate::extract::media_type;
use crate::message;
use crate::problem::Problem;
use crate::problem_answers::{RequestId, answer_problems};
use crate::public_url::PublicUrl;
use crate::session::{SESSION_COOKIE, bearer};

/// The longest body, in JSON or a form: a review of 10,000 characters that are all emoji takes
/// 120,000 bytes form-encoded. Beyond: 413.
pub const BODY_LIMIT_BYTES: usize = 128 * 1024;
/// Takes files, which it bounds itself once it knows whose they are.
pub const FILE_PATH: &str = "/settings/import";
/// It must have arrived by then: 408. 16 MiB at 2.5 Mbit/s do.
pub const FILE_TIMEOUT: Duration = Duration::from_secs(60);
/// From what kind of page a browser's request comes; nothing but browsers sends it.
pub const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// A body must have arrived by then: 408.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// A body that is too long is read on and thrown away up to here, so that its sender gets to
/// read the answer; beyond, the connection is cut.
const DISCARD_BYTES: usize = 256 * 1024 * 1024;

/// What a page may load, with one place more for pictures; none is the empty text.
macro_rules! content_security_policy {
    ($pictures:expr) => {
        concat!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:",
            $pictures,
            "; font-src 'self'; connect-src 'self'; form-action 'self'; manifest-src 'self'; \
             base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
        )
    };
}

/// Of a page with pictures from another host.
pub fn content_security_policy(pictures: &str) -> String {
    content_security_policy!("{}").replace("{}", &format!(" {pictures}"))
}

const HEADERS: [(&str, &str); 8] = [
    ("content-security-policy", content_security_policy!("")),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    (
        "permissions-policy",
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), \
         display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), \
         gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), \
         microphone=(), midi=(), payment=(), picture-in-picture=(), screen-wake-lock=(), \
         serial=(), usb=(), window-management=(), xr-spatial-tracking=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-permitted-cross-domain-policies", "none"),
];
/// Sent when the public address is https: a year.
const STRICT_TRANSPORT: &str = "max-age=31536000; includeSubDomains";

/// Told once.
static OVERLOOKED: Once = Once::new();

#[derive(Clone, Debug)]
pub struct Protection {
    pub public_url: Option<PublicUrl>,
    pub trusted_proxies: Vec<Network>,
    /// An answer must have begun by then: 503.
    pub request_timeout: Duration,
}

/// What a browser sends as `Origin` from our pages, if it is known: in every request's extensions.
#[derive(Clone, Debug)]
pub struct PublicOrigin(pub Option<Arc<str>>);

/// Wraps everything above around the routes. The session's middleware goes inside:
/// `protect(routes.layer(session), …)`.
pub fn protect(routes: Router, protection: Protection) -> Router {
    let csrf = csrf(protection.public_url.as_ref());
    let protection = Arc::new(protection);
    let zip = NotForContentType::const_new("application/zip");
    let compressible = DefaultPredicate::new().and(zip);
    routes
        .layer(from_fn(limit_body))
        .layer(from_fn(refuse_unsaid))
        .layer(csrf.with_rejection_response(refuse_cross_site))
        .layer(from_fn_with_state(protection.clone(), bound_time))
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(from_fn(answer_problems))
        .layer(CompressionLayer::new().compress_when(compressible))
        .layer(from_fn_with_state(protection, identify_request))
}

/// Gives the request an id (also on the answer, as `x-request-id`) and its client's address,
/// and the answer its security headers. The log's lines about a request carry its id.
async fn identify_request(
    State(protection): State<Arc<Protection>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = crate::fresh::id().simple().to_string();
    let socket = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = ClientAddress::find(socket, request.headers(), &protection.trusted_proxies);
    if let Some(ConnectInfo(peer)) = socket
        && is_overlooked_proxy(*peer, request.headers(), &protection.trusted_proxies)
    {
        OVERLOOKED.call_once(|| {
            tracing::warn!(
                proxy = %peer.ip(),
                "a proxy seems to be in front: until --trusted-proxies names it, all who come \
                 through it are counted as one"
            );
        });
    }
    request.extensions_mut().insert(address);
    let public = protection.public_url.as_ref();
    let public = PublicOrigin(public.map(|url| url.origin().into()));
    request.extensions_mut().insert(public);
    request.extensions_mut().insert(RequestId(id.clone()));
    // No query (it may hold what was searched for), no address. Who it is is found out inside.
    let span = tracing::info_span!(
        "request", %id, method = %request.method(), path = request.uri().path(),
        member = tracing::field::Empty
    );
    let mut response = next.run(request).instrument(span).await;

    let headers = response.headers_mut();
    let id = HeaderValue::try_from(id).expect("an id is hexadecimal");
    headers.insert(HeaderName::from_static("x-request-id"), id);
    for (name, value) in HEADERS {
        // A route that needs another policy sets its own.
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    if protection
        .public_url
        .as_ref()
        .is_some_and(PublicUrl::is_https)
    {
        let strict = HeaderValue::from_static(STRICT_TRANSPORT);
        headers.insert(HeaderName::from_static("strict-transport-security"), strict);
    }
    response
}

/// By `Sec-Fetch-Site` and `Origin`; what says neither passes.
fn csrf(public_url: Option<&PublicUrl>) -> CsrfLayer {
    let layer = CsrfLayer::new();
    match public_url {
        // A proxy may have changed `Host`, with which `Origin` is compared otherwise.
        Some(url) => layer
            .add_trusted_origin(url.origin())
            .expect("a public address was checked when it was read"),
        None => layer,
    }
}

/// The media types that a form can send. Others, and other methods, need our leave before a browser
/// sends them from elsewhere, and nobody gets it.
const OF_FORMS: [&str; 3] = [
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
];

/// Middleware: with a session's cookie, a form must say where it comes from, as all browsers do.
async fn refuse_unsaid(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_said = [ORIGIN, SEC_FETCH_SITE]
        .iter()
        .any(|name| headers.contains_key(name));
    let is_a_form = OF_FORMS.contains(&media_type(headers).as_str());
    let has_a_session =
        bearer(headers).is_none() && cookies::get_either(headers, SESSION_COOKIE).is_some();
    if is_a_form && has_a_session && !is_said {
        return cross_site().into_response();
    }
    next.run(request).await
}

fn refuse_cross_site(_: ProtectionError) -> Response {
    cross_site().into_response()
}

fn cross_site() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "cross-site",
        message!("problem-cross-site"),
    )
    .detail(message!("problem-cross-site-detail"))
}

/// Middleware: an answer begins in time. A file has a time of its own to arrive in.
async fn bound_time(
    State(protection): State<Arc<Protection>>,
    request: Request,
    next: Next,
) -> Response {
    let arriving = match request.uri().path() {
        FILE_PATH => FILE_TIMEOUT,
        _ => Duration::ZERO,
    };
    let most = protection.request_timeout + arriving;
    match tokio::time::timeout(most, next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The panic itself is logged by the panic hook.
fn answer_panic(_: Box<dyn Any + Send>) -> Response {
    Problem::internal("a handler panicked").into_response()
}

/// Middleware: reads the whole body, which is small or refused. So no handler holds anything while a
/// body trickles in, but for the one that takes files, and who sends too much hears so.
pub async fn limit_body(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() || request.uri().path() == FILE_PATH {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let length = parts.headers.get(CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let is_too_long = length.is_some_and(|length| length > BODY_LIMIT_BYTES as u64);
    if is_too_long && parts.headers.contains_key(EXPECT) {
        // This client waits for permission before it sends.
        return Problem::payload_too_large(BODY_LIMIT_BYTES).into_response();
    }
    match tokio::time::timeout(BODY_TIMEOUT, read_bounded(body)).await {
        Ok(Ok(bytes)) => {
            next.run(Request::from_parts(parts, Body::from(bytes)))
                .await
        }
        Ok(Err(problem)) => problem.into_response(),
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

async fn read_bounded(body: Body) -> Result<Bytes, Problem> {
    let mut kept: Vec<u8> = Vec::new();
    let mut seen = 0;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::bad_request("The body ended too early."))?;
        seen += chunk.len();
        if seen <= BODY_LIMIT_BYTES {
            kept.extend_from_slice(&chunk);
        } else {
            kept = Vec::new();
        }
        if seen > DISCARD_BYTES {
            break;
        }
    }
    if seen > BODY_LIMIT_BYTES {
        return Err(Problem::payload_too_large(BODY_LIMIT_BYTES));
    }
    Ok(kept.into())
}

#[cfg(test)]
mod tests;
