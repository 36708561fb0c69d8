//! `/me`: profile, password, withdrawing.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;
use tests::site::{Site, parasite, text};
use tokio::time::Instant;

use super::{invalid, unauthenticated, walk, wrong};

#[tokio::test]
async fn a_profile_is_changed_part_by_part() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let change = json!({ "about": " I stay for\r\nthe credits. " });
    let me = site
        .patch("/api/v1/me")
        .by(&ann)
        .json(&change)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&me["name"], &me["about"]),
        (&json!("Ann"), &json!("I stay for\nthe credits."))
    );

    let change = json!({ "name": "앤디", "language": "ko", "about": null });
    let answer = site
        .patch("/api/v1/me")
        .by(&ann)
        .json(&change)
        .await
        .expect(200);
    let me = answer.json();
    assert_eq!(
        (&me["name"], &me["language"]),
        (&json!("앤디"), &json!("ko"))
    );
    assert_eq!(me["about"], "I stay for\nthe credits.");
    let seen = site
        .get(format!("/api/v1/members/{}", ann.id))
        .header("reeltime-position", answer.position())
        .await
        .expect(200);
    assert_eq!(seen.json()["name"], "앤디");

    let events = site.events().await;
    let same = site
        .patch("/api/v1/me")
        .by(&ann)
        .json(&change)
        .await
        .expect(200);
    assert_eq!(same.json(), me);
    let nothing = site
        .patch("/api/v1/me")
        .by(&ann)
        .json(&json!({}))
        .await
        .expect(200);
    assert_eq!(nothing.json(), me);
    assert_eq!(site.events().await, events, "nothing was changed");
    assert_eq!(site.get("/api/v1/me").by(&ann).await.expect(200).json(), me);
    site.end().await;
}

#[tokio::test]
async fn a_name_that_was_given_up_is_kept_for_a_month_and_free_then() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let rename = |member, name: &str| {
        site.patch("/api/v1/me")
            .by(member)
            .json(&json!({ "name": name }))
    };
    let taken = rename(&bob, "ANN").await;
    assert_eq!(taken.problem(), (409, "name-taken".to_owned()));
    rename(&ann, "ANN").await.expect(200);
    rename(&ann, "Anna").await.expect(200);
    let kept = rename(&bob, "Ann").await;
    assert_eq!(kept.problem(), (409, "name-taken".to_owned()));
    rename(&ann, "Ann").await.expect(200);
    rename(&ann, "Anna").await.expect(200);

    site.project().await;
    let in_a_month: event_log::Clock =
        Arc::new(|| web::fresh::now() + commands::name::KEPT + TimeDelta::minutes(1));
    let every = Duration::from_millis(20);
    let letting_go = web::reactors::let_names_go(&site.app, in_a_month, every);
    let deadline = Instant::now() + Duration::from_secs(20);
    while rename(&bob, "Ann").await.status != 200 {
        assert!(Instant::now() < deadline, "the name is never let go");
        tokio::time::sleep(every).await;
    }
    drop(letting_go);
    rename(&ann, "Ann").await.expect(409);
    site.end().await;
}

#[tokio::test]
async fn a_profile_has_rules() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let all = json!({ "name": "", "about": "a".repeat(1_001), "language": "English" });
    let answer = site.patch("/api/v1/me").by(&ann).json(&all).await;
    assert_eq!(answer.problem(), invalid());
    assert_eq!(
        answer.errors(),
        [
            wrong("name", "error-required"),
            wrong("about", "error-about-too-long"),
            wrong("language", "error-language"),
        ]
    );
    let unknown = json!({ "email": "other@example.org" });
    assert_eq!(
        site.patch("/api/v1/me")
            .by(&ann)
            .json(&unknown)
            .await
            .problem(),
        invalid()
    );
    for method in ["GET", "PATCH", "DELETE"] {
        let answer = site.ask(method, "/api/v1/me").json(&json!({})).await;
        assert_eq!(answer.problem(), unauthenticated());
    }
    site.end().await;
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let sign_in = |password: &str| {
        let body = json!({ "email": ann.email, "password": password });
        site.post("/api/v1/sessions").json(&body)
    };
    let elsewhere = sign_in(&ann.password).await.expect(201).json();
    let elsewhere = format!("Bearer {}", text(&elsewhere["token"]));
    let change = json!({ "current_password": ann.password, "new_password": "자막은 끝까지 본다" });
    let ask = || {
        let asking = site.put("/api/v1/me/password").by(&ann).json(&change);
        asking.header("idempotency-key", "change-1")
    };
    let first = ask().await.expect(204);
    site.get("/api/v1/me")
        .header("authorization", &elsewhere)
        .await
        .expect(401);
    site.get("/api/v1/me").by(&ann).await.expect(200);
    sign_in(&ann.password).await.expect(401);
    sign_in("자막은 끝까지 본다").await.expect(201);

    let events = site.events().await;
    let again = ask().await.expect(204);
    assert_eq!(
        (again.position(), site.events().await),
        (first.position(), events)
    );
    site.end().await;
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let ask = |current: &str, new: &str| {
        let change = json!({ "current_password": current, "new_password": new });
        site.put("/api/v1/me/password").by(&ann).json(&change)
    };
    let guessed = ask("a wrong guess", "another password").await;
    assert_eq!(guessed.problem(), invalid());
    assert_eq!(
        guessed.errors(),
        [wrong("current_password", "error-password-wrong")]
    );
    let short = ask(&ann.password, "short").await;
    assert_eq!(
        short.errors(),
        [wrong("new_password", "error-password-short")]
    );
    site.end().await;
}

