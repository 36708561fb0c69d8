//! What members wrote.

use tests::site::{Site, parasite, ratatouille};

use super::browser::{Browser, PASSWORD};

#[tokio::test(flavor = "multi_thread")]
async fn a_members_page_shows_what_they_wrote() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let review = ann.review(parasite(), "4", "Rain.").await;
    ann.review(ratatouille(), "5", "Soup.").await;
    let typed = [("text", "Umbrellas.")];
    ann.fill_to(&review, &format!("{review}/comments"), &typed)
        .await;
    let home = ann.get("/").await;
    let own = home.html.split("href=\"/members/").nth(1).unwrap();
    let own = format!("/members/{}", own.split('"').next().unwrap());

    let mut stranger = Browser::new(&site).await;
    let shown = stranger.get(&own).await;
    for text in [
        "Rain.",
        "Soup.",
        "Parasite",
        "Ratatouille",
        "<title>Ann · Reeltime</title>",
    ] {
        shown.shows(text);
    }
    shown.hides("Edit profile");
    let shown = stranger.get(&format!("{own}?view=comments")).await;
    shown.shows("Umbrellas.");
    shown.shows("href=\"/comments/");
    shown.hides("Soup.");
    ann.get(&own).await.shows("Edit profile");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_former_member_wrote_stays_without_their_name() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let review = ann.review(parasite(), "4", "Rain.").await;
    let home = ann.get("/").await;
    let own = home.html.split("href=\"/members/").nth(1).unwrap();
    let own = format!("/members/{}", own.split('"').next().unwrap());
    let leave = "/settings/withdraw";
    let shown = ann.fill(leave, &[("password", "not the password")]).await;
    shown.comes_back_with("That is not your current password.");
    ann.fill(leave, &[("password", PASSWORD)])
        .await
        .goes_to("/");
    assert_eq!(ann.cookie("session"), None);
    let shown = ann.get("/").await;
    shown.shows("Your account is gone.");
    shown.hides("Ann");

    for (page, text) in [(&review, "Rain."), (&own, "Rain.")] {
        let shown = Browser::new(&site).await.get(page).await;
        shown.shows(text);
        shown.shows("a former member");
        shown.hides("Ann");
        Browser::korean(&site)
            .await
            .get(page)
            .await
            .shows("탈퇴한 회원");
    }
    Browser::of(&site, "Ann").await;
    site.end().await;
}
