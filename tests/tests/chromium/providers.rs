//! Joining and coming in with providers, in a real browser, from the button to the page after.

use std::process::Command;

use tests::chromium::{Browser, Chromium, DESKTOP, PHONE};
use tests::process::{DataDir, Process, program};
use tests::providers::Outside;

/// As the mock behaves.
const CLIENTS: [&str; 4] = ["google", "naver", "kakao", "github"];

async fn start(outside: &Outside, data_dir: &DataDir) -> Process {
    let file = data_dir.path().join("providers.json");
    std::fs::write(&file, outside.file(&CLIENTS).to_string()).unwrap();
    Process::start(data_dir, &["--providers", file.to_str().unwrap()]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_button_leads_there_and_back() {
    let outside = Outside::start();
    let data_dir = DataDir::new();
    let process = start(&outside, &data_dir).await;
    let chromium = Chromium::start();
    let browser = chromium.open(&process.url, "en", DESKTOP).await;

    browser.visit("/sign-in?next=/genres").await;
    browser.press("form[action='/sign-in/google'] button").await;
    browser.fill("#name", "Ann").await;
    browser
        .follow("form[action='/sign-up/finish'] button")
        .await;
    assert_eq!(browser.path().await, "/genres");
    for client in &CLIENTS[1..] {
        let link = format!("form[action='/settings/sign-in/link/{client}']");
        browser.visit("/settings/sign-in").await;
        browser.press(&format!("{link} button")).await;
        let is_back = "location.pathname === '/settings/sign-in'";
        browser
            .until(&format!(
                "{is_back} && document.querySelector(\"{link}\") === null"
            ))
            .await;
    }
    browser
        .until("document.querySelectorAll('.sign-in-ways > li').length === 5")
        .await;

    for client in CLIENTS {
        browser.forget_everything().await;
        browser.visit("/sign-in?next=/films").await;
        let button = format!("form[action='/sign-in/{client}'] button");
        browser.press(&button).await;
        browser.until("location.pathname === '/films'").await;
        browser.find(".menu[data-member]").await;
    }
    assert!(process.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_joins_with_a_real_provider() {
    let outside = Outside::start();
    let data_dir = DataDir::new();
    let process = start(&outside, &data_dir).await;
    let chromium = Chromium::start();
    let browser = chromium.open(&process.url, "ko", PHONE).await;

    browser.visit("/sign-in?next=/genres").await;
    look(&browser, "sign-in-providers").await;
    browser.press("form[action='/sign-in/oidc'] button").await;
    browser.fill("input[name='login']", "ann").await;
    browser.fill("input[name='password']", "any").await;
    browser.follow("button[type='submit']").await;
    browser.follow("button[type='submit']").await;
    browser.find("form[action='/sign-up/finish']").await;
    look(&browser, "sign-up-finish").await;
    browser.fill("#name", "앤").await;
    browser
        .follow("form[action='/sign-up/finish'] button")
        .await;
    assert_eq!(browser.path().await, "/genres");
    browser.visit("/settings/sign-in").await;
    assert_eq!(browser.count(".sign-in-ways > li").await, 2);
    look(&browser, "settings-sign-in").await;

    let granted = Command::new(program("reeltime"))
        .args(["grant", "operator", "앤", "--data-dir"])
        .arg(data_dir.path())
        .env_remove("DATABASE_URL")
        .status();
    assert!(granted.unwrap().success());
    browser.visit("/roles").await;
    assert_eq!(browser.count(".role-holder").await, 1);
    look(&browser, "roles").await;
    // not closed: the browser complains that the provider has no icon
    assert!(process.stop().success());
}

async fn look(browser: &Browser, name: &str) {
    let lost = browser.too_wide().await;
    assert!(lost.is_empty(), "{name}: {lost:#?}");
    browser.picture(name).await;
}
