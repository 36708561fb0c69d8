//! One member, writing: drafts, impatience, and a browser without scripts.

use serde_json::json;
use tests::chromium::{Browser, DESKTOP, PHONE};

use super::{film, house, sign_in, sign_up};

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_survives_a_reload_until_it_is_sent() {
    let house = house().await;
    let member = house.member("Grace", "en").await;
    let browser = house.open("en", DESKTOP).await;
    sign_in(&browser, &member).await;
    let form = format!("/films/{}/review", film("memories-of-murder-2003"));
    browser.visit(&form).await;
    browser.fill("#text", "Half a thought, 반쪽짜리 생각").await;
    browser.reload().await;
    assert_eq!(written(&browser).await, "Half a thought, 반쪽짜리 생각");
    let note = browser.text(".draft-note").await;
    assert!(note.starts_with("We kept the draft that you started here."));

    browser.press("label[for='rating-7']").await;
    browser.follow(".review-form [type=submit]").await;
    assert_eq!(browser.text(".flash").await, "Your review is up.");
    browser.visit(&form).await;
    assert_eq!(written(&browser).await, "Half a thought, 반쪽짜리 생각");
    assert!(!browser.has(".draft-note").await);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_has_not_arrived_is_still_a_draft() {
    const WRITTEN: &str = "On the train home. 집에 가는 기차에서";
    let house = house().await;
    let member = house.member("Gwen", "en").await;
    let browser = house.open("en", PHONE).await;
    sign_in(&browser, &member).await;
    let form = format!("/films/{}/review", film("memories-of-murder-2003"));
    browser.visit(&form).await;
    browser.fill("#text", WRITTEN).await;
    browser.press("label[for='rating-7']").await;
    browser.offline(true).await;
    browser.press(".review-form [type=submit]").await;
    browser.until("location.protocol === 'chrome-error:'").await;
    browser.offline(false).await;
    browser.visit(&form).await;
    assert_eq!(written(&browser).await, WRITTEN);
    assert!(browser.has(".draft-note").await);

    // it comes back without stars, and the page is left
    browser
        .ask("void (document.querySelector('.review-form').noValidate = true)")
        .await;
    browser.follow(".review-form [type=submit]").await;
    assert!(browser.has(".review-form [role=alert]").await);
    assert_eq!(written(&browser).await, WRITTEN);
    browser.visit("/").await;
    browser.visit(&form).await;
    assert_eq!(written(&browser).await, WRITTEN);

    browser.press("label[for='rating-7']").await;
    browser.follow(".review-form [type=submit]").await;
    assert_eq!(browser.text(".flash").await, "Your review is up.");
    let kept = "localStorage.getItem('draft:memories-of-murder-2003')";
    assert_eq!(browser.ask(kept).await, json!(null));
    // not closed: the browser complains of the tunnel and of the refusal
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_gone_with_who_signs_out() {
    let house = house().await;
    let member = house.member("Ida", "en").await;
    let browser = house.open("en", DESKTOP).await;
    sign_in(&browser, &member).await;
    let form = format!("/films/{}/review", film("memories-of-murder-2003"));
    browser.visit(&form).await;
    browser.fill("#text", "Nobody's business yet.").await;
    browser.reload().await;
    assert!(browser.has(".draft-note").await);
    browser
        .ask("localStorage.setItem('room-draft:ida:stairs', 'Nor this.')")
        .await;
    browser
        .ask("document.querySelector(\"form[action='/sign-out']\").requestSubmit()")
        .await;
    browser
        .until("document.querySelector('.flash') && Object.keys(localStorage).length === 0")
        .await;
    browser.close().await;
}

/// As a room keeps a message that was not sent yet.
const UNSENT: &str = "(() => {
    const asking = indexedDB.open('reeltime', 1);
    asking.onupgradeneeded = () => asking.result.createObjectStore('outbox', { keyPath: 'cid' });
    asking.onsuccess = () => {
        const database = asking.result;
        const transaction = database.transaction('outbox', 'readwrite');
        transaction.objectStore('outbox').put({ cid: '1', body: 'Not sent.' });
        transaction.oncomplete = () => { database.close(); window.kept = true; };
    };
})()";

