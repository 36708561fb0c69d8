//! What members wrote.

use tests::site::{Site, parasite, ratatouille};

use super::browser::{Browser, PASSWORD};

#[tokio::test(flavor = "multi_thread")]
async fn a_members_page_shows_what_they_wrote() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let review = ann.review(parasite(), "5", "Rain.").await;
    ann.review(ratatouille(), "4", "Soup.").await;
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
    shown.shows("2 films rated");
    shown.shows("<strong>4.5</strong>");
    let place = |html: &str, text| html.find(text).unwrap();
    assert!(place(&shown.html, "Soup.") < place(&shown.html, "Rain."));
    let shown = stranger.get(&format!("{own}?view=best")).await;
    assert!(place(&shown.html, "Rain.") < place(&shown.html, "Soup."));
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
    let shown = ann.fill(leave, &[("password", PASSWORD)]).await;
    shown.comes_back_with("Choose one of the two.");
    let stay = ("forget", "identity");
    let wrong = [("password", "not the password"), stay];
    let shown = ann.fill(leave, &wrong);
    shown
        .await
        .comes_back_with("That is not your current password.");
    ann.fill(leave, &[("password", PASSWORD), stay])
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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_along_leaves_a_place_that_says_why() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let review = ann.review(parasite(), "4", "Rain.").await;
    let mut bob = Browser::of(&site, "Bob").await;
    let comments = format!("{review}/comments");
    bob.fill_to(&review, &comments, &[("text", "Umbrellas.")])
        .await;
    ann.fill_to(&review, &comments, &[("text", "Puddles.")])
        .await;
    let home = ann.get("/").await;
    let own = home.html.split("href=\"/members/").nth(1).unwrap();
    let own = format!("/members/{}", own.split('"').next().unwrap());
    let everything = [("password", PASSWORD), ("forget", "everything")];
    ann.fill("/settings/withdraw", &everything)
        .await
        .goes_to("/");

    ann.get("/").await.hides("Rain.");
    for page in [&review, &own, &format!("{own}?view=comments")] {
        let shown = Browser::new(&site).await.get(page).await;
        shown.hides("Rain.");
        shown.hides("Puddles.");
        shown.shows("a former member");
        shown.shows("Removed at its author’s wish.");
        let korean = Browser::korean(&site).await.get(page).await;
        korean.shows("작성자의 요청으로 삭제되었어요.");
    }
    Browser::new(&site)
        .await
        .get(&review)
        .await
        .shows("Umbrellas.");
    site.end().await;
}
