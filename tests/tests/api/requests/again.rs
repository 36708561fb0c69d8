//! Writes that come again under their key.

use serde_json::{Value, json};
use tests::site::{Member, Site, parasite, ratatouille, text};

use super::own_review;

#[tokio::test]
async fn a_write_that_comes_again_is_done_once_and_answered_the_same() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let posting = json!({ "rating": 4, "text": "Stairs." });
    let editing = json!({ "rating": 2 });
    let under = |review: &str| format!("/api/v1/reviews/{review}/comments");
    let ask = async |member: &Member, method: &str, path: &str, body: &Value| {
        let key = format!("{method} {path} {body}");
        let ask = || {
            site.ask(method, path)
                .by(member)
                .json(body)
                .header("idempotency-key", &key)
        };
        let first = ask().await;
        let events = site.events().await;
        let again = ask().await;
        assert!(first.status.is_success(), "{}", first.text());
        assert_eq!(
            (again.status, again.json()),
            (first.status, first.json()),
            "{key}"
        );
        assert_eq!(again.position(), first.position(), "{key}");
        assert_eq!(again.header("location"), first.header("location"), "{key}");
        assert_eq!(site.events().await, events, "{key}");
        first.json()
    };
    let review = text(&ask(&ann, "PUT", &own_review(), &posting).await["id"]);
    ask(&ann, "PUT", &own_review(), &editing).await;
    ask(
        &bob,
        "PUT",
        &format!("/api/v1/reviews/{review}/like"),
        &json!(null),
    )
    .await;
    ask(
        &bob,
        "DELETE",
        &format!("/api/v1/reviews/{review}/like"),
        &json!(null),
    )
    .await;
    let comment = ask(&bob, "POST", &under(&review), &json!({ "text": "Why?" })).await;
    let comment = format!("/api/v1/comments/{}", text(&comment["id"]));
    ask(&bob, "PATCH", &comment, &json!({ "text": "How?" })).await;
    ask(
        &ann,
        "PATCH",
        "/api/v1/me",
        &json!({ "name": "Anna", "about": "Hi." }),
    )
    .await;
    site.end().await;
}

#[tokio::test]
async fn a_key_that_was_used_for_another_write_is_refused() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let reused = (422, "idempotency-key-reused".to_owned());
    let put = |film, rating: f64| {
        let asking = site.put(format!("/api/v1/films/{film}/review")).by(&ann);
        asking
            .json(&json!({ "rating": rating }))
            .header("idempotency-key", "k")
    };
    put(parasite(), 4.0).await.expect(201);
    let events = site.events().await;
    assert_eq!(put(parasite(), 4.5).await.problem(), reused, "another body");
    assert_eq!(
        put(ratatouille(), 4.0).await.problem(),
        reused,
        "another film"
    );
    assert_eq!(site.events().await, events);

    let review = site.review(&bob, parasite()).await;
    let comment = async |member: &Member| {
        let asking = site
            .post(format!("/api/v1/reviews/{review}/comments"))
            .by(member);
        let said = json!({ "text": "Me too." });
        asking
            .json(&said)
            .header("idempotency-key", "k")
            .await
            .expect(201)
            .json()
    };
    // a key is its member's own
    assert_ne!(comment(&ann).await["id"], comment(&bob).await["id"]);
    let long = "k".repeat(256);
    for key in ["", &long] {
        let asking = site
            .put(own_review())
            .by(&ann)
            .json(&json!({ "rating": 1 }));
        let answer = asking.header("idempotency-key", key).await;
        assert_eq!(answer.problem(), (400, "bad-request".to_owned()));
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_of_the_same_write_at_once_are_one() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let review = site.review(&ann, parasite()).await;
    let events = site.events().await;
    let path = format!("/api/v1/reviews/{review}/comments");
    let said = json!({ "text": "Once." });
    let asking = (0..20).map(|_| {
        let asking = site.post(&path).by(&ann).json(&said);
        asking.header("idempotency-key", "once").into_future()
    });
    let answers = futures::future::join_all(asking).await;
    let first = answers[0].json();
    for answer in answers {
        assert_eq!(answer.expect(201).json(), first);
    }
    assert_eq!(site.events().await, events + 1);
    site.end().await;
}
