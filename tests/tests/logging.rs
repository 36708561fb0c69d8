//! What the log tells whoever runs Reeltime.

use reqwest::Client;
use serde_json::{Value, json};
use tests::database;
use tests::process::{DataDir, Process};
use tests::site::{new_member, text};

/// The last line that says this.
fn line(data_dir: &DataDir, what: &str) -> String {
    let said = data_dir.logged();
    let found = said.lines().rfind(|line| line.contains(what));
    found
        .unwrap_or_else(|| panic!("nobody said {what:?}: {said}"))
        .to_owned()
}

#[track_caller]
fn says(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "{part:?} is not in {line}");
    }
}

#[tokio::test]
async fn sign_ins_and_what_is_refused_are_logged_with_who_asked_and_where() {
    let pool = database::create().await;
    let data_dir = DataDir::new();
    let address = database::address(&pool);
    let process = Process::start(&data_dir, &["--database-url", &address]).await;
    let client = Client::new();
    let at = |path: &str| format!("{}/api/v1/{path}", process.url);

    let new = new_member("Ann");
    let joined = client.post(at("members")).json(&new).send().await.unwrap();
    assert_eq!(joined.status(), 201);
    let joined: Value = joined.json().await.unwrap();
    let ann = text(&joined["member"]["id"]);
    let signing_in = async |password: &str| {
        let said = json!({ "email": new["email"], "password": password });
        let answer = client.post(at("sessions")).json(&said).send().await;
        answer.unwrap().status()
    };
    assert_eq!(signing_in(&text(&new["password"])).await, 201);
    let signed_in = line(&data_dir, "sign-in");
    says(
        &signed_in,
        &["INFO", "POST", "path=\"/api/v1/sessions\"", &ann],
    );
    assert_eq!(signing_in("wrong, wrong").await, 401);
    says(&line(&data_dir, "wrong-credentials"), &["INFO", "refused"]);

    let stranger = client.get(at("me")).send().await.unwrap();
    assert_eq!(stranger.status(), 401);
    let nobody = line(&data_dir, "unauthenticated");
    says(&nobody, &["refused", "GET", "path=\"/api/v1/me\""]);
    assert!(!nobody.contains("member="), "{nobody}");
    let token = text(&joined["token"]);
    let hidden = client.get(at("audit/events")).bearer_auth(&token);
    assert_eq!(hidden.send().await.unwrap().status(), 404);
    says(
        &line(&data_dir, "no-right"),
        &["/api/v1/audit/events", &format!("member={ann}")],
    );
    let crossing = client.put(at("me/password")).bearer_auth(&token);
    let crossing = crossing
        .header("sec-fetch-site", "cross-site")
        .json(&json!({}));
    assert_eq!(crossing.send().await.unwrap().status(), 403);
    says(&line(&data_dir, "cross-site"), &["refused", "PUT"]);

    let logged = data_dir.logged();
    for secret in [&text(&new["email"]), &token, &text(&new["password"])] {
        assert!(!logged.contains(secret.as_str()), "{logged}");
    }
    assert!(process.stop().success());
}
