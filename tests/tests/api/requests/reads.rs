//! Reads that ask for a position, for what changed, or for no content.

use serde_json::json;
use tests::site::{Site, parasite};

use super::own_review;

#[tokio::test]
async fn a_read_shows_at_least_the_position_that_it_asks_for() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let written = site
        .put(own_review())
        .by(&ann)
        .json(&json!({ "rating": 4 }))
        .await
        .expect(201);
    let position = written.position();
    assert_eq!(position, site.events().await);
    let cookie = format!("position={position}");
    assert!(
        written.cookies().iter().any(|c| c.starts_with(&cookie)),
        "{:?}",
        written.cookies()
    );

    let read = site
        .get("/api/v1/reviews")
        .header("reeltime-position", position)
        .await;
    assert!(read.position() >= position);
    assert_eq!(
        read.expect(200).json()["items"].as_array().unwrap().len(),
        1
    );
    site.get("/api/v1/reviews")
        .header("cookie", &cookie)
        .await
        .expect(200);

    // what nobody has written is not waited for
    let future = site
        .get("/api/v1/reviews")
        .header("reeltime-position", position + 1)
        .into_future();
    let future = tokio::time::timeout(projections::PATIENCE, future).await;
    let future = future.expect("an answer at once");
    assert_eq!(future.problem(), (503, "busy".to_owned()));
    assert!(!future.header("retry-after").is_empty());
    let hers = site
        .get("/api/v1/me")
        .by(&ann)
        .header("reeltime-position", position + 1)
        .await;
    assert_eq!(hers.status, 503);
    for nonsense in ["latest", "-", "1.5", ""] {
        let answer = site
            .get("/api/v1/reviews")
            .header("reeltime-position", nonsense)
            .await;
        assert_eq!(
            answer.problem(),
            (400, "bad-request".to_owned()),
            "{nonsense}"
        );
    }
    site.end().await;
}

#[tokio::test]
async fn a_client_that_has_the_answer_is_told_so() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let path = format!("/api/v1/films/{}", parasite());
    let first = site.get(&path).await.expect(200);
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let vary = first.headers.get_all("vary").iter();
    let vary: Vec<_> = vary
        .map(|value| value.to_str().unwrap().to_lowercase())
        .collect();
    let vary = vary.join(", ");
    for name in ["accept-language", "cookie", "authorization"] {
        assert!(vary.contains(name), "{vary}");
    }

    let known = site
        .get(&path)
        .header("if-none-match", format!("\"x\", {tag}"))
        .await
        .expect(304);
    assert!(known.body.is_empty());
    assert_eq!(known.header("etag"), tag);
    assert_eq!(known.header("cache-control"), "private, no-cache");
    let signed_in = site.get(&path).by(&ann).header("if-none-match", &tag).await;
    assert_eq!(signed_in.status, 304, "a film is the same for all");
    site.review(&ann, parasite()).await;
    let changed = site
        .get(&path)
        .header("if-none-match", &tag)
        .await
        .expect(200);
    assert_ne!(changed.header("etag"), tag);
    let missing = site
        .get("/api/v1/films/none")
        .header("if-none-match", "*")
        .await
        .expect(404);
    assert_eq!(missing.header("etag"), "");
    site.end().await;
}

#[tokio::test]
async fn head_answers_like_get_without_the_content() {
    let site = Site::start().await;
    let path = format!("/api/v1/films/{}", parasite());
    let get = site.get(&path).await.expect(200);
    let head = site.ask("HEAD", &path).await.expect(200);
    assert!(head.body.is_empty());
    for name in [
        "etag",
        "content-type",
        "content-length",
        "reeltime-position",
    ] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    let known = site
        .ask("HEAD", &path)
        .header("if-none-match", get.header("etag"))
        .await;
    assert_eq!(known.status, 304);
    assert_eq!(site.ask("HEAD", "/api/v1/films/none").await.status, 404);
    site.end().await;
}
