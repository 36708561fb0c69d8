//! Whoever asks too often.

use std::num::NonZeroU32;

use serde_json::json;
use tests::site::{Site, generous, new_member, parasite};
use web::limits::Allowances;

use super::{own_review, put_bytes};

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
