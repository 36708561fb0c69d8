//! What all forms have in common.

use std::num::NonZeroU32;

use tests::site::{Site, generous, parasite};
use web::limits::Allowances;

use super::browser::{Browser, PASSWORD, hidden};

#[tokio::test(flavor = "multi_thread")]
async fn who_is_too_quick_keeps_what_they_typed_and_hears_when_to_come_back() {
    let allowances = Allowances {
        member_writes_per_minute: NonZeroU32::new(1).unwrap(),
        ..generous()
    };
    let site = Site::start_with(allowances).await;
    let mut ann = Browser::of(&site, "Ann").await;
    let page = format!("/films/{}/review", parasite());
    ann.fill(&page, &[("rating", "4"), ("text", "Rain.")]).await;
    let command = hidden(&ann.get(&page).await.form(&page), "command");
    let typed = [
        ("rating", "4"),
        ("text", "Snow."),
        ("command", command.as_str()),
    ];
    let shown = ann.post(&page, &typed).await;
    assert_eq!(shown.status, 429);
    assert!(shown.html.contains("Snow."));
    assert_eq!(hidden(&shown.form(&page), "command"), command);
    assert!(!shown.answer.header("retry-after").is_empty());
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_passwords_is_slowed_down() {
    let allowances = Allowances {
        sign_ins_per_minute: NonZeroU32::new(2).unwrap(),
        ..generous()
    };
    let site = Site::start_with(allowances).await;
    let ann = site.ann().await;
    let mut stranger = Browser::new(&site).await;
    for status in [422, 422, 429, 429] {
        let typed = [("email", ann.email.as_str()), ("password", "a guess")];
        let shown = stranger.fill("/sign-in", &typed).await;
        assert_eq!(shown.status, status);
        assert!(shown.html.contains(&ann.email));
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_forms_are_turned_away() {
    let site = Site::start().await;
    let ann = Browser::of(&site, "Ann").await;
    let session = ann.cookie("session").unwrap();
    let answer = site
        .post("/settings/withdraw")
        .header("cookie", format!("session={session}"))
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example")
        .body(
            "application/x-www-form-urlencoded",
            format!("password={PASSWORD}"),
        )
        .await
        .expect(403);
    assert!(
        answer
            .text()
            .contains("This request came from another site")
    );
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_forms_are_clear_errors() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let review = ann.review(parasite(), "4", "Rain.").await;
    let cookie = format!("session={}", ann.cookie("session").unwrap());
    let pages = [
        "/sign-in",
        "/sign-up",
        "/settings",
        &format!("{review}/comments"),
    ];
    for page in pages {
        for (body, status) in [("text=%FF", 400), ("text=a%00b", 422), ("%=%&&&==", 422)] {
            let asking = site.post(page).header("cookie", &cookie);
            let answer = asking.body("application/x-www-form-urlencoded", body).await;
            assert_eq!(answer.status, status, "{page} {body}: {}", answer.text());
        }
        let answer = site
            .post(page)
            .header("cookie", &cookie)
            .body("text/plain", "x")
            .await;
        assert_eq!(answer.status, 415, "{page}");
    }
    let mut stranger = Browser::new(&site).await;
    stranger.set_cookie("session", "nonsense");
    stranger.set_cookie("position", "-7");
    stranger.set_cookie("flash", "<script>");
    stranger.get("/").await.shows("Join Reeltime");
    site.end().await;
}
