//! Passkeys with Chromium's own virtual authenticator, and two-step sign-in, as a member sees them.

use reqwest::Client;
use serde_json::Value;
use tests::chromium::{Browser, Chromium, DESKTOP, PHONE};
use tests::process::{DataDir, Process};
use totp_rs::{Builder, Secret, Totp};

use super::{PASSWORD, change_role, email, sign_up};

const WAYS: &str = "/settings/sign-in";
const CODES: &str = "/settings/codes";

#[tokio::test(flavor = "multi_thread")]
async fn a_member_signs_in_with_a_passkey_and_codes_in_korean() {
    sign_in_without_a_password("ko").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_signs_in_with_a_passkey_and_codes_in_english() {
    sign_in_without_a_password("en").await;
}

async fn sign_in_without_a_password(language: &str) {
    let data_dir = DataDir::new();
    let process = Process::start(&data_dir, &["--roles-need-second-factor=true"]).await;
    // a name: browsers have passkeys for names alone
    let url = process.url.replace("127.0.0.1", "localhost");
    let chromium = Chromium::start();
    let mut browser = chromium.open(&url, language, PHONE).await;
    browser.add_authenticator().await;
    browser.visit("/sign-up").await;
    sign_up(&browser, "Ann").await;
    a_role_asks_for_a_second_factor(&mut browser, &data_dir).await;

    browser.visit(WAYS).await;
    look(&mut browser, "settings-sign-in").await;
    browser.fill("#passkey-name", "내 휴대폰").await;
    browser.follow("form[data-passkey='add'] button").await;
    browser
        .until("document.body.innerText.includes('내 휴대폰')")
        .await;
    look(&mut browser, "settings-sign-in-passkey").await;
    assert_eq!(browser.count(".passkey-rename").await, 1);
    // the same authenticator is not added twice
    browser.press("form[data-passkey='add'] button").await;
    browser.find(".toast").await;
    assert_eq!(browser.count(".passkey-rename").await, 1);

    a_role_acts_with_a_passkey(&mut browser, &data_dir).await;

    browser.forget_everything().await;
    browser.visit("/sign-in?next=/films").await;
    look(&mut browser, "sign-in-passkey").await;
    remember_what_is_sent(&browser).await;
    browser.follow("form[data-passkey='sign-in'] button").await;
    assert_eq!(browser.path().await, "/films");
    a_signature_is_good_once(&browser, &url).await;

    set_up_codes(&mut browser).await;

    browser.visit(WAYS).await;
    browser.press(".passkey-rename summary").await;
    browser
        .fill(".passkey-rename input[name='name']", "열쇠")
        .await;
    browser.follow(".passkey-rename button").await;
    browser
        .until("document.body.innerText.includes('열쇠')")
        .await;
    let unlink = "details.confirm:has(input[name='identity']) > summary";
    browser.press(unlink).await;
    look(&mut browser, "settings-sign-in-remove").await;
    browser.follow("dialog[open] button.danger").await;
    assert!(!browser.has(".passkey-rename").await);
    // the browser still has it; here it is nobody's
    browser.forget_everything().await;
    browser.visit("/sign-in").await;
    browser.press("form[data-passkey='sign-in'] button").await;
    browser.find(".toast").await;
    assert_eq!(browser.path().await, "/sign-in");
    // not closed: the browser complains of the refused sign-ins
    assert!(process.stop().success());
}

/// Turns on codes and comes in with one; a passkey needs none.
async fn set_up_codes(browser: &mut Browser) {
    browser.visit(CODES).await;
    look(browser, "codes-off").await;
    browser
        .follow("form[action='/settings/codes'] button")
        .await;
    look(browser, "codes-set-up").await;
    let secret = browser.text(".codes-secret").await.replace(' ', "");
    let secret = Secret::try_from_base32(secret).unwrap();
    let app = Builder::new().with_secret(secret).build().unwrap();
    browser.fill("#code", &code(&app, 0)).await;
    browser
        .follow("form[action='/settings/codes/confirm'] button")
        .await;
    look(browser, "codes-recovery").await;
    browser.follow("main .actions a.button").await;
    look(browser, "codes-on").await;

    browser.forget_everything().await;
    browser.visit("/sign-in").await;
    browser.fill("#email", &email("Ann")).await;
    browser.fill("#password", PASSWORD).await;
    browser.follow("form[action='/sign-in'] button").await;
    assert_eq!(browser.path().await, "/sign-in/code");
    look(browser, "sign-in-code").await;
    browser.fill("#code", &code(&app, 30)).await;
    browser.follow("form[action='/sign-in/code'] button").await;
    assert_eq!(browser.path().await, "/");
    browser.visit("/sign-in/again?next=/settings").await;
    look(browser, "sign-in-again").await;

    browser.forget_everything().await;
    browser.visit("/sign-in").await;
    browser.follow("form[data-passkey='sign-in'] button").await;
    assert_eq!(browser.path().await, "/");
}

fn code(app: &Totp, seconds_from_now: i64) -> String {
    let time = web::fresh::now().timestamp() + seconds_from_now;
    app.generate(u64::try_from(time).unwrap()).to_string()
}

async fn remember_what_is_sent(browser: &Browser) {
    let wrapped = "void (window.fetch = ((send) => (path, how) => { \
         sessionStorage.setItem('sent', how.body); return send(path, how); })(fetch))";
    browser.ask(wrapped).await;
}

/// What was signed is of no use to who has overheard it.
async fn a_signature_is_good_once(browser: &Browser, url: &str) {
    let sent = browser.ask("sessionStorage.getItem('sent')").await;
    let sent = sent.as_str().unwrap().to_owned();
    let said: Value = serde_json::from_str(&sent).unwrap();
    assert!(said["credential"]["response"]["signature"].is_string());
    let client = Client::new();
    let address = format!("{url}/api/v1/sessions/passkey");
    let answer = client.post(&address).json(&said).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    // nor under another challenge
    let challenge = client
        .post(format!("{address}/challenge"))
        .json(&serde_json::json!({}))
        .send()
        .await
        .unwrap();
    let challenge: Value = challenge.json().await.unwrap();
    let mut replayed = said;
    replayed["token"] = challenge["token"].clone();
    let answer = client.post(&address).json(&replayed).send().await.unwrap();
    assert_eq!(answer.status(), 400);
}

async fn a_role_asks_for_a_second_factor(browser: &mut Browser, data_dir: &DataDir) {
    change_role(data_dir, "grant", "operator", "Ann");
    browser.visit("/roles").await;
    assert_eq!(browser.path().await, "/sign-in/again?next=/roles");
    look(browser, "sign-in-again-role-first").await;
    change_role(data_dir, "revoke", "operator", "Ann");
}

/// In a session that was begun with one; with the password alone nobody gives themselves another.
async fn a_role_acts_with_a_passkey(browser: &mut Browser, data_dir: &DataDir) {
    change_role(data_dir, "grant", "operator", "Ann");
    browser.visit(CODES).await;
    browser
        .follow("form[action='/settings/codes'] button")
        .await;
    assert_eq!(browser.path().await, "/sign-in/again?next=/settings/codes");
    browser.visit("/roles").await;
    assert_eq!(browser.path().await, "/sign-in/again?next=/roles");
    assert!(!browser.has("#password").await);
    look(browser, "sign-in-again-role").await;
    browser.follow("form[data-passkey='sign-in'] button").await;
    assert_eq!(browser.path().await, "/roles");
}

async fn look(browser: &mut Browser, name: &str) {
    for width in [DESKTOP, PHONE] {
        browser.resize(width).await;
        let lost = browser.too_wide().await;
        assert!(lost.is_empty(), "{name}: {lost:#?}");
        browser.picture(name).await;
    }
}
