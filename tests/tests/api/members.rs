//! `/members`: signing up, and what others see of a member.

use futures::future::join_all;
use serde_json::json;
use sqlx::PgPool;
use tests::site::{Site, new_member, parasite, ratatouille, text};
use tests::{database, until};

use super::{invalid, not_found, walk, wrong};

#[tokio::test]
async fn signing_up_makes_a_member_and_a_session() {
    let site = Site::start().await;
    let new = new_member("  Zoe\u{308} \u{3000}봉 ");
    let answer = site.post("/api/v1/members").json(&new).await.expect(201);
    let session = answer.json();
    let member = &session["member"];
    assert_eq!(member["name"], "Zoë 봉");
    assert_eq!(
        (&member["about"], &member["language"]),
        (&json!(""), &json!("en"))
    );
    let path = format!("/api/v1/members/{}", text(&member["id"]));
    assert_eq!(answer.header("location"), path);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.text().contains("correct horse"));

    let cookies = answer.cookies();
    let cookie = cookies
        .iter()
        .find(|cookie| cookie.starts_with("session="))
        .unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap();
    let me = site
        .get("/api/v1/me")
        .header("cookie", cookie)
        .await
        .expect(200)
        .json();
    assert_eq!(&me, member);
    let bearer = format!("Bearer {}", text(&session["token"]));
    site.get("/api/v1/me")
        .header("authorization", bearer)
        .await
        .expect(200);

    let seen = site.get(path).await.expect(200).json();
    assert_eq!(seen["name"], "Zoë 봉");
    assert!(seen.get("email").is_none() && seen.get("language").is_none());
    let log: String = sqlx::query_scalar("select string_agg(payload::text, '') from log.events")
        .fetch_one(&site.pool)
        .await
        .unwrap();
    assert!(!log.contains("correct horse") && !log.contains("argon2"));
    site.end().await;
}

#[tokio::test]
async fn every_wrong_field_of_a_sign_up_is_told_at_once() {
    let site = Site::start().await;
    let events = site.events().await;
    let nothing = site.post("/api/v1/members").json(&json!({})).await;
    assert_eq!(nothing.problem(), invalid());
    assert_eq!(
        nothing.errors(),
        [
            wrong("name", "error-required"),
            wrong("email", "error-required"),
            wrong("password", "error-required"),
            wrong("language", "error-language"),
        ]
    );
    let all =
        json!({ "name": "a".repeat(31), "email": "ann", "password": "1234567", "language": "fr" });
    let answer = site.post("/api/v1/members").json(&all).await;
    assert_eq!(
        answer.errors(),
        [
            wrong("name", "error-name-length"),
            wrong("email", "error-email-shape"),
            wrong("password", "error-password-short"),
            wrong("language", "error-language"),
        ]
    );
    let mut long = new_member("An\u{200B}n");
    long["password"] = "충".repeat(86).into();
    long["email"] = format!("{}@example.org", "a".repeat(250)).into();
    let answer = site.post("/api/v1/members").json(&long).await;
    assert_eq!(
        answer.errors(),
        [
            wrong("name", "error-name-characters"),
            wrong("email", "error-email-shape"),
            wrong("password", "error-password-long"),
        ]
    );
    assert_eq!(site.events().await, events);
    site.end().await;
}

