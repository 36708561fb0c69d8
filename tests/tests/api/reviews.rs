//! `/reviews` and `/films/{film}/review`: what members think of films.

use serde_json::json;
use tests::site::{Site, parasite, ratatouille, seopyeonje, text};

use super::{invalid, not_found, unauthenticated, walk, wrong};

fn own(film: domain::FilmId) -> String {
    format!("/api/v1/films/{film}/review")
}

#[tokio::test]
async fn a_review_is_posted_once_and_then_edited() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let path = own(parasite());
    assert_eq!(site.get(&path).by(&ann).await.problem(), not_found());

    let said = json!({ "rating": 4.5, "text": "**Stairs**, <b>everywhere</b>.", "spoiler": true });
    let posted = site.put(&path).by(&ann).json(&said).await.expect(201);
    let review = posted.json();
    assert_eq!(
        posted.header("location"),
        format!("/api/v1/reviews/{}", text(&review["id"]))
    );
    assert_eq!(
        (&review["rating"], &review["spoiler"]),
        (&json!(4.5), &json!(true))
    );
    assert_eq!(review["text"], said["text"]);
    let html = text(&review["text_html"]);
    assert!(
        html.contains("<strong>Stairs</strong>") && html.contains("&lt;b&gt;"),
        "{html}"
    );
    assert_eq!(review["member"], json!({ "id": ann.id, "name": "Ann" }));
    assert_eq!(
        review["film"]["title"],
        json!({ "en": "Parasite", "ko": "기생충" })
    );
    assert_eq!(
        (&review["likes"], &review["comments"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(
        (&review["liked"], &review["edited_at"]),
        (&json!(false), &json!(null))
    );
    assert!(text(&review["posted_at"]).ends_with('Z'));

    let rerated = site
        .put(&path)
        .by(&ann)
        .json(&json!({ "rating": 5 }))
        .await
        .expect(200)
        .json();
    assert_eq!(rerated["id"], review["id"]);
    assert_eq!(
        (&rerated["rating"], &rerated["text"]),
        (&json!(5.0), &json!(null))
    );
    assert_eq!(
        (&rerated["text_html"], &rerated["spoiler"]),
        (&json!(null), &json!(false))
    );
    assert!(rerated["edited_at"].is_string());

    let events = site.events().await;
    let same = site
        .put(&path)
        .by(&ann)
        .json(&json!({ "rating": 5 }))
        .await
        .expect(200)
        .json();
    assert_eq!((same, site.events().await), (rerated.clone(), events));
    assert_eq!(site.get(&path).by(&ann).await.expect(200).json(), rerated);
    let shown = site.get(posted.header("location")).await.expect(200).json();
    assert_eq!(shown, rerated);
    site.end().await;
}

#[tokio::test]
async fn a_review_has_rules() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let events = site.events().await;
    let put = |body| site.put(own(parasite())).by(&ann).json(&body);
    for rating in [3.7, 0.0, 0.25, 5.5, -1.0, 1e300] {
        let answer = put(json!({ "rating": rating })).await;
        assert_eq!(answer.problem(), invalid());
        assert_eq!(
            answer.errors(),
            [wrong("rating", "error-rating")],
            "{rating}"
        );
    }
    let all = put(json!({ "text": "충".repeat(10_001) })).await;
    let expected = [
        wrong("rating", "error-rating-missing"),
        wrong("text", "error-review-too-long"),
    ];
    assert_eq!(all.errors(), expected);
    let escape = put(json!({ "rating": 4, "text": "\u{1b}[31m" })).await;
    assert_eq!(escape.errors(), [wrong("text", "error-characters")]);
    for body in [
        json!({ "rating": "four" }),
        json!({ "rating": [4] }),
        json!({ "rating": 4, "text": 7 }),
        json!({ "rating": 4, "spoiler": "yes" }),
        json!({ "rating": 4, "stars": 4 }),
        json!([4]),
        json!(null),
    ] {
        assert_eq!(put(body.clone()).await.problem(), invalid(), "{body}");
    }
    assert_eq!(site.events().await, events);
    let longest = "😀".repeat(10_000);
    put(json!({ "rating": 4, "text": longest }))
        .await
        .expect(201);
    site.end().await;
}

#[tokio::test]
async fn a_review_is_its_authors_to_retract() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let review = site.review(&ann, parasite()).await;
    let comment = site.comment(&bob, &review, "Which stairs?").await;
    let path = format!("/api/v1/reviews/{review}");
    site.like(&bob, &review).await;
    assert_eq!(site.delete(&path).by(&bob).await.problem(), not_found());
    assert_eq!(site.delete(&path).await.problem(), unauthenticated());

    let gone = site.delete(&path).by(&ann).await.expect(204);
    let at = |path: &str| site.get(path).header("reeltime-position", gone.position());
    for path in [path.as_str(), &format!("{path}/comments"), &own(parasite())] {
        assert_eq!(at(path).by(&ann).await.problem(), not_found(), "{path}");
    }
    assert_eq!(
        at(&format!("/api/v1/comments/{comment}")).await.problem(),
        not_found()
    );
    let events = site.events().await;
    site.delete(&path).by(&ann).await.expect(204);
    assert_eq!(site.events().await, events);

    let again = site
        .put(own(parasite()))
        .by(&ann)
        .json(&json!({ "rating": 1 }))
        .await;
    let again = again.expect(201).json();
    assert_eq!(
        (&again["id"], &again["likes"]),
        (&json!(review), &json!(0)),
        "a new posting"
    );
    assert_eq!(again["comments"], 0);
    site.end().await;
}

