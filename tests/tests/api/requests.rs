//! What holds for all requests: bad input, repeated writes, positions, ETags, other sites.

use std::num::NonZeroU32;

use axum::body::Body;
use serde_json::{Value, json};
use tests::site::{Answer, Member, Site, generous, new_member, parasite, ratatouille, text};
use web::limits::Allowances;

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

/// Also what is refused before anybody looks at what was asked.
#[tokio::test]
async fn writes_that_nobody_may_ask_for_are_counted_too() {
    let site = Site::start_with(Allowances {
        writes_per_minute: NonZeroU32::new(3).unwrap(),
        ..generous()
    })
    .await;
    let made_up = || {
        let asked = site.put("/api/v1/me/password").json(&json!({}));
        asked.header("authorization", "Bearer made-up")
    };
    for _ in 0..3 {
        made_up().await.expect(401);
    }
    made_up().await.expect(429);
    site.post("/films").await.expect(429);
    site.get("/films").await.expect(200);
    site.end().await;
}

#[tokio::test]
async fn writes_and_sign_ups_of_one_address_are_limited() {
    let three = NonZeroU32::new(3).unwrap();
    let writes = Allowances {
        writes_per_minute: three,
        ..generous()
    };
    let site = Site::start_with(writes).await;
    let ann = site.ann().await;
    let reset = || {
        let unknown = json!({ "email": "nobody@example.org" });
        site.post("/api/v1/password-resets").json(&unknown)
    };
    for _ in 0..2 {
        assert!(reset().await.status.is_success());
    }
    let refused = reset().await;
    assert_eq!(refused.problem(), (429, "too-many-requests".to_owned()));
    assert!(!refused.header("retry-after").is_empty());
    // many share an address: who is signed in is not concerned
    site.review(&ann, parasite()).await;
    site.end().await;

    let sign_ups = Allowances {
        sign_ups_per_hour: three,
        ..generous()
    };
    let site = Site::start_with(sign_ups).await;
    for _ in 0..3 {
        site.sign_up(&format!("m{}", tests::new_id().as_u64_pair().1))
            .await;
    }
    site.post("/api/v1/members")
        .json(&new_member("Late"))
        .await
        .expect(429);
    site.end().await;
}

#[tokio::test]
async fn an_answer_says_how_often_one_may_ask_and_a_refusal_when_again() {
    let two = NonZeroU32::new(2).unwrap();
    let site = Site::start_with(Allowances {
        member_reads_per_minute: two,
        ..generous()
    })
    .await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let me = || site.get("/api/v1/me").by(&ann);
    let first = me().await.expect(200);
    let policy = r#""member-reads";q=2;w=60"#;
    assert_eq!(first.header("ratelimit-policy"), policy);
    assert_eq!(first.header("ratelimit"), r#""member-reads";r=1;t=30"#);
    me().await.expect(200);
    let refused = me().await;
    assert_eq!(refused.problem(), (429, "too-many-requests".to_owned()));
    let again = refused.header("retry-after");
    let told = format!(r#""member-reads";r=0;t={again}"#);
    assert_eq!(refused.header("ratelimit"), told);
    // from wherever they ask, a page or the API; others are not concerned
    let page = site
        .get("/films")
        .header("cookie", format!("session={}", ann.token));
    assert_eq!(page.await.status, 429);
    site.get("/api/v1/me").by(&bob).await.expect(200);
    let stranger = site.get("/api/v1/films").await.expect(200);
    let policy = r#""reads";q=1000000;w=60"#;
    assert_eq!(stranger.header("ratelimit-policy"), policy);
    site.end().await;
}

#[tokio::test]
async fn a_members_writes_are_limited_and_strangers_reads() {
    let two = NonZeroU32::new(2).unwrap();
    let site = Site::start_with(Allowances {
        member_writes_per_minute: two,
        ..generous()
    })
    .await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let put = |member| {
        let rated = json!({ "rating": 3 });
        site.put(own_review()).by(member).json(&rated)
    };
    put(&ann).await.expect(201);
    put(&ann).await.expect(200);
    assert_eq!(put(&ann).await.status, 429);
    put(&bob).await.expect(201);
    site.get("/api/v1/me").by(&ann).await.expect(200);
    site.end().await;

    let site = Site::start_with(Allowances {
        reads_per_minute: two,
        ..generous()
    })
    .await;
    let ann = site.ann().await;
    site.get("/api/v1/films").await.expect(200);
    site.get("/films").await.expect(200);
    assert_eq!(site.get("/films").await.status, 429);
    site.get("/api/v1/me").by(&ann).await.expect(200);
    // what a page needs besides is no reading, nor is what a machine asks
    site.get("/assets/none/app.css").await.expect(200);
    site.get("/health/live").await.expect(200);
    put_bytes(&site, &ann, "application/json", r#"{"rating": 4}"#)
        .await
        .expect(201);
    site.end().await;
}
