//! Two members and a review: Ann writes it in English on a wide screen, Bob reads it in Korean
//! on his phone.

use serde_json::json;
use tests::chromium::{Browser, DESKTOP, PHONE};

use super::{film, house, sign_in, sign_up};

const BOTH: &str = "The rat can cook. 쥐가 요리를 한다, 그것도 아주 잘.";
const ANSWERED: &str =
    "performance.getEntriesByType('resource').some(({ name }) => name.endsWith('/like'))";
const CHOSEN: &str = "document.querySelector('.review-form').rating.value";

#[tokio::test(flavor = "multi_thread")]
async fn ann_reviews_a_film_that_she_found_and_bob_answers_in_korean() {
    let house = house().await;
    let ann = house.open("en", DESKTOP).await;
    ann.visit("/").await;
    ann.follow("a[href='/sign-up']").await;
    sign_up(&ann, "Ann").await;
    assert_eq!(ann.path().await, "/");
    assert!(ann.text(".flash").await.starts_with("Welcome to Reeltime!"));
    let (film, review) = ann_finds_a_film_and_reviews_it(&ann).await;

    let bob = house.open("ko", PHONE).await;
    bob.visit("/").await;
    bob.follow(".hero a[href='/sign-up']").await;
    sign_up(&bob, "밥 Bob").await;
    assert!(bob.text(".flash").await.contains("오신 걸 환영해요"));
    bob.visit(&film).await;
    bob.follow(&format!(".review-time a[href='{review}']"))
        .await;
    assert!(bob.text(".review.whole .prose").await.contains(BOTH));
    bob_likes_it_without_a_reload(&bob).await;
    bob_comments(&bob).await;

    ann.visit(&review).await;
    assert_eq!(ann.text(".like.still").await, "1 like\n1");
    ann_edits_it(&ann).await;
    ann.close().await;
    bob.close().await;
}

/// The paths of the film and of the review.
async fn ann_finds_a_film_and_reviews_it(ann: &Browser) -> (String, String) {
    ann.follow(".genre-tiles a[href='/genres/animation']").await;
    assert_eq!(ann.text("h1").await, "Animation films");
    let title = ann.text(".film-card-title").await;
    ann.follow(".film-card").await;
    assert_eq!(ann.text("h1").await, title);
    let film = ann.path().await;

    ann.follow(".film-actions a").await;
    ann.press("label[for='rating-9']").await;
    assert_eq!(ann.ask(CHOSEN).await, "4.5");
    ann.fill("#text", BOTH).await;
    ann.follow(".review-form [type=submit]").await;
    assert_eq!(ann.text(".flash").await, "Your review is up.");
    let review = ann.path().await;
    assert!(review.starts_with("/reviews/"), "{review}");

    ann.follow(".review-film a").await;
    assert_eq!(ann.path().await, film);
    assert_eq!(ann.text("#your-review .prose").await, BOTH);
    assert_eq!(stars(ann).await, "4.5 out of 5 stars");
    assert_eq!(ann.text(".rating-average strong").await, "4.5");
    (film, review)
}

async fn bob_likes_it_without_a_reload(bob: &Browser) {
    assert_eq!(heart(bob).await, ("false".to_owned(), "0".to_owned()));
    bob.ask("void (window.marker = 'still here')").await;
    for (pressed, count) in [("true", "1"), ("false", "0"), ("true", "1")] {
        bob.ask("performance.clearResourceTimings()").await;
        bob.press(".like button").await;
        let now = (pressed.to_owned(), count.to_owned());
        assert_eq!(heart(bob).await, now, "at once");
        assert_eq!(bob.ask("window.marker").await, "still here");
        // A reload that overtakes the request shows what was there before it.
        bob.until(ANSWERED).await;
        bob.reload().await;
        assert_eq!(heart(bob).await, now, "right after a reload");
        bob.ask("void (window.marker = 'still here')").await;
    }
}

async fn bob_comments(bob: &Browser) {
    bob.fill(".comment-form #text", "저도 *그렇게* 생각해요.")
        .await;
    bob.follow(".comment-form button").await;
    assert_eq!(bob.text(".flash").await, "댓글을 달았어요.");
    assert_eq!(bob.text(".comment .prose").await, "저도 그렇게 생각해요.");
    assert_eq!(bob.text("#comments h2").await, "댓글 1개");
    assert!(!bob.text(".comment-head").await.contains("수정됨"));

    bob.follow(".comment-own a").await;
    bob.fill(".comment-form #text", "다시 보니 다르네요.").await;
    bob.follow(".comment-form button").await;
    assert_eq!(bob.text(".comment .prose").await, "다시 보니 다르네요.");
    assert!(bob.text(".comment-head").await.contains("수정됨"));

    bob.press(".comment .confirm summary").await;
    bob.follow("dialog[open] button[type=submit]").await;
    assert_eq!(bob.text(".flash").await, "댓글을 삭제했어요.");
    assert!(!bob.has(".comment").await);
}

async fn ann_edits_it(ann: &Browser) {
    assert!(!ann.text(".review-time").await.contains("edited"));
    ann.follow("a.button[href$='/review']").await;
    assert!(ann.has("#rating-9:checked").await);
    ann.press("label[for='rating-8']").await;
    ann.fill("#text", "On second thought, the critic is the best of it.")
        .await;
    ann.follow(".review-form [type=submit]").await;
    assert_eq!(ann.text(".flash").await, "Your changes are saved.");
    assert!(ann.text(".review-time").await.contains("edited"));
    assert_eq!(stars(ann).await, "4 out of 5 stars");
    assert!(ann.text(".review .prose").await.contains("the critic"));
    assert_eq!(ann.text(".like.still").await, "1 like\n1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_like_that_does_not_get_through_is_taken_back_with_a_word() {
    let house = house().await;
    let author = house.member("Eve", "en").await;
    let said = json!({"rating": 5, "text": "Stairs, everywhere."});
    let review = house.review(&author, film("parasite-2019"), &said).await;
    let reader = house.member("Finn", "en").await;
    let browser = house.open("en", DESKTOP).await;
    sign_in(&browser, &reader).await;
    browser.visit(&review).await;

    browser.offline(true).await;
    browser.press(".like button").await;
    let told = browser.text(".toast").await;
    assert_eq!(told, "That like didn’t get through. Please try again.");
    assert_eq!(heart(&browser).await, ("false".to_owned(), "0".to_owned()));
    browser.complains_only_of("INTERNET_DISCONNECTED").await;
    browser.offline(false).await;
    browser.ask("performance.clearResourceTimings()").await;
    browser.press(".like button").await;
    browser.until(ANSWERED).await;
    browser.reload().await;
    assert_eq!(heart(&browser).await, ("true".to_owned(), "1".to_owned()));
    browser.close().await;
}

/// Whether it is pressed, and the number beside it.
async fn heart(browser: &Browser) -> (String, String) {
    let pressed = browser.attribute(".like button", "aria-pressed").await;
    (pressed.unwrap(), browser.text(".like-count").await)
}

async fn stars(browser: &Browser) -> String {
    let label = browser.attribute(".review-head .stars", "aria-label").await;
    label.unwrap()
}
