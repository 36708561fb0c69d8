//! What a client hears.

use super::*;

async fn json(response: Response) -> serde_json::Value {
    let bytes = axum::body::to_bytes(response.into_body(), 10_000)
        .await
        .unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn a_problem_is_problem_json_with_a_stable_type() {
    let response = Problem::not_found().into_response();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(response.headers()[CONTENT_TYPE], PROBLEM_JSON);
    let body = json(response).await;
    assert_eq!(body["type"], "/problems/not-found");
    assert_eq!(body["status"], 404);
    assert!(body.get("errors").is_none());
}

#[tokio::test]
async fn fields_are_named_with_a_code_and_a_sentence() {
    let problem = Problem::invalid("rating", message!("error-rating"))
        .and("name", message!("error-name-length"));
    let body = json(problem.json(Language::Ko)).await;
    assert_eq!(body["errors"][0]["field"], "rating");
    assert_eq!(body["errors"][0]["code"], "error-rating");
    assert_eq!(body["errors"][1]["detail"], "이름은 1~30자로 지어 주세요.");
}

#[test]
fn what_passes_says_when_to_come_back() {
    assert_eq!(Problem::busy(2).into_response().headers()[RETRY_AFTER], "2");
    assert_eq!(
        Problem::too_many_requests(0).into_response().headers()[RETRY_AFTER],
        "1"
    );
}

#[tokio::test]
async fn an_internal_cause_is_not_told() {
    let body = json(Problem::internal("password=hunter2").into_response()).await;
    assert!(!body.to_string().contains("hunter2"));
}
