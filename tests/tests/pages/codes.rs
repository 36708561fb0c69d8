//! Two-step sign-in: codes of an authenticator app, and recovery codes.

use chrono::{DateTime, TimeDelta, Utc};
use domain::MemberId;
use futures::future::join_all;
use serde_json::{Value, json};
use tests::letters::{await_letter, in_folder};
use tests::providers::Outside;
use tests::site::{Site, generous, new_member, text};
use totp_rs::{Builder, Secret, Totp};

use super::browser::{Browser, PASSWORD, Shown};
use super::mail::all_sent;

pub const CODES: &str = "/settings/codes";
const EMAIL: &str = "ann@example.org";

/// What the member's phone shows.
pub struct Phone(Totp);

impl Phone {
    /// Scans the page.
    fn scan(shown: &Shown) -> Phone {
        let secret = shown.html.split("codes-secret\">").nth(1).unwrap();
        let secret = secret.split('<').next().unwrap().replace(' ', "");
        let secret = Secret::try_from_base32(secret).unwrap();
        Phone(Builder::new().with_secret(secret).build().unwrap())
    }

    fn code_at(&self, time: DateTime<Utc>) -> String {
        let seconds = u64::try_from(time.timestamp()).unwrap();
        self.0.generate(seconds).to_string()
    }

    fn code(&self) -> String {
        self.code_at(web::fresh::now())
    }

    /// A little fast: the one after.
    pub fn next_code(&self) -> String {
        self.code_at(web::fresh::now() + TimeDelta::seconds(30))
    }
}

/// Turns it on: the phone, and the recovery codes.
pub async fn set_up(browser: &mut Browser<'_>) -> (Phone, Vec<String>) {
    browser.fill(CODES, &[]).await.goes_to(CODES);
    let shown = browser.get(CODES).await;
    shown.shows("<svg class=\"qr-code\"");
    let phone = Phone::scan(&shown);
    let wrong = [("code", "12 34")];
    let confirm = "/settings/codes/confirm";
    let refused = browser.fill_to(CODES, confirm, &wrong).await;
    refused.comes_back_with("code-error");
    let code = phone.code();
    let shown = browser.fill_to(CODES, confirm, &[("code", &code)]).await;
    shown.shows("shown this once");
    assert_eq!(shown.answer.header("cache-control"), "no-store");
    let codes = shown.html.split("<li><code>").skip(1);
    let codes = codes.map(|rest| rest.split('<').next().unwrap().to_owned());
    (phone, codes.collect())
}

