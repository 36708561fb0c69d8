//! `/reviews/{review}/comments` and `/comments`.

use serde_json::json;
use tests::site::{Site, parasite, text};

use super::{invalid, not_found, unauthenticated, walk, wrong};

#[tokio::test]
async fn a_comment_is_posted_edited_and_retracted() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let under = format!("/api/v1/reviews/{review}/comments");
    let said = json!({ "text": " Which *stairs*? " });
    let posted = site.post(&under).by(&bob).json(&said).await.expect(201);
    let comment = posted.json();
    let path = format!("/api/v1/comments/{}", text(&comment["id"]));
    assert_eq!(posted.header("location"), path);
    assert_eq!(comment["text"], "Which *stairs*?");
    assert!(text(&comment["text_html"]).contains("<em>stairs</em>"));
    assert_eq!(comment["member"], json!({ "id": bob.id, "name": "Bob" }));
    assert_eq!(
        (&comment["review"], &comment["edited_at"]),
        (&json!(review), &json!(null))
    );
    assert_eq!(site.get(&path).await.expect(200).json(), comment);
    let shown = site
        .get(format!("/api/v1/reviews/{review}"))
        .await
        .expect(200)
        .json();
    assert_eq!(shown["comments"], 1);

    let edited = site
        .patch(&path)
        .by(&bob)
        .json(&json!({ "text": "All of them." }))
        .await;
    let edited = edited.expect(200).json();
    assert_eq!(
        (&edited["text"], &edited["id"]),
        (&json!("All of them."), &comment["id"])
    );
    assert!(edited["edited_at"].is_string());
    let events = site.events().await;
    site.patch(&path)
        .by(&bob)
        .json(&json!({ "text": "All of them." }))
        .await
        .expect(200);
    assert_eq!(site.events().await, events);

    let gone = site.delete(&path).by(&bob).await.expect(204);
    let after = site
        .get(&path)
        .header("reeltime-position", gone.position())
        .await;
    assert_eq!(after.problem(), not_found());
    site.delete(&path).by(&bob).await.expect(204);
    let late = site
        .patch(&path)
        .by(&bob)
        .json(&json!({ "text": "Wait." }))
        .await;
    assert_eq!(late.problem(), not_found());
    assert_eq!(walk(&site, &under, 5).await, [""; 0]);
    site.end().await;
}

#[tokio::test]
async fn a_comment_is_its_authors_alone() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let comment = site.comment(&bob, &review, "Which stairs?").await;
    let path = format!("/api/v1/comments/{comment}");
    let edit = json!({ "text": "I am wrong." });
    assert_eq!(
        site.patch(&path).by(&ann).json(&edit).await.problem(),
        not_found()
    );
    assert_eq!(site.delete(&path).by(&ann).await.problem(), not_found());
    assert_eq!(
        site.patch(&path).json(&edit).await.problem(),
        unauthenticated()
    );
    assert_eq!(site.delete(&path).await.problem(), unauthenticated());
    let under = format!("/api/v1/reviews/{review}/comments");
    assert_eq!(
        site.post(under).json(&edit).await.problem(),
        unauthenticated()
    );
    for id in ["00000000-0000-0000-0000-000000000000", "x"] {
        let path = format!("/api/v1/comments/{id}");
        assert_eq!(site.get(&path).await.problem(), not_found());
        assert_eq!(
            site.patch(&path).by(&ann).json(&edit).await.problem(),
            not_found()
        );
        assert_eq!(site.delete(&path).by(&ann).await.problem(), not_found());
    }
    site.end().await;
}

#[tokio::test]
async fn a_comment_has_rules() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let review = site.review(&ann, parasite()).await;
    let path = format!("/api/v1/reviews/{review}/comments");
    let long = "충".repeat(2_001);
    for (said, code) in [
        (json!({}), "error-comment-empty"),
        (json!({ "text": " \n " }), "error-comment-empty"),
        (json!({ "text": long }), "error-comment-too-long"),
        (json!({ "text": "\u{7}" }), "error-characters"),
    ] {
        let answer = site.post(&path).by(&ann).json(&said).await;
        assert_eq!(answer.problem(), invalid());
        assert_eq!(answer.errors(), [wrong("text", code)]);
    }
    let longest = json!({ "text": "충".repeat(2_000) });
    site.post(&path).by(&ann).json(&longest).await.expect(201);
    site.end().await;
}

#[tokio::test]
async fn comments_come_oldest_first_and_each_once() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let mut said = Vec::new();
    for n in 0..7 {
        let member = if n % 2 == 0 { &ann } else { &bob };
        said.push(site.comment(member, &review, &format!("Number {n}.")).await);
    }
    let path = format!("/api/v1/reviews/{review}/comments");
    for limit in [1, 3, 7, 8] {
        assert_eq!(walk(&site, &path, limit).await, said);
    }
    site.end().await;
}
