//! Guesses at passwords: bounded for each account, and no way to keep its member out.

use domain::{Email, MemberId};
use serde_json::json;
use tests::letters::await_letter;
use tests::site::Site;
use web::vault::guesses::Guessed;
use web::vault::sessions::Factors;

use super::browser::{Browser, PASSWORD};

const ANN: &str = "ann@example.org";
const NEW: &str = "another horse battery";

/// Status, and what it is called.
async fn guess(site: &Site, email: &str, password: &str) -> (u16, String) {
    let said = json!({"email": email, "password": password});
    let answer = site.post("/api/v1/sessions").json(&said).await;
    answer.problem()
}

async fn sign_in(browser: &mut Browser<'_>, email: &str, password: &str) -> u16 {
    let typed = [("email", email), ("password", password)];
    browser.fill("/sign-in", &typed).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_wrong_passwords_are_enough_for_an_account_that_is_there_or_not() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    for email in [ANN, "nobody@example.org"] {
        for _ in 0..10 {
            let wrong = guess(&site, email, "a wrong guess").await;
            assert_eq!(wrong, (401, "wrong-credentials".to_owned()));
        }
        let refused = guess(&site, email, PASSWORD).await;
        assert_eq!(refused, (429, "too-many-guesses".to_owned()), "{email}");
    }
    // other nodes have counted, too
    let other = site.second_node().await;
    let now = web::fresh::now();
    let vault = &other.app.vault;
    let what = |email| Guessed::Password(vault.email_reservation(&Email::new(email).unwrap()));
    assert!(vault.guess(what(ANN), None, now).await.unwrap().is_err());
    let unguessed = vault.guess(what("bob@example.org"), None, now).await;
    assert!(unguessed.unwrap().is_ok());

    // in her own browser she comes in, also when she has signed out
    ann.post("/sign-out", &[]).await.goes_to("/");
    assert_eq!(sign_in(&mut ann, ANN, PASSWORD).await, 303);
    // in another one she doesn't, nor does whoever shows it a mark of somebody else's
    let mut bob = Browser::of(&site, "Bob").await;
    bob.post("/sign-out", &[]).await.goes_to("/");
    let shown = bob.get("/sign-in").await;
    shown.hides("Too many wrong tries");
    assert_eq!(sign_in(&mut bob, ANN, PASSWORD).await, 429);
    let own = ann.cookie("known").unwrap();
    let forged = match own.strip_prefix('b') {
        Some(rest) => format!("c{rest}"),
        None => format!("b{}", &own[1..]),
    };
    bob.set_cookie("known", &forged);
    assert_eq!(sign_in(&mut bob, ANN, PASSWORD).await, 429);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_somebody_knows_has_ten_of_its_own_for_each_of_them() {
    let site = Site::start().await;
    let mut shared = Browser::of(&site, "Ann").await;
    shared.post("/sign-out", &[]).await.goes_to("/");
    let typed = [
        ("name", "Bob"),
        ("email", "bob@example.org"),
        ("password", PASSWORD),
    ];
    shared.fill("/sign-up", &typed).await.goes_to("/");
    shared.post("/sign-out", &[]).await.goes_to("/");
    for _ in 0..10 {
        assert_eq!(sign_in(&mut shared, ANN, "a wrong guess").await, 422);
    }
    let typed = [("email", ANN), ("password", PASSWORD)];
    let refused = shared.fill("/sign-in", &typed).await;
    assert_eq!(refused.status, 429);
    assert!(refused.html.contains("Too many wrong tries"));
    // what is right does not count, and strangers have theirs
    for _ in 0..3 {
        assert_eq!(sign_in(&mut shared, "bob@example.org", PASSWORD).await, 303);
        shared.post("/sign-out", &[]).await.goes_to("/");
    }
    let mut elsewhere = Browser::new(&site).await;
    for _ in 0..12 {
        assert_eq!(sign_in(&mut elsewhere, ANN, PASSWORD).await, 303);
        elsewhere.post("/sign-out", &[]).await.goes_to("/");
        elsewhere.set_cookie("known", "");
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_kept_out_of_a_new_browser_chooses_a_new_password_and_is_in() {
    let site = Site::start().await;
    let ann = Browser::of(&site, "Ann").await;
    drop(ann);
    for _ in 0..10 {
        guess(&site, ANN, "a wrong guess").await;
    }
    let mut phone = Browser::new(&site).await;
    assert_eq!(sign_in(&mut phone, ANN, PASSWORD).await, 429);
    let asked = phone.fill("/forgot-password", &[("email", ANN)]).await;
    asked.goes_to("/forgot-password");
    let letter = await_letter(site.mail.path(), ANN, "new password").await;
    let token = letter.token();
    let typed = [("token", token.as_str()), ("new_password", NEW)];
    let chosen = phone.post("/reset-password", &typed).await;
    chosen.goes_to("/sign-in");
    assert_eq!(sign_in(&mut phone, ANN, NEW).await, 303);
    assert_eq!(guess(&site, ANN, NEW).await.0, 429);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_at_an_open_browser_guesses_no_more_there() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    for (page, field) in [
        ("/settings/password", "current_password"),
        ("/settings/email", "password"),
        ("/settings/withdraw", "password"),
        ("/sign-in/again", "password"),
        ("/settings/email", "password"),
    ] {
        for _ in 0..2 {
            let typed = [
                (field, "a wrong guess"),
                ("new_password", NEW),
                ("email", "else@example.org"),
                ("forget", "identity"),
            ];
            let wrong = ann.fill(page, &typed).await;
            wrong.comes_back_with(&format!("{field}-error"));
        }
    }
    let typed = [("current_password", PASSWORD), ("new_password", NEW)];
    let refused = ann.fill("/settings/password", &typed).await;
    assert_eq!(refused.status, 429, "{}", refused.html);
    // her other browsers are not concerned
    let mut elsewhere = Browser::new(&site).await;
    assert_eq!(sign_in(&mut elsewhere, ANN, PASSWORD).await, 303);
    let changed = elsewhere.fill("/settings/password", &typed).await;
    changed.goes_to("/settings/password");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_began_before_all_sessions_ended_comes_to_nothing() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let member = MemberId(ann.id.parse().unwrap());
    let vault = &site.app.vault;
    // the password was right a moment ago
    let endings = vault.endings(Some(member)).await.unwrap();
    vault.end_all_of(member, None).await.unwrap();
    let since = (endings, web::fresh::now());
    let late = vault.begin_session(member, ("", Factors::One), since).await;
    assert!(late.unwrap().is_none());
    let late = vault.begin_halfway(member, "password", since).await;
    assert!(late.unwrap().is_none());
    // one that has got as far as its row is waited for, and ended
    let mut beginning = site.vault.begin().await.unwrap();
    sqlx::query("select from vault.accounts where member = $1 for share")
        .bind(member.0)
        .execute(&mut *beginning)
        .await
        .unwrap();
    let ending = {
        let app = site.app.clone();
        tokio::spawn(async move { app.vault.end_all_of(member, None).await })
    };
    sqlx::query(
        "insert into vault.sessions (token_hash, member, created_at, expires_at)
         values ('\\x00', $1, now(), now() + interval '1 day')",
    )
    .bind(member.0)
    .execute(&mut *beginning)
    .await
    .unwrap();
    beginning.commit().await.unwrap();
    ending.await.unwrap().unwrap();
    let sessions: i64 = sqlx::query_scalar("select count(*) from vault.sessions")
        .fetch_one(&site.vault)
        .await
        .unwrap();
    assert_eq!(sessions, 0);
    let said = json!({"email": ann.email, "password": ann.password});
    site.post("/api/v1/sessions").json(&said).await.expect(201);
    site.end().await;
}
