//! Where a member is signed in.

use tests::site::Site;

use super::browser::{Browser, PASSWORD};

async fn sign_in<'a>(site: &'a Site, email: &str) -> Browser<'a> {
    let mut browser = Browser::new(site).await;
    let typed = [("email", email), ("password", PASSWORD)];
    browser.fill("/sign-in", &typed).await.goes_to("/");
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_sees_their_sessions_and_ends_one_or_all_others() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut phone = sign_in(&site, "ann@example.org").await;
    let mut laptop = sign_in(&site, "ann@example.org").await;
    let mut bob = Browser::of(&site, "Bob").await;

    let shown = ann.get("/settings/sessions").await;
    assert_eq!(shown.count("<li><div><strong>"), 3);
    assert_eq!(shown.count("this one"), 1);
    let action = shown
        .html
        .split("action=\"/settings/sessions/")
        .nth(1)
        .unwrap();
    let action = format!("/settings/sessions/{}", action.split('"').next().unwrap());
    assert_eq!(bob.post(&action, &[]).await.status, 404);
    ann.post(&action, &[]).await.goes_to("/settings/sessions");
    let shown = ann.get("/settings/sessions").await;
    assert_eq!(shown.count("<li><div><strong>"), 2);

    ann.post("/settings/sessions/end-others", &[])
        .await
        .goes_to("/settings/sessions");
    let shown = ann.get("/settings/sessions").await;
    assert_eq!(shown.count("<li><div><strong>"), 1);
    for other in [&mut phone, &mut laptop] {
        other
            .get("/settings")
            .await
            .goes_to("/sign-in?next=/settings");
    }
    bob.get("/settings").await.shows("Bob");
    site.end().await;
}

/// Whoever is at an open browser shuts nobody out of others, and who has changed how they sign in
/// finds the way there.
#[tokio::test(flavor = "multi_thread")]
async fn who_ends_other_sessions_has_signed_in_lately() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut phone = sign_in(&site, "ann@example.org").await;
    let shown = ann.get("/settings/sessions").await;
    let action = shown.html.split("action=\"/settings/sessions/").nth(1);
    let session = action.unwrap().split('"').next().unwrap();
    let one = format!("/settings/sessions/{session}");
    let others = "/settings/sessions/end-others";
    sqlx::query("update vault.sessions set created_at = now() - interval '16 minutes'")
        .execute(&site.vault)
        .await
        .unwrap();
    let again = "/sign-in/again?next=/settings/sessions";
    ann.post(&one, &[]).await.goes_to(again);
    ann.post(others, &[]).await.goes_to(again);
    let api = |path: &str| {
        let token = format!("Bearer {}", ann.cookie("session").unwrap());
        site.delete(path).header("authorization", token)
    };
    let owed = (403, "sign-in-again".to_owned());
    assert_eq!(api("/api/v1/me/sessions").await.problem(), owed);
    let path = format!("/api/v1/me/sessions/{}", session.trim_end_matches("/end"));
    assert_eq!(api(&path).await.problem(), owed);
    phone.get("/settings").await.shows("Ann");

    let typed = [("password", PASSWORD)];
    ann.fill(again, &typed).await.goes_to("/settings/sessions");
    for page in ["/settings/sign-in", "/settings/codes"] {
        let shown = ann.get(page).await;
        shown.shows("sign out everywhere but here");
        assert!(shown.form(others).contains("Sign out everywhere else"));
    }
    ann.post(others, &[]).await.goes_to("/settings/sessions");
    let to_sign_in = "/sign-in?next=/settings";
    phone.get("/settings").await.goes_to(to_sign_in);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_when_it_is_not_used_and_after_a_month_in_any_case() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let ask = || site.get("/api/v1/me").by(&ann);
    let days_left = async || {
        let left: f64 = sqlx::query_scalar(
            "select extract(epoch from expires_at - now())::float8 / 86400 from vault.sessions",
        )
        .fetch_one(&site.vault)
        .await
        .unwrap();
        left.round()
    };
    assert_eq!(days_left().await, 14.0);
    let used_days_ago = async |days: i32, began: i32| {
        sqlx::query(
            "update vault.sessions set created_at = now() - $2 * interval '1 day',
                 last_used_at = now() - $1 * interval '1 day',
                 expires_at = now() + (14 - $1) * interval '1 day'",
        )
        .bind(days)
        .bind(began)
        .execute(&site.vault)
        .await
        .unwrap();
    };
    used_days_ago(10, 10).await;
    ask().await.expect(200);
    assert_eq!(days_left().await, 14.0);
    used_days_ago(2, 20).await;
    ask().await.expect(200);
    assert_eq!(days_left().await, 10.0);
    used_days_ago(14, 20).await;
    ask().await.expect(401);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_says_from_where_and_when_it_was_used() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let said = serde_json::json!({"email": ann.email, "password": ann.password});
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0";
    let asked = site.post("/api/v1/sessions").header("user-agent", firefox);
    asked.json(&said).await.expect(201);
    sqlx::query("update vault.sessions set last_used_at = now() - interval '1 hour'")
        .execute(&site.vault)
        .await
        .unwrap();
    let sessions = site.get("/api/v1/me/sessions").by(&ann).await.expect(200);
    let sessions = sessions.json();
    let (this, that) = (&sessions["items"][0], &sessions["items"][1]);
    assert_eq!(
        (&this["current"], &this["device"]),
        (&true.into(), &().into())
    );
    assert_eq!(that["device"], "Firefox · Linux");
    let used = |session: &serde_json::Value| {
        let at = tests::site::text(&session["last_used_at"]);
        let ago = web::fresh::now() - at.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        ago.num_minutes()
    };
    assert_eq!((used(this), used(that)), (0, 60));
    site.end().await;
}