#[tokio::test]
async fn reviews_are_listed_newest_or_best_liked_first_and_each_once() {
    let site = Site::start().await;
    let members = [
        site.ann().await,
        site.bob().await,
        site.sign_up("Cho").await,
    ];
    let mut reviews = Vec::new();
    for member in &members {
        reviews.push(site.review(member, parasite()).await);
    }
    let other = site.review(&members[0], ratatouille()).await;
    site.like(&members[0], &reviews[1]).await;

    let newest = [&reviews[2], &reviews[1], &reviews[0]].map(String::clone);
    let best_liked = [&reviews[1], &reviews[2], &reviews[0]].map(String::clone);
    let everywhere = [&other, &reviews[2], &reviews[1], &reviews[0]].map(String::clone);
    let path = format!("/api/v1/films/{}/reviews", parasite());
    for limit in [1, 2, 3, 50] {
        assert_eq!(walk(&site, &path, limit).await, newest);
        assert_eq!(
            walk(&site, &format!("{path}?sort=newest"), limit).await,
            newest
        );
        assert_eq!(
            walk(&site, &format!("{path}?sort=best-liked"), limit).await,
            best_liked
        );
        assert_eq!(walk(&site, "/api/v1/reviews", limit).await, everywhere);
    }
    let liked = site.get(&path).by(&members[0]).await.expect(200).json();
    let liked: Vec<_> = liked["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["liked"])
        .collect();
    assert_eq!(liked, [false, true, false]);
    let none = format!("/api/v1/films/{}/reviews", seopyeonje());
    assert_eq!(walk(&site, &none, 5).await, [""; 0]);
    site.end().await;
}

#[tokio::test]
async fn a_review_that_is_none_is_not_found() {
    let site = Site::start().await;
    let ann = site.ann().await;
    for id in ["00000000-0000-0000-0000-000000000000", "latest", "1"] {
        let path = format!("/api/v1/reviews/{id}");
        for (method, path) in [
            ("GET", path.clone()),
            ("DELETE", path.clone()),
            ("PUT", format!("{path}/like")),
            ("DELETE", format!("{path}/like")),
            ("GET", format!("{path}/comments")),
        ] {
            let answer = site.ask(method, &path).by(&ann).await;
            assert_eq!(answer.problem(), not_found(), "{method} {path}");
        }
        let answer = site.post(format!("{path}/comments")).by(&ann);
        assert_eq!(
            answer.json(&json!({ "text": "Hello?" })).await.problem(),
            not_found()
        );
    }
    site.end().await;
}