#[tokio::test]
async fn what_a_former_member_wrote_stays() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let comment = site.comment(&ann, &review, "More stairs.").await;
    site.like(&bob, &review).await;
    let password = json!({ "password": ann.password });
    let gone = site.delete("/api/v1/me").by(&ann).json(&password).await;
    let position = gone.expect(204).position();

    let show = async |path: String| {
        let asking = site.get(path).header("reeltime-position", position);
        asking.await.expect(200).json()
    };
    let member = show(format!("/api/v1/members/{}", ann.id)).await;
    assert_eq!(member["name"], json!(null));
    assert_eq!(member["about"], "");
    let seen = show(format!("/api/v1/reviews/{review}")).await;
    assert_eq!(seen["member"], json!({ "id": ann.id, "name": null }));
    assert_eq!(seen["text"], "Stairs, everywhere.");
    assert_eq!(seen["likes"], 1);
    let seen = show(format!("/api/v1/comments/{comment}")).await;
    assert_eq!(seen["member"]["name"], json!(null));
    let wrote = format!("/api/v1/members/{}/reviews", ann.id);
    assert_eq!(walk(&site, &wrote, 9).await, [review]);
    site.end().await;
}

#[tokio::test]
async fn what_is_taken_along_is_gone_and_says_so() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let comment = site.comment(&ann, &review, "More stairs.").await;
    let bobs = site.comment(&bob, &review, "And rain.").await;
    let body = json!({ "password": ann.password, "forget": "my-words" });
    let unknown = site.delete("/api/v1/me").by(&ann).json(&body).await;
    assert_eq!(
        unknown.expect(422).errors(),
        [wrong("forget", "error-forget")]
    );
    let body = json!({ "password": ann.password, "forget": "everything" });
    let gone = site.delete("/api/v1/me").by(&ann).json(&body).await;
    let position = gone.expect(204).position();

    let show = async |path: String| {
        let asking = site.get(path).header("reeltime-position", position);
        asking.await.expect(200).json()
    };
    let seen = show(format!("/api/v1/reviews/{review}")).await;
    assert_eq!(seen["member"]["name"], json!(null));
    assert_eq!(
        (&seen["text"], &seen["text_html"]),
        (&json!(null), &json!(null))
    );
    assert_eq!(
        (&seen["removed"], &seen["rating"]),
        (&json!(true), &json!(4.0))
    );
    assert_eq!(seen["comments"], 2);
    let seen = show(format!("/api/v1/comments/{comment}")).await;
    assert_eq!(seen["text"], json!(null));
    let seen = show(format!("/api/v1/comments/{bobs}")).await;
    assert_eq!(seen["text"], "And rain.");
    site.end().await;
}

#[tokio::test]
async fn who_has_withdrawn_cannot_come_in() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let credentials = json!({ "email": ann.email, "password": ann.password });
    let sign_in = || site.post("/api/v1/sessions").json(&credentials);
    let elsewhere = sign_in().await.expect(201).json();
    let elsewhere = format!("Bearer {}", text(&elsewhere["token"]));
    let withdraw = |password: &str| {
        let body = json!({ "password": password });
        site.delete("/api/v1/me").by(&ann).json(&body)
    };
    let guessed = withdraw("a wrong guess").await.expect(422);
    let expected = [wrong("password", "error-password-wrong")];
    assert_eq!(guessed.errors(), expected);
    let gone = withdraw(&ann.password).await.expect(204);
    let mut cookies = gone.cookies().into_iter();
    assert!(cookies.any(|cookie| cookie.starts_with("session=;")));

    let me = || site.get("/api/v1/me");
    me().by(&ann).await.expect(401);
    me().header("authorization", elsewhere).await.expect(401);
    sign_in().await.expect(401);
    let again = site.sign_up("Ann").await;
    assert_ne!(again.id, ann.id, "the name is free again");
    site.end().await;
}
