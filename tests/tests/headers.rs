//! What every answer of the site tells browsers, word for word.

use serde_json::json;
use tests::site::{Answer, Site, parasite, text};
use web::form_token;

/// Name and value.
const PROMISED: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-permitted-cross-domain-policies", "none"),
    (
        "permissions-policy",
        "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), \
         display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), \
         gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), \
         microphone=(), midi=(), payment=(), picture-in-picture=(), screen-wake-lock=(), \
         serial=(), usb=(), window-management=(), xr-spatial-tracking=()",
    ),
];
/// A page may show pictures of one host more.
const POLICY: [&str; 11] = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
];

#[track_caller]
fn check(path: &str, answer: &Answer) {
    for (name, value) in PROMISED {
        assert_eq!(answer.header(name), value, "{path} {name}");
    }
    let policy: Vec<&str> = answer
        .header("content-security-policy")
        .split("; ")
        .collect();
    assert_eq!(policy.len(), POLICY.len(), "{path}: {policy:?}");
    for (said, promised) in policy.iter().zip(POLICY) {
        let more = said
            .strip_prefix(promised)
            .unwrap_or_else(|| panic!("{path}: {said}"));
        let is_picture = promised.starts_with("img-src") && more.starts_with(" https://");
        assert!(more.is_empty() || is_picture, "{path}: {said}");
    }
    assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    assert!(!answer.header("x-request-id").is_empty(), "{path}");
}

#[tokio::test]
async fn every_answer_says_what_a_browser_must_not_do() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let review = site.review(&ann, parasite()).await;
    let film = format!("/films/{}", parasite());
    let own = format!("/reviews/{review}");
    for path in [
        "/",
        &film,
        &own,
        "/films",
        "/search?q=rain",
        "/sign-in",
        "/sign-up",
        "/settings",
        "/nowhere",
        "/assets/none/app.js",
        "/health/live",
        "/api/v1/films",
        "/api/v1/me",
        "/api/v1/openapi.json",
        "/api/v1/nothing",
        "/me/export",
    ] {
        check(path, &site.get(path).await);
        check(path, &site.get(path).by(&ann).await);
    }
    let crossing = site
        .post("/settings/withdraw")
        .header("sec-fetch-site", "cross-site");
    let crossing = crossing.body("application/x-www-form-urlencoded", "password=x");
    check("another site's form", &crossing.await.expect(403));
    check("a wrong method", &site.delete("/films").await.expect(405));
    site.end().await;
}

#[tokio::test]
async fn what_is_somebodys_own_is_kept_nowhere() {
    let site = Site::start().await;
    let ann = site.ann().await;
    for path in [
        "/settings",
        "/settings/sessions",
        "/me/history",
        "/notifications",
        "/api/v1/me",
        "/api/v1/me/sessions",
        "/api/v1/notifications",
        "/api/v1/me/events",
    ] {
        let answer = site.get(path).by(&ann).await.expect(200);
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    // what everybody sees is asked for again
    let films = site.get("/films").by(&ann).await.expect(200);
    assert_eq!(films.header("cache-control"), "private, no-cache");
    site.end().await;
}

#[tokio::test]
async fn what_is_said_in_a_room_by_invitation_is_kept_nowhere() {
    let site = Site::start().await;
    let ann = site.ann().await;
    let film = parasite().to_string();
    for (admission, kept) in [("public", "private, no-cache"), ("invitation", "no-store")] {
        let room = json!({"name": "Stairs", "admission": admission, "film": film});
        let opened = site.post("/api/v1/rooms").by(&ann).json(&room).await;
        let room = text(&opened.expect(201).json()["id"]);
        site.project().await;
        for path in [
            format!("/rooms/{room}"),
            format!("/api/v1/rooms/{room}"),
            format!("/api/v1/rooms/{room}/messages"),
            format!("/api/v1/rooms/{room}/members"),
            // which it is on
            "/rooms?sort=mine".to_owned(),
            "/api/v1/rooms?sort=newest".to_owned(),
            format!("/films/{film}"),
        ] {
            let shown = site.get(&path).by(&ann).await.expect(200);
            assert_eq!(shown.header("cache-control"), kept, "{admission}: {path}");
        }
        let events = site.get(format!("/api/v1/rooms/{room}/events")).by(&ann);
        let events = events.await.expect(200);
        assert_eq!(events.header("cache-control"), "no-store", "{admission}");
    }
    site.end().await;
}

#[tokio::test]
async fn a_browser_that_signs_out_is_told_to_forget() {
    let site = Site::start().await;
    let (ann, bob) = (site.ann().await, site.bob().await);
    let form = "application/x-www-form-urlencoded";
    let cookie = format!("session={}", ann.token);
    let page = site
        .post("/sign-out")
        .header("cookie", cookie)
        .header("sec-fetch-site", "same-origin")
        .body(
            form,
            format!("form_token={}", form_token::make(ann.token.as_bytes())),
        );
    let api = site.delete("/api/v1/sessions/current").by(&bob);
    for answer in [page.await.expect(303), api.await.expect(204)] {
        assert_eq!(answer.header("clear-site-data"), r#""storage""#);
        assert!(
            answer
                .cookies()
                .iter()
                .any(|cookie| cookie.starts_with("session=;"))
        );
    }
    site.end().await;
}
