//! What members are told, in a real browser: the bell counts it, the list says it, and looking at
//! it is enough to have seen it.

use serde_json::json;
use tests::chromium::{Browser, DESKTOP, PHONE};

use super::{film, house, sign_in};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_is_seen_by_looking_in_korean() {
    look_at_notices("ko").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_is_seen_by_looking_in_english() {
    look_at_notices("en").await;
}

async fn look_at_notices(language: &str) {
    let house = house().await;
    let named = async |name: &str| house.member(&format!("{name} {language}"), language).await;
    let author = named("지은").await;
    let (first, second) = (named("Otto").await, named("서연").await);
    let third = named("Maximiliane-Charlotte").await;
    let (loved, other) = (film("the-handmaiden-2016"), film("oldboy-2003"));
    let said = json!({"rating": 4.5, "text": "숨을 참고 봤다."});
    let review = house.review(&author, loved, &said).await;
    let others = house.review(&first, other, &said).await;
    for member in [&first, &second, &third] {
        house.like(member, &review).await;
    }
    house
        .comment(&second, &review, "복숭아보다 이 영화죠.")
        .await;
    house.comment(&third, &review, "Down, down, *down*.").await;
    house.comment(&author, &others, "저도요.").await;
    house.comment(&third, &others, "That corridor!").await;
    let naming = format!("@{}, look at this.", author.name);
    house.comment(&second, &others, &naming).await;

    let mut browser = house.open(language, PHONE).await;
    sign_in(&browser, &author).await;
    assert_eq!(browser.text(".bell-count").await, "4");
    browser.visit("/notifications").await;
    assert_eq!(browser.count(".notification").await, 4);
    // looked at, it is seen; what is new stays marked until the next page
    browser
        .until("!document.querySelector('.bell-count')")
        .await;
    assert!(!browser.has("form.notifications-seen").await);
    assert_eq!(browser.count(".notification[data-unseen]").await, 4);
    look(&mut browser, "notices").await;
    browser.reload().await;
    assert_eq!(browser.count(".notification[data-unseen]").await, 0);
    assert!(!browser.has(".bell-count").await);
    look(&mut browser, "notices-seen").await;
    browser.follow(".notification:nth-child(1) a").await;
    assert!(browser.text(".conversation").await.contains("look at this"));
    look(&mut browser, "notices-comment").await;
    answer(&browser, &second.name).await;
    browser.close().await;

    // without scripts there is a button
    house.like(&author, &others).await;
    let plain = house.open(language, PHONE).await.without_scripts().await;
    sign_in(&plain, &first).await;
    assert!(plain.has(".bell-count").await);
    plain.visit("/notifications").await;
    plain.follow("form.notifications-seen button").await;
    assert!(!plain.has(".bell-count").await);
    plain.close().await;
}

/// The last one, by a link that names them.
async fn answer(browser: &Browser, whom: &str) {
    browser.press(".comment:last-child .comment-answer").await;
    let typed = "document.querySelector('#text').value";
    assert_eq!(browser.ask(typed).await, format!("@{whom} "));
    browser.keys("#text", "same here.").await;
    browser.follow(".comment-form button").await;
    let said = browser.text(".comment:last-child .prose").await;
    assert_eq!(said, format!("@{whom} same here."));
    assert!(
        browser
            .has(".comment:last-child .prose a[href^='/members/']")
            .await
    );
}

async fn look(browser: &mut Browser, name: &str) {
    for width in [DESKTOP, PHONE] {
        browser.resize(width).await;
        let lost = browser.too_wide().await;
        assert!(lost.is_empty(), "{name}: {lost:#?}");
        browser.picture(name).await;
    }
}
