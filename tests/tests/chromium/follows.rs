//! Following, in a real browser: the button changes without a reload, and the main page has what
//! those write whom one follows.

use serde_json::json;
use tests::chromium::{Browser, DESKTOP, PHONE};

use super::{film, house, sign_in};

#[tokio::test(flavor = "multi_thread")]
async fn a_member_follows_another_in_korean() {
    follow("ko").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_follows_another_in_english() {
    follow("en").await;
}

async fn follow(language: &str) {
    let house = house().await;
    let named = async |name: &str| house.member(&format!("{name} {language}"), language).await;
    let (reader, critic) = (named("하늘").await, named("Beatrix").await);
    let said = json!({"rating": 4.5, "text": "물은 아래로 흐른다. Down, down, down."});
    house.review(&critic, film("parasite-2019"), &said).await;
    house.review(&critic, film("oldboy-2003"), &said).await;

    let mut browser = house.open(language, PHONE).await;
    sign_in(&browser, &reader).await;
    browser.visit("/following").await;
    look(&mut browser, "following-nobody").await;
    let there = format!("/members/{}", critic.id);
    browser.visit(&there).await;
    look(&mut browser, "member-not-followed").await;
    browser.ask("void (window.marker = 'still here')").await;
    browser.press(".follow button").await;
    browser
        .until("document.querySelector('.follower-count').textContent === '1'")
        .await;
    browser.press(".follow button").await;
    browser
        .until("document.querySelector('.follower-count').textContent === '0'")
        .await;
    browser.press(".follow button").await;
    browser
        .until("document.querySelector('.follow').dataset.followed === 'true'")
        .await;
    assert_eq!(browser.ask("window.marker").await, "still here");
    look(&mut browser, "member-followed").await;
    browser.visit(&format!("{there}/followers")).await;
    assert_eq!(browser.text(".person .author").await, reader.name);
    look(&mut browser, "followers").await;
    browser.visit("/following").await;
    assert_eq!(browser.count(".review").await, 2);
    look(&mut browser, "following").await;
    browser.visit("/").await;
    assert!(browser.has("a[href='/following']").await);
    look(&mut browser, "home-following").await;
    browser.close().await;

    let mut followed = house.open(language, PHONE).await;
    sign_in(&followed, &critic).await;
    followed.visit("/notifications").await;
    assert!(followed.text(".notification").await.contains(&reader.name));
    look(&mut followed, "notices-follow").await;
    followed.close().await;
}

async fn look(browser: &mut Browser, name: &str) {
    for width in [DESKTOP, PHONE] {
        browser.resize(width).await;
        let lost = browser.too_wide().await;
        assert!(lost.is_empty(), "{name}: {lost:#?}");
        browser.picture(name).await;
    }
}
