//! What was typed and is not acknowledged yet.

use tests::chromium::PHONE;

use super::chatting::{COMPOSER, enter, open_room};
use super::house;
use super::rooms::{say, says};

/// What keeping something comes to on a full disk, and once what pages keep was cleared.
const FAULTS: [&str; 2] = [
    "void (IDBObjectStore.prototype.put = () => {
        throw new DOMException('', 'QuotaExceededError');
    })",
    "void (IDBDatabase.prototype.transaction = () => {
        throw new DOMException('', 'InvalidStateError');
    })",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_is_sent_all_the_same() {
    let house = house().await;
    let member = house.member("Uma", "en").await;
    let room = open_room(&house, &member, "A full disk 가득 찬 디스크").await;
    let browser = house.open("en", PHONE).await;
    enter(&browser, &room, &member).await;
    for (fault, words) in FAULTS
        .into_iter()
        .zip(["One for the road.", "And another."])
    {
        browser.ask(fault).await;
        say(&browser, words).await;
        browser.until(&says(words, 1)).await;
        let typed = browser.find(COMPOSER).await.prop("value").await;
        assert_eq!(typed.unwrap().as_deref(), Some(""));
    }
    browser.close().await;
}