#[tokio::test]
async fn a_name_and_an_email_are_one_members_in_any_case_and_unicode_form() {
    let site = Site::start().await;
    let first = json!({ "name": "Zoë 기생충", "email": "Zoe@Example.org",
        "password": "correct horse battery", "language": "ko" });
    site.post("/api/v1/members").json(&first).await.expect(201);
    let decomposed = "ZOE\u{308} \u{1100}\u{1175}\u{1109}\u{1162}\u{11BC}\u{110E}\u{116E}\u{11BC}";
    let answer = site
        .post("/api/v1/members")
        .json(&new_member(decomposed))
        .await;
    assert_eq!(answer.problem(), (409, "name-taken".to_owned()));
    assert_eq!(answer.errors(), [wrong("name", "error-name-taken")]);

    let mut same_email = new_member("Another");
    same_email["email"] = "zoe@EXAMPLE.ORG".into();
    let answer = site.post("/api/v1/members").json(&same_email).await;
    assert_eq!(answer.problem(), (409, "email-taken".to_owned()));
    assert_eq!(answer.errors(), [wrong("email", "error-email-taken")]);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_simultaneous_sign_ups_for_one_name_leave_one_member() {
    let site = Site::start().await;
    let events = site.events().await;
    let forms = ["Zoë", "zoë", "ZOË", "Zoe\u{308}", "ｚｏｅ\u{308}"];
    let asking = (0..100).map(|n| {
        let new = new_member(forms[n % forms.len()]);
        let site = &site;
        async move { site.post("/api/v1/members").json(&new).await }
    });
    let answers = join_all(asking).await;

    let welcome = answers.iter().filter(|answer| answer.status == 201).count();
    let taken = answers.iter().filter(|answer| answer.status == 409).count();
    assert_eq!((welcome, taken), (1, 99));
    assert_eq!(
        site.events().await,
        events + 3,
        "two reservations and a member"
    );
    let members: i64 = sqlx::query_scalar("select count(*) from read.members")
        .fetch_one(&site.pool)
        .await
        .unwrap();
    assert_eq!(members, 1);
    site.end().await;
}

#[tokio::test]
async fn the_same_sign_up_again_is_the_same_member() {
    let site = Site::start().await;
    let new = new_member("Ann");
    let ask = |new| {
        site.post("/api/v1/members")
            .header("idempotency-key", "ann-1")
            .json(new)
    };
    let first = ask(&new).await.expect(201);
    let events = site.events().await;
    let again = ask(&new).await.expect(201);
    assert_eq!(again.json()["member"], first.json()["member"]);
    assert_eq!(again.position(), first.position());
    let mut other_password = new.clone();
    other_password["password"] = "not my password".into();
    let stranger = ask(&other_password).await;
    assert_eq!(
        stranger.problem(),
        (422, "idempotency-key-reused".to_owned())
    );
    let stranger = ask(&new_member("Bob")).await;
    assert_eq!(
        stranger.problem(),
        (422, "idempotency-key-reused".to_owned())
    );
    assert_eq!(site.events().await, events);
    site.end().await;
}

#[tokio::test]
async fn a_members_page_lists_what_they_wrote() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let first = site.review(&ann, parasite()).await;
    let second = site.review(&ann, ratatouille()).await;
    let anns = site.comment(&ann, &second, "I mean the rat.").await;
    site.comment(&bob, &second, "Which one?").await;

    let path = format!("/api/v1/members/{}", ann.id);
    assert_eq!(
        walk(&site, &format!("{path}/reviews"), 1).await,
        [second.clone(), first]
    );
    assert_eq!(walk(&site, &format!("{path}/comments"), 5).await, [anns]);
    let comments = site
        .get(format!("{path}/comments"))
        .await
        .expect(200)
        .json();
    assert_eq!(comments["items"][0]["review"], second.as_str());
    assert_eq!(comments["items"][0]["film"]["title"]["ko"], "라따뚜이");
    site.end().await;
}

#[tokio::test]
async fn a_member_that_never_was_is_not_found() {
    let site = Site::start().await;
    for id in ["00000000-0000-0000-0000-000000000000", "ann", "%00", "'--"] {
        for rest in ["", "/reviews", "/comments"] {
            let answer = site.get(format!("/api/v1/members/{id}{rest}")).await;
            assert_eq!(answer.problem(), not_found(), "{id}{rest}");
        }
    }
    site.end().await;
}

/// Whether a statement with such a text waits for a lock.
async fn is_waiting(watcher: &PgPool, statement: &str) -> bool {
    let waiting = sqlx::query_scalar(
        "select exists (select from pg_stat_activity where datname = current_database()
                        and wait_event_type = 'Lock' and query like '%' || $1 || '%')",
    );
    waiting.bind(statement).fetch_one(watcher).await.unwrap()
}

/// The sweep has found nobody of this name in the log and is about to throw their account and keys
/// away, when they come again.
#[tokio::test(flavor = "multi_thread")]
async fn who_joins_while_the_vault_is_swept_is_there_and_readable() {
    let site = Site::start().await;
    site.ann().await;
    let join = |name: &str| {
        let asked = site.post("/api/v1/members");
        let said = new_member(name);
        let asked = asked.header("idempotency-key", "of one who joins");
        async move { asked.json(&said).await }
    };
    join("Ann").await.expect(409);
    for table in ["accounts", "keys"] {
        let older = format!("update vault.{table} set created_at = now() - interval '2 hours'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(older))
            .execute(&site.vault)
            .await
            .unwrap();
    }
    let holder = database::owner(&site.pool);
    let [log, vault] = [&site.pool, &site.vault].map(database::owner);
    let mut held = holder.begin().await.unwrap();
    sqlx::query("lock table log.events in access exclusive mode")
        .execute(&mut *held)
        .await
        .unwrap();
    let sweeping = {
        let app = site.app.clone();
        tokio::spawn(async move { app.vault.sweep(&app.pool).await })
    };
    until("the sweep has locked them", async || {
        is_waiting(&log, "member.withdrawn").await
    })
    .await;
    let joined = async {
        until("they wait", async || {
            is_waiting(&vault, "insert into vault.accounts").await
        })
        .await;
        held.rollback().await.unwrap();
    };
    let (joined, ()) = tokio::join!(join("Anna"), joined);
    let session = joined.expect(201).json();
    sweeping.await.unwrap().unwrap();
    let me = site.get("/api/v1/me");
    let me = me.header(
        "authorization",
        format!("Bearer {}", text(&session["token"])),
    );
    assert_eq!(me.await.expect(200).json()["name"], "Anna");
    let kept: i64 = sqlx::query_scalar(
        "select count(*) from vault.keys where member = $1 and wrapped is not null",
    )
    .bind(
        text(&session["member"]["id"])
            .parse::<uuid::Uuid>()
            .unwrap(),
    )
    .fetch_one(&site.vault)
    .await
    .unwrap();
    assert_eq!(kept, 2);
    site.end().await;
}
