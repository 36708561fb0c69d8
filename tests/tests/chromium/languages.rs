//! Two languages: the browser's until the member chooses, then the member's everywhere.

use tests::chromium::DESKTOP;

use super::{film, house, sign_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_member_reads_in_the_language_of_their_choice_wherever_they_sign_in() {
    let house = house().await;
    let member = house.member("Kim", "en").await;
    let page = format!("/films/{}", film("parasite-2019"));
    let browser = house.open("en", DESKTOP).await;
    sign_in(&browser, &member).await;
    browser.visit(&page).await;
    assert_eq!(browser.text("h1").await, "Parasite");
    browser
        .follow(".site-header .language-switch button[value=ko]")
        .await;
    assert_eq!(browser.path().await, page);
    assert_eq!(browser.text("h1").await, "기생충");

    browser.forget_everything().await;
    browser.visit(&page).await;
    assert_eq!(browser.text("h1").await, "Parasite");
    sign_in(&browser, &member).await;
    browser.visit(&page).await;
    assert_eq!(browser.text("h1").await, "기생충");
    browser
        .follow(".site-footer .language-switch button[value=en]")
        .await;
    assert_eq!(browser.text("h1").await, "Parasite");
    browser.close().await;
}
