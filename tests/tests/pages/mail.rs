//! Letters: who is sent one, and how many.

use std::time::Duration;

use serde_json::json;
use tests::letters::{await_letter, in_folder};
use tests::site::Site;
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_is_answered_alike_and_gets_no_letter() {
    let site = Site::start().await;
    let ann = site.ann().await;
    await_letter(site.mail.path(), &ann.email, "Welcome").await;
    let mut answers = Vec::new();
    for email in [ann.email.as_str(), "nobody@example.org"] {
        let asked = site.post("/api/v1/password-resets");
        let answer = asked.json(&json!({ "email": email })).await.expect(204);
        let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        answers.push((answer.text(), names));
    }
    assert_eq!(answers[0], answers[1]);
    await_letter(site.mail.path(), &ann.email, "new password").await;
    all_sent(&site).await;
    assert_eq!(in_folder(site.mail.path()).len(), 2);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_flooded_with_letters() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let path = "/api/v1/me/email/verification";
    for _ in 0..4 {
        site.post(path).by(&ann).json(&json!({})).await.expect(204);
    }
    site.post(path).by(&ann).json(&json!({})).await.expect(429);
    all_sent(&site).await;
    assert_eq!(in_folder(site.mail.path()).len(), 5);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_is_sent_by_another_node_where_its_own_died_over_it() {
    let site = Site::start().await;
    let ann = site.ann().await;
    await_letter(site.mail.path(), &ann.email, "Welcome").await;
    // as a node does that is killed in the middle of it
    let mut dying = site.vault.begin().await.unwrap();
    let id = tests::new_id();
    let member: uuid::Uuid = ann.id.parse().unwrap();
    sqlx::query(
        "insert into vault.outbox (id, kind, member, created_at, due_at)
         values ($1, 'password-changed', $2, now(), now() + interval '1 day')",
    )
    .bind(id)
    .bind(member)
    .execute(&site.vault)
    .await
    .unwrap();
    sqlx::query("select from vault.outbox where id = $1 for update")
        .bind(id)
        .execute(&mut *dying)
        .await
        .unwrap();
    let second = site.second_node().await;
    drop(dying);
    sqlx::query("update vault.outbox set due_at = now() where id = $1")
        .bind(id)
        .execute(&site.vault)
        .await
        .unwrap();
    await_letter(site.mail.path(), &ann.email, "has a new password").await;
    all_sent(&site).await;
    assert_eq!(in_folder(site.mail.path()).len(), 2);
    drop(second);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_ask_for_new_passwords_use_up_no_other_letters() {
    let site = Site::start().await;
    let ann = site.ann().await;
    for _ in 0..7 {
        let reset = json!({ "email": ann.email });
        let asked = site.post("/api/v1/password-resets").json(&reset);
        asked.await.expect(204);
        all_sent(&site).await;
    }
    let letters = in_folder(site.mail.path());
    let resets = letters.iter();
    let resets = resets.filter(|letter| letter.text.contains("/reset-password"));
    assert_eq!(resets.count(), 5);
    let asked = site.post("/api/v1/me/email/verification").by(&ann);
    asked.json(&json!({})).await.expect(204);
    site.end().await;
}

pub async fn all_sent(site: &Site) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let waiting: i64 = sqlx::query_scalar("select count(*) from vault.outbox")
            .fetch_one(&site.vault)
            .await
            .unwrap();
        if waiting == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "{waiting} letters wait");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
