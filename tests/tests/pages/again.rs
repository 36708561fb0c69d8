//! Showing again that it is you before you change how you sign in; and what passkeys ask for.

use domain::Role;
use serde_json::json;
use tests::providers::Outside;
use tests::site::{Member, Site, generous};
use uuid::Uuid;
use web::app::Options;

use super::browser::{Browser, PASSWORD};
use super::codes::{CODES, come_half_way, set_up};

async fn site_at(origin: &str) -> Site {
    Site::start_as(|options| Options {
        origin: Some(origin.to_owned()),
        ..options
    })
    .await
}

async fn long_ago(site: &Site) {
    sqlx::query("update vault.sessions set created_at = now() - interval '16 minutes'")
        .execute(&site.vault)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_how_they_sign_in_shows_again_that_it_is_them() {
    let outside = Outside::start();
    let providers = outside.providers(&["honest"]);
    let site = Site::start_with_providers(generous(), providers).await;
    let mut ann = Browser::of(&site, "Ann").await;
    long_ago(&site).await;
    let again = "/sign-in/again?next=/settings/codes";
    ann.post(CODES, &[]).await.goes_to(again);
    let ways = "/sign-in/again?next=/settings/sign-in";
    ann.post("/settings/sign-in/link/honest", &[])
        .await
        .goes_to(ways);
    let identity = Uuid::nil().to_string();
    ann.post("/settings/sign-in/unlink", &[("identity", &identity)])
        .await
        .goes_to(ways);
    let wrong = ann.fill(again, &[("password", "another")]).await;
    wrong.comes_back_with("password-error");
    ann.post(CODES, &[]).await.goes_to(again);
    let before = ann.cookie("session").unwrap().to_owned();
    let shown = ann.fill(again, &[("password", PASSWORD)]).await;
    shown.goes_to(CODES);
    // in a new session, and the one before is over
    assert_ne!(ann.cookie("session").unwrap(), before);
    let mut stolen = Browser::new(&site).await;
    stolen.set_cookie("session", &before);
    stolen
        .get(CODES)
        .await
        .goes_to("/sign-in?next=/settings/codes");
    let (phone, _) = set_up(&mut ann).await;

    // with a second factor the password alone is not enough
    long_ago(&site).await;
    let shown = ann.fill(again, &[("password", PASSWORD)]).await;
    shown.comes_back_with("code-error");
    ann.post("/settings/codes/off", &[]).await.goes_to(again);
    let code = phone.next_code();
    let both = [("password", PASSWORD), ("code", code.as_str())];
    ann.fill(again, &both).await.goes_to(CODES);
    ann.post("/settings/codes/off", &[]).await.goes_to(CODES);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_told_to_sign_in_again_before_it_adds_a_passkey() {
    let site = site_at("http://localhost:8080").await;
    let ann: Member = site.ann().await;
    let ask = || {
        let asked = site.post("/api/v1/me/passkeys/challenge").by(&ann);
        asked.json(&json!({}))
    };
    let challenge = ask().await.expect(200).json();
    let wanted = &challenge["options"]["publicKey"]["authenticatorSelection"];
    assert_eq!(wanted["residentKey"], "required");
    assert_eq!(wanted["userVerification"], "required");
    long_ago(&site).await;
    assert_eq!(ask().await.problem(), (403, "sign-in-again".to_owned()));
    let said = json!({"token": challenge["token"], "credential": {}});
    let refused = site.post("/api/v1/me/passkeys").by(&ann).json(&said).await;
    assert_eq!(refused.problem(), (403, "sign-in-again".to_owned()));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_a_name_has_no_passkeys_and_what_is_signed_is_asked_once() {
    let site = Site::start_as(|options| Options {
        origin: None,
        ..options
    })
    .await;
    for host in ["127.0.0.1:8080", "elsewhere.example"] {
        let asked = site.post("/api/v1/sessions/passkey/challenge");
        let refused = asked.header("host", host).json(&json!({})).await;
        assert_eq!(refused.problem(), (409, "no-passkeys-here".to_owned()));
    }
    let asked = site.post("/api/v1/sessions/passkey/challenge");
    let asked = asked.header("host", "localhost:8080").json(&json!({}));
    let challenge = asked.await.expect(200).json();
    assert_eq!(challenge["options"]["publicKey"]["rpId"], "localhost");
    let said = json!({"token": challenge["token"], "credential": {}});
    for _ in 0..2 {
        let asked = site.post("/api/v1/sessions/passkey").json(&said);
        let refused = asked.header("host", "localhost:8080").await;
        assert_eq!(refused.problem(), (400, "passkey-refused".to_owned()));
    }
    let left: i64 = sqlx::query_scalar("select count(*) from vault.ceremonies")
        .fetch_one(&site.vault)
        .await
        .unwrap();
    assert_eq!(left, 0);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_role_sets_up_a_second_factor_and_goes_on() {
    let site = Site::start_as(|options| Options {
        roles_need_two_factors: true,
        ..options
    })
    .await;
    let member = site.sign_up("Ann").await;
    site.grant(&member, Role::Operator).await;
    let mut ann = Browser::new(&site).await;
    ann.set_cookie("session", &member.token);
    ann.get("/").await.shows("href=\"/roles\"");
    let again = "/sign-in/again?next=/roles";
    ann.get("/roles").await.goes_to(again);
    let refused = ann.post("/roles/grant", &[("name", "Ann")]).await;
    assert_eq!(refused.status, 403, "{}", refused.html);
    assert!(refused.html.contains("Your role needs a second factor"));
    assert!(refused.html.contains("href=\"/sign-in/again\""));
    // first she shows that it is her, if that is long ago
    long_ago(&site).await;
    let password = [("password", PASSWORD)];
    ann.fill(again, &password).await.goes_to("/roles");
    ann.get("/roles").await.goes_to(again);
    let shown = ann.get(again).await;
    shown.shows("One more step");
    shown.shows("href=\"/settings/codes\"");

    let (phone, recovery) = set_up(&mut ann).await;
    assert_eq!(ann.get("/roles").await.status, 200);
    // elsewhere, too, once she has shown a code
    let mut elsewhere = come_half_way(&site, &member.email).await;
    let code = phone.next_code();
    let typed = [("code", code.as_str())];
    elsewhere
        .fill("/sign-in/code?next=/roles", &typed)
        .await
        .goes_to("/roles");
    assert_eq!(elsewhere.get("/roles").await.status, 200);
    // with the password alone nobody gives themselves another factor
    sqlx::query("update vault.sessions set two_factors = false")
        .execute(&site.vault)
        .await
        .unwrap();
    ann.get("/roles").await.goes_to(again);
    ann.fill_to(CODES, "/settings/codes/renew", &[])
        .await
        .goes_to("/sign-in/again?next=/settings/codes");
    let typed = [("password", PASSWORD), ("code", recovery[0].as_str())];
    ann.fill(again, &typed).await.goes_to("/roles");
    assert_eq!(ann.get("/roles").await.status, 200);
    // who turns it off has none to show
    ann.fill_to(CODES, "/settings/codes/off", &[])
        .await
        .goes_to(CODES);
    for browser in [&mut ann, &mut elsewhere] {
        browser.get("/roles").await.goes_to(again);
    }
    site.end().await;
}
