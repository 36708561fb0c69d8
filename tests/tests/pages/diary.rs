//! The day in a review's form, on its card, and in the diary.

use tests::site::{Site, parasite, ratatouille};

use super::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_typed_is_shown_and_makes_a_diary() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let form = format!("/films/{}/review", parasite());
    let typed = [
        ("rating", "4"),
        ("text", "Rain."),
        ("watched_on", "2026-02-28"),
    ];
    let review = ann.fill(&form, &typed).await.location;
    let shown = ann.get(&review).await;
    shown.shows("watched 28 February 2026");
    ann.get(&form).await.shows("value=\"2026-02-28\"");
    let member = shown.html.split("href=\"/members/").nth(1).unwrap();
    let member = member.split(['"', '?']).next().unwrap();
    let diary = format!("/members/{member}?view=diary");
    let shown = ann.get(&diary).await;
    shown.shows("February 2026");
    shown.shows("Parasite");
    // another month has a heading of its own
    let other = format!("/films/{}/review", ratatouille());
    let typed = [("rating", "3"), ("watched_on", "2025-12-24")];
    ann.fill(&other, &typed).await;
    let shown = ann.get(&diary).await;
    shown.shows("December 2025");
    assert_eq!(shown.count("<section class=\"diary\""), 2);
    let mut korean = Browser::korean(&site).await;
    korean.get(&diary).await.shows("2025년 12월");
    ann.get("/me/history").await.hides("watchedon");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_has_not_come_comes_back_with_the_form() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let form = format!("/films/{}/review", parasite());
    let typed = [("rating", "4"), ("watched_on", "9999-12-31")];
    let shown = ann.fill(&form, &typed).await;
    shown.comes_back_with("This day has not come yet.");
    shown.comes_back_with("value=\"9999-12-31\"");
    site.end().await;
}
