//! What holds for all requests. Here: those that can't be read, and other sites'.

mod again;
mod reads;
mod too_often;

use axum::body::Body;
use serde_json::json;
use tests::site::{Answer, Member, Site, parasite, text};

use super::invalid;

fn own_review() -> String {
    format!("/api/v1/films/{}/review", parasite())
}

async fn put_bytes(site: &Site, member: &Member, media: &str, body: impl Into<Body>) -> Answer {
    site.put(own_review()).by(member).body(media, body).await
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_changes_nothing() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let events = site.events().await;
    let bad_request = (400, "bad-request".to_owned());
    for body in [
        &b"{\"rating\": "[..],
        b"",
        b"rating=4",
        b"{\"rating\": 4, \"text\": \"\xec\xa2\"}",
        b"{\"rating\": NaN}",
        b"{\"rating\": 4} {}",
    ] {
        let answer = put_bytes(&site, &ann, "application/json", body).await;
        assert_eq!(
            answer.problem(),
            bad_request,
            "{}",
            String::from_utf8_lossy(body)
        );
    }
    let nul = br#"{"rating": 4, "text": "a\u0000b"}"#;
    assert_eq!(
        put_bytes(&site, &ann, "application/json", &nul[..])
            .await
            .problem(),
        invalid()
    );
    let lone = br#"{"rating": 4, "text": "\ud800"}"#;
    assert_eq!(
        put_bytes(&site, &ann, "application/json", &lone[..])
            .await
            .status,
        400
    );
    let good = r#"{"rating": 4}"#;
    for media in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "",
        "multipart/form-data",
    ] {
        let answer = put_bytes(&site, &ann, media, good).await;
        assert_eq!(
            answer.problem(),
            (415, "unsupported-media-type".to_owned()),
            "{media}"
        );
    }
    let endless = format!("{{\"rating\": 4, \"text\": \"{}\"}}", "a".repeat(140_000));
    let answer = put_bytes(&site, &ann, "application/json", endless).await;
    assert_eq!(answer.problem(), (413, "payload-too-large".to_owned()));
    let deep = format!("{{\"text\": {}", "[".repeat(100_000));
    assert_eq!(
        put_bytes(&site, &ann, "application/json", deep)
            .await
            .problem(),
        invalid()
    );
    assert_eq!(site.events().await, events);
    put_bytes(&site, &ann, "application/json; charset=utf-8", good)
        .await
        .expect(201);
    site.end().await;
}

#[tokio::test]
async fn lists_refuse_limits_cursors_and_orders_that_are_none() {
    let site = Site::start().await;
    let elsewhere = site
        .get("/api/v1/films?sort=newest&limit=1")
        .await
        .expect(200)
        .json();
    let elsewhere = format!("cursor={}", text(&elsewhere["next"]));
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=ten",
        "limit=1e1",
        "limit=9999999999999999999",
        "cursor=x",
        "cursor=%EC%A2",
        "cursor=bnVsbA==",
        "sort=best",
        "sort=Newest",
        &elsewhere,
    ] {
        let answer = site.get(format!("/api/v1/films?{query}")).await;
        assert_eq!(answer.problem(), (400, "bad-request".to_owned()), "{query}");
    }
    site.get("/api/v1/films?limit=100").await.expect(200);
    site.get("/api/v1/films?cursor=").await.expect(200);
    site.end().await;
}

#[tokio::test]
async fn a_time_that_no_calendar_has_is_a_bad_request() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let opening = site.post("/api/v1/rooms").by(&ann);
    let room = opening.json(&json!({"name": "Stairs"})).await.expect(201);
    let room = text(&room.json()["id"]);
    let messages = format!("/api/v1/rooms/{room}/messages?since=-200000-01-01T00:00:00Z");
    let answer = site.get(messages).by(&ann).await;
    assert_eq!(answer.problem(), (400, "bad-request".to_owned()));
    // a page leaves out what it can't read
    let page = site.get(format!("/rooms/{room}?day=-200000-01-01"));
    assert!(page.by(&ann).await.expect(200).text().contains("Stairs"));
    site.end().await;
}

#[tokio::test]
async fn an_unknown_route_and_a_wrong_method_are_problems() {
    let site = Site::start().await;
    for path in [
        "/api/v1/nothing",
        "/api/v1",
        "/api/v1/films/",
        "/api/v2/films",
    ] {
        assert_eq!(site.get(path).await.problem(), super::not_found(), "{path}");
    }
    let answer = site.delete("/api/v1/films").await;
    assert_eq!(answer.problem(), (405, "method-not-allowed".to_owned()));
    assert!(answer.header("allow").contains("GET"));
    site.end().await;
}

#[tokio::test]
async fn problems_speak_the_language_of_whoever_asks() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let path = "/api/v1/films/none";
    let korean = site
        .get(path)
        .header("accept-language", "ko-KR,en;q=0.5")
        .await;
    assert_eq!(korean.header("content-language"), "ko");
    let body = json!({ "rating": 3.7 });
    let asking = site
        .put(own_review())
        .json(&body)
        .header("accept-language", "ko");
    let hers = asking.by(&ann).await;
    assert_eq!(hers.header("content-language"), "en", "she chose English");
    assert!(text(&hers.json()["errors"][0]["detail"]).contains("half steps"));
    site.end().await;
}

#[tokio::test]
async fn another_sites_page_cannot_write_with_a_members_cookie() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let events = site.events().await;
    let cookie = format!("session={}", ann.token);
    let ask = |site_header: &str, origin: &str| {
        site.put(own_review())
            .header("cookie", &cookie)
            .header("host", "reeltime.example")
            .header("sec-fetch-site", site_header)
            .header("origin", origin)
            .json(&json!({ "rating": 0.5 }))
    };
    let refused = ask("cross-site", "https://evil.example").await;
    assert_eq!(refused.problem(), (403, "cross-site".to_owned()));
    ask("same-site", "https://blog.reeltime.example")
        .await
        .expect(403);
    assert_eq!(site.events().await, events);
    ask("same-origin", "http://reeltime.example")
        .await
        .expect(201);
    site.end().await;
}
