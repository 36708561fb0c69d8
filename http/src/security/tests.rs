//! What the walls hold back, through a protected router.

use axum::body::to_bytes;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::routing::{get, post};
use tower::ServiceExt;

use super::*;

fn app() -> Router {
    let routes = Router::new()
        .route("/", get(|| async { "page" }))
        .route("/write", post(|body: String| async move { body }))
        .route("/api/v1/panic", get(|| async { panics() }))
        .route("/api/v1/never", get(std::future::pending::<()>))
        .route(
            "/address",
            get(|address: ClientAddress| async move { address.0.to_string() }),
        );
    let protection = Protection {
        public_url: Some("https://reeltime.example".parse().unwrap()),
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        request_timeout: Duration::from_millis(200),
    };
    protect(routes, protection)
}

fn panics() -> &'static str {
    panic!("deliberately, secretly")
}

async fn ask(request: axum::http::request::Builder, body: impl Into<Body>) -> (Response, String) {
    let response = app()
        .oneshot(request.body(body.into()).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let text = String::from_utf8(to_bytes(body, 1_000_000).await.unwrap().to_vec()).unwrap();
    (Response::from_parts(parts, Body::empty()), text)
}

/// What is in them is asked of the whole site: `tests/tests/headers.rs`.
#[tokio::test]
async fn every_answer_carries_the_headers() {
    for path in ["/", "/nowhere", "/api/v1/panic"] {
        let (response, _) = ask(Request::get(path), "").await;
        for (name, _) in HEADERS {
            assert!(response.headers().contains_key(name), "{path} {name}");
        }
        assert!(response.headers().contains_key("x-request-id"));
        let strict = &response.headers()["strict-transport-security"];
        assert_eq!(strict, "max-age=31536000; includeSubDomains");
    }
}

#[tokio::test]
async fn forms_of_other_sites_are_turned_away() {
    let cross = |site: &str, origin: &str| {
        Request::post("/write")
            .header("host", "127.0.0.1:8080")
            .header("sec-fetch-site", site)
            .header("origin", origin)
    };
    let (response, body) = ask(cross("cross-site", "https://evil.example"), "x").await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert!(body.contains("This request came from another site"));
    assert_eq!(
        ask(cross("same-site", "https://blog.reeltime.example"), "x")
            .await
            .0
            .status(),
        403
    );
    assert_eq!(
        ask(cross("same-origin", "http://127.0.0.1:8080"), "x")
            .await
            .0
            .status(),
        200
    );
    assert_eq!(
        ask(cross("cross-site", "https://reeltime.example"), "x")
            .await
            .0
            .status(),
        200
    );
    let old_browser = Request::post("/write")
        .header("host", "a")
        .header("origin", "http://b");
    assert_eq!(ask(old_browser, "x").await.0.status(), 403);
    assert_eq!(ask(Request::post("/write"), "x").await.0.status(), 200);
}

#[tokio::test]
async fn a_form_with_a_session_that_does_not_say_where_it_comes_from_is_turned_away() {
    let with = |name: &str, value: &str| {
        let request = Request::post("/write").header("host", "a");
        request
            .header("cookie", "__Host-session=x")
            .header(name, value)
    };
    for (name, value, status) in [
        ("content-type", "application/x-www-form-urlencoded", 403),
        ("content-type", "text/plain; charset=utf-8", 403),
        ("content-type", "multipart/form-data; boundary=x", 403),
        ("content-type", "application/json", 200),
        ("accept", "*/*", 200),
    ] {
        let (response, _) = ask(with(name, value), "x").await;
        assert_eq!(response.status(), status, "{name}: {value}");
    }
    let form = "application/x-www-form-urlencoded";
    for (name, value, status) in [
        ("authorization", "Basic YTpi", 403),
        ("authorization", "Bearer x", 200),
        ("sec-fetch-site", "same-origin", 200),
        ("origin", "http://a", 200),
    ] {
        let request = with(name, value).header("content-type", form);
        assert_eq!(
            ask(request, "x").await.0.status(),
            status,
            "{name}: {value}"
        );
    }
    let signed_out = Request::post("/write").header("cookie", "language=ko");
    let signed_out = signed_out.header("content-type", form);
    assert_eq!(ask(signed_out, "x").await.0.status(), 200);
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing() {
    let (response, body) = ask(Request::get("/api/v1/panic"), "").await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
    assert!(!body.contains("secretly"));
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_busy() {
    let (response, body) = ask(Request::get("/api/v1/never"), "").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key(RETRY_AFTER));
    assert!(body.contains("/problems/busy"));
}

#[tokio::test]
async fn a_body_is_bounded_with_and_without_a_length() {
    let long = "x".repeat(BODY_LIMIT_BYTES + 1);
    let (response, body) = ask(Request::post("/write"), long.clone()).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(body.contains("128 KB"));
    let chunks = long
        .into_bytes()
        .chunks(1_000)
        .map(<[u8]>::to_vec)
        .collect::<Vec<_>>();
    let stream = futures::stream::iter(chunks.into_iter().map(Ok::<_, std::io::Error>));
    let (response, _) = ask(Request::post("/write"), Body::from_stream(stream)).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let exact = "x".repeat(BODY_LIMIT_BYTES);
    assert_eq!(
        ask(Request::post("/write"), exact).await.0.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn who_waits_for_permission_to_send_too_much_is_answered_at_once() {
    let request = Request::post("/write")
        .header("content-length", "100000000")
        .header("expect", "100-continue");
    let never = Body::from_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let (response, _) = ask(request, never).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn handlers_learn_the_clients_address() {
    let peer = |text: &str| ConnectInfo(SocketAddr::new(text.parse().unwrap(), 1));
    let request = |from| {
        Request::get("/address")
            .extension(peer(from))
            .header("x-forwarded-for", "203.0.113.9")
    };
    assert_eq!(ask(request("198.51.100.2"), "").await.1, "198.51.100.2");
    assert_eq!(ask(request("10.0.0.1"), "").await.1, "203.0.113.9");
}
