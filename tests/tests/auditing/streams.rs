//! `/api/v1/audit/streams`.

use serde_json::{Value, json};
use tests::site::{parasite, text};

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

#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_state_names_is_told_that_it_was_read() {
    let town = town().await;
    let (site, cho) = (&town.site, &town.cho);
    let opened = site.post("/api/v1/rooms").by(&town.ann);
    let opened = opened.json(&json!({"name": "Stairs"})).await.expect(201);
    let room = text(&opened.json()["id"]);
    let here = format!("/api/v1/rooms/{room}/presence");
    site.put(&here).by(&town.ben).await.expect(200);
    let said = site.post(format!("/api/v1/rooms/{room}/messages"));
    let said = said.by(&town.ann).json(&json!({"text": "Rain."}));
    said.await.expect(201);
    // shown is Ann's message alone, but Ben is in the room
    let path = format!("/api/v1/audit/streams/room-{room}?limit=1");
    let shown = site.get(path).by(cho).await.expect(200).json();
    assert!(shown["state"]["present"].to_string().contains(&town.ben.id));
    site.project().await;
    for member in [&town.ann, &town.ben] {
        let own = site.get("/api/v1/me/events?limit=1").by(member).await;
        let last = own.expect(200).json()["items"][0].clone();
        assert_eq!(last["type"], "audit.read", "{last}");
    }
    town.site.end().await;
}

/// A room of more events than lie between two snapshots.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_stream_is_shown_from_what_is_kept_of_it_as_from_all_of_it() {
    let town = town().await;
    let (site, cho) = (&town.site, &town.cho);
    let opened = site.post("/api/v1/rooms").by(&town.ann);
    let opened = opened.json(&json!({"name": "Stairs", "description": "And rain."}));
    let room = text(&opened.await.expect(201).json()["id"]);
    let here = format!("/api/v1/rooms/{room}/presence");
    for _ in 0..=event_log::SNAPSHOT_EVERY / 2 {
        site.put(&here).by(&town.ben).await.expect(200);
        site.delete(&here).by(&town.ben).await.expect(204);
    }
    site.put(&here).by(&town.ben).await.expect(200);
    let kept = "select version from cache.snapshots where stream = 'room-' || $1";
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let kept: Option<i64> = sqlx::query_scalar(kept)
            .bind(&room)
            .fetch_optional(&site.pool)
            .await
            .unwrap();
        if kept.is_some() {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "no snapshot");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let path = format!("/api/v1/audit/streams/room-{room}?limit=1");
    let from_kept = site.get(&path).by(cho).await.expect(200).json();
    assert_eq!(
        (
            &from_kept["state"]["name"],
            &from_kept["state"]["description"]
        ),
        (&json!("Stairs"), &json!("And rain."))
    );
    event_log::delete_snapshots(&site.pool, i64::MAX)
        .await
        .unwrap();
    let from_all = site.get(&path).by(cho).await.expect(200).json();
    assert_eq!(from_kept, from_all);
    town.site.end().await;
}
