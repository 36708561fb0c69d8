//! `/api/v1/audit/streams`.

use serde_json::{Value, json};
use tests::site::parasite;

use super::town;

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_shown_as_it_was_at_a_version_or_a_time() {
    let town = town().await;
    let (site, cho) = (&town.site, &town.cho);
    let path = format!("/api/v1/films/{}/review", parasite());
    let again = json!({"rating": 1, "text": "Rain."});
    site.put(&path).by(&town.ann).json(&again).await.expect(200);

    let path = format!("/api/v1/audit/streams/review-{}", town.review);
    let shown = async |at: &str| {
        let asked = site.get(format!("{path}{at}")).by(cho);
        asked.await.expect(200).json()
    };
    let now = shown("").await;
    assert_eq!(now["version"], 3);
    assert_eq!(
        (&now["state"]["rating"], &now["state"]["text"]),
        (&json!(2), &json!("Rain."))
    );
    let first = shown("?at=1").await;
    assert_eq!(first["version"], 1);
    assert_eq!(first["state"]["text"], "Stairs, everywhere.");
    assert_eq!(first["events"][0]["type"], "review.posted");
    assert_eq!(first["before"], Value::Null);
    let time = first["events"][0]["recorded_at"].as_str().unwrap();
    let then = shown(&format!("?at={}", time.replace('+', "%2B"))).await;
    assert_eq!(then["version"], 1);
    let before = shown("?at=2000-01-01").await;
    assert_eq!(
        (&before["version"], &before["state"]),
        (&json!(0), &Value::Null)
    );
    let last = shown("?limit=1").await;
    assert_eq!(last["state"], now["state"]);
    assert_eq!(
        (last["events"].as_array().unwrap().len(), &last["before"]),
        (1, &json!(2))
    );

    for nothing in [
        "review-nowhere",
        "else",
        &format!("review-{}", uuid::Uuid::nil()),
    ] {
        let path = format!("/api/v1/audit/streams/{nothing}");
        site.get(path).by(cho).await.expect(404);
    }
    let wrong = site.get(format!("{path}?at=soon")).by(cho).await;
    assert_eq!(wrong.problem().0, 400);
    town.site.end().await;
}
