//! Bad input, one kind at a time, through a router.

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use serde::Deserialize;
use tower::ServiceExt;
use uuid::Uuid;

use super::*;

#[derive(Deserialize)]
struct Review {
    rating: f64,
    #[serde(default)]
    text: String,
}

fn app() -> Router {
    Router::new()
        .route(
            "/json",
            post(|Json(review): Json<Review>| async move {
                format!("{} {}", review.rating, review.text.len())
            }),
        )
        .route(
            "/form",
            post(|Form(review): Form<Review>| async move {
                format!("{} {}", review.rating, review.text)
            }),
        )
        .route(
            "/query",
            get(|Query(review): Query<Review>| async move { review.text }),
        )
        .route(
            "/films/{film}",
            get(|Path(film): Path<Uuid>| async move { film.to_string() }),
        )
        .layer(axum::middleware::from_fn(crate::security::limit_body))
}

async fn ask(method: &str, path: &str, media: &str, body: impl Into<Body>) -> (u16, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(CONTENT_TYPE, media);
    let response = app()
        .oneshot(request.body(body.into()).unwrap())
        .await
        .unwrap();
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), 1_000_000)
        .await
        .unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn json(body: impl Into<Body>) -> (u16, String) {
    ask("POST", "/json", "application/json; charset=utf-8", body).await
}

async fn form(body: impl Into<Body>) -> (u16, String) {
    ask("POST", "/form", "application/x-www-form-urlencoded", body).await
}

#[tokio::test]
async fn good_input_arrives() {
    assert_eq!(
        json(r#"{"rating": 3.5, "text": "좋아요"}"#).await,
        (200, "3.5 9".to_owned())
    );
    assert_eq!(
        form("rating=4&text=%EC%A2%8B+%26").await,
        (200, "4 좋 &".to_owned())
    );
    let film = "/films/018f3a5e-0000-7000-8000-000000000000";
    assert_eq!(ask("GET", film, "", "").await.0, 200);
}

#[tokio::test]
async fn broken_json_is_400_and_a_wrong_type_is_422_with_its_place() {
    assert_eq!(json("{\"rating\": ").await.0, 400);
    assert_eq!(json("").await.0, 400);
    let (status, body) = json(r#"{"rating": "three"}"#).await;
    assert_eq!(status, 422);
    assert!(
        body.contains("/problems/invalid") && body.contains("rating"),
        "{body}"
    );
}

#[tokio::test]
async fn half_a_character_is_refused_everywhere() {
    assert_eq!(
        json(&b"{\"rating\": 1, \"text\": \"\xec\xa2\"}"[..])
            .await
            .0,
        400
    );
    assert_eq!(form("rating=1&text=%EC%A2").await.0, 400);
    assert_eq!(form(&b"rating=1&text=\xec\xa2"[..]).await.0, 400);
    assert_eq!(
        ask("GET", "/query?rating=1&text=%EC%A2", "", "").await.0,
        400
    );
    assert_eq!(ask("GET", "/films/%EC%A2", "", "").await.0, 404);
}

#[tokio::test]
async fn a_nul_is_refused_everywhere() {
    assert_eq!(json(r#"{"rating": 1, "text": "a\u0000b"}"#).await.0, 422);
    assert_eq!(
        json(r#"{"rating": 1, "text": "a\\u0000b"}"#).await,
        (200, "1 8".to_owned())
    );
    assert_eq!(form("rating=1&text=a%00b").await.0, 422);
    assert_eq!(ask("GET", "/query?rating=1&text=%00", "", "").await.0, 422);
    assert_eq!(ask("GET", "/films/%00", "", "").await.0, 404);
}

#[tokio::test]
async fn another_media_type_is_415() {
    assert_eq!(ask("POST", "/json", "text/plain", "{}").await.0, 415);
    assert_eq!(ask("POST", "/form", "application/json", "{}").await.0, 415);
}

#[tokio::test]
async fn deep_json_is_refused_without_a_crash() {
    assert_eq!(
        json(format!("{{\"more\": {}", "[".repeat(60_000))).await.0,
        400
    );
    let nested = format!("{}\"\\u0000\"{}", "[".repeat(200), "]".repeat(200));
    assert_eq!(json(nested).await.0, 422);
}

#[tokio::test]
async fn too_much_is_413() {
    let (status, body) = json(format!("{{\"text\": \"{}\"}}", "a".repeat(140_000))).await;
    assert_eq!(status, 413);
    assert!(body.contains("128 KB"));
    assert_eq!(form(format!("text={}", "a".repeat(140_000))).await.0, 413);
}

#[tokio::test]
async fn a_review_of_ten_thousand_emoji_fits_into_a_form() {
    assert_eq!(
        form(format!("rating=5&text={}", "%F0%9F%98%80".repeat(10_000)))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn an_id_that_is_none_names_nothing() {
    let (status, body) = ask("GET", "/films/parasite", "", "").await;
    assert_eq!(status, 404);
    assert!(body.contains("/problems/not-found"));
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_400() {
    assert_eq!(ask("GET", "/query?rating=x", "", "").await.0, 400);
    assert_eq!(ask("GET", "/query?rating=1&text=%zz", "", "").await.0, 200);
}