pub async fn come_half_way<'a>(site: &'a Site, email: &str) -> Browser<'a> {
    let mut browser = Browser::new(site).await;
    let typed = [("email", email), ("password", PASSWORD)];
    let shown = browser.fill("/sign-in?next=/films", &typed).await;
    shown.goes_to("/sign-in/code?next=/films");
    browser.get("/films").await.shows("Sign in");
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn who_set_up_codes_is_asked_for_one_and_each_is_good_once() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let (phone, recovery) = set_up(&mut ann).await;
    assert_eq!(recovery.len(), 10);
    await_letter(site.mail.path(), EMAIL, "linked accounts, passkeys").await;
    let page = "/sign-in/code?next=/films";
    let enter = async |code: &str| {
        let mut browser = come_half_way(&site, EMAIL).await;
        let shown = browser.fill(page, &[("code", code)]).await;
        assert_eq!(shown.status == 303, browser.cookie("session").is_some());
        shown.status
    };
    let first = phone.next_code();
    for wrong in ["", "000000", "ABCD-EFGH-JKLM-NPQR"] {
        assert_eq!(enter(wrong).await, 422, "{wrong}");
    }
    assert_eq!(enter(&first).await, 303);
    assert_eq!(enter(&first).await, 422, "a code was good twice");
    assert_eq!(enter(&recovery[0].to_lowercase()).await, 303);
    assert_eq!(enter(&recovery[0]).await, 422, "a recovery code, twice");
    ann.get(CODES).await.shows("9 recovery codes are left");

    // off again: the password alone
    ann.fill_to(CODES, "/settings/codes/off", &[])
        .await
        .goes_to(CODES);
    let mut browser = Browser::new(&site).await;
    let typed = [("email", EMAIL), ("password", PASSWORD)];
    browser.fill("/sign-in", &typed).await.goes_to("/");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_for_the_browser_that_knew_the_password() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let (phone, _) = set_up(&mut ann).await;
    let code = phone.next_code();
    let mut stranger = Browser::new(&site).await;
    let typed = [("code", code.as_str()), ("next", "/films")];
    let page = "/sign-in/code?next=/films";
    stranger
        .get(page)
        .await
        .comes_back_with("That took too long");
    let shown = stranger.post("/sign-in/code", &typed).await;
    shown.comes_back_with("That took too long");
    stranger.set_cookie("halfway", "guessed");
    let shown = stranger.post("/sign-in/code", &typed).await;
    assert_eq!(shown.status, 422);
    // half way is nowhere: what is given there is no session
    let halfway = come_half_way(&site, EMAIL).await;
    let token = halfway.cookie("halfway").unwrap().to_owned();
    for asked in [site.get("/api/v1/me"), site.post("/api/v1/live/ticket")] {
        let bearer = format!("Bearer {token}");
        let refused = asked.header("authorization", &bearer).await;
        assert_eq!(refused.status, 401);
    }
    stranger.set_cookie("session", &token);
    stranger
        .get("/settings/codes")
        .await
        .goes_to("/sign-in?next=/settings/codes");
    let mut late = come_half_way(&site, EMAIL).await;
    sqlx::query("update vault.halfway set expires_at = now()")
        .execute(&site.vault)
        .await
        .unwrap();
    let shown = late.post("/sign-in/code", &typed).await;
    shown.comes_back_with("That took too long");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_comes_twice_at_once_is_right_once_on_whichever_node() {
    let site = Site::start().await;
    let other = site.second_node().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let (phone, recovery) = set_up(&mut ann).await;
    let member: uuid::Uuid = sqlx::query_scalar("select member from vault.authenticators")
        .fetch_one(&site.vault)
        .await
        .unwrap();
    for code in [phone.next_code(), recovery[0].clone()] {
        let nodes = [&site.app, &other.app].repeat(4);
        let checks = nodes.into_iter().map(|node| {
            node.vault
                .check_code(MemberId(member), &code, web::fresh::now())
        });
        let checked = join_all(checks).await.into_iter();
        let right = checked.filter(|checked| *checked.as_ref().unwrap());
        assert_eq!(right.count(), 1, "{code}");
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_of_the_ways_in_is_mailed() {
    let outside = Outside::start();
    let providers = outside.providers(&["honest"]);
    let site = Site::start_with_providers(generous(), providers).await;
    let mut ann = Browser::of(&site, "Ann").await;
    let told = async || {
        all_sent(&site).await;
        let letters = in_folder(site.mail.path());
        let told = letters.iter();
        told.filter(|letter| letter.text.contains("linked accounts, passkeys"))
            .count()
    };
    set_up(&mut ann).await;
    assert_eq!(told().await, 1);
    let renewed = ann.fill_to(CODES, "/settings/codes/renew", &[]).await;
    renewed.shows("shown this once");
    assert_eq!(told().await, 2);
    ann.fill_to(CODES, "/settings/codes/off", &[])
        .await
        .goes_to(CODES);
    assert_eq!(told().await, 3);
    ann.link("honest").await.goes_to("/settings/sign-in");
    assert_eq!(told().await, 4);
    let identity: uuid::Uuid = sqlx::query_scalar("select identity from vault.identities")
        .fetch_one(&site.vault)
        .await
        .unwrap();
    let typed = [("identity", &*identity.to_string())];
    ann.post("/settings/sign-in/unlink", &typed)
        .await
        .goes_to("/settings/sign-in");
    assert_eq!(told().await, 5);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_of_a_confirmed_address_leaves_the_second_factor() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let (phone, _) = set_up(&mut ann).await;
    let letter = await_letter(site.mail.path(), EMAIL, "Welcome").await;
    ann.post("/verify-email", &[("token", &letter.token())])
        .await
        .goes_to("/settings/email");
    let halfway = come_half_way(&site, EMAIL).await;
    let mut elsewhere = Browser::new(&site).await;
    elsewhere
        .fill("/forgot-password", &[("email", EMAIL)])
        .await;
    let letter = await_letter(site.mail.path(), EMAIL, "new password").await;
    let token = letter.token();
    // the one with which all browsers of these tests come half way
    let typed = [("token", token.as_str()), ("new_password", PASSWORD)];
    elsewhere
        .post("/reset-password", &typed)
        .await
        .goes_to("/sign-in");
    let code = phone.next_code();
    // who knew the old one is half way no more
    let mut before = halfway;
    let late = before.post("/sign-in/code", &[("code", &code)]).await;
    late.comes_back_with("That took too long");
    let mut after = come_half_way(&site, EMAIL).await;
    let page = "/sign-in/code?next=/films";
    after.fill(page, &[("code", &code)]).await.goes_to("/films");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_up_that_comes_again_is_no_way_around_the_second_factor() {
    let site = Site::start().await;
    let ask = || {
        let asked = site.post("/api/v1/members");
        asked
            .header("idempotency-key", "signup-1")
            .json(&new_member("Ann"))
    };
    let session = ask().await.expect(201).json();
    let mut ann = Browser::new(&site).await;
    ann.set_cookie("session", &text(&session["token"]));
    set_up(&mut ann).await;
    assert_eq!(ask().await.problem().1, "idempotency-key-reused");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_wrong_codes_are_enough_for_an_hour() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let (phone, recovery) = set_up(&mut ann).await;
    let sign_in = async |code: Value| {
        let said = json!({"email": EMAIL, "password": PASSWORD, "code": code});
        site.post("/api/v1/sessions").json(&said).await
    };
    let owed = sign_in(Value::Null).await;
    assert_eq!(owed.problem(), (401, "second-factor".to_owned()));
    for _ in 0..10 {
        let wrong = sign_in(json!("000000")).await;
        let found = wrong.errors();
        assert_eq!(found, [("code".to_owned(), "error-code".to_owned())]);
    }
    for right in [phone.next_code(), recovery[0].clone()] {
        let refused = sign_in(json!(right)).await;
        assert_eq!(refused.problem(), (429, "too-many-guesses".to_owned()));
        let wait: u32 = refused.header("retry-after").parse().unwrap();
        assert!((300..=360).contains(&wait), "{wait}");
    }
    // who knows the password keeps its member out of browsers alone that are not theirs
    ann.set_cookie("session", "");
    let typed = [("email", EMAIL), ("password", PASSWORD)];
    ann.fill("/sign-in", &typed).await.goes_to("/sign-in/code");
    let wrong = ann.fill("/sign-in/code", &[("code", "000000")]).await;
    wrong.comes_back_with("code-error");
    let code = phone.next_code();
    let typed = [("code", code.as_str())];
    ann.fill("/sign-in/code", &typed).await.goes_to("/");
    let later = "update vault.guesses set free_at = free_at - interval '6 minutes'";
    sqlx::query(later).execute(&site.vault).await.unwrap();
    sign_in(json!(recovery[0])).await.expect(201);
    assert_eq!(sign_in(json!("000000")).await.problem().0, 422);
    assert_eq!(sign_in(json!("000000")).await.problem().0, 429);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_the_databases_computes_a_code() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let (phone, recovery) = set_up(&mut ann).await;
    let kept = "select a::text from vault.authenticators a
                union all select r::text from vault.recovery_codes r";
    let mut rows: Vec<String> = sqlx::query_scalar(kept)
        .fetch_all(&site.vault)
        .await
        .unwrap();
    let recorded: Vec<String> = sqlx::query_scalar("select e::text from log.events e")
        .fetch_all(&site.pool)
        .await
        .unwrap();
    rows.extend(recorded);
    let all = rows.join("\n");
    let secret = phone.0.secret();
    let hex: String = secret
        .as_bytes()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    for hidden in [secret.to_base32(), hex, recovery[0].clone()] {
        assert!(!all.contains(&hidden), "{hidden}");
    }
    // and sealed for one member, it is of no use to another
    let bob = site.bob().await;
    sqlx::query(
        "insert into vault.authenticators (member, secret, created_at, confirmed_at)
         select $1, secret, created_at, confirmed_at from vault.authenticators",
    )
    .bind(uuid::Uuid::parse_str(&bob.id).unwrap())
    .execute(&site.vault)
    .await
    .unwrap();
    let member = MemberId(bob.id.parse().unwrap());
    let code = phone.next_code();
    let checked = site.app.vault.check_code(member, &code, web::fresh::now());
    assert!(checked.await.is_err());
    site.end().await;
}