/// What was deleted on the page before is gone soon.
async fn keeps_nothing(browser: &Browser) {
    browser
        .ask(
            "void (function look() {
                indexedDB.databases().then(({ length }) => {
                    window.databases = length;
                    if (length > 0) setTimeout(look, 20);
                });
            })()",
        )
        .await;
    browser.until("window.databases === 0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_room_has_not_sent_is_gone_with_who_signs_out() {
    let house = house().await;
    let member = house.member("Ines", "en").await;
    let browser = house.open("en", DESKTOP).await;
    sign_in(&browser, &member).await;
    browser.ask(UNSENT).await;
    browser.until("window.kept").await;
    // the page before says something, too
    browser
        .ask(
            "void (document.stays = true, \
             document.querySelector(\"form[action='/sign-out']\").requestSubmit())",
        )
        .await;
    browser
        .until("!document.stays && document.readyState === 'complete'")
        .await;
    let told = browser.text(".flash").await;
    assert_eq!(told, "You’re signed out. See you soon.");
    keeps_nothing(&browser).await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_has_left_behind_is_gone_when_somebody_else_comes_in() {
    let house = house().await;
    let former = house.member("Jack", "en").await;
    let next = house.member("Kay", "en").await;
    let browser = house.open("en", DESKTOP).await;
    sign_in(&browser, &former).await;
    browser.ask(UNSENT).await;
    browser.until("window.kept").await;
    browser
        .ask("localStorage.setItem('draft:parasite-2019', 'Half a thought.')")
        .await;
    // the session is over; who comes back finds what they were writing
    browser.forget_everything().await;
    browser.visit("/").await;
    sign_in(&browser, &former).await;
    let kept = "localStorage.getItem('draft:parasite-2019')";
    assert_eq!(browser.ask(kept).await, json!("Half a thought."));
    browser.forget_everything().await;
    sign_in(&browser, &next).await;
    browser.until("localStorage.length === 1").await;
    assert_eq!(browser.ask(kept).await, json!(null));
    keeps_nothing(&browser).await;
    browser.close().await;
}

async fn written(browser: &Browser) -> String {
    let text = browser.find("#text").await.prop("value").await.unwrap();
    text.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_arrives_twice_and_an_impatient_hand_post_one_comment() {
    let house = house().await;
    let member = house.member("Hugo", "en").await;
    let said = json!({"rating": 2.5});
    let review = house.review(&member, film("parasite-2019"), &said).await;
    let browser = house.open("en", PHONE).await;
    sign_in(&browser, &member).await;
    browser.visit(&review).await;
    browser.fill("#text", "Not my film, after all.").await;
    // The answer is lost on the way.
    browser
        .ask(
            "void fetch(document.querySelector('.comment-form').action, {
                method: 'POST',
                body: new URLSearchParams(new FormData(document.querySelector('.comment-form'))),
            }).then(({ ok }) => { window.arrived = ok })",
        )
        .await;
    browser.until("window.arrived").await;
    browser.double_click(".comment-form button").await;
    assert_eq!(browser.text("#comments h2").await, "1 comment");
    browser.reload().await;
    assert_eq!(browser.count(".comment").await, 1);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_without_scripts() {
    let house = house().await;
    let author = house.member("Iris", "en").await;
    let said = json!({"rating": 4, "text": "Snow."});
    let review = house.review(&author, film("seopyeonje-1993"), &said).await;

    let browser = house.open("en", PHONE).await.without_scripts().await;
    browser.visit("/").await;
    assert!(browser.has(".rail").await && !browser.has(".rail-buttons").await);
    browser.follow(".hero a[href='/sign-up']").await;
    sign_up(&browser, "Jo").await;
    reviews_a_film(&browser).await;

    browser.visit(&review).await;
    for (pressed, count) in [("true", "1"), ("false", "0")] {
        browser.follow(".like button").await;
        let now = browser.attribute(".like button", "aria-pressed").await;
        assert_eq!(now.as_deref(), Some(pressed));
        assert_eq!(browser.text(".like-count").await, count);
        assert_eq!(browser.path().await, review);
    }
    comments(&browser).await;

    browser.press(".menu summary").await;
    browser.follow("form[action='/sign-out'] button").await;
    assert_eq!(
        browser.text(".flash").await,
        "You’re signed out. See you soon."
    );
    browser.close().await;
}

async fn reviews_a_film(browser: &Browser) {
    browser
        .follow(".genre-tiles a[href='/genres/western']")
        .await;
    browser.follow(".film-card").await;
    browser.follow(".film-actions a").await;
    browser.press("label[for='rating-10']").await;
    browser.fill("#text", "Dust and 먼지.").await;
    browser.follow(".review-form [type=submit]").await;
    assert_eq!(browser.text(".flash").await, "Your review is up.");
    assert_eq!(browser.text(".review .prose").await, "Dust and 먼지.");

    browser.press(".actions .confirm summary").await;
    browser.follow(".actions .confirm button").await;
    assert_eq!(browser.text(".flash").await, "Your review is deleted.");
    assert!(!browser.has("#your-review").await);
}

async fn comments(browser: &Browser) {
    browser.fill("#text", "And songs.").await;
    browser.follow(".comment-form button").await;
    assert_eq!(browser.text(".comment .prose").await, "And songs.");
    browser.follow(".comment-own a").await;
    browser.fill("#text", "And such songs!").await;
    browser.follow(".comment-form button").await;
    assert_eq!(browser.text(".comment .prose").await, "And such songs!");
    browser.press(".comment .confirm summary").await;
    browser.follow(".comment .confirm button").await;
    assert!(!browser.has(".comment").await);
}
