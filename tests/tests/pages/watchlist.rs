//! The button on a film's page, and the list on a member's.

use tests::site::{Site, parasite, ratatouille};

use super::browser::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn the_button_works_without_scripts_and_comes_back_to_the_page() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let film = format!("/films/{}", parasite());
    let action = format!("{film}/watchlist?next={film}");
    let shown = ann.get(&film).await;
    shown.form(&action);
    shown.shows("name=\"wanted\" value=\"true\" aria-pressed=\"false\"");
    ann.post(&action, &[("wanted", "true")])
        .await
        .goes_to(&film);
    let shown = ann.get(&film).await;
    shown.shows("name=\"wanted\" value=\"false\" aria-pressed=\"true\"");
    shown.shows("<span class=\"want-count\">1</span>");

    ann.post(&action, &[("wanted", "false")])
        .await
        .goes_to(&film);
    ann.get(&film).await.shows("aria-pressed=\"false\"");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_a_members_list_each_with_their_own_button() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let mut bob = Browser::of(&site, "Bob").await;
    let menu = ann.get("/").await.html;
    let list = menu
        .split("href=\"")
        .find(|rest| rest.starts_with("/members/"));
    let page = list.unwrap().split(['"', '?']).next().unwrap().to_owned();
    let list = format!("{page}?view=watchlist");
    ann.get(&list).await.shows("Your list is empty.");
    bob.get(&list).await.shows("Nothing on the list yet.");
    for film in [parasite(), ratatouille()] {
        let action = format!("/films/{film}/watchlist");
        ann.post(&action, &[("wanted", "true")])
            .await
            .goes_to(&format!("/films/{film}"));
    }
    bob.catch_up().await;
    let shown = bob.get(&list).await;
    shown.shows("Parasite");
    assert_eq!(shown.html.matches("aria-pressed=\"false\"").count(), 2);
    let shown = ann.get(&list).await;
    assert_eq!(shown.html.matches("aria-pressed=\"true\"").count(), 2);
    let order = ["Ratatouille", "Parasite"].map(|title| {
        let card = format!("<span class=\"film-card-title\">{title}");
        shown.html.find(&card).unwrap()
    });
    assert!(order.is_sorted());

    let mut stranger = Browser::korean(&site).await;
    let shown = stranger.get(&list).await;
    shown.shows("보고 싶은 영화");
    shown.shows("href=\"/sign-in?next=");
    let film = format!("/films/{}", parasite());
    stranger
        .post(&format!("{film}/watchlist?next={film}"), &[])
        .await
        .goes_to(&format!("/sign-in?next={film}"));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_members_history_tells_it_in_words() {
    let site = Site::start().await;
    let mut ann = Browser::of(&site, "Ann").await;
    let action = format!("/films/{}/watchlist", parasite());
    ann.post(&action, &[("wanted", "true")]).await;
    ann.review(parasite(), "4", "Rain.").await;
    let shown = ann.get("/me/history").await;
    shown.shows("wants to see Parasite");
    shown.shows("took Parasite off the watchlist");
    site.end().await;
}
