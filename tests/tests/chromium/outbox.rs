//! What was typed and is not acknowledged yet: in a tunnel, through a reload, and where nothing can be
//! kept.

use tests::chromium::{DESKTOP, PHONE};
use tests::tunnel::Tunnel;

use super::chatting::{COMPOSER, enter, open_room};
use super::house;
use super::rooms::{say, says};

/// It is kept before it leaves the field.
const IS_PENDING: &str = "document.querySelector('[data-pending]') !== null \
     && document.querySelector('#composer textarea').value === ''";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_in_a_tunnel_is_there_once_behind_it() {
    let house = house().await;
    let (tess, sea) = (
        house.member("Tess", "en").await,
        house.member("두리", "ko").await,
    );
    let room = open_room(&house, &tess, "On the train 기차에서").await;
    let tunnel = Tunnel::start(&house.url).await;
    let theirs = house.chromium.open(&tunnel.url, "ko", PHONE).await;
    let hers = house.open("en", DESKTOP).await;
    enter(&hers, &room, &tess).await;
    enter(&theirs, &room, &sea).await;

    tunnel.cut(true);
    say(&theirs, "터널 안이에요").await;
    theirs
        .until("!document.querySelector('#room-status').hidden")
        .await;
    assert_eq!(theirs.ask(IS_PENDING).await, true);
    hers.until(&says("터널 안이에요", 0)).await;
    tunnel.cut(false);
    for browser in [&hers, &theirs] {
        browser.until(&says("터널 안이에요", 1)).await;
    }
    theirs.complains_only_of("/api/v1/").await;

    // an impatient hand asks for the page once more
    tunnel.cut(true);
    say(&theirs, "아직도요?").await;
    theirs.until(IS_PENDING).await;
    theirs.ask("void location.reload()").await;
    theirs.until("location.protocol === 'chrome-error:'").await;
    hers.until(&says("아직도요?", 0)).await;
    tunnel.cut(false);
    theirs.visit(&format!("/rooms/{room}")).await;
    for browser in [&hers, &theirs] {
        browser.until(&says("아직도요?", 1)).await;
        browser.until(&says("터널 안이에요", 1)).await;
    }
    hers.close().await;
    // the other is not closed: the browser complains of the page that did not come
}

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
