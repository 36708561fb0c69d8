//! `/api/v1/me/events`: one's own history.

use serde_json::json;
use tests::site::text;

use super::{is_proven, positions, town};

#[tokio::test(flavor = "multi_thread")]
async fn members_see_what_they_did_and_what_was_done_about_them() {
    let town = town().await;
    let site = &town.site;
    let cho = &town.cho;
    let mine = site
        .get("/api/v1/me/events?order=oldest&limit=100")
        .by(cho)
        .await;
    let mine = mine.expect(200).json();
    let id = &cho.id;
    let about = format!("actor = '{id}' or payload ->> 'member' = '{id}'");
    assert_eq!(positions(&mine), town.positions(&about).await);
    let granted = mine["items"].as_array().unwrap().last().unwrap();
    assert_eq!(granted["type"], "member.role_granted");
    assert_eq!(granted["actor"], json!(null));
    let signed_up = &mine["items"][2];
    assert_eq!(
        (&signed_up["data"]["name"], &signed_up["data"]["email"]),
        (&json!("Cho"), &json!(cho.email))
    );

    let mut newest = positions(&mine);
    newest.reverse();
    let (mut turned, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/me/events?limit=2&cursor={cursor}");
        let list = site.get(path).by(cho).await.expect(200).json();
        turned.extend(positions(&list));
        match list["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(turned, newest);
    town.site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_are_for_whose_events_they_are() {
    let town = town().await;
    let site = &town.site;
    let mine = site.get("/api/v1/me/events?limit=1").by(&town.ann).await;
    let event = mine.expect(200).json()["items"][0].clone();
    site.signed_through(event["position"].as_i64().unwrap())
        .await;
    let place = text(&event["receipt"]);
    let receipt = site.get(&place).by(&town.ann).await.expect(200).text();
    assert!(is_proven(&receipt, &town.public_key().await));
    site.get(&place).by(&town.ben).await.expect(404);
    town.site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_read_by_an_auditor_is_not_told_who_else_was() {
    let town = town().await;
    let site = &town.site;
    // one reading, which concerns Ann and Ben
    site.get("/api/v1/audit/events?type=like.liked")
        .by(&town.cho)
        .await
        .expect(200);
    site.project().await;
    let mine = site.get("/api/v1/me/events?limit=1").by(&town.ann).await;
    let event = mine.expect(200).json()["items"][0].clone();
    assert_eq!(event["type"], "audit.read");
    assert!(!event.to_string().contains(&town.ben.id), "{event}");
    site.signed_through(event["position"].as_i64().unwrap())
        .await;
    let place = text(&event["receipt"]);
    let receipt = site.get(&place).by(&town.ann).await.expect(200).text();
    assert!(!receipt.contains(&town.ben.id), "{receipt}");
    assert!(is_proven(&receipt, &town.public_key().await));
    // the auditor has done it, and has all of it
    let whole = site.get(&place).by(&town.cho).await.expect(200).text();
    assert!(whole.contains(&town.ben.id), "{whole}");
    town.site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_message_is_reported_does_not_hear_by_whom() {
    let town = town().await;
    let site = &town.site;
    let opened = site.post("/api/v1/rooms").by(&town.ann);
    let opened = opened.json(&json!({"name": "Stairs"})).await.expect(201);
    let room = format!("/api/v1/rooms/{}", text(&opened.json()["id"]));
    let said = site.post(format!("{room}/messages")).by(&town.ann);
    let said = said
        .json(&json!({"text": "Rain."}))
        .await
        .expect(201)
        .json();
    let report = format!("{room}/messages/{}/reports", said["seq"]);
    site.post(report)
        .by(&town.ben)
        .json(&json!({}))
        .await
        .expect(204);
    let types = async |member| {
        let own = site.get("/api/v1/me/events?limit=100").by(member).await;
        let own = own.expect(200).json();
        let events = own["items"].as_array().unwrap().clone();
        events
            .iter()
            .map(|event| text(&event["type"]))
            .collect::<Vec<_>>()
    };
    assert!(types(&town.ben).await.contains(&"report.filed".to_owned()));
    assert!(!types(&town.ann).await.contains(&"report.filed".to_owned()));
    town.site.end().await;
}
