//! `/sessions`: signing in and out.

use std::num::NonZeroU32;

use serde_json::{Value, json};
use tests::database;
use tests::site::{Member, Site, generous, new_member, text};
use web::limits::Allowances;

use super::unauthenticated;

fn credentials(member: &Member) -> Value {
    json!({ "email": member.email, "password": member.password })
}

#[tokio::test]
async fn signing_in_begins_a_session_and_signing_out_ends_it() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let mut shouted = credentials(&ann);
    shouted["email"] = format!(" {} ", ann.email.to_uppercase()).into();
    let answer = site
        .post("/api/v1/sessions")
        .json(&shouted)
        .await
        .expect(201);
    let session = answer.json();
    assert_eq!(session["member"]["id"], ann.id.as_str());
    assert_ne!(
        session["token"],
        ann.token.as_str(),
        "every session has a token of its own"
    );
    assert!(text(&session["expires_at"]).ends_with('Z'));
    assert!(
        answer
            .cookies()
            .iter()
            .any(|cookie| cookie.starts_with("session="))
    );

    let bearer = format!("Bearer {}", text(&session["token"]));
    let me = || site.get("/api/v1/me").header("authorization", &bearer);
    me().await.expect(200);
    let current = "/api/v1/sessions/current";
    let left = site
        .delete(current)
        .header("authorization", &bearer)
        .await
        .expect(204);
    assert!(
        left.cookies()
            .iter()
            .any(|c| c.starts_with("session=;") && c.contains("Max-Age=0"))
    );
    assert_eq!(me().await.problem(), unauthenticated());
    assert_eq!(
        site.delete(current)
            .header("authorization", &bearer)
            .await
            .status,
        401
    );
    site.get("/api/v1/me").by(&ann).await.expect(200);
    site.end().await;
}

/// Where scripts could read it, it is in a cookie that they can't.
#[tokio::test]
async fn a_page_is_not_told_its_sessions_token() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let asked = site.post("/api/v1/sessions").json(&credentials(&ann));
    let began = asked.header("sec-fetch-site", "same-origin").await;
    let began = began.expect(201);
    assert_eq!(began.json().get("token"), None);
    assert_eq!(began.json()["member"]["id"], ann.id.as_str());
    let cookies = began.cookies();
    let session = cookies.iter().find(|cookie| cookie.starts_with("session="));
    let session = session.unwrap();
    assert!(session.contains("; HttpOnly"));
    let session = session.split(';').next().unwrap();
    let me = site.get("/api/v1/me").header("cookie", session);
    me.await.expect(200);
    let new = new_member("Bob");
    let joined = site.post("/api/v1/members").json(&new);
    let joined = joined.header("sec-fetch-site", "same-origin").await;
    assert_eq!(joined.expect(201).json().get("token"), None);
    site.end().await;
}

#[tokio::test]
async fn a_session_that_comes_with_a_sign_in_ends() {
    let site = Site::start().await;
    let ann = site.ann().await;
    site.post("/api/v1/sessions")
        .by(&ann)
        .json(&credentials(&ann))
        .await
        .expect(201);
    site.get("/api/v1/me").by(&ann).await.expect(401);
    site.end().await;
}

#[tokio::test]
async fn what_is_wrong_of_email_and_password_is_not_told() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let mut answers = Vec::new();
    for (email, password) in [
        (ann.email.as_str(), "not her password"),
        (ann.email.as_str(), ""),
        ("nobody@example.org", ann.password.as_str()),
        ("ann", ann.password.as_str()),
        ("", ""),
    ] {
        let body = json!({ "email": email, "password": password });
        let answer = site.post("/api/v1/sessions").json(&body).await;
        assert_eq!(answer.problem(), (401, "wrong-credentials".to_owned()));
        answers.push(answer.text());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let endless = json!({ "email": ann.email, "password": "x".repeat(10_000) });
    site.post("/api/v1/sessions")
        .json(&endless)
        .await
        .expect(401);
    site.end().await;
}

