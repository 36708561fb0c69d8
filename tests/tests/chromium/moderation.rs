//! A report, a measure and an appeal, in a real browser.

use std::process::Command;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tests::chromium::{Browser, Chromium, DESKTOP, PHONE};
use tests::process::{DataDir, Process, program};
use tests::site::text;

use super::{PASSWORD, email, film, sign_up};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_reported_is_hidden_and_appealed_against_in_korean() {
    moderate("ko").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_reported_is_hidden_and_appealed_against_in_english() {
    moderate("en").await;
}

async fn moderate(language: &str) {
    let data_dir = DataDir::new();
    let process = Process::start(&data_dir, &[]).await;
    let said =
        json!({"name": "Bob", "email": email("Bob"), "password": PASSWORD, "language": language});
    let bob = api(&process, Method::POST, "members", "", &said).await;
    let token = text(&bob["token"]);
    let rating = json!({"rating": 0.5, "text": "Only fools like this. You are all fools."});
    let path = format!("films/{}/review", film("parasite-2019"));
    let review = api(&process, Method::PUT, &path, &token, &rating).await;
    let review = format!("/reviews/{}", text(&review["id"]));

    let chromium = Chromium::start();
    let mut judge = chromium.open(&process.url, language, PHONE).await;
    judge.visit("/sign-up").await;
    sign_up(&judge, "Judge").await;
    let granted = Command::new(program("reeltime"))
        .args(["grant", "moderator", "Judge", "--data-dir"])
        .arg(data_dir.path())
        .env_remove("DATABASE_URL")
        .status();
    assert!(granted.unwrap().success());
    judge.visit(&format!("{review}/report")).await;
    look(&mut judge, "report-review").await;
    judge.fill("#reason", "Insults").await;
    judge.follow(".form button").await;
    judge.visit("/reports").await;
    judge.press(".report-act summary").await;
    look(&mut judge, "reports").await;
    judge
        .fill(".report-act[open] input[name='reason']", "Be kind.")
        .await;
    judge.follow(".report-act[open] form button").await;
    judge.visit("/measures").await;
    look(&mut judge, "measures").await;

    let mut author = chromium.open(&process.url, language, PHONE).await;
    author.visit("/sign-in").await;
    author.fill("#email", &email("Bob")).await;
    author.fill("#password", PASSWORD).await;
    author.follow("form[action='/sign-in'] button").await;
    author.visit("/notifications").await;
    look(&mut author, "notifications-hidden").await;
    author.visit(&review).await;
    look(&mut author, "review-hidden").await;
    author.visit("/settings/measures").await;
    author.press(".report-act summary").await;
    look(&mut author, "settings-measures").await;
    author.fill("#text", "It is a line of the film.").await;
    author.follow(".report-act[open] form button").await;
    judge.visit("/measures?appeals=open").await;
    assert_eq!(judge.count(".report").await, 1);
    look(&mut judge, "appeals").await;
    judge.close().await;
    author.close().await;
    assert!(process.stop().success());
}

async fn api(process: &Process, method: Method, path: &str, token: &str, said: &Value) -> Value {
    let address = format!("{}/api/v1/{path}", process.url);
    let mut request = Client::new().request(method, address).json(said);
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
    answer.json().await.unwrap()
}

async fn look(browser: &mut Browser, name: &str) {
    for width in [DESKTOP, PHONE] {
        browser.resize(width).await;
        let lost = browser.too_wide().await;
        assert!(lost.is_empty(), "{name}: {lost:#?}");
        browser.picture(name).await;
    }
}
