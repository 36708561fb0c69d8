//! What a member is told, in words; and the bell that counts it.

use tests::site::{Site, parasite};

use super::browser::{Browser, hidden};

#[tokio::test]
async fn the_page_tells_it_in_words_and_the_bell_counts_it() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let review = ann.review(parasite(), "4", "Stairs.").await;
    let id = review.trim_start_matches("/reviews/");
    let (bob, carl) = (site.bob().await, site.sign_up("Carl").await);
    let dora = site.sign_up("Dora").await;
    for member in [&bob, &carl, &dora] {
        site.like(member, id).await;
    }
    let comment = site.comment(&carl, id, "Which *stairs*?").await;
    ann.catch_up().await;
    ann.get("/").await.shows("Notifications: 2 new");
    let page = ann.get("/notifications").await;
    page.shows("Dora, Carl and 1 other liked your review of Parasite");
    page.shows("Carl commented on your review of Parasite");
    page.shows("Which stairs?");
    page.shows(&format!("href=\"/comments/{comment}\""));
    page.shows(&format!("href=\"{review}\""));
    ann.post(
        "/language",
        &[("language", "ko"), ("next", "/notifications")],
    )
    .await;
    let page = ann.get("/notifications").await;
    page.shows("Dora 님, Carl 님 외 1명이 내 〈기생충〉 리뷰를 좋아해요");
    let position = hidden(&page.html, "position");
    let seen = [("position", position.as_str())];
    ann.fill_to("/notifications", "/notifications/seen", &seen)
        .await
        .goes_to("/notifications");
    let page = ann.get("/notifications").await;
    page.hides("data-unseen");
    page.hides("bell-count");
    site.end().await;
}
