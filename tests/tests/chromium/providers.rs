//! Joining with a real provider, in a real browser, from the button to the page after.

use std::process::Command;

use tests::chromium::{Browser, Chromium, PHONE};
use tests::process::{DataDir, Process, program};
use tests::providers::Outside;

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_joins_with_a_real_provider() {
    let outside = Outside::start();
    let data_dir = DataDir::new();
    let file = data_dir.path().join("providers.json");
    let clients = ["google", "naver", "kakao", "github"];
    std::fs::write(&file, outside.file(&clients).to_string()).unwrap();
    let file = file.to_str().unwrap();
    let process = Process::start(&data_dir, &["--providers", file]).await;
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
