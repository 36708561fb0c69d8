//! What the log tells whoever runs Reeltime.

use reqwest::Client;
use serde_json::{Value, json};
use sqlx::PgPool;
use tests::process::{DataDir, Process, free_port};
use tests::site::{new_member, text};
use tests::{database, until};

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

/// An event as a newer Reeltime would record it: it may say anything of a film. Returns its position.
async fn record_one_from_the_future(database: &PgPool) -> i64 {
    sqlx::query_scalar(
        "insert into log.events (position, stream, version, event_id, event_type, schema_version,
                                 payload, actor, command_id, correlation_id, occurred_at,
                                 recorded_at, hash)
         select position + 1, 'film-' || gen_random_uuid(), 1, gen_random_uuid(), 'film.sung', 1,
                '{}', actor, gen_random_uuid(), gen_random_uuid(), recorded_at, recorded_at, hash
         from log.events order by position desc limit 1
         returning position",
    )
    .fetch_one(database)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_recommender_that_can_not_read_on_says_so() {
    let pool = database::create().await;
    let data_dir = DataDir::new();
    let address = database::address(&pool);
    let metrics = format!("127.0.0.1:{}", free_port());
    let arguments = ["--database-url", &address, "--metrics-listen", &metrics];
    let process = Process::start(&data_dir, &arguments).await;
    let position = || async {
        let text = reqwest::get(format!("http://{metrics}/metrics")).await;
        let text = text.unwrap().text().await.unwrap();
        let mut lines = text.lines();
        let value = lines.find_map(|line| line.strip_prefix("recommender_shelf_position "));
        value.and_then(|value| value.parse::<i64>().ok())
    };
    let head = event_log::head(&pool).await.unwrap().position;
    until("the shelf is filled", || async {
        position().await.is_some_and(|position| position >= head)
    })
    .await;

    let unknown = record_one_from_the_future(&pool).await;
    let told = "the shelf of films stands still";
    until("it is told", || async { data_dir.logged().contains(told) }).await;
    says(&line(&data_dir, told), &["WARN", "film.sung"]);
    assert!(position().await.is_some_and(|position| position < unknown));
    process.kill();
}