#[tokio::test]
async fn a_token_that_is_none_is_nobody() {
    let site = Site::start().await;
    for token in [
        "Bearer x",
        "Bearer ",
        "Basic YTpi",
        "Bearer \u{ff}",
        "bearer",
    ] {
        site.get("/api/v1/me")
            .header("authorization", token)
            .await
            .expect(401);
    }
    site.get("/api/v1/me")
        .header("cookie", "session=x; session=y")
        .await
        .expect(401);
    site.get("/api/v1/films")
        .header("authorization", "Bearer x")
        .await
        .expect(200);
    site.end().await;
}

/// A token that is none is known as such without the vault; one that was, looked for once.
#[tokio::test]
async fn who_makes_tokens_up_makes_nobody_look_for_them() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    site.delete("/api/v1/sessions/current")
        .by(&bob)
        .await
        .expect(204);
    let ask = |token: &str| {
        let asked = site.get("/films");
        asked.header("authorization", format!("Bearer {token}"))
    };
    ask(&bob.token).await.expect(200);
    let owner = database::owner(&site.vault);
    let rename = async |from: &str, to: &str| {
        let renamed = format!("alter table vault.{from} rename to {to}");
        let renamed = sqlx::raw_sql(sqlx::AssertSqlSafe(renamed));
        renamed.execute(&owner).await.unwrap();
    };
    rename("sessions", "away").await;
    let mut almost = ann.token.clone();
    let last = almost.pop();
    almost.push(if last == Some('A') { 'B' } else { 'A' });
    let short = "A".repeat(43);
    for token in [&almost, &short, &bob.token, &String::new()] {
        ask(token).await.expect(200);
    }
    // one that is good is looked for
    assert!(ask(&ann.token).await.status.is_server_error());
    rename("away", "sessions").await;
    site.get("/api/v1/me").by(&ann).await.expect(200);
    site.end().await;
}

#[tokio::test]
async fn too_many_attempts_to_sign_in_are_told_when_to_come_back() {
    let three = NonZeroU32::new(3).unwrap();
    let site = Site::start_with(Allowances {
        sign_ins_per_minute: three,
        ..generous()
    })
    .await;
    let ann = site.ann().await;
    let wrong = json!({ "email": ann.email, "password": "not her password" });
    for _ in 0..3 {
        site.post("/api/v1/sessions").json(&wrong).await.expect(401);
    }
    let refused = site.post("/api/v1/sessions").json(&credentials(&ann)).await;
    assert_eq!(refused.problem(), (429, "too-many-requests".to_owned()));
    let seconds: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&seconds), "{seconds}");
    // the password is asked for there as well
    let change = json!({ "current_password": "guess", "new_password": "another password" });
    site.put("/api/v1/me/password")
        .by(&ann)
        .json(&change)
        .await
        .expect(429);
    site.get("/api/v1/me").by(&ann).await.expect(200);
    site.end().await;
}

#[tokio::test]
async fn over_tls_a_session_is_in_a_cookie_that_nobody_else_can_set() {
    let site = Site::start_as(|options| web::app::Options {
        secure_cookies: true,
        ..options
    })
    .await;
    let ann = site.ann().await;
    let answer = site.post("/api/v1/sessions").json(&credentials(&ann)).await;
    let answer = answer.expect(201);
    let cookie = answer
        .cookies()
        .into_iter()
        .find(|cookie| cookie.contains("session="));
    let cookie = cookie.unwrap();
    assert!(cookie.starts_with("__Host-session=") && cookie.ends_with("; Secure"));
    assert!(cookie.contains("; Path=/;") && !cookie.contains("Domain"));
    let pair = cookie.split(';').next().unwrap();
    let with = |cookie: &str| site.get("/api/v1/me").header("cookie", cookie.to_owned());
    with(pair).await.expect(200);
    let thrown = pair.trim_start_matches("__Host-");
    assert_eq!(with(thrown).await.problem(), unauthenticated());
    site.end().await;
}
