//! Letters through a real SMTP server, from the form that asks for one to the page behind its link.

use tests::chromium::{Browser, Chromium, DESKTOP, PHONE};
use tests::letters::PostOffice;
use tests::process::{DataDir, Process};

use super::{PASSWORD, email, sign_up};

const NEW: &str = "another horse battery";

#[tokio::test(flavor = "multi_thread")]
async fn a_member_gets_real_letters_and_follows_them_in_korean() {
    follow_letters(
        "ko",
        ["가입을 신청", "비밀번호를 새로", "비밀번호가 바뀌었어요"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_gets_real_letters_and_follows_them_in_english() {
    follow_letters(
        "en",
        ["wants to join", "new password", "has a new password"],
    )
    .await;
}

async fn follow_letters(language: &str, said: [&str; 3]) {
    let office = PostOffice::open(&[]);
    let data_dir = DataDir::new();
    let password = data_dir.path().join("smtp-password");
    std::fs::write(&password, "hush\n").unwrap();
    let server = format!("smtp://post@{}", office.address);
    let arguments = [
        "--smtp",
        &server,
        "--smtp-password-file",
        password.to_str().unwrap(),
    ];
    let process = Process::start(&data_dir, &arguments).await;
    let chromium = Chromium::start();
    let mut browser = chromium.open(&process.url, language, PHONE).await;

    browser.visit("/sign-up").await;
    sign_up(&browser, "Ann").await;
    let (letter, authenticated) = office.next();
    assert_eq!(authenticated, "post:hush");
    assert!(letter.text.contains(said[0]), "{}", letter.text);
    assert_eq!(browser.path().await, "/sign-in");
    look(&mut browser, "sign-in-letter-first").await;
    browser.visit(&letter.link()).await;
    look(&mut browser, "join").await;
    browser.follow("form[action='/join'] button").await;
    assert_eq!(browser.path().await, "/");
    browser.visit("/settings/email").await;
    look(&mut browser, "settings-email").await;
    for (name, path) in [
        ("settings-sessions", "/settings/sessions"),
        ("settings-withdraw", "/settings/withdraw"),
    ] {
        browser.visit(path).await;
        look(&mut browser, name).await;
    }

    browser.forget_everything().await;
    browser.visit("/forgot-password").await;
    look(&mut browser, "forgot-password").await;
    browser.fill("#email", &email("Ann")).await;
    browser
        .follow("form[action='/forgot-password'] button")
        .await;
    look(&mut browser, "forgot-password-asked").await;
    let (letter, _) = office.next();
    assert!(letter.text.contains(said[1]), "{}", letter.text);
    browser.visit(&letter.link()).await;
    look(&mut browser, "reset-password").await;
    browser.fill("#new_password", NEW).await;
    browser
        .follow("form[action='/reset-password'] button")
        .await;
    assert_eq!(browser.path().await, "/sign-in");
    look(&mut browser, "sign-in-after-reset").await;
    let (letter, _) = office.next();
    assert!(letter.text.contains(said[2]), "{}", letter.text);
    for (password, place) in [(PASSWORD, "/sign-in"), (NEW, "/")] {
        browser.visit("/sign-in").await;
        browser.fill("#email", &email("Ann")).await;
        browser.fill("#password", password).await;
        browser.follow("form[action='/sign-in'] button").await;
        assert_eq!(browser.path().await, place);
    }
    assert!(office.is_empty(), "a letter that nobody asked for");
    // not closed: the browser complains of the refused sign-in
    assert!(process.stop().success());
}

async fn look(browser: &mut Browser, name: &str) {
    for width in [DESKTOP, PHONE] {
        browser.resize(width).await;
        let lost = browser.too_wide().await;
        assert!(lost.is_empty(), "{name}: {lost:#?}");
        browser.picture(name).await;
    }
}
